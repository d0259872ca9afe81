"""The coach's desk at the browser, with an interview of Ada's to review."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from mock_interviewer.core.grade import Evidence
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.service.access import Person
from mock_interviewer.service.program import Program
from mock_interviewer.web.site import make_site
from tests.browser.conftest import NewContext
from tests.interviews import grade, question, turn
from tests.web.judged import calibrated
from tests.web.people import World, world
from tests.web.serving import serving

SAID = (
    "A guest came down at six because her heating had failed. "
    "I told her I was sorry that she was cold. "
    "I gave her the room across the hall."
)

MACHINE = 2
"""The machine's level of everything."""

EVIDENCE = {"situation": 1, "action": 3}


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


@contextmanager
def served_desk(data: Path) -> Iterator[Desk]:
    with world(data) as made:
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
        store.waiting.save_grade(answer.id, given.model_copy(update={"ratings": ratings}))
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
