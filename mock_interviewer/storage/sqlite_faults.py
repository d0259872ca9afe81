"""Faults of the machine under a SQLite database, told apart from bugs and in plain words."""

from __future__ import annotations

import sqlite3

from sqlalchemy import ExceptionContext

from mock_interviewer.errors import StorageError

BUSY_SECONDS = 10.0
"""How long a write waits for another program's; what is usual takes milliseconds."""

_CANNOT_WRITE = "the disk or the folder of the database cannot be written to"
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: _CANNOT_WRITE,
    sqlite3.SQLITE_CANTOPEN: _CANNOT_WRITE,
    sqlite3.SQLITE_PERM: _CANNOT_WRITE,
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_BUSY: "another program has locked the database",
    sqlite3.SQLITE_LOCKED: "another program has locked the database",
}
_PRIMARY = 0xFF
"""The lowest byte of an extended error code is its primary code."""


def tell(context: ExceptionContext) -> None:
    """Raise `StorageError` where disk or lock are at fault, and leave every other error as it is.

    A handler of SQLAlchemy's event `handle_error`.
    """
    error = context.original_exception
    if reason := _REASONS.get(_code(error)):
        raise StorageError(
            f"Nothing can be saved just now: {reason}. What was saved before is safe; "
            "try again in a moment.",
            detail=str(error),
        )


def is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether it is another program's lock, which passes."""
    return _code(error) == sqlite3.SQLITE_BUSY


def _code(error: BaseException) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & _PRIMARY
