"""`backup` and `restore` as a person runs them, beside a running program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.core.interview import Mode
from mock_interviewer.storage.store import Store
from tests.browser.scripted_model import scripted_model
from tests.interviews import question

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    with scripted_model() as model:
        yield {
            **os.environ,
            "MOCK_INTERVIEWER_DATA": str(tmp_path / "data"),
            "MOCK_INTERVIEWER_MODEL": "scripted",
            "OPENAI_BASE_URL": model.url,
        }


def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mock_interviewer", *arguments],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def begun(folder: Path, candidate: str) -> None:
    store = Store(f"sqlite:///{folder / 'data' / 'interviews.sqlite3'}")
    store.create_interview(
        candidate_id=candidate, mode=Mode.PRACTICE, trade="retail", questions=[question()]
    )
    store.close()


def candidates(folder: Path) -> list[str]:
    store = Store(f"sqlite:///{folder / 'data' / 'interviews.sqlite3'}")
    names = [name for name in ("ada", "bob") if store.interviews_of(name, 9)]
    store.close()
    return names


def test_a_backup_is_made_beside_the_running_program_and_restored_after_it_has_stopped(
    environ: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "monday.backup"
    program = subprocess.Popen(
        [sys.executable, "-m", "mock_interviewer", "serve"],
        cwd=ROOT,
        env={**environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        assert "Open http" in program.stdout.readline()
        begun(tmp_path, "ada")
        made = run(environ, "backup", str(file))
        assert (made.returncode, made.stderr) == (0, "")
        assert made.stdout == f"All interviews are in {file}, and the file has been checked.\n"
        begun(tmp_path, "bob")
        refused = run(environ, "restore", str(file))
        assert refused.returncode == 2
        assert refused.stderr.startswith("mock-interviewer: The interviews are in use. Stop")
    finally:
        program.terminate()
        program.wait(20)
    assert candidates(tmp_path) == ["ada", "bob"]
    restored = run(environ, "restore", str(file))
    assert (restored.returncode, restored.stderr) == (0, "")
    assert f"The interviews are those of {file}." in restored.stdout
    assert "kept in" in restored.stdout
    assert candidates(tmp_path) == ["ada"]


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_for_postgresql_its_own_tools_are_named(
    environ: dict[str, str], tmp_path: Path, command: str, tool: str
) -> None:
    url = "postgresql://ada:pass-word@127.0.0.1:9/interviews"
    done = run({**environ, "MOCK_INTERVIEWER_DATABASE_URL": url}, command, str(tmp_path / "file"))
    assert done.returncode == 2
    assert tool in done.stderr
    assert "pass-word" not in done.stderr
