"""Interviews that are older than the setting says are deleted, and no other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.errors import StorageError
from mock_interviewer.service import retention
from mock_interviewer.service.program import Program
from mock_interviewer.service.retention import Retention
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.whole import ids_of
from tests.interviews import question, turn

NOW = datetime.now(UTC)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


def begun(store: Store) -> str:
    interview = store.create_interview(
        candidate_id="ada", mode=Mode.PRACTICE, trade="retail", questions=[question()]
    )
    turns = [turn(0, TurnKind.QUESTION, "Tell me."), turn(1, TurnKind.ANSWER, "I helped her.")]
    store.append(interview, turns, [(0, 0)])
    return interview


def keeping(store: Store, days: int, later: float, told: list[int] | None = None) -> Retention:
    """The retention of a machine whose clock is so many days on."""
    heard = told if told is not None else []
    return Retention(
        store,
        days,
        lambda _, answers: heard.extend(answers),
        now=lambda: NOW + timedelta(days=later),
    )


def test_only_what_is_older_than_so_many_days_goes(store: Store) -> None:
    interview, told = begun(store), list[int]()
    assert keeping(store, 30, later=29.9).look() == 0
    (answer,) = store.answers(interview)
    assert keeping(store, 30, later=30.1, told=told).look() == 1
    assert ids_of(store.sessions, None) == []
    assert told == [answer.id]


def test_one_that_is_gone_on_with_just_before_its_deletion_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    interview = begun(store)
    find = retention.silent_before

    def then_gone_on_with(*arguments: Any) -> Any:
        found = find(*arguments)
        monkeypatch.setattr("mock_interviewer.storage.store._now", lambda: NOW + timedelta(days=2))
        store.append(interview, [turn(2, TurnKind.END)])
        return found

    monkeypatch.setattr(retention, "silent_before", then_gone_on_with)
    assert keeping(store, 1, later=2).look() == 0
    assert len(store.interview(interview).turns) == 3


@pytest.mark.parametrize("years", [1, 30, 56])
def test_a_clock_that_is_set_back_deletes_nothing(store: Store, years: int) -> None:
    begun(store)
    assert keeping(store, 1, later=-365 * years).look() == 0
    assert len(ids_of(store.sessions, None)) == 1


def test_several_processes_at_once_delete_each_once(store: Store) -> None:
    for _ in range(12):
        begun(store)
    told: list[int] = []
    counts: list[int] = []
    ready = threading.Barrier(4)

    def look() -> None:
        ready.wait()
        counts.append(keeping(store, 1, later=2, told=told).look())

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(counts) == 12
    assert len(told) == len(set(told)) == 12
    assert ids_of(store.sessions, None) == []


def soon(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_it_looks_at_the_start_and_then_again_each_day(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "DAY_SECONDS", 0.2)
    begun(store)
    keeper = keeping(store, 1, later=2)
    keeper.start()
    assert soon(lambda: ids_of(store.sessions, None) == [])
    begun(store)
    assert soon(lambda: ids_of(store.sessions, None) == [])
    started = time.monotonic()
    keeper.stop()
    assert time.monotonic() - started < 2
    assert not keeper._thread.is_alive()


def test_while_the_database_is_away_it_tries_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(retention, "AGAIN_SECONDS", 0.1)
    begun(store)
    find, tries = retention.silent_before, []

    def away(*arguments: Any) -> Any:
        tries.append(arguments)
        if len(tries) == 1:
            raise StorageError("The database cannot be reached just now.")
        return find(*arguments)

    monkeypatch.setattr(retention, "silent_before", away)
    keeper = keeping(store, 1, later=2)
    with caplog.at_level(logging.WARNING):
        keeper.start()
        assert soon(lambda: ids_of(store.sessions, None) == [])
    keeper.stop()
    assert "Old interviews are deleted later: The database cannot be reached" in caplog.text


def test_the_running_program_deletes_what_is_too_old(tmp_path: Path) -> None:
    environ = {
        "MOCK_INTERVIEWER_DATA": str(tmp_path),
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "MOCK_INTERVIEWER_MODEL": "away",
    }
    store = Store(load_settings(environ).database_url)
    old, new = begun(store), begun(store)
    with store.sessions.begin() as session:
        connection = session.connection()
        for table, key in (("interviews", "id"), ("turns", "interview_id")):
            connection.exec_driver_sql(
                f"update {table} set created_at = '2026-01-15 10:00:00' where {key} = ?",  # noqa: S608
                (old,),
            )
    for days, left in ((None, {old, new}), ("7", {new})):
        more = {"MOCK_INTERVIEWER_RETENTION_DAYS": days} if days else {}
        program = Program(load_settings({**environ, **more}))
        program.start()
        assert soon(lambda left=left: set(ids_of(store.sessions, None)) == left)
        program.stop()
    store.close()
