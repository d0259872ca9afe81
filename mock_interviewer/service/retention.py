"""Interviews that are older than the setting says are deleted: at the start, and then daily."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from mock_interviewer.errors import StorageError
from mock_interviewer.storage.deletion import (
    EARLIEST,
    OnGone,
    delete_interviews,
    empty_the_log,
    silent_before,
)
from mock_interviewer.storage.drill_attempts import DrillAttempts
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.storage.store import Store

log = logging.getLogger(__name__)

DAY_SECONDS = 24 * 3600.0
AGAIN_SECONDS = 600.0
"""How long after the database was away it looks again."""


def _now() -> datetime:
    return datetime.now(UTC)


class Retention:
    """Looks in a thread of its own. Several processes may do so at once."""

    def __init__(
        self, store: Store, days: int, on_gone: OnGone, now: Callable[[], datetime] = _now
    ) -> None:
        self._store = store
        self._age = timedelta(days=days)
        self._on_gone = on_gone
        self._now = now
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Look at once, and then once a day."""
        self._thread.start()

    def stop(self) -> None:
        """End it after the interview in work."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def look(self) -> int:
        """Delete what is too old by now; returns how many interviews. Raises `StorageError`."""
        since = self._now() - self._age
        gone = 0
        for interview_id in silent_before(self._store.sessions, since):
            if self._stop.is_set():
                break
            # One at a time: nobody who is practising waits for all of them. It is looked at again,
            # as its candidate may just have gone on with it, or another process been quicker.
            gone += delete_interviews(
                self._store.sessions, [interview_id], on_gone=self._on_gone, silent_since=since
            )
        drills = DrillAttempts(self._store.sessions).delete_between(EARLIEST, since)
        role_plays = RolePlays(self._store.sessions).delete_silent(EARLIEST, since)
        if gone or drills or role_plays:
            empty_the_log(self._store.sessions)
            log.info("Deleted %d interviews that were older than %d days", gone, self._age.days)
        return gone

    def _run(self) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            try:
                self.look()
                wait = DAY_SECONDS
            except StorageError as error:
                log.warning("Old interviews are deleted later: %s", error)
                wait = AGAIN_SECONDS
