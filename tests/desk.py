"""Interviews with finished and graded answers, for tests of what coaches do with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.service.access import Access, Person, Role
from mock_interviewer.storage.account_tables import GroupRow, MembershipRow, UserRow
from mock_interviewer.storage.groups import GroupStore
from mock_interviewer.storage.store import Store
from tests.interviews import grade, question, turn
from tests.toy_rubric import TOLD

COACH, OTHER = Person("ines", "Ines", Role.COACH), Person("omar", "Omar", Role.COACH)
STRANGER = Person("eve", "Eve", Role.COACH)
"""A coach of another group."""
ADA, BEN = Person("ada", "Ada", Role.CANDIDATE), Person("ben", "Ben", Role.CANDIDATE)
ZOE = Person("zoe", "Zoe", Role.CANDIDATE)
"""A candidate of the other group."""
GROUP, OTHER_GROUP = 1, 2

MACHINE = {"story": 3, "end": 2, "heart": 4, "care": 1}


def with_people(store: Store) -> Access:
    """Two groups: Ines and Omar with Ada and Ben, Eve with Zoe."""
    now = datetime.now(UTC)
    with store.sessions.begin() as session:
        for number, members in enumerate(((COACH, OTHER, ADA, BEN), (STRANGER, ZOE)), start=1):
            group = GroupRow(name=f"Group {number}", key=f"group {number}", created_at=now)
            users = [
                UserRow(id=p.id, name=p.name, key=p.id, role=p.role.value, created_at=now)
                for p in members
            ]
            session.add_all([group, *users])
            session.flush()
            session.add_all(MembershipRow(group_id=group.id, user_id=p.id) for p in members)
    return Access(store, GroupStore(store.sessions))


def graded(
    store: Store,
    candidate: str = "ada",
    *,
    answers: int = 1,
    grades: list[Grade | None] | None = None,
    closed: bool = True,
    shared: bool = True,
    mode: Mode = Mode.INTERVIEW,
    rates_first: bool = False,
) -> str:
    """An interview with so many answers; without `grades` each has the machine's levels.

    A grade of None leaves its answer waiting.
    """
    interview = store.create_interview(
        candidate_id=candidate,
        mode=mode,
        trade="retail",
        questions=[question(f"q{number}") for number in range(answers)],
        rates_first=rates_first,
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
    GroupStore(store.sessions).set_shared(interview, shared)
    for answer, given in zip(
        store.answers(interview), grades or [grade(MACHINE)] * answers, strict=True
    ):
        if given is not None:
            store.waiting.save_grade(answer.id, given)
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
