"""Deleting interviews with everything that hangs on them, for good.

What hangs on an interview is read off the foreign keys, so that a table which is added later is
reached without a word here; a foreign key with `ondelete="SET NULL"` is left to the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKeyConstraint,
    MetaData,
    Table,
    delete,
    exists,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.storage.tables import AnswerRow, Base, InterviewRow, TurnRow

log = logging.getLogger(__name__)

OnGone = Callable[[Connection, Sequence[int]], None]
"""Told of the answers that are being deleted, inside of the same transaction."""

LOG_MILLISECONDS = 1000

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""A time before there was this program is that of a clock that was wrong."""


def delete_interviews(
    sessions: sessionmaker[Session],
    interview_ids: Sequence[str],
    *,
    on_gone: OnGone = lambda connection, answer_ids: None,
    silent_since: datetime | None = None,
) -> int:
    """Delete these interviews and all that hangs on them in one transaction; returns how many.

    One that is not there any more is none. `silent_since`: leave those in which something was
    said at that time or later.
    """
    with sessions.begin() as session:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            # Its driver would begin with the first deletion, after what was looked at.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        wanted = [InterviewRow.id.in_(interview_ids), *_silent(silent_since)]
        chosen = select(InterviewRow.id).where(*wanted).order_by(InterviewRow.id)
        ids = connection.scalars(chosen.with_for_update()).all()
        if not ids:
            return 0
        hanging = what_hangs_on(Base.metadata, InterviewRow.__table__.c.id.in_(ids))
        # Whoever is about to add to one of these rows, such as a worker with a grade, waits for
        # this transaction and then finds nothing to add to.
        for table, which in hanging.items():
            connection.execute(
                select(*table.primary_key.columns)
                .where(which)
                .order_by(*table.primary_key.columns)
                .with_for_update()
            )
        answers = select(AnswerRow.id).where(AnswerRow.interview_id.in_(ids))
        on_gone(connection, connection.scalars(answers).all())
        for table, which in reversed(hanging.items()):
            connection.execute(delete(table).where(which))
    return len(ids)


def what_hangs_on(
    metadata: MetaData, chosen: ColumnElement[bool]
) -> dict[Table, ColumnElement[bool]]:
    """Which rows of which tables go with the chosen interviews, each table after those it needs."""
    interviews = metadata.tables[InterviewRow.__tablename__]
    found: dict[Table, ColumnElement[bool]] = {interviews: chosen}
    for table in metadata.sorted_tables:
        ties = [
            _tied(constraint, found[constraint.referred_table])
            for constraint in table.foreign_key_constraints
            if constraint.referred_table in found
            and constraint.referred_table is not table
            and constraint.ondelete != "SET NULL"
        ]
        if ties:
            found[table] = or_(*ties)
    return found


def silent_before(sessions: sessionmaker[Session], moment: datetime) -> Sequence[str]:
    """Ids of the interviews in which nothing was said at this moment or later."""
    with sessions() as session:
        return session.scalars(select(InterviewRow.id).where(*_silent(moment))).all()


def empty_the_log(sessions: sessionmaker[Session]) -> bool:
    """Leave nothing of what was deleted in SQLite's log of writes; False while others read there.

    The database itself overwrites what is deleted. On PostgreSQL there is nothing to do.
    """
    with sessions() as session:
        if session.get_bind().dialect.name != "sqlite":
            return True
        connection = session.connection()
        (patience,) = connection.exec_driver_sql("PRAGMA busy_timeout").one()
        # Nobody can write while this waits for those who read, such as a backup.
        connection.exec_driver_sql(f"PRAGMA busy_timeout={LOG_MILLISECONDS}")
        try:
            (busy, *_) = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
    if busy:
        log.warning("Deleted text stays in the database's log until the next deletion or restart")
    return not busy


def _tied(constraint: ForeignKeyConstraint, which: ColumnElement[bool]) -> ColumnElement[bool]:
    pairs = [(element.parent, element.column) for element in constraint.elements]
    theirs = select(*(column for _, column in pairs)).where(which)
    if len(pairs) == 1:
        return pairs[0][0].in_(theirs)
    return tuple_(*(column for column, _ in pairs)).in_(theirs)


def _silent(since: datetime | None) -> list[ColumnElement[bool]]:
    if since is None:
        return []
    said = exists().where(TurnRow.interview_id == InterviewRow.id, TurnRow.created_at >= since)
    begun = InterviewRow.created_at
    return [begun < since, begun >= EARLIEST, ~said]
