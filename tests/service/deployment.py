"""A deployment on PostgreSQL: its database, its model's server, and its workers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.service.jobs import Jobs
from mock_interviewer.settings import Settings, load_settings
from mock_interviewer.storage.store import Store
from tests.browser.scripted_model import ScriptedModel, scripted_model
from tests.interviews import question, turn

ROOT = Path(__file__).parents[2]
TOLD = "Last May a guest had lost her key. I searched the garden with her. She was glad."


@dataclass
class Deployment:
    """A database, a model server, and the worker processes that a test starts."""

    settings: Settings
    model: ScriptedModel
    environ: dict[str, str]
    jobs: Jobs
    store: Store
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def answer(self, count: int) -> None:
        """Finish so many answers, as candidates would."""
        for _ in range(count):
            interview = self.store.create_interview(
                candidate_id="ada", mode=Mode.INTERVIEW, trade="retail", questions=[question()]
            )
            turns = [turn(0, TurnKind.QUESTION, "Tell me."), turn(1, TurnKind.ANSWER, TOLD)]
            self.store.append(interview, turns, [(0, 0)])

    def start_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start one more, whose death is noticed after three seconds."""
        command = [sys.executable, "-m", "mock_interviewer", "worker", "--heartbeat", "1"]
        worker = subprocess.Popen(
            [*command, *options], cwd=ROOT, env=self.environ, stdout=subprocess.DEVNULL
        )
        self.workers.append(worker)
        return worker

    def run(self, statement: str) -> list[Any]:
        """What the database says, past the program."""
        engine = create_engine(self.settings.database_url)
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in result] if result.returns_rows else []
        engine.dispose()
        return rows

    def states(self) -> dict[str, int]:
        """How many answers stand where."""
        return dict(self.run("select state, count(*) from answers group by state"))

    def waited_for(self, seconds: float = 60.0) -> bool:
        """Whether all answers are graded within this time."""
        return soon(lambda: set(self.states()) <= {"graded"}, seconds)


def soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


@contextmanager
def deployed(url: str, folder: Path) -> Iterator[Deployment]:
    with scripted_model() as model:
        model.grading_seconds = 0.3
        environ = {
            **os.environ,
            "MOCK_INTERVIEWER_DATABASE_URL": url,
            "MOCK_INTERVIEWER_DATA": str(folder / "data"),
            "MOCK_INTERVIEWER_MODEL": "scripted",
            "MOCK_INTERVIEWER_STRATEGY": "levels",
            "OPENAI_BASE_URL": model.url,
        }
        settings = load_settings(environ)
        jobs = Jobs(settings.database_url)
        store = Store(settings.database_url, on_waiting=jobs.defer)
        jobs.prepare()
        running = Deployment(settings, model, environ, jobs, store)
        try:
            yield running
        finally:
            for worker in running.workers:
                worker.kill()
                worker.wait()
            store.close()
