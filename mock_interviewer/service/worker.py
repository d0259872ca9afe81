"""A process that grades, one of any number that share a PostgreSQL database, and its watch.

Each answer that waits has a job, and Procrastinate gives each job to one worker. A worker that
dies stops sending its heartbeats; the next look of any other then drops its jobs, finds that
their answers wait without one, and defers new ones. So a kill may repeat a model call, and
never a grade: the database takes only one for an answer and grader.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mock_interviewer.errors import StorageError
from mock_interviewer.service.grading import Grading, Regrading
from mock_interviewer.service.jobs import (
    BEATS_MISSED,
    GRADE,
    HEARTBEAT_SECONDS,
    REGRADE,
    Jobs,
    locks,
)
from mock_interviewer.storage.store import Store

log = logging.getLogger(__name__)

AGAIN_SECONDS = 2.0
"""How long it rests when the database is away."""
REGRADES_AHEAD = 200
"""Jobs to grade anew that are laid out at a time."""


class Worker:
    """Grades until it is told to stop."""

    def __init__(
        self,
        store: Store,
        grading: Grading,
        regrading: Regrading,
        jobs: Jobs,
        *,
        at_once: int,
        heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._store = store
        self._grading = grading
        self._regrading = regrading
        self._app = jobs.app
        self._at_once = at_once
        self._heartbeat = heartbeat
        self._stopping = False
        self._app.task(name=GRADE)(self._grade)
        self._app.task(name=REGRADE, priority=-1)(self._regrade)
        look = self._app.task(name="look", queueing_lock="look", priority=1)(self._look)
        # The sixth field of this form of cron is seconds.
        self._app.periodic(cron=f"* * * * * */{max(1, round(heartbeat))}")(look)

    def run(self) -> None:
        """Work until the process is told to stop; answers in work are finished first."""
        from procrastinate.exceptions import ConnectorException
        from psycopg import Error

        # They tell of a lost connection with a traceback for each of its users; here is one line.
        for name in ("procrastinate.utils", "procrastinate.worker.worker"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        while not self._stopping:
            reason = "the connection to the database was lost"
            try:
                # The other kind of loop, Windows' usual one, is of no use to the driver.
                with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                    runner.run(self._work())
            except (ConnectorException, Error, StorageError) as error:
                reason = _line(error)
            if not self._stopping:
                log.warning("The worker begins again: %s", reason)
                time.sleep(AGAIN_SECONDS)

    async def _work(self) -> None:
        loop, work = asyncio.get_running_loop(), asyncio.current_task()
        assert work is not None
        loop.set_exception_handler(_tell)
        # The usual one has few threads on a machine of few cores, and grading is waiting.
        loop.set_default_executor(ThreadPoolExecutor(self._at_once + 2))

        def stop(*_: Any) -> None:
            self._stopping = True
            if not loop.is_closed():  # as it is during a rest
                loop.call_soon_threadsafe(work.cancel)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        try:
            async with self._app.open_async():
                await self._app.run_worker_async(
                    concurrency=self._at_once,
                    delete_jobs="always",
                    update_heartbeat_interval=self._heartbeat,
                    stalled_worker_timeout=self._heartbeat * BEATS_MISSED,
                    install_signal_handlers=False,
                )
        except asyncio.CancelledError:
            if not self._stopping:
                raise

    def _grade(self, answer_id: int) -> None:
        try:
            answer = self._store.waiting.get(answer_id)
            if answer is not None:
                self._grading.take(answer)
        except StorageError as error:
            log.warning("Answer %d waits for the database: %s", answer_id, _line(error))

    def _regrade(self, regrade_id: int) -> None:
        try:
            regrade = self._regrading.if_waiting(regrade_id)
            if regrade is not None:
                self._regrading.take(regrade)
        except StorageError as error:
            log.warning("An answer to be graded anew waits for the database: %s", _line(error))

    async def _look(self, timestamp: int) -> None:
        """Drop the jobs of dead workers, and give one to each waiting answer that has none."""
        from procrastinate.jobs import Status

        jobs = self._app.job_manager
        dead = await jobs.get_stalled_jobs(seconds_since_heartbeat=self._heartbeat * BEATS_MISSED)
        for job in dead:
            log.warning("A worker has died; what it had in work is taken over: %s", job.call_string)
            await jobs.finish_job(job, status=Status.FAILED, delete_job=True)
        await self._defer(GRADE, "answer", await asyncio.to_thread(self._store.waiting.ids))
        # Those to be graded anew may be very many, so that some are enough at a time.
        anew = await asyncio.to_thread(self._regrading.some_waiting, REGRADES_AHEAD)
        await self._defer(REGRADE, "regrade", anew)

    async def _defer(self, name: str, what: str, waiting: Sequence[int]) -> None:
        """Give a job to each of these that has none."""
        from procrastinate.exceptions import AlreadyEnqueued
        from procrastinate.jobs import Status

        if not waiting:
            return
        key = f"{what}_id"
        known = {
            job.task_kwargs[key]
            for status in (Status.TODO, Status.DOING)
            for job in await self._app.job_manager.list_jobs_async(task=name, status=status.value)
        }
        for waiting_id in waiting:
            if waiting_id not in known:
                task = self._app.configure_task(name, **locks(waiting_id, what))
                try:
                    await task.defer_async(**{key: waiting_id})
                except AlreadyEnqueued:
                    continue  # it has got one in the meantime


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log in a line that a job could not be ended: the database is away, or others have it."""
    from procrastinate.exceptions import ConnectorException

    error = context.get("exception")
    if isinstance(error, ConnectorException):
        log.warning("The end of a job could not be noted: %s", _line(error))
    else:
        loop.default_exception_handler(context)


def _line(error: BaseException) -> str:
    return str(error.__cause__ or error).strip().partition("\n")[0]


class Watch:
    """Says in the log of a web process when answers wait and no worker is running."""

    def __init__(self, store: Store, jobs: Jobs, seconds: float = 30.0) -> None:
        self._store = store
        self._jobs = jobs
        self._seconds = seconds
        self._stop = threading.Event()
        self._told = False
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to look now and then."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stop.set()

    def look(self) -> None:
        """Tell once, and again only after there were workers in the meantime."""
        waiting = len(self._store.waiting.ids())
        if self._jobs.workers():
            self._told = False
        elif waiting and not self._told:
            log.warning(
                "%d answers wait for their grades and no worker is running; start one with: "
                "mock-interviewer worker",
                waiting,
            )
            self._told = True

    def _run(self) -> None:
        from psycopg import Error

        while not self._stop.wait(self._seconds):
            try:
                self.look()
            except (Error, StorageError) as error:
                log.warning("The database is away: %s", error)
