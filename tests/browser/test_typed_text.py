"""What a candidate types is text: counted, kept, and never run."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import Candidate
from tests.browser.conftest import App
from tests.browser.scripted_model import ScriptedModel

pytestmark = pytest.mark.browser

LIMIT = 5000
HTML = (
    "<img src=x onerror=alert(1)><script>alert(2)</script> & **bold** <b>so</b> $x$ `code` {{7*7}}"
)


def test_a_message_too_long_or_empty_is_refused_in_plain_words_and_kept(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    text = "word " * 1000 + "x"
    candidate.box.fill(text)
    expect(candidate.counter).to_contain_text("5,001 of 5,000 characters · too long to send")
    candidate.send.click()

    expect(page.get_by_role("alert")).to_have_text(
        "The message has 5,001 characters; up to 5,000 can be sent at once. "
        "Shorten it, or send it in two parts."
    )
    expect(candidate.box).to_have_value(text)
    candidate.says("   ")
    expect(page.get_by_role("alert")).to_have_text("There is nothing in the box yet.")
    candidate.is_asked("Question 1 of 3")
    assert len(candidate.messages()) == 1

    # One character less can be sent.
    candidate.says(text[:LIMIT])
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")


def test_the_counter_counts_while_typing_and_the_draft_is_kept_without_sending(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    expect(candidate.counter).to_have_text("0 of 5,000 characters")
    candidate.box.press_sequentially("Once a guest", delay=10)
    # 12 characters, the spaces included.
    expect(candidate.counter).to_have_text("12 of 5,000 characters · draft kept")
    page.goto(app.url)
    page.get_by_role("link", name="Go on").click()
    candidate.is_asked("Question 1 of 3")
    expect(candidate.box).to_have_value("Once a guest")
    expect(candidate.counter).to_have_text("12 of 5,000 characters · draft kept")


def test_what_is_typed_while_the_page_is_still_being_filled_stays(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    candidate.box.fill("I had begun to tell")
    # On a busy machine Gradio may show once more what the page was loaded with: an empty box.
    page.evaluate(
        """() => {
          document.querySelector('#answer textarea').value = '';
          interviewPage.changed();
        }"""
    )
    expect(candidate.box).to_have_value("I had begun to tell")
    expect(candidate.counter).to_contain_text("draft kept")
    candidate.send.click()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages()[1] == "I had begun to tell"
    expect(candidate.box).to_have_value("")


def test_leaving_the_box_keeps_the_draft_at_once(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    # Without the pause of 400 ms in chat.js, after which a draft is kept anyway.
    page.evaluate(
        """() => {
          const real = window.setTimeout;
          window.setTimeout = (f, ms, ...args) => ms === 400 ? 0 : real(f, ms, ...args);
        }"""
    )
    candidate.box.fill("Then I left")
    candidate.place.click()
    expect(candidate.counter).to_contain_text("draft kept")


def test_a_message_on_its_way_is_not_kept_as_a_draft_as_well(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    # A slow line: each request of the page leaves late, later than a pause in typing lasts.
    page.evaluate(
        """() => {
          const real = window.fetch;
          window.joins = 0;
          window.fetch = async (...args) => {
            if (String(args[0]).includes('queue/join')) {
              window.joins += 1;
              await new Promise(done => setTimeout(done, 1000));
            }
            return real(...args);
          };
        }"""
    )
    candidate.box.press_sequentially("I rang her", delay=0)
    candidate.box.press("Shift+Enter")
    expect(candidate.own.last).to_have_text("I rang her")
    assert page.evaluate("window.joins") == 1


def test_html_and_markdown_of_a_candidate_are_shown_as_they_were_typed(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    model.probes = []
    candidate.begins()
    candidate.says(f"{HTML} was what I wrote to her.\nThen it was solved.")
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()
    expect(candidate.own.last).to_contain_text(HTML)
    expect(candidate.feedback).to_contain_text(HTML)
    candidate.end.click()
    candidate.opens_report()
    expect(page.locator(".turn.candidate")).to_contain_text(HTML)
    assert page.locator("img, main b, main script:not([src])").count() == 0

    with page.expect_download() as download:
        page.get_by_role("link", name="Download as Markdown").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    # Each mark that Markdown or HTML would read has a backslash before it.
    assert r"\<script\>alert(2)\</script\> \& \*\*bold\*\*" in text
    assert "<script>" not in text
    # `new_context` asserts that no dialog opened.


def test_an_interview_that_is_not_there_is_said_in_plain_words(page: Page, app: App) -> None:
    page.goto(f"{app.url}/practice/?interview=nothing-here")
    expect(page.get_by_text("There is no such interview here.")).to_be_visible()
