"""Jobs on PostgreSQL, by Procrastinate: they tell workers when to look at which answer.

What waits to be graded stands in the answers' table. A job is deferred in the transaction in
which its answer begins to wait, so that there is none without the other; were it lost all the
same, `service.worker` finds the answer by its own look.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from mock_interviewer.errors import ConfigurationError
from mock_interviewer.storage.engine import CONNECT_SECONDS, NEEDS_EXTRA

if TYPE_CHECKING:
    from procrastinate import App

GRADE = "grade"
"""Name of the job that grades one answer."""
REGRADE = "regrade"
"""Name of the job that grades one answer once more."""
BEATS_MISSED = 3
"""A worker that has been silent for so many heartbeats is taken for dead."""
HEARTBEAT_SECONDS = 5.0
PREPARING = 0x6A6F6273
"""Key of the lock under which one start after the other prepares the tables of jobs."""


class Jobs:
    """The jobs of one database. Deferring one may be done from several threads."""

    def __init__(self, url: str) -> None:
        """Connects to nothing yet. Raises `ConfigurationError` without the packages for it."""
        try:
            from procrastinate import App, PsycopgConnector
        except ModuleNotFoundError as error:
            raise ConfigurationError(NEEDS_EXTRA) from error
        self._address = f"postgresql://{url.partition('://')[2]}"
        self.app: App = App(
            connector=PsycopgConnector(
                conninfo=self._address,
                kwargs={"connect_timeout": CONNECT_SECONDS},
                min_size=1,
                max_size=4,
            )
        )

    def prepare(self) -> None:
        """Make the tables of jobs, or bring them to the form that this Procrastinate wants."""
        import psycopg
        from procrastinate.schema import SchemaManager

        changes = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
        with psycopg.connect(self._address, connect_timeout=CONNECT_SECONDS) as connection:
            connection.execute("select pg_advisory_xact_lock(%s)", (PREPARING,))
            connection.execute(
                "create table if not exists procrastinate_changes (name text primary key)"
            )
            made = {name for (name,) in connection.execute("table procrastinate_changes")}
            if not made:
                connection.execute(SchemaManager.get_schema())
            else:
                for change in changes:
                    if change.name not in made:
                        connection.execute(change.read_bytes())
            for change in changes:
                connection.execute(
                    "insert into procrastinate_changes values (%s) on conflict do nothing",
                    (change.name,),
                )

    def defer(self, connection: Connection, answer_id: int) -> None:
        """Have the answer looked at, once this transaction is committed."""
        from procrastinate.exceptions import AlreadyEnqueued

        # The mark keeps the transaction usable where the database refuses a second job.
        mark = connection.begin_nested()
        try:
            self.app.configure_task(
                GRADE,
                connection=connection.connection.driver_connection,
                **locks(answer_id),
            ).defer(answer_id=answer_id)
        except AlreadyEnqueued:
            mark.rollback()
        else:
            mark.commit()

    def cancel(self, connection: Connection, answer_ids: Sequence[int]) -> None:
        """Drop the jobs of these answers that no worker has begun, with this transaction."""
        names = [locks(answer_id)["queueing_lock"] for answer_id in answer_ids]
        connection.execute(
            text(
                "delete from procrastinate_jobs "
                "where status = 'todo' and queueing_lock = any(:names)"
            ),
            {"names": names},
        )

    def workers(self) -> int:
        """How many workers are alive: heard of within a minute."""
        import psycopg

        with psycopg.connect(self._address, connect_timeout=CONNECT_SECONDS) as connection:
            found = connection.execute(
                "select count(*) from procrastinate_workers "
                "where last_heartbeat > now() - interval '1 minute'"
            ).fetchone()
        return int(found[0]) if found else 0


def locks(answer_id: int, what: str = "answer") -> dict[str, Any]:
    """One waiting job an answer, and never two at work on the same one."""
    name = f"{what} {answer_id}"
    return {"lock": name, "queueing_lock": name}
