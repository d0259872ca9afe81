"""An interview to be deleted, and what there is in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.tables import Base
from tests.interviews import grade, question, turn

MARK = "the-umbrella-of-mrs-quill"


def held(store: Store, text: str = "I helped.", candidate: str = "ada", graded: bool = True) -> str:
    """An interview with a draft, two answers, and a grade for the first."""
    interview = store.create_interview(
        candidate_id=candidate, mode=Mode.PRACTICE, trade="retail", questions=[question()]
    )
    turns = [
        turn(0, TurnKind.QUESTION, "Tell me."),
        turn(1, TurnKind.ANSWER, text),
        turn(2, TurnKind.RETRY, attempt=1),
        turn(3, TurnKind.ANSWER, text, attempt=1),
    ]
    store.append(interview, turns, [(0, 0), (0, 1)])
    if graded:
        given = grade({"story": 4}, next_time=text)
        store.waiting.save_grade(store.answers(interview)[0].id, given)
    store.save_draft(interview, text)
    return interview


def engine_of(store: Store) -> Any:
    return store.sessions().get_bind()


def rows(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    with store.sessions() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }
