"""Locks by name."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from weakref import WeakValueDictionary


class Locks:
    """A lock for each name; those that nobody holds take no memory."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()
        self._guard = threading.Lock()

    def of(self, name: str) -> AbstractContextManager[None]:
        """The lock of this name, to be held with `with`."""
        with self._guard:
            lock = self._locks.get(name)
            if lock is None:
                lock = self._locks[name] = _Lock()
            return lock


class _Lock(AbstractContextManager[None]):
    """A lock that can be weakly referenced."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
