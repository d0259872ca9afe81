"""Toy interviews in a store, and a look past it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.storage.store import Store
from tests.interviews import question, turn

ANSWER, QUESTION = TurnKind.ANSWER, TurnKind.QUESTION


def raw(database_url: str, statement: str) -> list[Any]:
    """What the database itself says, past the store."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        result = connection.exec_driver_sql(statement)
        rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def started(store: Store, candidate: str = "ada", *names: str) -> str:
    return store.create_interview(
        candidate_id=candidate,
        mode=Mode.PRACTICE,
        trade="retail",
        questions=[question(name) for name in names or ("one", "two")],
    )


def finished(store: Store, *places: tuple[int, int]) -> str:
    """An interview with these finished answers."""
    interview = started(store)
    store.append(interview, [turn(0, QUESTION, "Tell me.")], places or [(0, 0)])
    return interview
