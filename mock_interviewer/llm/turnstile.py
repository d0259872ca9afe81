"""Who goes first at a model that serves one at a time: the person who waits.

Background work (grading) passes only while nobody waits; a request that has begun is not stopped,
so background requests should be short.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """Lets urgent requests through first, and one background request at a time.

    Urgent requests come in a row, moments apart; for `grace_seconds` after one, nothing that can
    wait starts in between.
    """

    def __init__(self, grace_seconds: float = 0.5) -> None:
        self._changed = threading.Condition()
        self._grace_seconds = grace_seconds
        self._free_from = 0.0
        self._waiting_people = 0
        self._busy = False

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """While this is held no background request starts."""
        with self._changed:
            self._waiting_people += 1
            self._changed.wait_for(lambda: not self._busy)
        try:
            yield
        finally:
            with self._changed:
                self._waiting_people -= 1
                self._free_from = time.monotonic() + self._grace_seconds
                self._changed.notify_all()

    @contextmanager
    def background(self) -> Iterator[None]:
        """Starts once nobody is waiting and no other background request runs."""
        with self._changed:
            while self._waiting_people or self._busy or time.monotonic() < self._free_from:
                left = self._free_from - time.monotonic()
                self._changed.wait(left if left > 0 else None)
            self._busy = True
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
