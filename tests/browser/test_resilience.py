"""Second tabs, killed servers, models that go away: nothing that was said is lost or doubled."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, REPLY, Candidate
from tests.browser.conftest import App, NewContext
from tests.browser.scripted_model import PROBE, ScriptedModel

pytestmark = pytest.mark.browser


def test_a_stale_tab_is_refused_and_keeps_what_was_typed(
    page: Page, app: App, model: ScriptedModel
) -> None:
    first = Candidate(page, app.url)
    first.begins()
    second = Candidate(page.context.new_page(), app.url)
    second.page.goto(page.url)
    second.is_asked("Question 1 of 3")

    first.says(ANSWER)
    first.is_asked("Question 1 of 3 · follow-up 1 of 2")
    second.says("Something else, written in the second tab.")

    expect(second.page.get_by_role("alert")).to_contain_text("This page was behind")
    expect(second.box).to_have_value("Something else, written in the second tab.")
    second.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert second.messages() == first.messages()

    # Now that it shows the present state, the same text can be sent from it.
    second.send.click()
    expect(second.go_on).to_be_visible()


def test_a_server_killed_while_the_interviewer_speaks_goes_on_at_the_same_turn(
    page: Page, own_app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, own_app.url)
    candidate.begins()
    question = candidate.messages()[0]
    model.pause_seconds = 0.5
    candidate.says(ANSWER)
    expect(candidate.interviewer.last).to_contain_text("What did you")
    own_app.kill()
    model.pause_seconds = 0.02
    address = page.url
    page.goto("about:blank")  # where Gradio's page cannot load itself anew at the same time
    own_app.start()
    page.goto(address)

    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages() == [question, ANSWER, PROBE]
    assert len(model.probe_requests()) == 2


def test_end_while_the_interviewer_speaks_keeps_what_was_typed_for_the_report(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.pause_seconds = 0.5
    candidate.says(ANSWER)
    expect(candidate.interviewer.last).to_contain_text("What did you")
    candidate.box.fill("And one thing more")
    candidate.end.click()

    expect(candidate.place).to_have_text("The interview is finished")
    expect(candidate.interviewer.last).to_contain_text("We'll stop here.")
    said = candidate.messages()
    assert said[1:3] == [ANSWER, "I'd like to end the interview here."]
    assert said[3].startswith("We'll stop here.")
    # What the model says afterwards is not heard any more.
    page.wait_for_timeout(1500)
    assert candidate.messages() == said
    page.reload()
    expect(candidate.place).to_have_text("The interview is finished")
    assert candidate.messages() == said
    candidate.opens_report()
    expect(page.get_by_text("Typed and not sent when you stopped:")).to_be_visible()
    expect(page.get_by_text("And one thing more")).to_be_visible()
    expect(page.locator(".turn.candidate")).to_contain_text("a woman rang our shop")


def test_with_the_model_away_a_prepared_question_is_asked_and_the_grade_comes_later(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.away = True
    candidate.says(ANSWER)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    prepared = candidate.messages()[-1]
    assert prepared.endswith("?")
    assert prepared != PROBE

    candidate.says(REPLY)
    expect(candidate.feedback).to_contain_text("You need not wait")
    expect(candidate.feedback).to_contain_text("the model's server is busy or failing")

    # In the report itself there is no need to say that it will stand in the report.
    report = page.context.new_page()
    report.goto(page.url.replace("practice/?interview=", "report/"))
    expect(report.get_by_text("Your answer is being read")).to_be_visible()
    expect(report.get_by_text("You need not wait")).to_have_count(0)
    report.close()

    model.away = False
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()


def test_a_stream_that_breaks_off_becomes_the_prepared_question(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.cut = True
    candidate.says(ANSWER)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert len(candidate.messages()) == 3
    assert candidate.messages()[-1].endswith("?")
    assert candidate.messages()[-1] != PROBE


def test_a_model_too_slow_with_its_first_word_is_not_waited_for(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.first_word_seconds = 30.0
    candidate.says(ANSWER)
    expect(candidate.status).to_contain_text("The interviewer is reading your answer")
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages()[-1] != PROBE


def test_a_refresh_while_the_interviewer_speaks_doubles_nothing(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.pause_seconds = 0.2
    candidate.says(ANSWER)
    expect(candidate.interviewer.last).to_contain_text("What did you")
    page.reload()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages()[1:] == [ANSWER, PROBE]


def test_what_is_typed_while_the_interviewer_speaks_is_still_there_afterwards(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.pause_seconds = 0.1
    candidate.says(ANSWER)
    expect(candidate.interviewer.last).to_contain_text("What did you")
    candidate.box.press_sequentially("I was already thinking ahead", delay=20)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    expect(candidate.box).to_have_value("I was already thinking ahead")
    expect(candidate.counter).to_contain_text("draft kept")


def test_the_last_key_before_sending_is_sent(page: Page, app: App, model: ScriptedModel) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    candidate.box.press_sequentially("She thanked me twice", delay=0)
    candidate.box.press("Shift+Enter")
    expect(candidate.own.last).to_have_text("She thanked me twice")
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    # The draft that was kept while typing does not come back after the message was sent.
    page.wait_for_timeout(800)
    page.reload()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    expect(candidate.box).to_have_value("")


def test_a_new_candidate_sees_nobody_elses_interviews(
    page: Page, app: App, model: ScriptedModel, new_context: NewContext
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    page.goto(app.url)
    expect(page.get_by_role("link", name="Go on")).to_be_visible()
    stranger = new_context().new_page()
    stranger.goto(app.url)
    expect(stranger.get_by_role("heading", name="What is stored, and where")).to_be_visible()
    expect(stranger.get_by_role("link", name="Go on")).to_have_count(0)
