"""Copies of a SQLite database: made while the program runs, and put back while it does not."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mock_interviewer.errors import ConfigurationError, DataFileError
from mock_interviewer.storage.migrate import revisions

SECONDS_FOR_A_LOCK = 1.0


def back_up(database: Path, target: Path) -> None:
    """Write a whole and checked copy, as of one moment, to a new file.

    Raises `ConfigurationError` where there is nothing to copy, the file exists or cannot be
    written, and `DataFileError` if the database is damaged.
    """
    if not database.is_file():
        raise ConfigurationError(f"There are no interviews in {database.parent} to back up.")
    if target.exists():
        raise ConfigurationError(f"There is a file {target} already; name another one.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    with _told(f"The backup {target} could not be written"):
        try:
            # Nobody but its owner is to read what candidates wrote.
            os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
            with closing(sqlite3.connect(database)) as source:
                _copy(source, unfinished)
            check(unfinished)
            os.replace(unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)


def restore(database: Path, source: Path) -> Path | None:
    """Put a backup in the place of the database; returns where the present one is kept.

    Until all of it is there, nothing has changed: a kill leaves the present one. Raises
    `DataFileError` if the backup is not fit, `ConfigurationError` if a program is using the
    database.
    """
    check(source)
    database.parent.mkdir(parents=True, exist_ok=True)
    kept = _free_name(database) if database.is_file() else None
    with _told(f"{source} could not be restored"):
        if kept and not _is_database(database):
            for ending in ("", "-wal", "-shm"):
                part = database.with_name(database.name + ending)
                if part.exists():
                    os.replace(part, kept.with_name(kept.name + ending))
        with (
            closing(sqlite3.connect(database, timeout=SECONDS_FOR_A_LOCK)) as present,
            closing(_reading(source)) as backup,
        ):
            _keep_others_out(present)
            if kept and not kept.exists():
                _copy(present, kept)
            backup.backup(present)
    return kept


def check(path: Path) -> None:
    """Raise `DataFileError` unless this is a whole database of interviews that can be used."""
    if not path.is_file():
        raise DataFileError(f"There is no file {path}.")
    try:
        with closing(_reading(path)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(3)")]
            if found == ["ok"] and database.execute("PRAGMA foreign_key_check").fetchone():
                found = ["rows that belong to nothing"]
            if found != ["ok"]:
                raise DataFileError(f"{path} is damaged: {'; '.join(found)}")
            (revision,) = database.execute("select version_num from alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise DataFileError(f"{path} is no whole database of interviews: {error}.") from error
    if revision not in revisions():
        raise DataFileError(
            f"{path} is of a newer version of the program (schema {revision}); install that one."
        )


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _copy(source: sqlite3.Connection, target: Path) -> None:
    """Copy as of one moment; others may go on writing to the source."""
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        # Without a log, the file is all there is to carry away.
        copy.execute("PRAGMA journal_mode=DELETE")


def _keep_others_out(database: sqlite3.Connection) -> None:
    """Take the database for this connection alone, which cannot be had while another is open."""
    try:
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        # Leaving write-ahead logging needs to be alone; idle connections hold a lock, too.
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")  # in this mode the lock stays
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise ConfigurationError(
            "The interviews are in use. Stop the program that serves them, then restore."
        ) from error


def _is_database(path: Path) -> bool:
    """Whether SQLite can read it at all; what is not can only be put aside."""
    try:
        with closing(sqlite3.connect(path, timeout=SECONDS_FOR_A_LOCK)) as database:
            database.execute("select count(*) from sqlite_master")
    except sqlite3.OperationalError:
        return True  # it is locked, or may not be read
    except sqlite3.DatabaseError:
        return False
    return True


def _free_name(database: Path) -> Path:
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    name, number = f"{database.stem}-before-{moment}", 1
    while (path := database.with_name(f"{name}{database.suffix}")).exists():
        number += 1
        name = f"{database.stem}-before-{moment}-{number}"
    return path


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"{what}: {error}.") from error
