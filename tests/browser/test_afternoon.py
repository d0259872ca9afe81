"""A coach's whole afternoon, in one go: from the invitation to the case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.evaluation.cases import load_cases
from mock_interviewer.storage.regrades import RegradeStore
from mock_interviewer.web.site import make_site
from tests.browser.candidate import Candidate
from tests.browser.conftest import NewContext
from tests.browser.test_desk import listening, rate
from tests.interviews import grade, turn
from tests.web.judged import calibrated
from tests.web.people import PASSWORD, World, world
from tests.web.serving import serving

pytestmark = pytest.mark.browser

SAID = (
    "In May Mrs Okonjo came down at six because her heating had failed. "
    "I told her I was sorry that she was cold. "
    "I gave her the room across the hall."
)
MACHINE, BLIND, TODAYS, AFTER = 2, 4, 3, 5
"""Levels: the machine's of everything, the coach's blind ones, today's grader's, the override."""


@dataclass
class Afternoon:
    """The site without a model, with a coach who takes part in the calibration."""

    world: World
    url: str

    def practises(self, name: str) -> str:
        """The candidate does what was assigned and agrees to a case, and it is graded."""
        program = self.world.program
        (member,) = [
            each
            for group in program.desk.assignments.groups(self.world.people["coach"])
            for each in group.candidates
            if each.name == name
        ]
        person = program.people.accounts.person(
            program.people.accounts.log_in(name, PASSWORD, "192.0.2.1").token
        )
        assert person is not None
        assert person.id == member.id
        (given,) = program.desk.assignments.of_candidate(person)
        interview = program.desk.assignments.begin(person, given.assignment.id)
        at = len(program.store.interview(interview).turns)
        turns = [turn(at, TurnKind.ANSWER, SAID), turn(at + 1, TurnKind.CLOSING, "Thank you.")]
        program.store.append(interview, turns, [(0, 0)])
        program.store.set_may_become_case(interview, True)
        (answer,) = program.store.answers(interview)
        program.store.waiting.save_grade(answer.id, grade(self.levels(MACHINE)))
        return interview

    def grades_again(self) -> None:
        """Today's grader grades what waits for it."""
        regrades = RegradeStore(self.world.program.store.sessions)
        for regrade_id in regrades.some_waiting(10):
            regrades.save(regrade_id, grade(self.levels(TODAYS), key="todays"))

    def levels(self, level: int) -> dict[str, int | None]:
        """This level of every criterion, or its highest."""
        criteria = self.world.program.rubric.criteria
        return {criterion.id: min(level, criterion.highest) for criterion in criteria}


@pytest.fixture
def afternoon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Afternoon]:
    with world(tmp_path / "data") as made:
        monkeypatch.setattr(made.program.worker, "start", lambda: None)
        calibrated(made, "coach")
        with serving(make_site(made.program)) as port:
            yield Afternoon(made, f"http://127.0.0.1:{port}")


def presses(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def writes(page: Page, key: str, text: str) -> None:
    """Type into the field that a key leads to."""
    presses(page, key)
    page.keyboard.type(text)
    presses(page, "Escape")


def test_a_coach_has_a_whole_afternoon(afternoon: Afternoon, new_context: NewContext) -> None:
    screen = {"viewport": {"width": 1280, "height": 850}}
    context = new_context(**screen, accept_downloads=True)
    name, value = afternoon.world.cookie("coach").split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": afternoon.url}])
    page = context.new_page()

    # Invite somebody, who joins; assign.
    page.goto(f"{afternoon.url}/people")
    group = page.get_by_role("region", name="A", exact=True)
    group.get_by_text("Invite somebody to A").click()
    group.get_by_label("For whom").fill("Ben from the Tuesday course")
    group.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Link of the invitation").input_value()
    theirs = new_context(**screen).new_page()
    theirs.goto(link)
    theirs.get_by_label("Name").fill("Ben")
    theirs.get_by_label("Password", exact=True).fill(PASSWORD)
    theirs.get_by_label("Password, once more").fill(PASSWORD)
    theirs.get_by_role("button", name="Join").click()
    expect(theirs.get_by_text("Signed in as Ben")).to_be_visible()
    page.goto(f"{afternoon.url}/people")
    page.get_by_role("link", name="Give practice to Ben").click()
    page.get_by_label("Title").fill("A cold night")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Give it").click()
    expect(page.get_by_role("region", name="How far they are")).to_contain_text("assigned")
    interview = afternoon.practises("Ben")

    # Take it from the queue and grade it blind, with keys alone.
    page.goto(f"{afternoon.url}/desk?which=assigned")
    page.get_by_role("button", name="Review Ben").focus()
    presses(page, "Enter")
    expect(page.get_by_text("evidence is hidden until you are done")).to_be_visible()
    listening(page)
    assert "Machine 2" not in page.inner_text("main")
    for number, level in enumerate(afternoon.levels(BLIND).values()):
        presses(page, *(["j"] if number else []), str(level))
    writes(page, "c", "A good ear.")
    presses(page, "d")
    expect(page.get_by_text("Question 1 is done.")).to_be_visible()
    listening(page)

    # What the machine says; another level after all, and why.
    situation = page.get_by_role("group", name="Situation", exact=True)
    expect(situation.get_by_text("Machine 2 hinted at")).to_be_visible()
    rate(page, "Situation", str(AFTER))
    writes(page, "r", "The guest stands before me.")
    presses(page, "d")
    expect(page.locator(".history")).to_contain_text("Situation from “4” to “5”")

    # Today's grader beside the machine's levels.
    page.get_by_role("link", name="Grades side by side").click()
    page.get_by_role("button", name="Grade this interview again").click()
    expect(page.get_by_role("heading", name="0 of 1 answer")).to_be_visible()
    afternoon.grades_again()
    page.get_by_role("link", name=re.compile("^Side by side")).click()
    row = page.get_by_role("row", name=re.compile("^Situation"))
    expect(row).to_contain_text("(higher)")

    # Make a case of it, with a name that the coach chooses.
    page.get_by_role("link", name="Review", exact=True).click()
    page.get_by_role("link", name="Question 1", exact=True).click()
    page.get_by_role("link", name="Make this a case").click()
    page.get_by_label("In the case for “Okonjo”").fill("Lindqvist")
    page.get_by_role("button", name="Look at it with these changes").click()
    expect(page.locator("mark").get_by_text("Lindqvist")).to_be_visible()
    page.get_by_role("checkbox", name="I have read the text").check()
    page.get_by_role("button", name="Make the case").click()
    expect(page.get_by_role("heading", name="The case is made")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the case").click()
    (case,) = load_cases([download.value.path()])
    assert "Mrs Lindqvist came down" in case.text
    assert case.reference == afternoon.levels(BLIND) | {"situation": AFTER}
    assert load_cases([afternoon.world.data / "cases.jsonl"]) == [case]

    # The whole interview; then it is nobody's any more, and goes out with the others.
    page.get_by_role("link", name="Back to the review").click()
    page.get_by_role("link", name="The whole interview").click()
    page.get_by_label("Note to Ben").fill("Dear Ben, you look after people.")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("link", name="back to the queue", exact=True).click()
    row = page.get_by_role("row", name=re.compile("Ben"))
    expect(row).to_contain_text("you")
    expect(row.get_by_role("button", name="Review Ben")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="as a table (CSV)").click()
    assert "The guest stands before me." in download.value.path().read_text(encoding="utf-8-sig")
    theirs.goto(f"{afternoon.url}/report/{interview}")
    Candidate(theirs, afternoon.url).sees_grades()
    expect(theirs.get_by_text("Dear Ben, you look after people.")).to_be_visible()
