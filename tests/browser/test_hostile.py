"""Other people's text in a real browser: shown as it was typed, and nothing of it is run or asked.

Each test runs with `new_context`, at whose end no page may have asked another host, raised an
error or opened a dialog.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import Page, expect

from mock_interviewer.core.resources import shared_file
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.storage.store import Store
from tests.browser.candidate import Candidate
from tests.browser.conftest import App
from tests.browser.scripted_model import ScriptedModel
from tests.hostile import HOSTILE, MARKUP, RUN_MARK, WORD
from tests.hostile_interview import Stored, stored

pytestmark = pytest.mark.browser

NAME = " ".join(MARKUP[name] for name in ("image with a handler", "script", "image from afar"))


@pytest.fixture(scope="module")
def hostile_app(
    shared_model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    """An app whose rubric, bank and model have hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    text = shared_file("rubrics", "customer-service.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    data["title"] = NAME
    for criterion in data["criteria"]:
        criterion["name"] = f"{NAME} {criterion['id']}"
        criterion["words"] = {level: f"{NAME} {level}" for level in criterion["words"]}
        criterion["levels"] = {level: f"{NAME} {level}" for level in criterion["levels"]}
    rubric = folder / "rubric.yaml"
    rubric.write_text(yaml.safe_dump(data), encoding="utf-8")
    app = App(
        shared_model.url,
        folder / "data",
        MOCK_INTERVIEWER_RUBRIC=str(rubric),
        MOCK_INTERVIEWER_MODEL=NAME,
    )
    app.start()
    yield app
    app.stop()


@pytest.fixture(scope="module")
def interview(hostile_app: App) -> Stored:
    """The hostile interview in that app's database."""
    store = Store(f"sqlite:///{hostile_app.data / 'interviews.sqlite3'}")
    found = stored(store, load_rubric())
    store.close()
    return found


def nothing_was_run(page: Page) -> None:
    """Also nothing that comes a moment later, and nothing that a pointer would set off."""
    page.mouse.move(300, 300)
    page.wait_for_timeout(500)
    assert page.evaluate(f"window.{RUN_MARK}") is None
    made = page.locator(
        "body [onerror], body [onload], [onfocus], [onmouseover], iframe, object, embed, "
        "a[href^='javascript:'], a[href^='data:'], "
        "img[src*='evil'], link[href*='evil'], base[href*='evil'], meta[http-equiv=refresh]"
    )
    assert made.evaluate_all("found => found.map(one => one.outerHTML)") == []


def plain(text: str) -> str:
    """As a page shows it: spaces and line breaks are not what this is about."""
    return "".join(re.findall(r"\S+", text.replace("\x00", "").replace("\ufffd", "")))


def test_the_chat_shows_what_was_typed(page: Page, hostile_app: App, interview: Stored) -> None:
    page.goto(f"{hostile_app.url}/practice/?interview={interview.interview_id}")
    groups = page.locator("#chat").get_by_role("group")
    expect(groups).to_have_count(len(interview.said), timeout=60_000)
    shown = groups.evaluate_all("found => found.map(one => one.textContent)")
    assert [plain(text) for text in shown] == [plain(text) for text in interview.said]
    inside = (
        page.locator("#chat")
        .get_by_role("group")
        .locator("img, a, b, svg, math, style, script, form, table, h1, h2, li, code, pre, .katex")
    )
    assert inside.evaluate_all("found => found.map(one => one.outerHTML)") == []
    nothing_was_run(page)


def test_the_report_shows_what_was_said(page: Page, hostile_app: App, interview: Stored) -> None:
    page.goto(f"{hostile_app.url}/report/{interview.interview_id}")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    text = plain(page.locator("main").text_content() or "")
    for name, said in HOSTILE.items():
        assert plain(said) in text, name
    made = page.locator("main").locator(
        "img, svg, math, style, iframe, script:not([src^='/static'])"
    )
    assert made.evaluate_all("found => found.map(one => one.outerHTML)") == []
    nothing_was_run(page)


def test_the_first_page_shows_the_names_of_rubric_and_model(page: Page, hostile_app: App) -> None:
    page.goto(hostile_app.url)
    text = plain(page.locator("main").text_content() or "")
    assert plain(NAME) in text
    nothing_was_run(page)


def test_what_a_model_streams_is_shown_and_not_run(
    page: Page, hostile_app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, hostile_app.url)
    said = "What did the <img src=x onerror=window.__pwned=1> ![x](http://evil.example.com/) say?"
    model.probes = [f"action: {said}"]
    model.pause_seconds = 0.1
    page.goto(hostile_app.url)
    page.get_by_role("button", name="Start the interview").click()
    candidate.is_asked("Question 1 of 3")
    candidate.says(" ".join(MARKUP.values())[:4900])
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert "<img" not in candidate.messages()[-1]
    expect(candidate.own.last).to_contain_text(f"{WORD} <script>")
    nothing_was_run(page)


@pytest.mark.parametrize("name", ["image with a handler", "out of a textarea", "entities"])
def test_a_draft_comes_back_as_it_was_typed(
    page: Page, hostile_app: App, model: ScriptedModel, name: str
) -> None:
    candidate = Candidate(page, hostile_app.url)
    page.goto(hostile_app.url)
    page.get_by_role("button", name="Start the interview").click()
    candidate.is_asked("Question 1 of 3")
    candidate.drafts(HOSTILE[name])
    page.reload()
    expect(candidate.box).to_have_value(HOSTILE[name])
    nothing_was_run(page)


def test_a_link_to_no_interview_says_so_and_runs_nothing(page: Page, hostile_app: App) -> None:
    page.goto(f"{hostile_app.url}/practice/?interview=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    expect(page.get_by_role("heading", name="No interview")).to_be_visible()
    nothing_was_run(page)
