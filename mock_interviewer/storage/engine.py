"""Connections to the database: SQLite in a file, or a PostgreSQL server."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event

from mock_interviewer.errors import ConfigurationError, StorageError
from mock_interviewer.storage import sqlite_faults

CONNECT_SECONDS = 10


def make_engine(url: str, *, forced: bool = True) -> Engine:
    """An engine for this address; connects to nothing yet. Raises `ConfigurationError`.

    `forced`: with SQLite, each commit is forced to the disk before it is done. Without that it
    survives the end of the program, and a power cut only if another commit was forced after it.
    """
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _set_up_sqlite)
        if not forced:
            event.listen(engine, "connect", _do_not_force)
        event.listen(engine, "handle_error", sqlite_faults.tell)
        return engine
    try:
        # Each connection is tried before use: those from before a restart of the server are dead.
        engine = create_engine(
            url,
            pool_pre_ping=True,
            hide_parameters=True,  # which hold what people wrote, and would stand in a log
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
    except ModuleNotFoundError as error:
        raise ConfigurationError(NEEDS_EXTRA) from error
    event.listen(engine, "handle_error", _tell_if_away)
    return engine


NEEDS_EXTRA = (
    "MOCK_INTERVIEWER_DATABASE_URL names a PostgreSQL database, and the packages for that are not "
    "installed. Install them with: pip install 'mock-interviewer[postgres]', or from a checkout "
    "pip install -r requirements/postgres.txt."
)


def _tell_if_away(context: ExceptionContext) -> None:
    """Raise `StorageError` where the server is away, and leave every other fault as it is."""
    connecting = context.connection is None
    if (connecting or context.is_disconnect) and not context.is_pre_ping:
        raise StorageError(
            "The database cannot be reached just now. What was stored before is safe; "
            "try again in a moment.",
            detail=str(context.original_exception).strip(),
        )


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    patience = f"busy_timeout={int(sqlite_faults.BUSY_SECONDS * 1000)}"
    # What is deleted is overwritten: nobody finds it in the file.
    for setting in (patience, "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}")
    _keep_a_log(connection)


def _do_not_force(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=NORMAL")


def _keep_a_log(connection: Any) -> None:
    """Switch to write-ahead logging, which SQLite refuses at once, without the busy time-out,
    while another program does the same."""
    deadline = time.monotonic() + sqlite_faults.BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not sqlite_faults.is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
