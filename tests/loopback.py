"""Servers of a test's own, on a free port of loopback, running until a block ends."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def running(
    server: socketserver.BaseServer, before_stop: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Serve in a thread; `before_stop` lets handlers go that still wait for something."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        before_stop()
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
