"""The coach's desk by keyboard, on a telephone, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.coach_desk import Desk, kept, listening, rate, served_desk
from tests.browser.conftest import NewContext, Watch
from tests.browser.test_access import NAMELESS, OUTLINE

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with served_desk(tmp_path / "data") as served:
        yield served


def test_an_interview_is_reviewed_with_the_keyboard_alone(
    desk: Desk, new_context: NewContext
) -> None:
    page = desk.page(new_context, "coach")
    page.goto(f"{desk.url}/desk")
    review = page.get_by_role("button", name="Review Ada")
    for _ in range(40):
        page.keyboard.press("Tab")
        if review.evaluate("e => e === document.activeElement"):
            break
    assert page.evaluate(OUTLINE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your levels")).to_be_visible()
    listening(page)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    # Situation, Task, Action; back to Task; none of it while somebody types.
    for key in ("4", "j", "3", "j", "-", "k"):
        page.keyboard.press(key)
    page.keyboard.press("r")
    page.keyboard.type("4d?n: said outright")
    page.keyboard.press("Escape")
    expect(page.locator("[name='level.task'][value='3']")).to_be_focused()
    expect(page.locator("[name='reason.task']")).to_have_value("4d?n: said outright")

    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("She was cold.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sentence 2: comment")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("A good ear.")
    page.keyboard.press("Escape")
    kept(desk, "A good ear.")
    (draft,) = [each for each in desk.drafts() if "A good ear." in each]
    assert re.search(
        r'"situation": {"level": 4.*"task": {"level": 3.*"action": {"level": null', draft
    )
    assert '"2": "She was cold."' in draft

    page.keyboard.press("d")
    expect(page.get_by_text("Question 1 is done.")).to_be_visible()
    listening(page)
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Tell me about warmth.")).to_be_visible()
    listening(page)
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Tell me about cold.")).to_be_visible()


def test_single_keys_can_be_switched_off(desk: Desk, new_context: NewContext) -> None:
    page = desk.review(new_context)
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys do this").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("4")
    expect(page.locator("[name='level.situation'][value='4']")).not_to_be_checked()


def test_every_control_is_reached_by_tab_and_seen(desk: Desk, new_context: NewContext) -> None:
    page = desk.review(new_context)
    wanted = {
        "Done",
        "Show the machine’s levels",
        "Next: Question 2",
        "Sentence 1: comment",
        "Keys",
    }
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        if not focus.count():
            continue  # beyond the last one
        name = focus.get_attribute("aria-label") or focus.inner_text()
        wanted.discard(name.strip())
        # Of a level it is the box with the number that is outlined.
        radio = focus.get_attribute("type") == "radio"
        outlined = focus.locator("xpath=following-sibling::*[1]") if radio else focus
        assert outlined.evaluate("e => parseFloat(getComputedStyle(e).outlineWidth) >= 2"), name
    assert wanted == set()


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_the_desk_fits_its_screen_and_every_control_has_a_name(
    desk: Desk, new_context: NewContext, width: int
) -> None:
    options = PHONE if width == 390 else {"viewport": {"width": width, "height": 850}}
    page = desk.page(new_context, "coach", **options)
    page.goto(f"{desk.url}/desk")
    too_wide = "document.documentElement.scrollWidth > window.innerWidth"
    assert not page.evaluate(too_wide)
    assert page.evaluate(NAMELESS) == []
    page.get_by_role("button", name="Review Ada").click()
    for part in ("1", "whole"):
        page.goto(f"{desk.url}/desk/interviews/{desk.interview}?part={part}")
        assert not page.evaluate(too_wide)
        assert page.evaluate(NAMELESS) == []
        assert page.locator("h1:visible").count() == 1


def test_a_review_can_be_written_without_scripts(
    desk: Desk, new_context: NewContext, watch: Watch
) -> None:
    page = desk.review(new_context, java_script_enabled=False)
    rate(page, "Situation", "4")
    page.get_by_label("Comment on a sentence").select_option("3")
    page.get_by_label("The comment", exact=True).fill("Warm.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved at")).to_be_visible()
    expect(page.get_by_label("Comment on sentence 3")).to_have_value("Warm.")

    second = page.context.new_page()
    second.goto(page.url)
    page.get_by_label("Comment on this answer").fill("From the first tab.")
    page.get_by_role("button", name="Save").click()
    second.get_by_label("Comment on this answer").fill("From the second tab.")
    second.get_by_role("button", name="Done").click()
    expect(second.get_by_role("alert")).to_contain_text("From the first tab.")
    watch.refused.clear()
    expect(second.get_by_label("Comment on this answer")).to_have_value("From the second tab.")
    second.get_by_role("button", name="Done").click()
    expect(second.get_by_text("Question 1 is done.")).to_be_visible()
    kept(desk, "From the second tab.")
