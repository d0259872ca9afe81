"""Whole interviews in a real browser, against a scripted model."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, REPLY, Candidate
from tests.browser.conftest import App
from tests.browser.scripted_model import NEXT_STEP, PROBE, ScriptedModel

pytestmark = pytest.mark.browser


def test_a_practice_interview_from_setting_up_to_the_report(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    model.pause_seconds = 0.15
    candidate.begins()
    question = candidate.messages()[0]
    assert question.endswith(("?", "."))

    # The hint is a message of its own, and what is typed so far stays.
    candidate.drafts("A beginning.")
    candidate.hint.click()
    expect(candidate.interviewer.last).to_contain_text("A hint:")
    expect(candidate.box).to_have_value("A beginning.")

    # The follow-up question comes word by word: its beginning stands there without its end.
    candidate.says(ANSWER)
    expect(candidate.send).to_be_disabled()
    expect(candidate.interviewer.last).to_contain_text("What did you")
    assert PROBE not in candidate.messages()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages()[2:] == [ANSWER, PROBE]
    expect(candidate.box).to_have_value("")

    # A refresh in the middle: the same turn, and the unsent draft.
    candidate.drafts("I asked for her num")
    before = candidate.messages()
    page.reload()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    expect(candidate.box).to_have_value("I asked for her num")
    assert candidate.messages() == before

    candidate.says(REPLY)
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()
    for word in ("Situation", "Task", "Action", "Result", "Empathy", "Listening"):
        expect(candidate.feedback.get_by_text(word, exact=True)).to_be_visible()
    candidate.feedback.get_by_text("Situation", exact=True).click()
    expect(candidate.feedback.locator("details[open] blockquote")).to_have_text(
        "Last year a woman rang our shop because her parcel had not come."
    )
    expect(candidate.feedback.locator("details[open]")).to_contain_text(NEXT_STEP)
    page.get_by_role("button", name="A model answer").click()
    expect(page.locator("#model-answer p")).to_be_visible()

    candidate.go_on.click()
    candidate.is_asked("Question 2 of 3")
    expect(candidate.feedback).to_have_count(0)
    candidate.skip.click()
    candidate.is_asked("Question 3 of 3")
    expect(candidate.own.last).to_have_text("I'd like to skip this question.")

    candidate.end.click()
    expect(candidate.place).to_have_text("The interview is finished")
    # --on-accent in style.css, on a button of --accent.
    report = page.get_by_role("link", name="Open your report")
    expect(report).to_have_css("color", "rgb(255, 255, 255)")
    candidate.opens_report()
    expect(page.locator(".said.situation").first).to_contain_text("her parcel had not come")
    expect(page.get_by_role("heading", name="Asked and not answered")).to_be_visible()
    expect(page.get_by_text("Practice feedback, not a hiring decision.")).to_be_visible()


def test_the_download_holds_the_answer_the_question_and_the_levels(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    candidate.answers()
    expect(candidate.go_on).to_be_visible()
    candidate.end.click()
    candidate.opens_report()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download as Markdown").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")

    assert download.value.suggested_filename == "practice-report.md"
    assert text.startswith("# Practice report")
    assert f"> {ANSWER}" in text
    assert f"> {PROBE}" in text
    assert f"> {REPLY}" in text
    # The scripted model gives level 4 everywhere on the scales of 1 to 5.
    assert "- **Situation**: 4 of 5, clear (likely 3 to 5)." in text
    assert "Graded by scripted, strategy levels" in text


def test_a_question_is_tried_again_at_once_and_from_the_report(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    model.probes = []
    candidate.begins()
    candidate.says(ANSWER)
    candidate.again.click()
    candidate.is_asked("Question 1 of 3 · attempt 2")
    expect(candidate.own.last).to_have_text("I'd like to try this question again.")
    candidate.end.click()
    candidate.opens_report()

    page.get_by_role("button", name="Try this question again").first.click()
    candidate.is_asked("Question 1 of 3 · attempt 3")
    candidate.says("This time I tell it shorter: I sent a new parcel the same day.")
    expect(candidate.go_on).to_be_visible()
    candidate.end.click()
    candidate.opens_report()

    expect(page.get_by_role("heading", name="Question 1", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Question 1, attempt 3")).to_be_visible()
    expect(page.get_by_text("first attempts count")).to_be_visible()


def test_an_interview_without_feedback_until_its_report(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins(mode="Interview")
    expect(candidate.hint).to_have_count(0)

    # "I can't think of one" gets one offer of where to look; the second time it goes on.
    candidate.no_example.click()
    expect(candidate.interviewer.last).to_contain_text("It need not be a big story")
    candidate.is_asked("Question 1 of 3")
    candidate.says("I really can't think of one.")
    candidate.is_asked("Question 2 of 3")

    candidate.answers()
    candidate.is_asked("Question 3 of 3")
    expect(candidate.feedback).to_have_count(0)
    expect(candidate.go_on).to_have_count(0)
    expect(page.locator("#model-answer")).to_be_hidden()

    candidate.answers()
    expect(candidate.place).to_have_text("The interview is finished")
    expect(candidate.interviewer.last).to_contain_text("That was my last question.")
    candidate.opens_report()
    expect(page.get_by_role("heading", name="Question 2", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Question 3", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Question 1", exact=True)).to_have_count(0)
