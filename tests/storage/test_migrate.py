"""Migrations: from nothing to the newest schema, whole or not at all."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import OperationalError

from mock_interviewer.core.interview import Mode
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.tables import Base
from tests.interviews import question

ROOT = Path(__file__).parents[2]


def names_in(path: Path) -> set[str]:
    with sqlite3.connect(path) as raw:
        return {
            name for (name,) in raw.execute("select name from sqlite_master where type='table'")
        }


def first_schema(path: Path) -> None:
    """A database of the first schema with an interview in it."""
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(ROOT / "mock_interviewer/storage/migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        columns = [column["name"] for column in inspect(connection).get_columns("interviews")]
        assert "may_become_case" not in columns
        asked = json.dumps([question().model_dump(mode="json")])
        connection.exec_driver_sql(
            "insert into interviews values "
            "('i1', 'ada', '2026-11-01 10:00:00', 'practice', 'retail', ?, 'a draft', 1, 2, 3)",
            (asked,),
        )
        connection.exec_driver_sql(
            "insert into turns values ('i1', 0, 'answer', 'I helped.', 0, 0, null, '2026-11-01')"
        )
    engine.dispose()


def test_an_empty_database_gets_every_table(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    Store(f"sqlite:///{path}").close()
    assert names_in(path) == {"alembic_version", "answers", "grades", "interviews", "turns"}


def test_the_migrations_make_just_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    Store(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    # Alembic compares neither primary keys nor unnamed unique constraints on SQLite.
    found, wanted = inspect(engine), create_engine("sqlite://")
    Base.metadata.create_all(wanted)
    for name in Base.metadata.tables:
        for what in ("get_pk_constraint", "get_unique_constraints", "get_foreign_keys"):
            assert getattr(found, what)(name) == getattr(inspect(wanted), what)(name), name
    engine.dispose()


def test_a_database_at_the_newest_schema_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    for _ in range(2):
        store = Store(f"sqlite:///{path}")
        store.create_interview(
            candidate_id="ada", mode=Mode.PRACTICE, trade="retail", questions=[question()]
        )
        store.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("select count(*) from interviews").fetchone() == (2,)


def test_interviews_of_the_first_schema_are_kept_and_nobody_agreed_to_anything(
    tmp_path: Path,
) -> None:
    path = tmp_path / "old.sqlite3"
    first_schema(path)
    store = Store(f"sqlite:///{path}")
    found = store.interview("i1")
    assert (found.draft, found.usage.completion, found.turns[0].text) == ("a draft", 3, "I helped.")
    assert found.questions == (question(),)
    assert not found.may_become_case
    store.set_may_become_case("i1", True)
    assert store.interview("i1").may_become_case
    store.close()


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "broken.sqlite3"
    with sqlite3.connect(path) as raw:
        raw.execute("create table grades (id integer)")  # in the way of the last table
    with pytest.raises(OperationalError):
        Store(f"sqlite:///{path}")
    assert names_in(path) == {"grades"}
    with sqlite3.connect(path) as raw:
        raw.execute("drop table grades")
    Store(f"sqlite:///{path}").close()
    assert "interviews" in names_in(path)


def test_several_programs_that_start_at_once_on_a_new_file_all_succeed(tmp_path: Path) -> None:
    code = (
        "from mock_interviewer.storage.store import Store; print('ready', flush=True); input(); "
        f"Store({f'sqlite:///{tmp_path}/new.sqlite3'!r})"
    )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    for program in programs:
        _, told = program.communicate(timeout=60)
        assert program.returncode == 0, told


def test_the_program_may_lie_in_a_folder_with_a_percent_sign(tmp_path: Path) -> None:
    folder = tmp_path / "100%(sure)s"
    shutil.copytree(
        ROOT / "mock_interviewer",
        folder / "mock_interviewer",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    code = "from mock_interviewer.storage.store import Store; Store('sqlite:///new.sqlite3')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
