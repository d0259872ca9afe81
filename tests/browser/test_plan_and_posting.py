"""The way from a posting to an interview, and from its report to the plan and a drill."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App
from tests.browser.scripted_model import ScriptedModel

pytestmark = pytest.mark.browser

POSTING = "Night receptionist\nYou handle complaints, explain things clearly and show empathy."


def test_from_a_posting_to_the_report_the_plan_and_a_drill(
    page: Page, app: App, model: ScriptedModel
) -> None:
    model.probes = []
    candidate = Candidate(page, app.url)
    page.goto(app.url)
    page.get_by_role("link", name="Choose questions from it").click()
    page.get_by_label("The posting").fill(POSTING)
    page.get_by_role("button", name="Read it").click()
    title = page.get_by_label("The job's title")
    expect(title).to_have_value("Night receptionist")
    title.fill("Night porter")
    title.press("Enter")  # loses nothing, and begins nothing
    expect(title).to_have_value("Night porter")
    page.get_by_role("button", name="Remove question 3").click()
    expect(page.get_by_role("button", name="Another in its place")).to_have_count(2)
    page.get_by_role("button", name="Begin with these questions").click()
    candidate.is_asked("Question 1 of 2")
    expect(candidate.interviewer.first).to_contain_text("for this job: Night porter.")
    candidate.says(ANSWER)
    expect(candidate.go_on).to_be_visible()
    candidate.end.click()
    candidate.opens_report()
    page.locator("summary").filter(has_text="Listening").click()
    page.get_by_role("link", name="Train this (Listening)").click()
    expect(page.get_by_text("You chose Listening.")).to_be_visible()
    page.get_by_role("link", name="Open the drill").click()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
