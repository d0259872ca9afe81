"""Answers that the machine and coaches have given levels, in the world of accounts."""

from __future__ import annotations

from collections.abc import Mapping

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.interview import Mode, TurnKind
from tests.desk import graded
from tests.interviews import grade, turn
from tests.web.people import World

Levels = dict[str, int | None]


def levels(world: World, number: int = 0, **others: int) -> Levels:
    """Levels of every criterion, which go up and down with `number`."""
    named = enumerate(world.program.rubric.criteria)
    found: Levels = {c.id: c.lowest + (number + n) % len(c.scale) for n, c in named}
    return {**found, **others}


def interview(world: World, answers: int = 1, candidate: str = "Ada", **others: int) -> str:
    """One that is shared; the machine's levels differ from answer to answer, but for `others`."""
    grades: list[Grade | None] = [grade(levels(world, n, **others)) for n in range(answers)]
    owner = world.people[candidate].id
    return graded(world.program.store, owner, answers=answers, grades=grades)


def in_practice(world: World, *, ticked: bool = True, advice: str = "") -> str:
    """One of Ada's between two questions, its answer graded; `ticked`: she rates first."""
    store = world.program.store
    held = graded(
        store,
        world.people["Ada"].id,
        grades=[grade(levels(world), next_time=advice)],
        closed=False,
        mode=Mode.PRACTICE,
        rates_first=ticked,
    )
    store.append(held, [turn(2, TurnKind.WRAP, "That is all.")], [(0, 0)])
    return held


def review(world: World, coach: str, interview_id: str, blind: bool = True, **others: int) -> None:
    """Finish this coach's reviews of all answers: the machine's levels, but for `others`."""
    reviewing, person = world.program.desk.reviewing, world.people[coach]
    opened = reviewing.open(person, interview_id, blind=blind).answers
    for number, answer in enumerate(opened):
        given = _findings(levels(world, number, **others))
        saved = reviewing.save(person, answer.review.id, answer.review.version, given)
        reviewing.finish(person, saved.id, saved.version)


def calibrated(world: World, coach: str) -> None:
    """This coach has done one of the calibration's exercises."""
    calibrating, person = world.program.desk.calibrating, world.people[coach]
    calibrating.rate(person, calibrating.exercises(person)[0].id, levels(world))


def _findings(given: Mapping[str, int | None]) -> Findings:
    told = {name: {"level": level, "reason": "So it seems."} for name, level in given.items()}
    return Findings.model_validate({"ratings": told})
