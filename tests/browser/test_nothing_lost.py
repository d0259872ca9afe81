"""Words that have not been sent are not lost by a button, a key typed on, or a server that goes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App
from tests.browser.scripted_model import ScriptedModel

pytestmark = pytest.mark.browser

UNSENT = "Once a guest had lost"
BEHIND = "What you have typed has not been sent."


def test_skip_asks_before_it_leaves_something_typed_behind(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    candidate.box.fill(UNSENT)
    # The second half of a double click is no answer.
    candidate.skip.dblclick()
    expect(page.get_by_role("alert")).to_contain_text(BEHIND)
    expect(page.get_by_role("alert")).to_contain_text("press “Skip” again")
    candidate.is_asked("Question 1 of 3")
    expect(candidate.box).to_have_value(UNSENT)

    # What is written meanwhile is asked about anew.
    candidate.box.fill(f"{UNSENT} her bag.")
    candidate.skip.click()
    expect(page.get_by_role("alert")).to_contain_text(BEHIND)
    page.wait_for_timeout(500)
    candidate.is_asked("Question 1 of 3")
    page.reload()
    candidate.is_asked("Question 1 of 3")
    expect(candidate.box).to_have_value(f"{UNSENT} her bag.")

    candidate.skip.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(BEHIND)
    expect(candidate.skip).to_be_focused()
    candidate.skip.press("Enter")
    candidate.is_asked("Question 2 of 3")
    expect(candidate.box).to_have_value("")
    expect(page.get_by_role("alert")).to_have_count(0)
    # Where nothing is typed, nothing is asked.
    candidate.skip.click()
    candidate.is_asked("Question 3 of 3")


def test_no_example_keeps_what_is_typed_while_the_question_stays_open_and_asks_before_it_goes(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    candidate.box.fill(UNSENT)
    candidate.no_example.click()
    expect(candidate.interviewer.last).to_contain_text("press “Skip”, and we go on")
    expect(candidate.send).to_be_enabled()
    expect(candidate.box).to_have_value(UNSENT)

    candidate.no_example.click()
    expect(page.get_by_role("alert")).to_contain_text(BEHIND)
    candidate.is_asked("Question 1 of 3")
    expect(candidate.box).to_have_value(UNSENT)
    candidate.no_example.click()
    candidate.is_asked("Question 2 of 3")
    expect(candidate.box).to_have_value("")


def test_typing_on_while_an_answer_is_read_presses_no_button_and_is_kept_for_another_try(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    model.probes = []
    model.first_word_seconds = 1.0
    candidate.begins()
    candidate.box.fill(ANSWER)
    candidate.box.press("Shift+Enter")
    expect(candidate.send).to_be_disabled()
    page.keyboard.type("And one thing more", delay=20)
    while not candidate.go_on.is_visible():
        page.keyboard.type(" and", delay=20)
    page.keyboard.type(" so it went on and on", delay=20)
    expect(candidate.go_on).to_be_visible()
    # Once no key has come for a while, the focus is where the next step is.
    expect(candidate.go_on).to_be_focused()

    candidate.go_on.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("press “Try this question again”")
    candidate.again.click()
    candidate.is_asked("Question 1 of 3 · attempt 2")
    expect(candidate.box).to_have_value(re.compile("^And one thing more"))


def test_a_server_that_cannot_be_reached_is_told_and_what_is_typed_meanwhile_comes_back(
    page: Page, own_app: App
) -> None:
    candidate = Candidate(page, own_app.url)
    candidate.begins()
    candidate.drafts(UNSENT)
    own_app.kill()
    candidate.box.press("End")
    candidate.box.press_sequentially(" her bag.")
    told = page.get_by_role("alert").filter(has_text="the server cannot be reached")
    expect(told).to_contain_text("What you write stays on this page.")
    candidate.send.click()
    expect(candidate.box).to_have_value(f"{UNSENT} her bag.")
    address = page.url
    page.goto("about:blank")  # where Gradio's page cannot load itself anew at the same time
    own_app.start()
    page.goto(address)

    candidate.is_asked("Question 1 of 3")
    expect(candidate.box).to_have_value(f"{UNSENT} her bag.")
    expect(page.get_by_role("alert")).to_contain_text("is back in the box")
    expect(candidate.counter).to_contain_text("draft kept")
    assert page.evaluate("window.sessionStorage.length") == 0
    candidate.send.click()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    page.reload()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    expect(candidate.box).to_have_value("")
