"""What the measurements of `tests.bench` have in common."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    figure: str
    goal: str = ""


class served:
    """`mock-interviewer serve` in a process of its own, up. `folder`: of its data and its log."""

    def __init__(self, environment: dict[str, str], port: int, folder: Path | None = None) -> None:
        self._own = None if folder else tempfile.TemporaryDirectory()
        self._folder = folder or Path(self._own.name if self._own else "")
        self._environment, self._port = environment, port

    def __enter__(self) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mock_interviewer", "serve", "--port", str(self._port)],
                env={
                    **os.environ,
                    **self._environment,
                    "MOCK_INTERVIEWER_DATA": str(self._folder),
                    "PYTHONUNBUFFERED": "1",
                },
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: bool(get(f"http://127.0.0.1:{self._port}/practice/")))
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)
        if self._own:
            self._own.cleanup()


def megabytes(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of a process and its children, as Linux counts it."""
    children = subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    total = 0
    for pid in [str(process.pid), *children]:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total / 1000


def get(url: str) -> bytes:
    """What is there, or nothing."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own
            body: bytes = response.read()
            return body
    except OSError:
        return b""


def wait_until(true: Callable[[], bool], seconds: float = 180.0) -> None:
    """Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("waited too long")
        time.sleep(0.1)


def ms(seconds: float) -> str:
    """As people read it."""
    return f"{seconds * 1000:.0f} ms"
