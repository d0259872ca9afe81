"""A coach's afternoon at the desk: the queue, a blind grade, what the machine says, and why not."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mock_interviewer.core.grade import Evidence
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.service.access import Person
from mock_interviewer.service.program import Program
from mock_interviewer.web.site import make_site
from tests.browser.conftest import NewContext, Watch
from tests.browser.test_access import NAMELESS, OUTLINE
from tests.interviews import grade, question, turn
from tests.web.judged import calibrated
from tests.web.people import World, world
from tests.web.serving import serving

pytestmark = pytest.mark.browser

SAID = (
    "A guest came down at six because her heating had failed. "
    "I told her I was sorry that she was cold. "
    "I gave her the room across the hall."
)
MACHINE = 2
"""The machine's level of everything."""
EVIDENCE = {"situation": 1, "action": 3}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@dataclass
class Desk:
    """The site with Ada's shared interview of two answers in it."""

    world: World
    url: str
    interview: str

    def page(self, new_context: NewContext, who: str, **options: object) -> Page:
        """A browser in which somebody is logged in."""
        context = new_context(**{"viewport": {"width": 1280, "height": 850}, **options})
        name, value = self.world.cookie(who).split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": self.url}])
        return context.new_page()

    def person(self, who: str) -> Person:
        return self.world.people[who]

    def drafts(self) -> list[str]:
        """The drafts of all reviews, as they are in the database."""
        with sqlite3.connect(self.world.data / "interviews.sqlite3") as raw:
            return [row[0] for row in raw.execute("select draft from reviews order by id")]

    def review(self, new_context: NewContext, **options: object) -> Page:
        """The coach's page of the first answer, just taken from the queue."""
        page = self.page(new_context, "coach", **options)
        page.goto(f"{self.url}/desk")
        page.get_by_role("button", name="Review Ada").click()
        expect(page.get_by_role("heading", name="Your levels")).to_be_visible()
        if options.get("java_script_enabled", True):
            listening(page)
        return page


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with world(tmp_path / "data") as made:
        groups = made.program.people.groups
        groups.join("A", "other coach")
        for coach in ("coach", "other coach"):
            calibrated(made, coach)
        interview = _interview(made.program, made.people["Ada"])
        groups.share(made.people["Ada"], interview, True)
        with serving(make_site(made.program)) as port:
            yield Desk(made, f"http://127.0.0.1:{port}", interview)


def _interview(program: Program, ada: Person) -> str:
    store = program.store
    interview = store.create_interview(
        candidate_id=ada.id,
        mode=Mode.PRACTICE,
        trade="retail",
        questions=[question(name, text=f"Tell me about {name}.") for name in ("cold", "warmth")],
    )
    for number, about in enumerate(("cold", "warmth")):
        turns = [
            turn(2 * number, TurnKind.QUESTION, f"Tell me about {about}.", number),
            turn(2 * number + 1, TurnKind.ANSWER, SAID, number),
        ]
        store.append(interview, turns, [(n, 0) for n in range(number + 1)])
    store.append(interview, [turn(4, TurnKind.CLOSING, "Thank you.", 1)], [(0, 0), (1, 0)])
    quotes = [f"{each}." for each in SAID.rstrip(".").split(". ")]
    for answer in store.answers(interview):
        given = grade({criterion.id: MACHINE for criterion in program.rubric.criteria})
        ratings = dict(given.ratings)
        for name, number in EVIDENCE.items():
            cited = (Evidence(sentence=number, quote=quotes[number - 1]),)
            ratings[name] = ratings[name].model_copy(update={"evidence": cited, "likely": (1, 3)})
        store.save_grade(answer.id, given.model_copy(update={"ratings": ratings}))
    return interview


def rate(page: Page, criterion: str, level: str) -> None:
    """Choose a level with the mouse."""
    group = page.get_by_role("group", name=criterion, exact=True)
    group.locator(f"label:has(input[value='{level}'])").click()


def kept(desk: Desk, text: str) -> None:
    """Wait until a draft in the database has this."""
    deadline = time.monotonic() + 30
    while not any(text in draft for draft in desk.drafts()):
        assert time.monotonic() < deadline, (text, desk.drafts())
        time.sleep(0.1)


def listening(page: Page) -> None:
    """Wait until the page's script has begun: a key before that does nothing."""
    expect(page.locator("html.scripted")).to_be_attached()


def finish(page: Page) -> None:
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text(re.compile(r"(\d|interview) is done\.$"))).to_be_visible()


# From the queue to the candidate


def test_a_coach_grades_blind_sees_the_machine_says_why_not_and_the_candidate_reads_it(
    desk: Desk, new_context: NewContext, watch: Watch
) -> None:
    page = desk.page(new_context, "coach")
    page.goto(desk.url)
    page.get_by_role("link", name="Open the queue").click()
    row = page.get_by_role("row", name=re.compile("Ada"))
    expect(row).to_contain_text("nobody yet")
    row.get_by_role("button", name="Review Ada").click()

    expect(page.get_by_text("evidence is hidden until you are done")).to_be_visible()
    assert "Machine 2" not in page.inner_text("main")
    rate(page, "Situation", "4")
    rate(page, "Listening", "2")
    page.get_by_role("button", name="Sentence 2: comment").click()
    page.get_by_label("Comment on sentence 2").fill("Stay with her cold for a sentence.")
    kept(desk, "Stay with her cold")
    expect(page.locator("#saved")).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    finish(page)
    situation = page.get_by_role("group", name="Situation", exact=True)
    expect(situation.get_by_text("Machine 2 hinted at")).to_be_visible()

    # What was graded blind stands without a reason; what is changed after it does not.
    rate(page, "Situation", "5")
    expect(situation.get_by_text("Say why")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in a few words why, for: Situation.")
    watch.refused.clear()
    page.get_by_label("Why this level of Situation").fill("The guest stands before me.")
    finish(page)
    page.get_by_text("History (").click()
    expect(page.locator(".history")).to_contain_text("Situation from “4” to “5”")

    page.get_by_role("link", name="The whole interview").click()
    page.get_by_label("Note to Ada").fill("Dear Ada, you look after people.")
    kept(desk, "Dear Ada")
    finish(page)

    theirs = desk.page(new_context, "Ada")
    theirs.goto(f"{desk.url}/report/{desk.interview}")
    expect(theirs.get_by_text("Dear Ada, you look after people.")).to_be_visible()
    told = theirs.inner_text("main")
    first = told.index("Question 1")
    assert told.index("The guest stands before me.", first) < told.index("The machine’s view")
    row = theirs.get_by_role("row", name=re.compile("^Situation"))
    expect(row).to_contain_text("vivid · 5")
    expect(row).to_contain_text("hinted at · 2")
    expect(theirs.get_by_text("Stay with her cold for a sentence.")).to_be_visible()


def test_a_draft_is_nobody_elses(desk: Desk, new_context: NewContext) -> None:
    page = desk.review(new_context)
    page.get_by_label("Comment on this answer").fill("Not yet fit to be read.")
    kept(desk, "Not yet fit")
    for who, path in (("Ada", "report"), ("other coach", "desk/interviews")):
        other = desk.page(new_context, who)
        other.goto(f"{desk.url}/{path}/{desk.interview}")
        if who == "other coach":
            other.get_by_role("button", name="Begin").click()
            expect(other.get_by_role("heading", name="Your levels")).to_be_visible()
        assert "Not yet fit" not in other.content()


def test_the_queue_says_who_is_at_what_until_they_let_go(
    desk: Desk, new_context: NewContext
) -> None:
    page = desk.review(new_context)
    other = desk.page(new_context, "other coach")
    other.goto(f"{desk.url}/desk")
    expect(other.get_by_role("row", name=re.compile("Ada"))).to_contain_text("coach is at it until")
    expect(other.get_by_role("button", name="Review Ada")).to_have_count(0)
    page.goto(f"{desk.url}/desk?which=mine")
    page.get_by_role("button", name="Let go of Ada").click()
    other.reload()
    expect(other.get_by_role("button", name="Review Ada")).to_be_visible()
    page.goto(f"{desk.url}/desk?which=mine")
    expect(page.get_by_text("You have claimed no interview.")).to_be_visible()


def test_an_empty_queue_says_what_fills_it(desk: Desk, new_context: NewContext) -> None:
    desk.world.program.people.groups.share(desk.person("Ada"), desk.interview, False)
    page = desk.page(new_context, "coach")
    page.goto(f"{desk.url}/desk")
    expect(page.get_by_text("No interview is shared with you yet.")).to_be_visible()
    expect(page.get_by_text("Ask them to tick it.")).to_be_visible()


def test_the_evidence_of_the_chosen_criterion_is_marked_with_a_sign_and_in_words(
    desk: Desk, new_context: NewContext
) -> None:
    page = desk.review(new_context)
    page.get_by_role("button", name="Show the machine’s levels").click()
    expect(page.get_by_text("no longer counts as graded blind")).to_be_visible()
    for name, number in (("Situation", 1), ("Action", 3)):
        page.get_by_role("group", name=name, exact=True).locator("legend").click()
        expect(page.locator(".sentence.cited")).to_have_count(1)
        marked = page.locator(f"#s{number}")
        expect(marked.get_by_text("◆")).to_be_visible()
        expect(marked).to_contain_text("evidence:")
    page.get_by_role("group", name="Task", exact=True).locator("legend").click()
    expect(page.locator(".sentence.cited")).to_have_count(0)


# Two tabs


def test_a_second_tab_is_told_and_shown_both_and_what_it_keeps_is_kept(
    desk: Desk, new_context: NewContext, watch: Watch
) -> None:
    page = desk.review(new_context)
    second = page.context.new_page()
    second.goto(page.url)
    listening(second)
    page.get_by_label("Comment on this answer").fill("From the first tab.")
    kept(desk, "From the first tab.")

    second.get_by_label("Comment on this answer").fill("From the second tab.")
    conflict = second.get_by_role("alert")
    expect(conflict).to_contain_text("saved elsewhere")
    expect(conflict).to_contain_text("From the first tab.")
    expect(conflict).to_contain_text("From the second tab.")
    kept(desk, "From the first tab.")
    watch.refused.clear()
    # What is typed while it is open is kept, too; nothing is saved before there is a choice.
    second.get_by_label("Comment on this answer").fill("From both tabs.")
    second.get_by_role("button", name="Keep what stands here").click()
    expect(second.get_by_role("alert")).to_have_count(0)
    kept(desk, "From both tabs.")

    page.get_by_label("Comment on this answer").fill("Too late.")
    page.get_by_role("button", name="Take what is saved there").click()
    expect(page.get_by_label("Comment on this answer")).to_have_value("From both tabs.")
    watch.refused.clear()


def test_what_is_typed_just_before_leaving_is_kept(desk: Desk, new_context: NewContext) -> None:
    page = desk.review(new_context)
    page.get_by_label("Comment on this answer").fill("Quickly said.")
    page.get_by_role("link", name="Next: Question 2").click()
    expect(page.get_by_role("heading", name="Tell me about warmth.")).to_be_visible()
    kept(desk, "Quickly said.")
    listening(page)
    page.get_by_label("Comment on this answer").fill("And closed at once.")
    page.close()
    kept(desk, "And closed at once.")


def test_a_server_that_is_away_for_a_moment_costs_no_word(
    desk: Desk, new_context: NewContext
) -> None:
    page = desk.review(new_context)
    page.route("**/desk/reviews/*", lambda route: route.abort())
    page.get_by_label("Comment on this answer").fill("While it was away.")
    expect(page.locator("#saved")).to_contain_text("Not saved")
    page.unroute("**/desk/reviews/*")
    kept(desk, "While it was away.")
    expect(page.locator("#saved")).to_have_text(re.compile("^Saved"))


# Keys, screens and no scripts


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
