"""Keeping below the limits that a model's server sets by the minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pace:
    """Spreads what is spent evenly over each minute. May be used from several threads."""

    def __init__(
        self,
        a_minute: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`a_minute`: the most that may be spent in one; None: no limit."""
        self._seconds_each = 60 / a_minute if a_minute else 0.0
        self._clock = clock
        self._sleep = sleep
        self._free_from = 0.0
        self._lock = threading.Lock()

    def spend(self, amount: float = 1) -> None:
        """Wait until so much may be spent, and count it as spent."""
        if not self._seconds_each:
            return
        with self._lock:
            now = self._clock()
            begin = max(now, self._free_from)
            self._free_from = begin + amount * self._seconds_each
        self._sleep(begin - now)


class Paces:
    """The limits of one server: requests and tokens, both by the minute."""

    def __init__(self, requests: float | None = None, tokens: float | None = None) -> None:
        self._requests = Pace(requests)
        self._tokens = Pace(tokens)

    def wait(self, tokens: int) -> None:
        """Wait until a request that may cost so many tokens can be sent."""
        self._requests.spend()
        self._tokens.spend(tokens)


NO_LIMITS = Paces()
