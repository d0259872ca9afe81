"""Migrations: from nothing to the newest schema, whole or not at all, on both databases."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from mock_interviewer.core.grade import Rating, Usage
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.observation import Exchange, Observation
from mock_interviewer.storage import account_tables, role_play_tables
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.tables import Base
from tests.interviews import grade, question, turn

ROOT = Path(__file__).parents[2]


TABLES = {
    "alembic_version",
    "answers",
    "assigned_interviews",
    "assignments",
    "calibration_levels",
    "drill_attempts",
    "grades",
    "groups",
    "imported",
    "interviews",
    "invitations",
    "login_attempts",
    "logins",
    "memberships",
    "regrades",
    "review_changes",
    "reviews",
    "role_play_exchanges",
    "role_plays",
    "self_ratings",
    "summaries",
    "turns",
    "users",
}


class Run(Protocol):
    """Runs a statement past the store."""

    def __call__(self, statement: str, **values: Any) -> list[Any]: ...


@pytest.fixture
def raw(database_url: str) -> Iterator[Run]:
    engine = create_engine(database_url)

    def run(statement: str, **values: Any) -> list[Any]:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    yield run
    engine.dispose()


def names_in(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def upgraded_to(url: str, revision: str) -> None:
    """Make a database as an older version of the program left it."""
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "mock_interviewer/storage/migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_an_empty_database_gets_every_table(database_url: str) -> None:
    Store(database_url).close()
    assert names_in(database_url) == TABLES


def test_the_migrations_make_just_the_tables_that_the_program_uses(database_url: str) -> None:
    Store(database_url).close()
    assert account_tables.UserRow.metadata is Base.metadata
    assert role_play_tables.RolePlayRow.metadata is Base.metadata
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    # Alembic compares neither primary keys nor unnamed unique constraints on SQLite.
    if engine.dialect.name == "sqlite":
        found, wanted = inspect(engine), create_engine("sqlite://")
        Base.metadata.create_all(wanted)
        for name in Base.metadata.tables:
            for what in ("get_pk_constraint", "get_unique_constraints", "get_foreign_keys"):
                assert getattr(found, what)(name) == getattr(inspect(wanted), what)(name), name
    engine.dispose()


def test_a_database_at_the_newest_schema_is_left_as_it_is(database_url: str, raw: Run) -> None:
    for _ in range(2):
        store = Store(database_url)
        store.create_interview(
            candidate_id="ada", mode=Mode.PRACTICE, trade="retail", questions=[question()]
        )
        store.close()
    assert raw("select count(*) from interviews") == [(2,)]


def test_whatever_the_first_schema_held_is_kept_and_can_be_worked_on(
    database_url: str, raw: Run
) -> None:
    upgraded_to(database_url, "0001")
    engine = create_engine(database_url)
    assert "may_become_case" not in {c["name"] for c in inspect(engine).get_columns("interviews")}
    engine.dispose()
    unsure = grade({"situation": 4})
    unsure = unsure.model_copy(
        update={"ratings": {"situation": Rating(level=4, likely=(3, 5)), "task": Rating(level=2)}}
    )
    values = {
        "asked": json.dumps([question().model_dump(mode="json")]),
        "given": unsure.model_dump_json(),
        "at": "2026-11-01 10:00:00",
    }
    for statement in (
        "insert into interviews values"
        " ('i1', 'ada', :at, 'practice', 'retail', :asked, 'a draft', 1, 2, 3)",
        "insert into turns values ('i1', 0, 'answer', 'I helped.', 0, 0, null, :at)",
        "insert into answers (interview_id, question, attempt, state, reason, tries, not_before,"
        " finished_at) values ('i1', 0, 0, 'graded', '', 0, :at, :at),"
        " ('i1', 0, 1, 'waiting', 'away', 2, :at, :at)",
        "insert into grades (answer_id, grader_key, data, created_at)"
        " values (1, 'grader-1', :given, :at)",
    ):
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        raw(statement, **used)

    store = Store(database_url)
    found = store.interview("i1")
    assert (found.draft, found.usage.completion, found.turns[0].text) == ("a draft", 3, "I helped.")
    assert found.questions == (question(),)
    assert not found.may_become_case  # nobody has been asked
    assert not found.shared
    assert not found.rates_first
    store.set_may_become_case("i1", True)
    assert store.interview("i1").may_become_case
    graded, waiting = store.answers("i1")
    assert (graded.state, graded.grade) == (AnswerState.GRADED, unsure)
    assert store.waiting.next() == waiting
    # What the queue of the coaches sorts by is worked out of what was there.
    assert raw("select candidate_id, answers, waiting, ungraded, unsure from summaries") == [
        ("ada", 2, 1, 0, 1)
    ]
    store.waiting.save_grade(waiting.id, grade({"situation": 2}))
    store.append("i1", [turn(1, TurnKind.ANSWER, "More.")], [(0, 0), (0, 1), (0, 2)])
    assert [answer.id for answer in store.answers("i1")] == [1, 2, 3]
    store.close()


def test_a_role_play_of_before_its_tokens_were_counted_is_kept(database_url: str, raw: Run) -> None:
    upgraded_to(database_url, "0006")
    raw(
        "insert into role_plays (id, candidate_id, created_at, scenario, grading, reason, tries,"
        " not_before) values ('r1', 'ada', :at, '{}', '', '', 0, :at)",
        at="2026-11-01 10:00:00",
    )
    store = Store(database_url)
    role_plays = RolePlays(store.sessions)
    assert role_plays.get("r1").usage == Usage()
    role_plays.reply("r1", 1, "Good morning.")
    exchange = Exchange(reply="Good morning.", observation=Observation(), said="Is it?")
    role_plays.answer("r1", 1, exchange, ends=False, usage=Usage(prompt=3, completion=2))
    assert role_plays.get("r1").usage == Usage(prompt=3, completion=2)
    store.close()


def test_interviews_from_before_candidates_could_rate_first_do_not(
    database_url: str, raw: Run
) -> None:
    upgraded_to(database_url, "0006")
    raw(
        "insert into interviews (id, candidate_id, created_at, mode, trade, questions, draft,"
        " prompt_tokens, cached_tokens, completion_tokens, shared) values"
        " ('i1', 'ada', '2026-11-01 10:00:00', 'practice', 'retail', :asked, 'a draft', 1, 2, 3,"
        " true)",
        asked=json.dumps([question().model_dump(mode="json")]),
    )
    store = Store(database_url)
    found = store.interview("i1")
    assert (found.rates_first, found.shared, found.draft) == (False, True, "a draft")
    chosen = store.create_interview(
        candidate_id="ada",
        mode=Mode.PRACTICE,
        trade="retail",
        questions=[question()],
        rates_first=True,
    )
    assert store.interview(chosen).rates_first
    store.close()


def test_a_migration_that_fails_leaves_nothing_behind(database_url: str, raw: Run) -> None:
    raw("create table grades (id integer)")  # in the way of the last table
    with pytest.raises(DBAPIError, match="already exists"):
        Store(database_url)
    assert names_in(database_url) == {"grades"}
    raw("drop table grades")
    Store(database_url).close()
    assert names_in(database_url) == TABLES


@pytest.mark.parametrize("held", ["nothing", "the first schema"])
def test_several_programs_that_start_at_once_all_succeed(database_url: str, held: str) -> None:
    if held == "the first schema":
        upgraded_to(database_url, "0001")
    code = (
        "from mock_interviewer.storage.store import Store; print('ready', flush=True); input(); "
        f"Store({database_url!r})"
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
        for _ in range(3)
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
    assert names_in(database_url) == TABLES


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
