"""Items that are made in a thread of their own, ahead of whoever takes them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")


class _End:
    """There are no more items."""


def ahead(
    steps: Generator[T], name: str, patience: Callable[[], float | None] = lambda: None
) -> Generator[T]:
    """Begin with the steps at once; what is returned takes them as they come.

    Once it is closed, the steps are, too, at the next one. `patience` gives the seconds to wait for
    a step, None for as long as it takes. Raises what `steps` raises, and `TimeoutError`.
    """
    made: queue.SimpleQueue[T | Exception | type[_End]] = queue.SimpleQueue()
    nobody_waits = threading.Event()

    def make() -> None:
        try:
            with closing(steps):
                for step in steps:
                    if nobody_waits.is_set():
                        return
                    made.put(step)
            made.put(_End)
        except Exception as error:  # noqa: BLE001 - raised again where the steps are taken
            made.put(error)

    threading.Thread(target=make, name=name, daemon=True).start()
    return _taken(made, nobody_waits, patience)


def _taken(
    made: queue.SimpleQueue[T | Exception | type[_End]],
    nobody_waits: threading.Event,
    patience: Callable[[], float | None],
) -> Generator[T]:
    try:
        while (step := _next(made, patience())) is not _End:
            if isinstance(step, Exception):
                raise step
            yield step  # type: ignore[misc]
    finally:
        nobody_waits.set()


def _next(made: queue.SimpleQueue[T], seconds: float | None) -> T:
    if seconds is None or seconds > 0:
        try:
            return made.get(timeout=seconds)
        except queue.Empty:
            pass
    raise TimeoutError
