"""The program killed at one point after the other: nothing is lost, and nothing is doubled."""

from __future__ import annotations

import multiprocessing
import signal
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.interview import Turn
from mock_interviewer.core.transcript import Role
from mock_interviewer.storage.records import AnswerState
from tests.machine.kill_table import KILLS, MORE, SAID, SECOND, WHOLE, Kill
from tests.machine.killed_program import goes_on, hold
from tests.model_server import Answer, ModelServer, Received, serving, spoken
from tests.service.faulty_servers import PROBE, healthy, program_at

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="this system knows no such kill"
)

# Each is a process of its own, forked from one that has done no more than to import the program.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([hold.__module__])

LIMITS = (20.0, 60.0)
REQUESTS = 5
"""Three probes are thought of, of which one is asked, and two answers are graded."""


def model(received: Received) -> Answer:
    """Probes once, after the first message, and grades."""
    if received.body.get("stream"):
        told = received.body["messages"][-1]["content"]
        if MORE in told or SECOND in told:
            return spoken("none")
    return healthy(received)


def run_until_killed(point: str, server: ModelServer, data: Path) -> None:
    environ = {
        "OPENAI_BASE_URL": server.url,
        "MOCK_INTERVIEWER_MODEL": "toy",
        "MOCK_INTERVIEWER_STRATEGY": "levels",
        "MOCK_INTERVIEWER_DATA": str(data),
    }
    killed = PROCESSES.Process(target=hold, args=(point, environ))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL


def stored(data: Path, query: str) -> list[Any]:
    """What is on the disk, before the program has seen it again."""
    raw = sqlite3.connect(data / "interviews.sqlite3")
    try:
        return [value for (value,) in raw.execute(query)]
    finally:
        raw.close()


def said(turns: Sequence[Turn]) -> list[str]:
    """What the candidate has said."""
    return [turn.text for turn in turns if turn.role is Role.CANDIDATE and turn.text]


def check_what_is_stored(data: Path, kill: Kill) -> None:
    assert stored(data, "pragma integrity_check") == ["ok"]
    interviews = stored(data, "select draft from interviews")
    assert interviews == ([] if kill.turns is None else [kill.draft])
    kinds = stored(data, "select kind from turns order by number")
    assert kinds == WHOLE[: kill.turns or 0]
    assert len(stored(data, "select id from grades")) == kill.grades


@pytest.mark.parametrize("point", KILLS)
def test_a_killed_program_goes_on_where_it_was(point: str, tmp_path: Path) -> None:
    kill = KILLS[point]
    with serving(model) as server:
        run_until_killed(point, server, tmp_path)
        check_what_is_stored(tmp_path, kill)
        before = stored(tmp_path, "select id from interviews")

        with program_at(server, tmp_path, "levels", LIMITS) as program:
            interview = goes_on(program)
            while program.worker.grade_one():
                pass
            found = program.store.interview(interview)
            answers = program.store.answers(interview)

    assert stored(tmp_path, "select id from interviews") == (before or [interview])
    assert [turn.kind for turn in found.turns] == WHOLE
    assert said(found.turns) == list(SAID)
    assert [turn.text for turn in found.turns if turn.kind == "probe"] == [PROBE]
    assert found.draft == ""
    assert [(a.question, a.attempt, a.state) for a in answers] == [
        (0, 0, AnswerState.GRADED),
        (1, 0, AnswerState.GRADED),
    ]
    assert len(stored(tmp_path, "select id from grades")) == 2
    assert len(server.requests) == REQUESTS + kill.asked_again
