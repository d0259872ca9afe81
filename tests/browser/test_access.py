"""The pages for keyboards, screen readers, phones and dark rooms; and what they tell at first."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App, NewContext
from tests.browser.scripted_model import PROBE, ScriptedModel

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement.innerText || document.activeElement.getAttribute('placeholder')"

OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
}"""

WIDER_THAN_THE_SCREEN = """() => document.documentElement.scrollWidth > window.innerWidth
  || [...document.querySelectorAll('body *')].some(e => e.scrollWidth > e.clientWidth + 1
    && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.clientWidth)"""

NAMELESS = """() => {
  const shown = e => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden';
  const name = e => (e.getAttribute('aria-label') || e.textContent || e.title
    || [...(e.labels || [])].map(l => l.innerText).join(' ')).trim();
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(e => shown(e) && !name(e)).map(e => e.outerHTML.slice(0, 120));
}"""


def focused(page: Page) -> str:
    """The text by which the focused control is known."""
    return str(page.evaluate(FOCUSED)).strip()


def test_a_whole_question_is_answered_with_the_keyboard_alone(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    page.goto(app.url)
    page.get_by_role("link", name="See a demo report").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if focused(page) == "Start the interview":
            break
    assert page.evaluate(OUTLINE)
    page.keyboard.press("Enter")
    candidate.is_asked("Question 1 of 3")

    # The focus is in the box, and after it come the buttons and nothing else.
    expect(candidate.box).to_be_focused()
    assert page.evaluate(OUTLINE)
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(focused(page))
        assert page.evaluate(OUTLINE), reached
    assert reached == ["Send", "Hint", "I can't think of an example", "Skip", "End interview"]
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
    expect(candidate.box).to_be_focused()

    page.keyboard.type(ANSWER)
    page.keyboard.press("Shift+Enter")
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    expect(candidate.box).to_be_focused()
    # Enter alone begins a new line.
    page.keyboard.type("I called her.")
    page.keyboard.press("Enter")
    page.keyboard.type("Twice.")
    expect(candidate.box).to_have_value("I called her.\nTwice.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(candidate.go_on).to_be_focused()
    page.keyboard.press("Enter")
    candidate.is_asked("Question 2 of 3")
    expect(candidate.box).to_be_focused()


def test_nothing_is_sent_twice_while_the_interviewer_speaks(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.pause_seconds = 0.8  # so that a slow machine has the page again before it is said
    candidate.says(ANSWER)
    expect(candidate.send).to_be_disabled()
    # After a reload Gradio knows of no message that is still on its way.
    page.reload()
    expect(candidate.send).to_be_disabled()
    candidate.box.fill("Too early")
    candidate.box.press("Shift+Enter")
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    expect(candidate.box).to_have_value("Too early")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert candidate.messages()[1:] == [ANSWER, PROBE]


def test_one_polite_region_tells_the_stage_and_then_the_whole_question_once(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.pause_seconds = 0.1
    assert page.locator("#chat [role=log]").get_attribute("aria-live") == "off"
    page.evaluate(
        """() => {
          window.told = [];
          new MutationObserver(() => {
            const place = document.querySelector('#announcer');
            if (place && window.told.at(-1) !== place.textContent)
              window.told.push(place.textContent);
          }).observe(document.body, {subtree: true, childList: true, characterData: true});
        }"""
    )
    candidate.says(ANSWER)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    expect(page.locator("#announcer")).to_contain_text(PROBE)
    told = page.evaluate("window.told")
    assert told[-1] == f"Question 1 of 3 · follow-up 1 of 2. {PROBE}"
    assert told[:-1]
    assert all(text.startswith("The interviewer is") for text in told[:-1])
    assert page.locator("[aria-live=polite]:not(:empty), [role=status]:not(:empty)").count() == 1


def test_a_hint_and_feedback_are_told_once_and_the_focus_goes_back_to_the_box(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    model.probes = []
    model.grading_seconds = 2.0
    candidate.begins()
    candidate.hint.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_contain_text("A hint: ")
    expect(candidate.hint).to_have_count(0)
    expect(candidate.box).to_be_focused()

    candidate.says(ANSWER)
    expect(page.locator("#announcer")).to_contain_text("You can go on, or try")
    expect(page.locator("#announcer")).to_have_text("Your feedback is there.")
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()


def test_a_hint_that_has_been_shown_is_not_offered_again(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    candidate.hint.click()
    expect(candidate.interviewer.last).to_contain_text("A hint:")
    candidate.answers()
    expect(candidate.hint).to_have_count(0)
    candidate.again.click()
    candidate.is_asked("Question 1 of 3 · attempt 2")
    expect(candidate.hint).to_have_count(0)
    candidate.skip.click()
    candidate.is_asked("Question 2 of 3")
    expect(candidate.hint).to_be_visible()


def test_a_key_is_named_only_where_there_is_a_keyboard_and_control_enter_sends(
    page: Page, app: App, model: ScriptedModel, new_context: NewContext
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    expect(candidate.box).to_have_attribute("placeholder", re.compile("Shift.Enter or Ctrl.Enter"))
    candidate.box.fill(ANSWER)
    candidate.box.press("Control+Enter")
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages()[1:] == [ANSWER, PROBE]

    phone = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    touched = Candidate(new_context(**phone).new_page(), app.url)
    touched.begins()
    expect(touched.box).to_have_attribute("placeholder", "Write as you would say it.")


def test_every_control_has_a_name_and_every_page_one_heading(
    page: Page, app: App, model: ScriptedModel
) -> None:
    def check() -> None:
        assert page.evaluate(NAMELESS) == []
        assert page.locator("h1:visible").count() == 1
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("main").count() == 1
        assert page.locator("img:not([alt])").count() == 0
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        shown = [name for name in ids if name]
        assert json.dumps(sorted(shown)) == json.dumps(sorted(set(shown)))

    candidate = Candidate(page, app.url)
    page.goto(app.url)
    check()
    model.probes = []
    candidate.begins()
    check()
    candidate.says(ANSWER)
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()
    check()
    candidate.end.click()
    candidate.opens_report()
    check()


def test_a_phone_never_scrolls_sideways_and_shows_the_newest_question(
    app: App, model: ScriptedModel, new_context: NewContext
) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    page = new_context(**phone).new_page()
    candidate = Candidate(page, app.url)
    page.goto(app.url)
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    candidate.begins()
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    candidate.says("Donaudampfschifffahrtsgesellschaft" * 5 + f" {ANSWER}" * 4)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    expect(candidate.interviewer.last).to_be_in_viewport(ratio=1)
    expect(candidate.end).to_be_in_viewport(ratio=1)
    candidate.says("I rang her.")
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    candidate.end.click()
    candidate.opens_report()
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)


def test_a_dark_screen_gets_dark_pages(
    app: App, model: ScriptedModel, new_context: NewContext
) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    # --paper in style.css: #f7f6f3 and #15181c.
    for scheme, paper in (("light", "rgb(247, 246, 243)"), ("dark", "rgb(21, 24, 28)")):
        page = new_context(color_scheme=scheme).new_page()
        candidate = Candidate(page, app.url)
        page.goto(app.url)
        assert page.evaluate(background) == paper
        candidate.begins()
        container = page.locator(".gradio-container").first
        expect(container).to_have_css("background-color", paper)


def test_the_newest_message_is_in_view_on_a_desktop(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    candidate.says("\n".join(["A long answer with many lines."] * 40))
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    expect(candidate.interviewer.last).to_be_in_viewport(ratio=1)
    expect(candidate.send).to_be_in_viewport(ratio=1)


def test_the_first_page_says_what_is_stored_and_where_answers_are_sent(
    page: Page, app: App, model: ScriptedModel
) -> None:
    page.goto(app.url)
    stored = page.get_by_role("region", name="What is stored, and where")
    host = model.url.removeprefix("http://").removesuffix("/v1")
    expect(stored).to_contain_text(f"Your answers are sent to the model server at {host}.")
    expect(stored).to_contain_text(str(app.data))
    expect(stored).to_contain_text("One cookie")
    expect(stored).to_contain_text("scripted (MOCK_INTERVIEWER_MODEL names it; set it to")


def test_the_demo_report_opens_downloads_and_hides_its_numbers(
    page: Page, app: App, model: ScriptedModel
) -> None:
    page.goto(app.url)
    page.get_by_role("link", name="See a demo report").click()
    expect(page.get_by_text("a demo: the candidate is invented")).to_be_visible()
    assert page.locator(".said").count() > 3
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as Markdown").click()
    assert download.value.suggested_filename == "practice-report.md"
    number = page.locator(".bar .number").first
    expect(number).to_be_visible()
    page.get_by_label("Hide the numbers").check()
    expect(page.locator(".number:visible")).to_have_count(0)
    # The word and the mark stay.
    expect(page.locator(".bar.main .figure").first).to_be_visible()
