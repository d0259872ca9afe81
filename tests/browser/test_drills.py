"""A drill of each kind, done by keyboard alone and without scripts, on a phone's screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from mock_interviewer.core.drill_bank import load_drills
from mock_interviewer.core.drill_guide import load_guide
from mock_interviewer.core.drills import (
    BestReply,
    Drill,
    DrillKind,
    NameFeeling,
    SpotStar,
    SympathyOrEmpathy,
)
from mock_interviewer.core.rubric import load_rubric
from tests.browser.conftest import App, NewContext

pytestmark = pytest.mark.browser

BANK = load_drills([criterion.id for criterion in load_rubric().criteria]).drills
LINE = "That is a long time to wait, and twice over. I stay with this until it is settled."
MOST_KEYS = 60


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(MOST_KEYS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} cannot be reached by the Tab key")


def fill_in(page: Page, drill: Drill) -> None:
    """As the key has it, with the keyboard."""
    match drill:
        case BestReply():
            tab_to(page, page.get_by_role("radio").first)
            page.keyboard.press("Space")
            for _ in range(drill.best - 1):
                page.keyboard.press("ArrowDown")
        case NameFeeling():
            tab_to(page, page.get_by_role("radio").first)
            page.keyboard.press("Space")
            for _ in range(drill.options.index(drill.feeling)):
                page.keyboard.press("ArrowDown")
        case SympathyOrEmpathy():
            for number, line in enumerate(drill.lines, start=1):
                group = page.locator(f"input[name=stance-{number}]")
                tab_to(page, group.first)
                page.keyboard.press("Space")
                for _ in range(["sympathy", "empathy", "neither"].index(line.stance)):
                    page.keyboard.press("ArrowDown")
        case SpotStar():
            for number, sentence in enumerate(drill.story, start=1):
                tab_to(page, page.locator(f"#part-{number}"))
                page.keyboard.type(sentence.part.value)
        case _:
            tab_to(page, page.get_by_role("textbox"))
            page.keyboard.type(LINE)


@pytest.mark.parametrize("kind", list(DrillKind))
def test_a_drill_of_each_kind_is_done_by_keyboard(
    kind: DrillKind, app: App, new_context: NewContext
) -> None:
    page = new_context(java_script_enabled=False, viewport={"width": 390, "height": 800}).new_page()
    drill = next(drill for drill in BANK if drill.kind is kind)
    page.goto(f"{app.url}/drills")
    tab_to(page, page.get_by_text(load_guide().kinds[kind].name).last)
    page.keyboard.press("Enter")
    tab_to(page, page.locator("details[open]").locator(f"a[href$='/drills/{drill.id}']"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(load_guide().kinds[kind].name)
    fill_in(page, drill)
    tab_to(page, page.get_by_role("button", name="Send"))
    page.keyboard.press("Enter")
    feedback = page.get_by_role("region", name="Feedback")
    expect(feedback).to_contain_text(" ".join(drill.explanation.split()))
    told = {
        DrillKind.BEST_REPLY: "You chose the best reply",
        DrillKind.NAME_FEELING: "that is the closest word",
        DrillKind.SYMPATHY_OR_EMPATHY: "lines as in the key",
        DrillKind.SPOT_STAR: "sentences as in the key",
    }.get(kind, LINE)
    expect(feedback).to_contain_text(told)
    if kind not in (DrillKind.BEST_REPLY, DrillKind.NAME_FEELING) and told != LINE:
        expect(feedback.get_by_text("Not as in the key")).to_have_count(0)
    if told == LINE:
        mark = feedback.get_by_role("checkbox").first
        tab_to(page, mark)
        page.keyboard.press("Space")
        tab_to(page, feedback.get_by_role("button", name="Mark my line"))
        page.keyboard.press("Enter")
        expect(feedback).to_contain_text("You found 1 of")
        expect(page.get_by_role("textbox")).to_have_value(LINE)
    tab_to(page, feedback.get_by_role("link", name="Another one"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
