"""A migration and a download, killed at one point after the other."""

from __future__ import annotations

import json
import multiprocessing
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_interviewer.llm.model_files import fetch, installed
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.tables import InterviewRow
from tests.interviews import question
from tests.llm.toy_hub import HubServer, at, hub
from tests.llm.toy_model import CONTENT, TOY, names_in, silent
from tests.machine.killed_parts import COMMIT, DONE, bring_up, download
from tests.storage.test_migrate import names_in as tables_at
from tests.storage.test_migrate import upgraded_to

__all__ = ["hub"]

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([bring_up.__module__])


def tables_in(path: Path) -> set[str]:
    return tables_at(f"sqlite:///{path}")


def first_schema(path: Path) -> None:
    """A database of the first schema with an interview in it."""
    upgraded_to(f"sqlite:///{path}", "0001")
    with sqlite3.connect(path) as raw:
        raw.execute(
            "insert into interviews values "
            "('i1', 'ada', '2026-11-01 10:00:00', 'practice', 'retail', ?, 'a draft', 1, 2, 3)",
            (json.dumps([question().model_dump(mode="json")]),),
        )
        raw.execute(
            "insert into turns values ('i1', 0, 'answer', 'I helped.', 0, 0, null, '2026-11-01')"
        )


def killed(work: Callable[..., None], *args: str) -> None:
    process = PROCESSES.Process(target=work, args=args)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize(
    "last", ["CREATE TABLE interviews", "CREATE TABLE grades", "ALTER TABLE interviews", COMMIT]
)
def test_a_new_database_killed_while_it_is_made_is_made_at_the_next_start(
    last: str, tmp_path: Path
) -> None:
    path = tmp_path / "new.sqlite3"
    killed(bring_up, f"sqlite:///{path}", last)
    assert tables_in(path) == set()
    Store(f"sqlite:///{path}").close()
    assert "grades" in tables_in(path)


@pytest.mark.parametrize(
    ("last", "columns"),
    [
        ("ALTER TABLE interviews", 10),
        ("UPDATE alembic_version", 10),
        (COMMIT, 10),
        (DONE, len(InterviewRow.__table__.columns)),
    ],
)
def test_an_old_database_killed_while_it_is_migrated_has_all_that_was_in_it(
    last: str, columns: int, tmp_path: Path
) -> None:
    path = tmp_path / "old.sqlite3"
    first_schema(path)
    killed(bring_up, f"sqlite:///{path}", last)
    with sqlite3.connect(path) as raw:
        assert len(raw.execute("pragma table_info(interviews)").fetchall()) == columns
    raw.close()
    store = Store(f"sqlite:///{path}")
    found = store.interview("i1")
    assert (found.draft, found.turns[0].text, len(found.turns)) == ("a draft", "I helped.", 1)
    assert not found.may_become_case
    store.close()


@pytest.mark.parametrize(
    ("last", "left", "asked"),
    [
        # The bytes that came last had not been written yet.
        ("downloading 40", {"toy.gguf.part"}, ["bytes=0-", "bytes=40-", "bytes=80-"]),
        ("downloading 80", {"toy.gguf.part"}, ["bytes=40-", "bytes=80-"]),
        ("downloading 100", {"toy.gguf.part"}, ["bytes=80-"]),
        ("checking 100", {"toy.gguf.part"}, []),
        ("before toy.gguf", {"toy.gguf.part"}, []),
        ("after toy.gguf", {"toy.gguf"}, []),
        ("before toy.gguf.sha256", {"toy.gguf", "toy.gguf.sha256.new"}, []),
    ],
)
def test_a_killed_download_goes_on_with_the_bytes_that_are_missing(
    last: str, left: set[str], asked: list[str], tmp_path: Path, hub: HubServer
) -> None:
    hub.breaks_after = 40
    killed(download, f"http://127.0.0.1:{hub.server_port}", str(tmp_path), last)
    assert names_in(tmp_path) - {"toy.gguf.lock"} == left
    assert installed(TOY, tmp_path) is None
    hub.asked.clear()

    path = fetch(TOY, tmp_path, silent, sources=[at(hub)])

    assert path.read_bytes() == CONTENT
    assert installed(TOY, tmp_path) == path
    assert [wanted for command, wanted, _ in hub.asked if command == "GET"] == asked
    assert names_in(tmp_path) == {"toy.gguf", "toy.gguf.sha256", "toy.gguf.lock"}
