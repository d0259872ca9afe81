"""Interviews with finished and graded answers, for tests of what coaches do with them."""

from __future__ import annotations

from typing import Any

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.storage.store import Store
from tests.interviews import grade, question, turn
from tests.toy_rubric import TOLD

MACHINE = {"story": 3, "end": 2, "heart": 4, "care": 1}


def graded(
    store: Store,
    candidate: str = "ada",
    *,
    answers: int = 1,
    grades: list[Grade | None] | None = None,
    closed: bool = True,
) -> str:
    """An interview with so many answers; without `grades` each has the machine's levels.

    A grade of None leaves its answer waiting.
    """
    interview = store.create_interview(
        candidate_id=candidate,
        mode=Mode.INTERVIEW,
        trade="retail",
        questions=[question(f"q{number}") for number in range(answers)],
    )
    for number in range(answers):
        turns = [
            turn(2 * number, TurnKind.QUESTION, "Tell me.", number),
            turn(2 * number + 1, TurnKind.ANSWER, TOLD, number),
        ]
        store.append(interview, turns, [(n, 0) for n in range(number + 1)])
    if closed:
        closing = turn(2 * answers, TurnKind.CLOSING, "Thank you.", answers - 1)
        store.append(interview, [closing], [(n, 0) for n in range(answers)])
    for answer, given in zip(
        store.answers(interview), grades or [grade(MACHINE)] * answers, strict=True
    ):
        if given is not None:
            store.save_grade(answer.id, given)
    return interview


def findings(**ratings: Any) -> Findings:
    """A coach's levels, each bare or as (level, reason)."""
    return Findings.model_validate(
        {
            "ratings": {
                name: {"level": given[0], "reason": given[1]} if isinstance(given, tuple) else given
                for name, given in ratings.items()
            }
        }
    )
