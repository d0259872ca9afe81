"""Working ahead of somebody who takes one thing after the other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")


class _End:
    """Stands behind the last step."""


def ahead(steps: Generator[T]) -> Iterator[T]:
    """The same steps, worked out in a thread of their own: the next while one is being shown.

    Raises what they raise. If nobody wants any more of them, they are closed at the next one.
    """
    made: queue.SimpleQueue[T | Exception | _End] = queue.SimpleQueue()
    nobody_waits = threading.Event()

    def work() -> None:
        try:
            with closing(steps):
                for step in steps:
                    if nobody_waits.is_set():
                        return
                    made.put(step)
            made.put(_End())
        except Exception as error:  # noqa: BLE001 - raised again where the steps are awaited
            made.put(error)

    threading.Thread(target=work, name="working-ahead", daemon=True).start()
    try:
        while not isinstance(step := made.get(), _End):
            if isinstance(step, Exception):
                raise step
            yield step
    finally:
        nobody_waits.set()
