"""A disk that is full or read-only, a database that is locked: told plainly, and it passes.

The faults are SQLite's own, a database that may not grow, one that may only be asked, and a lock
that another program holds, and the system's: a process that may write to no file.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import ConfigurationError, StorageError
from mock_interviewer.llm.connect import connect
from mock_interviewer.service.graders import Graders
from mock_interviewer.service.program import Program
from mock_interviewer.storage import sqlite_faults
from mock_interviewer.storage.records import AnswerState
from tests.model_server import ModelServer, serving
from tests.service.faulty_servers import (
    MORE,
    PROBE,
    SETUP,
    TOLD,
    healthy,
    program_at,
    settings_for,
)

LIMITS = (20.0, 60.0)
DATABASE = "interviews.sqlite3"
UNLIMITED = 4294967294

Fault = Callable[[Path], AbstractContextManager[None]]


class Setting:
    """A setting of SQLite's for every connection of this process that is used from now on."""

    def __init__(self) -> None:
        self._now = ""

    def __call__(self, connection: Any, *_: Any) -> None:
        if self._now:
            connection.execute(f"pragma {self._now}")

    @contextmanager
    def at(self, fault: str, well: str) -> Iterator[None]:
        """This for the time being. A connection is put right when it is used again."""
        self._now = fault
        try:
            yield
        finally:
            self._now = well


SETTING = Setting()


@pytest.fixture(autouse=True)
def _setting() -> Iterator[None]:
    event.listen(Pool, "checkout", SETTING)
    yield
    event.remove(Pool, "checkout", SETTING)


def full(data: Path) -> AbstractContextManager[None]:
    with sqlite3.connect(data / DATABASE) as raw:
        raw.execute("vacuum")  # no page is left that was used before
    raw.close()
    return SETTING.at("max_page_count=1", f"max_page_count={UNLIMITED}")


def read_only(_data: Path) -> AbstractContextManager[None]:
    return SETTING.at("query_only=1", "query_only=0")


@contextmanager
def locked(data: Path) -> Iterator[None]:
    other = sqlite3.connect(data / DATABASE, isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.close()


@contextmanager
def failing(_data: Path) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


FAULTS: dict[Fault, str] = {
    full: "the disk is full",
    read_only: "the disk or the folder of the database cannot be written to",
    locked: "another program has locked the database",
    failing: "the disk reports an error",
}


def each(*faults: Fault) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", faults, ids=[fault.__name__ for fault in faults])


EACH_FAULT = each(*FAULTS)
# What is no longer than a page may find room in a full database.
EACH_OTHER_FAULT = each(read_only, locked, failing)


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_faults, "BUSY_SECONDS", 0.2)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving(healthy) as server:
        yield server


@pytest.fixture
def program(server: ModelServer, tmp_path: Path) -> Iterator[Program]:
    with program_at(server, tmp_path, "levels", LIMITS) as program:
        yield program


def kinds(program: Program, interview: str) -> list[str]:
    return [turn.kind.value for turn in program.practice.interview(interview).turns]


LONG = "And then I went on looking for it with her. " * 100
"""More than fits into what is left of a page."""


@EACH_FAULT
def test_a_message_that_cannot_be_saved_is_refused_with_the_reason_and_can_be_sent_later(
    fault: Fault, program: Program, tmp_path: Path
) -> None:
    practice = program.practice
    interview = practice.start("ada", SETUP)
    practice.save_draft(interview, "Last May")
    with fault(tmp_path):
        with pytest.raises(StorageError, match=FAULTS[fault]):
            practice.send(interview, 1, TurnKind.ANSWER, LONG)
        with pytest.raises(StorageError, match=FAULTS[fault]):
            practice.save_draft(interview, LONG)
        with pytest.raises(StorageError, match=FAULTS[fault]):
            practice.start("bob", SETUP)
        assert kinds(program, interview) == ["question"]
        assert practice.interview(interview).draft == "Last May"
    practice.send(interview, 1, TurnKind.ANSWER, LONG)
    list(practice.reply(interview))
    assert kinds(program, interview) == ["question", "answer", "probe"]


@EACH_OTHER_FAULT
def test_a_reply_that_cannot_be_saved_is_made_once_it_can(
    fault: Fault, program: Program, tmp_path: Path
) -> None:
    practice = program.practice
    interview = practice.start("ada", SETUP)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    with fault(tmp_path), pytest.raises(StorageError, match=FAULTS[fault]):
        list(practice.reply(interview))
    assert kinds(program, interview) == ["question", "answer"]
    for _ in range(2):
        list(practice.reply(interview))
        assert kinds(program, interview) == ["question", "answer", "probe"]
    assert practice.interview(interview).turns[2].text == PROBE


@EACH_OTHER_FAULT
def test_a_grade_that_cannot_be_saved_waits_and_is_stored_once(
    fault: Fault, program: Program, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    practice = program.practice
    interview = practice.start("ada", SETUP)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    list(practice.reply(interview))
    practice.send(interview, 3, TurnKind.ANSWER, MORE)
    practice.send(interview, 4, TurnKind.END)
    with fault(tmp_path), caplog.at_level(logging.WARNING):
        program.worker.start()
        wait_for(lambda: FAULTS[fault] in caplog.text)
        (answer,) = program.store.answers(interview)
        assert (answer.state, answer.tries, answer.grade) == (AnswerState.WAITING, 0, None)
        assert "Traceback" not in caplog.text
    program.worker.wake()
    wait_for(lambda: program.store.answers(interview)[0].state is AnswerState.GRADED)
    program.worker.stop()
    with sqlite3.connect(tmp_path / DATABASE) as raw:
        assert raw.execute("select count(*) from grades").fetchone() == (1,)
    raw.close()


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_lock_that_is_short_is_waited_for(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_faults, "BUSY_SECONDS", 10)
    with program_at(server, tmp_path, "levels", LIMITS) as program:
        interview = program.practice.start("ada", SETUP)
        held = locked(tmp_path)
        held.__enter__()
        threading.Timer(0.5, held.__exit__, (None, None, None)).start()
        started = time.monotonic()
        program.practice.send(interview, 1, TurnKind.ANSWER, TOLD)
        assert time.monotonic() - started > 0.3
        assert kinds(program, interview) == ["question", "answer"]


# Starting


def test_a_program_that_finds_its_database_locked_says_so(
    server: ModelServer, tmp_path: Path
) -> None:
    with program_at(server, tmp_path, "levels", LIMITS):
        pass
    with (
        locked(tmp_path),
        pytest.raises(ConfigurationError, match=r"locked the database.*MOCK_INTERVIEWER_DATA"),
    ):
        Program(settings_for(server, tmp_path, "levels", LIMITS))
    with program_at(server, tmp_path, "levels", LIMITS) as program:
        program.practice.start("ada", SETUP)


def without_a_superusers_rights() -> None:
    """From the next program on, folders that are read-only are so for this process as well."""
    drop, overriding_permissions, reading_all = 24, 1, 2
    libc = ctypes.CDLL(None)
    libc.prctl(drop, overriding_permissions, 0, 0, 0)
    libc.prctl(drop, reading_all, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="gives up rights as Linux knows them")
@pytest.mark.parametrize(
    ("there", "message"),
    [
        (True, "the disk or the folder of the database cannot be written to"),
        (False, "cannot be made"),
    ],
    ids=["with interviews in it", "not there yet"],
)
def test_a_program_that_may_not_write_in_its_folder_says_so_and_how_to_choose_another(
    there: bool, message: str, server: ModelServer, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    data = outside / "data"
    if there:
        with program_at(server, data, "levels", LIMITS):
            pass
        data.chmod(0o555)
        (data / DATABASE).chmod(0o444)
    outside.chmod(0o555)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "mock_interviewer", "serve", "--port", "7990"],
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "OPENAI_BASE_URL": server.url,
            "MOCK_INTERVIEWER_MODEL": "toy",
            "MOCK_INTERVIEWER_DATA": str(data),
        },
        preexec_fn=without_a_superusers_rights,
        capture_output=True,
        text=True,
        timeout=60,
    )
    outside.chmod(0o755)
    assert done.returncode == 2
    assert done.stderr.startswith("mock-interviewer: ")
    assert message in done.stderr
    assert str(data) in done.stderr
    assert "MOCK_INTERVIEWER_DATA" in done.stderr
    assert done.stderr.count("\n") == 1
    assert time.monotonic() - started < 10


def test_a_placement_that_cannot_be_written_down_is_used_all_the_same(
    server: ModelServer, tmp_path: Path
) -> None:
    (tmp_path / "placements.json").mkdir()  # in the way of the file
    settings = settings_for(server, tmp_path, "", LIMITS)
    graders = Graders(connect(settings), load_rubric(), settings)
    assert graders.grader() is graders.grader()
