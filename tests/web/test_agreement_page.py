"""The page of agreement, as coaches get it from the running site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.service.access import Role
from mock_interviewer.web.site import make_site
from tests.web.judged import interview, review
from tests.web.people import PASSWORD, World, world
from tests.web.serving import Client, serving


class Desk:
    """The site, and its pages as a person reads them."""

    def __init__(self, made: World, port: int) -> None:
        self.world = made
        self.port = port

    def reads(self, who: str, path: str) -> str:
        """The page's text."""
        answer = Client(self.port, self.world.cookie(who)).ask("GET", path)
        assert answer.status == 200, answer.body
        body = re.sub(r"<svg.*?</svg>", "", answer.body.decode(), flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]*>", " ", body).split())

    def status(self, who: str, path: str) -> int:
        """What the site answers."""
        return Client(self.port, self.world.cookie(who)).ask("GET", path).status


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with world(tmp_path / "data") as made:
        people = made.program.people
        made.people["second coach"] = people.accounts.add("second coach", Role.COACH, PASSWORD)
        people.groups.join("A", "second coach")
        with serving(make_site(made.program)) as port:
            yield Desk(made, port)


def test_a_coach_reads_how_they_agree_with_the_machine_and_where_they_part(desk: Desk) -> None:
    held = interview(desk.world, answers=12, empathy=1)
    review(desk.world, "coach", held, empathy=4)
    text = desk.reads("coach", "/agreement")
    assert "You and the machine On 12 answers you and the machine agree" in text
    assert "They part most on Empathy" in text
    assert re.search(r"Empathy 12 .{0,60} you 3\.0 higher 3\.0", text)
    assert "Situation 12 very well 1.00 (1.00 to 1.00) neither higher 0.0" in text
    assert "Ada, " in text
    assert "Empathy: you 4, the machine 1" in text


def test_the_answers_furthest_apart_lead_to_their_review(desk: Desk) -> None:
    held = interview(desk.world, answers=12, empathy=1)
    review(desk.world, "coach", held, empathy=4)
    client = Client(desk.port, desk.world.cookie("coach"))
    assert f'href="/desk/interviews/{held}"' in client.ask("GET", "/agreement")


def test_too_few_answers_are_said_to_be_too_few_and_how_many_it_takes(desk: Desk) -> None:
    review(desk.world, "coach", interview(desk.world, answers=9))
    text = desk.reads("coach", "/agreement")
    assert "Too few to say. There are 9 answers" in text
    assert "Figures begin at 10" in text
    assert "By criterion" not in text


def test_only_what_was_graded_blind_counts_until_all_is_asked_for(desk: Desk) -> None:
    review(desk.world, "coach", interview(desk.world, answers=10), blind=False)
    assert "Nothing to compare yet" in desk.reads("coach", "/agreement")
    assert "On 10 answers you and the machine" in desk.reads("coach", "/agreement?blind=false")


def test_two_coaches_are_compared_where_both_graded_the_same_and_for_a_group(desk: Desk) -> None:
    held = interview(desk.world, answers=10, empathy=1)
    review(desk.world, "coach", held, empathy=4)
    review(desk.world, "second coach", held, empathy=2)
    own = desk.reads("coach", "/agreement")
    assert "You and second coach On 10 answers" in own
    assert "Second coach and the machine" not in own
    (group,) = desk.world.program.desk.assignments.groups(desk.world.people["coach"])
    whole = desk.reads("second coach", f"/agreement?group={group.id}")
    assert "You and the machine" in whole
    assert "Coach and the machine" in whole
    assert "You and coach On 10 answers coach and you" in whole
    assert "coach 2.0 higher" in whole


def test_an_interview_that_the_coach_can_open_no_more_is_named_without_a_link(desk: Desk) -> None:
    held = interview(desk.world, answers=10, empathy=1)
    review(desk.world, "coach", held, empathy=4)
    desk.world.program.people.groups.leave("A", "Ada")
    text = desk.reads("coach", "/agreement")
    assert "An interview you can open no more, question 1" in text
    assert "Ada" not in text


def test_who_is_no_coach_and_who_is_of_another_group_read_nothing(desk: Desk) -> None:
    (group,) = desk.world.program.desk.assignments.groups(desk.world.people["coach"])
    assert desk.status("Ada", "/agreement") == 403
    assert desk.status("admin", "/agreement") == 403
    assert desk.status("other coach", f"/agreement?group={group.id}") == 404
