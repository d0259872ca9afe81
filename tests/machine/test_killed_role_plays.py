"""A role-play killed at one point after the other: nothing is lost, and nothing is doubled."""

from __future__ import annotations

import json
import multiprocessing
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.grade import Usage
from mock_interviewer.service.program import Program
from mock_interviewer.service.role_playing import RolePlay
from mock_interviewer.storage.records import AnswerState
from tests.machine.killed_role_play import ADA, KILLS, REPLIES, Kill, goes_on, hold
from tests.model_server import Answer, ModelServer, Received, completion, serving
from tests.placing import structured
from tests.service.faulty_servers import program_at

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([hold.__module__])

LIMITS = (20.0, 60.0)
REQUESTS = 5
"""Two replies are read and two are answered; then the whole is graded."""
WORDS = ("And the notes say what?", "I will not say it a sixth time.")
USAGE = {"prompt_tokens": 10, "completion_tokens": 1}


def whole(text: str) -> Answer:
    """A reply that comes in two pieces."""
    body = json.dumps(completion(text, usage=USAGE)).encode()
    return Answer((body[:40], 0.05, body[40:]))


def model(received: Received) -> Answer:
    """Finds blame in each reply, speaks as Chris, and grades."""
    asked = received.body.get("response_format")
    if asked is None:
        return whole(WORDS[REPLIES[1] in str(received.body["messages"])])
    if asked["json_schema"]["name"] == "observation":
        return whole(blame(asked["json_schema"]["schema"]["properties"]))
    return whole(structured(4))


def blame(parts: dict[str, Any]) -> str:
    found = {name: {key: [] for key in part["properties"]} for name, part in parts.items()}
    nothing = {key: {"evidence": [], "level": 0} for key in found["behaviours"]}
    return json.dumps(
        {**found, "behaviours": nothing, "missteps": {**found["missteps"], "blaming": [1]}}
    )


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


def raw(data: Path, statement: str) -> list[Any]:
    """Past the program, as it is on the disk."""
    with sqlite3.connect(data / "interviews.sqlite3") as connection:
        return [value for (value,) in connection.execute(statement)]


def check_what_is_stored(data: Path, kill: Kill) -> None:
    assert raw(data, "pragma integrity_check") == ["ok"]
    assert len(raw(data, "select id from role_plays")) == (kill.replies is not None)
    replies = raw(data, "select reply from role_play_exchanges order by number")
    assert replies == list(REPLIES[: kill.replies or 0])
    said = raw(data, "select said from role_play_exchanges where said is not null")
    assert said == list(WORDS[: kill.answers])
    ended = kill.answers == len(REPLIES)
    state = "graded" if kill.graded else "waiting" if ended else ""
    assert raw(data, "select grading from role_plays") == [state] * (kill.replies is not None)
    assert len(raw(data, "select id from role_plays where grade is not null")) == kill.graded


def graded(program: Program, data: Path, kill: Kill, role_play: str) -> RolePlay:
    """As the program grades what waits; after a while, if a dead one had taken it."""
    if kill.taken:
        assert not program.role_play_grading.grade_one()
        raw(data, "update role_plays set not_before = '2026-01-01 00:00:00.000000'")
    assert program.role_play_grading.grade_one() is not kill.graded
    assert not program.role_play_grading.grade_one()
    return program.role_playing.open(ADA, role_play)


@pytest.mark.parametrize("point", KILLS)
def test_a_killed_role_play_goes_on_where_it_was(point: str, tmp_path: Path) -> None:
    kill = KILLS[point]
    with serving(model) as server:
        run_until_killed(point, server, tmp_path)
        check_what_is_stored(tmp_path, kill)
        before = raw(tmp_path, "select id from role_plays")

        with program_at(server, tmp_path, "levels", LIMITS) as program:
            role_play = goes_on(program)
            found = graded(program, tmp_path, kill, role_play)

    assert raw(tmp_path, "select id from role_plays") == (before or [role_play])
    stored = found.stored
    assert [exchange.reply for exchange in stored.answered] == list(REPLIES)
    assert [exchange.said for exchange in stored.answered] == list(WORDS)
    assert [exchange.prepared for exchange in stored.answered] == [False, False]
    assert (found.mood, found.ending and found.ending.id) == (0, "hung_up")
    assert stored.grading is AnswerState.GRADED
    assert stored.grade is not None
    # What was answered in vain is not in it, and nothing is in it twice.
    assert stored.usage == Usage(prompt=40, completion=4)
    assert len(server.requests) == REQUESTS + kill.asked_again
