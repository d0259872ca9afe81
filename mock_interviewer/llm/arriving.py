"""Taking a reply's bytes as they come, for no longer than somebody waits for them.

The time-outs of an HTTP client are for one read each: a server that drips its head or its body, or
a resolver that hangs, keeps within them and would hold a turn for hours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing

from mock_interviewer.core.ahead import ahead
from mock_interviewer.errors import ModelRefusedError, ModelUnavailableError

MAX_BODY_BYTES = 16_000_000
"""Log-probabilities are long; this is far above those of any reply that is asked for."""


class Deadline:
    """When somebody stops waiting, by `time.monotonic()`."""

    def __init__(self, seconds: float, not_after: float | None = None) -> None:
        self._started = time.monotonic()
        self.put(seconds, not_after)

    def put(self, seconds: float, not_after: float | None = None) -> None:
        """Put it so many seconds after the start, but not after another one."""
        until = self._started + seconds
        self._until = until if not_after is None else min(until, not_after)

    @property
    def left(self) -> float:
        """Seconds that are left; below 0 once it has passed."""
        return self._until - time.monotonic()


def arriving(read: Callable[[], Generator[bytes]], deadline: Deadline) -> Iterator[bytes]:
    """The pieces that `read` yields; it runs in a thread of its own and is closed there.

    Raises what `read` raises, `ModelUnavailableError` at the deadline, which may be put off
    between two pieces, and `ModelRefusedError` if there is no end to the reply.
    """
    try:
        yield from ahead(_bounded(read), "model-reply", lambda: deadline.left)
    except TimeoutError as error:
        raise ModelUnavailableError("the model took too long to answer") from error


def _bounded(read: Callable[[], Generator[bytes]]) -> Generator[bytes]:
    size = 0
    with closing(read()) as reading:
        for piece in reading:
            size += len(piece)
            if size > MAX_BODY_BYTES:
                raise ModelRefusedError("the reply of the model's server has no end")
            yield piece
