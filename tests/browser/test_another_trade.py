"""An interview of another trade, from files alone: those of examples/teaching."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import Candidate
from tests.browser.conftest import CHECKOUT, App
from tests.browser.scripted_model import ScriptedModel

pytestmark = pytest.mark.browser

EXAMPLE = CHECKOUT / "examples" / "teaching"
ANSWER = (
    "In Year 4 a boy wrote nothing but the date. I sat down by him and asked what the minus was."
)


@pytest.fixture(scope="module")
def school(shared_model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with the example's files."""
    app = App(
        shared_model.url,
        tmp_path_factory.mktemp("school-data"),
        MOCK_INTERVIEWER_RUBRIC=str(EXAMPLE / "rubric.yaml"),
        MOCK_INTERVIEWER_BANKS=str(EXAMPLE / "questions.yaml"),
        MOCK_INTERVIEWER_PROMPTS=str(EXAMPLE / "prompts"),
    )
    app.start()
    yield app
    app.stop()


def test_the_first_page_offers_what_the_trades_files_have(page: Page, school: App) -> None:
    page.goto(school.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Practise a job interview")
    expect(page.locator("main")).not_to_contain_text("customer-service")
    expect(page.get_by_label("Kind of work")).to_have_count(0)
    for choice in ("A bit of everything", "The lesson", "Pupils in view"):
        expect(page.get_by_role("radio", name=choice)).to_be_visible()
    expect(page.locator("main")).to_contain_text("Noticing, Standing.")
    expect(page.get_by_role("radio", name="STAR stories")).to_have_count(0)
    page.get_by_role("radio", name="Chosen competencies").check()
    expect(page.get_by_role("checkbox", name="Working with parents")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Loyalty")).to_have_count(0)


def test_an_interview_is_held_and_graded_by_the_trades_files(
    page: Page, school: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, school.url)
    model.probes = ["result: What could he do with it on the next day?"]
    candidate.begins(focus="The lesson")
    expect(candidate.interviewer.first).to_contain_text("the job that you would like")
    candidate.says(ANSWER)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    candidate.says("He read me three temperatures, which he could not before.")
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()
    for name in ("Noticing", "Teaching", "Learning", "Standing"):
        expect(candidate.feedback.get_by_text(name, exact=True)).to_be_visible()
    candidate.end.click()
    candidate.opens_report()
    expect(page.locator("p.key").first).to_have_text("N noticing T teaching L learning")
    expect(page.locator(".said.noticing .mark").first).to_have_text("NTL")
    asked = "\n".join(str(body["messages"]) for body in model.asked)
    assert "a teaching post" in asked
    assert "customer" not in asked


def test_the_demo_stays_the_programs_own(page: Page, school: App) -> None:
    page.goto(f"{school.url}/demo")
    expect(page.locator("p.key").first).to_contain_text("S situation")
