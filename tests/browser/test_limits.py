"""Somebody at a limit is told so, and what they typed stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App
from tests.browser.scripted_model import ScriptedModel

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def strict_app(
    shared_model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    """One message a minute, and one open interview."""
    app = App(
        shared_model.url,
        tmp_path_factory.mktemp("strict"),
        MOCK_INTERVIEWER_MESSAGES_PER_MINUTE="1",
        MOCK_INTERVIEWER_OPEN_INTERVIEWS="1",
    )
    app.start()
    yield app
    app.stop()


def test_a_message_too_many_stays_in_the_box(
    page: Page, strict_app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, strict_app.url)
    model.probes = []
    candidate.begins(mode="Interview")
    candidate.says(ANSWER)
    candidate.is_asked("Question 2 of 3")
    candidate.says("Once more.")
    expect(candidate.status).to_contain_text("faster than an interview can go. Try again in")
    expect(candidate.box).to_have_value("Once more.")
    expect(candidate.own).to_have_count(1)
    candidate.end.click()
    expect(candidate.place).to_have_text("The interview is finished")


def test_a_second_open_interview_is_refused_and_the_first_can_be_ended(
    page: Page, strict_app: App, model: ScriptedModel, watch: object
) -> None:
    candidate = Candidate(page, strict_app.url)
    candidate.begins(mode="Interview")
    page.goto(strict_app.url)
    page.get_by_role("button", name="Start the interview").click()
    expect(page.get_by_role("alert")).to_contain_text("You have one interview that is still open")
    refused: list[str] = watch.refused  # type: ignore[attr-defined]
    assert [line.split()[0] for line in refused] == ["429"]
    refused.clear()
    page.get_by_role("link", name="Go on").click()
    candidate.is_asked("Question 1 of 3")
    candidate.end.click()
    expect(candidate.place).to_have_text("The interview is finished")
    candidate.begins(mode="Interview")
