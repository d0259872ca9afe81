"""A deletion reaches everything, leaves everything else, and leaves nothing behind."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    create_engine,
    delete,
    event,
    insert,
    select,
)
from sqlalchemy import Column as C

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.errors import NotFoundError
from mock_interviewer.storage.backup import back_up
from mock_interviewer.storage.deletion import (
    delete_interviews,
    empty_the_log,
    silent_before,
    what_hangs_on,
)
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.tables import Base, InterviewRow, TurnRow
from tests.interviews import turn
from tests.storage.deleted import MARK, engine_of, held, rows

# What it reaches


def test_all_of_the_interview_goes_and_nothing_of_another(store: Store) -> None:
    kept = held(store, candidate="bob")
    alone = rows(store)
    gone = held(store)
    assert all(count > alone[name] for name, count in rows(store).items() if alone[name])
    assert delete_interviews(store.sessions, [gone]) == 1
    assert rows(store) == alone
    assert len(store.interview(kept).turns) == 4
    assert store.answers(kept)[0].grade is not None
    with pytest.raises(NotFoundError, match="deleted"):
        store.interview(gone)


def test_several_go_together_and_what_is_gone_already_is_none(store: Store) -> None:
    first, second = held(store), held(store)
    assert delete_interviews(store.sessions, [first, second, "never-there"]) == 2
    assert delete_interviews(store.sessions, [first]) == 0
    assert delete_interviews(store.sessions, []) == 0
    assert set(rows(store).values()) == {0}


def test_a_deletion_that_breaks_off_has_deleted_nothing(store: Store) -> None:
    interview = held(store)
    before = rows(store)

    def fails(*_: Any) -> None:
        raise RuntimeError("the jobs cannot be reached")

    def cut(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE FROM interviews"):
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="jobs"):
        delete_interviews(store.sessions, [interview], on_gone=fails)
    event.listen(engine_of(store), "before_cursor_execute", cut)
    with pytest.raises(RuntimeError, match="killed"):
        delete_interviews(store.sessions, [interview])
    event.remove(engine_of(store), "before_cursor_execute", cut)
    assert rows(store) == before


def test_it_says_which_answers_go(store: Store) -> None:
    interview = held(store)
    answers = [answer.id for answer in store.answers(interview)]
    told: list[int] = []
    delete_interviews(store.sessions, [interview], on_gone=lambda _, ids: told.extend(ids))
    assert sorted(told) == sorted(answers)


def filled(metadata: MetaData, engine: Any, tables: list[Table]) -> None:
    """One row in each of these tables, each hanging on the one before it where it can."""
    keys: dict[Table, dict[str, Any]] = {}
    with engine.begin() as connection:
        for table in tables:
            values: dict[str, Any] = {}
            for column in table.columns:
                (target, *_) = [*(k.column for k in column.foreign_keys), None]
                if target is not None and target.table in keys:
                    values[column.name] = keys[target.table][target.name]
                elif not column.nullable or column.primary_key:
                    values[column.name] = _some(column)
            connection.execute(insert(table).values(values))
            keys[table] = values


def _some(column: Any) -> Any:
    kind = column.type
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 7
    if isinstance(getattr(kind, "impl", kind), DateTime):
        return datetime(2026, 11, 1, tzinfo=UTC)
    return [] if kind.__class__.__name__ == "JSON" else "x"


def test_every_table_that_hangs_on_an_interview_is_reached(store: Store) -> None:
    """Fails where a table is added that refers to an interview, at any remove, and is not."""
    refers = {"interviews"}
    while (
        more := {
            table.name
            for table in Base.metadata.sorted_tables
            for key in table.foreign_keys
            if key.column.table.name in refers and key.ondelete != "SET NULL"
        }
        - refers
    ):
        refers |= more
    assert refers >= {"interviews", "turns", "answers", "grades"}
    tables = [table for table in Base.metadata.sorted_tables if table.name in refers]
    others = [t for t in Base.metadata.sorted_tables if t.name not in refers]
    filled(Base.metadata, engine_of(store), [*others, *tables])
    before = rows(store)
    assert all(before.values())
    delete_interviews(store.sessions, ["x"])
    assert {name for name, count in rows(store).items() if not count} == refers


def test_tables_are_reached_by_whatever_keys_they_have() -> None:
    made = MetaData()
    interviews = Table("interviews", made, C("id", Integer, primary_key=True))
    turns = Table(
        "turns",
        made,
        C("interview_id", ForeignKey("interviews.id"), primary_key=True),
        C("number", Integer, primary_key=True),
    )
    comments = Table(
        "comments",
        made,
        C("id", Integer, primary_key=True),
        C("interview_id", Integer),
        C("number", Integer),
        C("answers", ForeignKey("comments.id")),
        ForeignKeyConstraint(["interview_id", "number"], ["turns.interview_id", "turns.number"]),
    )
    due = Table(
        "due",
        made,
        C("id", Integer, primary_key=True),
        C("interview_id", ForeignKey("interviews.id", ondelete="SET NULL"), nullable=True),
    )
    people = Table("people", made, C("id", Integer, primary_key=True))
    engine = create_engine("sqlite://")
    made.create_all(engine)
    with engine.begin() as connection:
        for number in (1, 2):
            connection.execute(insert(interviews).values(id=number))
            connection.execute(insert(turns).values(interview_id=number, number=0))
            # The turn's number alone is that of both.
            connection.execute(insert(comments).values(id=number, interview_id=number, number=0))
        connection.execute(insert(comments).values(id=9, answers=1, interview_id=1, number=0))
        found = what_hangs_on(made, interviews.c.id == 1)
        assert [table.name for table in found] == ["interviews", "turns", "comments"]
        assert due not in found
        assert people not in found
        for table, which in reversed(found.items()):
            connection.execute(delete(table).where(which))
        left = [row.id for row in connection.execute(select(comments.c.id))]
        assert left == [2]
        assert [row.id for row in connection.execute(select(interviews.c.id))] == [2]


# What is left in the files


def test_no_file_of_the_database_holds_deleted_text(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    kept = [held(store, f"kept {n} " * 300, candidate="bob") for n in range(5)]
    gone = []
    for number in range(12):
        # Short ones share pages with others, long ones have pages of their own.
        text = f"{MARK} {number} " * (1 + 400 * (number % 3))
        gone.append(held(store, text))
        for length in (5000, 10, 900):
            store.save_draft(gone[-1], (MARK * 300)[:length])
    assert files_with_mark(tmp_path)
    back_up(tmp_path / "interviews.sqlite3", tmp_path / "monday.backup")
    for interview in gone:
        delete_interviews(store.sessions, [interview])
    assert empty_the_log(store.sessions)
    # A backup from before keeps what was there.
    assert files_with_mark(tmp_path) == ["monday.backup"]
    assert len(store.interview(kept[0]).turns) == 4
    store.close()
    assert files_with_mark(tmp_path) == ["monday.backup"]


def files_with_mark(folder: Path) -> list[str]:
    return [path.name for path in sorted(folder.iterdir()) if MARK.encode() in path.read_bytes()]


def test_while_somebody_reads_the_log_is_emptied_later(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    gone = held(store, MARK)
    reading = sqlite3.connect(tmp_path / "interviews.sqlite3", isolation_level=None)
    reading.execute("begin")
    reading.execute("select count(*) from turns").fetchone()
    delete_interviews(store.sessions, [gone])
    started = time.monotonic()
    assert not empty_the_log(store.sessions)
    assert time.monotonic() - started < 3  # or candidates could not send for so long
    with store.sessions() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000
    reading.execute("commit")
    assert empty_the_log(store.sessions)
    assert files_with_mark(tmp_path) == []
    reading.close()
    store.close()


# By age


def aged(store: Store, days: float, *, last: float | None = None) -> str:
    """An interview that began so many days ago and was gone on with so many days ago."""
    interview = held(store)
    now = datetime.now(UTC)
    with store.sessions.begin() as session:
        connection = session.connection()
        table, turns = InterviewRow.__table__, TurnRow.__table__
        begun = now - timedelta(days=days)
        connection.execute(table.update().where(table.c.id == interview).values(created_at=begun))
        mine = turns.c.interview_id == interview
        connection.execute(turns.update().where(mine).values(created_at=begun))
        if last is not None:
            moment = now - timedelta(days=last)
            connection.execute(
                turns.update().where(mine, turns.c.number == 3).values(created_at=moment)
            )
    return interview


def test_the_last_turn_says_how_old_an_interview_is(store: Store) -> None:
    since = datetime.now(UTC) - timedelta(days=30)
    old = aged(store, 40)
    aged(store, 40, last=5)
    aged(store, 29)
    aged(store, -400)  # begun in the future, before the clock was set back
    aged(store, 40, last=-400)
    aged(store, 20 * 365)  # held by a clock that was wrong
    assert silent_before(store.sessions, since) == [old]


def test_an_interview_that_has_just_been_gone_on_with_stays(store: Store) -> None:
    since = datetime.now(UTC) - timedelta(days=30)
    old = aged(store, 40)
    assert silent_before(store.sessions, since) == [old]
    store.append(old, [turn(4, TurnKind.END)])
    assert delete_interviews(store.sessions, [old], silent_since=since) == 0
    assert len(store.interview(old).turns) == 5
