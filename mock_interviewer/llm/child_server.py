"""llama.cpp's server as a child process, which ends with this program however that ends."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from mock_interviewer.errors import ModelFileError

LOADING_SECONDS = 120.0
"""A cold disk and a busy machine; 3 to 8 s are usual."""


class ChildServer:
    """The process, from its start. It serves once `load` has returned the address."""

    def __init__(self) -> None:
        self.key = secrets.token_urlsafe(24)
        """Without which the server answers nothing."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mock_interviewer.llm.embedded_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    @property
    def process_id(self) -> int:
        """Of the child."""
        return self._process.pid

    def load(self, path: Path, context: int, threads: int | None = None) -> str:
        """Load the model, with room for `context` tokens; returns the server's address.

        Raises `ModelFileError`.
        """
        config = {
            "model": str(path),
            "key": self.key,
            "threads": threads or _usable_cores(),
            "context": context,
        }
        process = self._process
        assert process.stdin and process.stdout
        alarm = threading.Timer(LOADING_SECONDS, process.kill)
        alarm.start()
        try:
            process.stdin.write(json.dumps(config) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            return str(json.loads(line)["address"])
        except (OSError, ValueError, KeyError) as error:
            process.kill()
            process.wait()
            raise ModelFileError(
                f"The embedded model cannot be loaded from {path}. `mock-interviewer model verify` "
                "checks the file; a damaged one can be deleted and is fetched again."
            ) from error
        finally:
            alarm.cancel()

    def is_alive(self) -> bool:
        """Whether it still runs."""
        # A killed process closes its connections a moment before it can be reaped.
        for _ in range(10):
            if self._process.poll() is not None:
                return False
            time.sleep(0.05)
        return True

    def close(self) -> None:
        """End it."""
        with suppress(OSError, ValueError):
            if self._process.stdin:
                self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _usable_cores() -> int:
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return min(8, len(allowed) or os.cpu_count() or 1)
