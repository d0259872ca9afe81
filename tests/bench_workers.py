"""How workers that are killed get through a queue: part of `tests.bench`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.service.jobs import Jobs
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.store import Store
from tests import postgres
from tests.bench_parts import REPOSITORY, Row, get
from tests.interviews import question, turn
from tests.load.paced_model import paced_model

WORKERS = 4
AT_ONCE = 4
"""Answers that each worker grades at the same time: its default."""
GRADE_SECONDS = 2.0
HEARTBEAT_SECONDS = 1
TOLD = "Last May a guest had lost her key. I searched the garden with her. She was glad."


def killed_workers(answers: int, kill_seconds: float) -> Iterator[Row]:
    """So many waiting answers, four workers, and one of them killed and replaced now and then."""
    programs = postgres.installed()
    if programs is None:
        yield Row("queued answers graded by killed workers", postgres.MISSING)
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.serving(programs) as server,
        paced_model(grade_seconds=GRADE_SECONDS) as model_url,
    ):
        environ = {
            **os.environ,
            "MOCK_INTERVIEWER_DATABASE_URL": server.new_database(),
            "MOCK_INTERVIEWER_DATA": str(Path(folder)),
            "MOCK_INTERVIEWER_MODEL": "paced",
            "MOCK_INTERVIEWER_STRATEGY": "levels",
            "OPENAI_BASE_URL": model_url,
        }
        url = load_settings(environ).database_url
        queued = _queue(url, answers)
        done = _work(url, environ, kill_seconds)
        counts = _counts(url)
        asked = json.loads(get(f"{model_url}/asked"))["grade"]
    once = sum(1 for count in counts.values() if count == 1)
    repeated = asked - answers
    yield Row(
        f"{queued:,} queued answers, {WORKERS} workers of {AT_ONCE} at once, a grade of "
        f"{GRADE_SECONDS:g} s, one worker killed every {kill_seconds:g} s ({done.kills} in all)",
        f"{done.seconds:.0f} s; graded once {once:,}, lost {answers - len(counts)}, "
        f"doubled {len(counts) - once}",
        "each once",
    )
    yield Row(
        "requests to the model that were repeated",
        f"{repeated}",
        f"at most {done.kills * AT_ONCE}, those under way",
    )
    yield Row(
        "connections to the database, of all workers together",
        f"at most {done.connections}, {done.connections / WORKERS:.0f} a worker",
    )
    yield Row(
        "the least time that the model's pace allows",
        f"{answers * GRADE_SECONDS / (WORKERS * AT_ONCE):.0f} s",
    )


@dataclass(frozen=True)
class Done:
    """How the workers got through it."""

    seconds: float
    kills: int
    connections: int
    """To the database, at most, of all workers together."""


def _queue(url: str, answers: int) -> int:
    jobs = Jobs(url)
    store = Store(url, on_waiting=jobs.defer)
    jobs.prepare()
    for _ in range(answers):
        interview = store.create_interview(
            candidate_id="bench", mode=Mode.INTERVIEW, trade="retail", questions=[question()]
        )
        turns = [turn(0, TurnKind.QUESTION, "Tell me."), turn(1, TurnKind.ANSWER, TOLD)]
        store.append(interview, turns, [(0, 0)])
    waiting = len(store.waiting.ids())
    store.close()
    return waiting


def _work(url: str, environ: dict[str, str], kill_seconds: float) -> Done:
    """Work until nothing waits any more."""

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "mock_interviewer", "worker"),
                *("--heartbeat", str(HEARTBEAT_SECONDS), "--at-once", str(AT_ONCE)),
            ],
            cwd=REPOSITORY,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    workers = [start() for _ in range(WORKERS)]
    kills = connections = 0
    started = killed_at = time.monotonic()
    engine = create_engine(url)
    try:
        while _waiting(engine):
            time.sleep(0.5)
            connections = max(connections, _connections(engine))
            if time.monotonic() - killed_at > kill_seconds:
                oldest = workers.pop(0)
                oldest.kill()
                oldest.wait()
                workers.append(start())
                kills += 1
                killed_at = time.monotonic()
        return Done(time.monotonic() - started, kills, connections)
    finally:
        engine.dispose()
        for worker in workers:
            worker.kill()
            worker.wait()


def _waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(
            connection.scalar(text("select count(*) from answers where state = 'waiting'")) or 0
        )


def _connections(engine: Engine) -> int:
    """Those of others than this one."""
    statement = "select count(*) - 1 from pg_stat_activity where datname = current_database()"
    with engine.connect() as connection:
        return int(connection.scalar(text(statement)) or 0)


def _counts(url: str) -> dict[int, int]:
    """How many grades each answer has."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("select answer_id, count(*) from grades group by answer_id"))
        found = {int(answer): int(count) for answer, count in rows}
    engine.dispose()
    return found
