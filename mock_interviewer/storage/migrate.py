"""Bringing a database to the newest schema, with Alembic, at every start."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from mock_interviewer.core.resources import package_file

STARTING = 0x6D6F636B
"""Key of the lock under which, on PostgreSQL, one start after the other brings the schema up."""


def upgrade(engine: Engine) -> None:
    """Run the migrations that this database has not had yet: all of them or none."""
    config = _config()
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # Its driver begins no transaction for a table; this one also keeps other starts out.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": STARTING})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revisions() -> set[str]:
    """The schemas that this version of the program knows how to bring up to its own."""
    return {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    folder = str(package_file("storage", "migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
