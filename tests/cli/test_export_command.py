"""`export` and `delete` as a person runs them, beside the program or without it."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import ConfigurationError, DataFileError, NotFoundError
from mock_interviewer.service.jobs import Jobs
from mock_interviewer.storage.store import Store
from tests.interviews import grade, question, turn
from tests.pdf_text import text_of

TOLD = "Last May a guest had lost her key. I searched the garden with her."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "data").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'data' / 'interviews.sqlite3'}")
    yield store
    store.close()


def held(store: Store, text: str = TOLD, agreed: bool = False, own_rubric: bool = True) -> str:
    interview = store.create_interview(
        candidate_id="ada", mode=Mode.PRACTICE, trade="retail", questions=[question()]
    )
    turns = [turn(0, TurnKind.QUESTION, "Tell me."), turn(1, TurnKind.ANSWER, text)]
    store.append(interview, turns, [(0, 0)])
    names = [criterion.id for criterion in load_rubric().criteria] if own_rubric else ["poise"]
    store.waiting.save_grade(store.answers(interview)[0].id, grade(dict.fromkeys(names, 1)))
    store.set_may_become_case(interview, agreed)
    return interview


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, arguments, input=typed)


def refusal(*arguments: str) -> str:
    error = run(*arguments).exception
    assert isinstance(error, ConfigurationError | DataFileError | NotFoundError), error
    return str(error)


@pytest.mark.parametrize("form", ["json", "markdown", "pdf", "csv", "zip"])
def test_an_interview_is_written_in_every_form(store: Store, tmp_path: Path, form: str) -> None:
    held(store, "Another one, of somebody else.")
    interview, out = held(store), tmp_path / f"out.{form}"
    address = f"http://localhost:7860/report/{interview}"
    done = run("export", address, "--format", form, "--out", str(out))
    assert done.exit_code == 0, done.exception
    assert done.output == f"Written to {out}: 1 interview, {out.stat().st_size:,} bytes.\n"
    data = out.read_bytes()
    if form == "pdf":
        text = text_of(data)
    elif form == "zip":
        with zipfile.ZipFile(out) as zipped:
            text = zipped.read(next(n for n in zipped.namelist() if n.endswith(".md"))).decode()
    else:
        text = data.decode()
    assert "searched the garden" in text
    assert "somebody else" not in text
    if os.name == "posix":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_all_interviews_are_written_as_a_table_or_a_zip(store: Store, tmp_path: Path) -> None:
    for number in range(3):
        held(store, f"I helped guest number {number}.")
    done = run("export", "--all", "--format", "csv", "--out", str(tmp_path / "all.csv"))
    assert "3 interviews" in done.output
    rows = (tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + 3 * len(load_rubric().criteria)
    run("export", "--all", "--format", "zip", "--out", str(tmp_path / "all.zip"))
    with zipfile.ZipFile(tmp_path / "all.zip") as zipped:
        found = [n for n in zipped.namelist() if n.endswith("interview.json")]
        texts = [json.loads(zipped.read(name))["turns"][1]["text"] for name in found]
    assert texts == [f"I helped guest number {number}." for number in range(3)]


def test_what_cannot_be_done_is_said(store: Store, tmp_path: Path) -> None:
    interview, out = held(store), tmp_path / "out"
    write = ["--out", str(out), "--format"]
    assert "or ask for all" in refusal("export", *write, "csv")
    assert "or ask for all" in refusal("export", interview, "--all", *write, "csv")
    assert "--all takes csv or zip" in refusal("export", "--all", *write, "pdf")
    assert "no such interview" in refusal("export", "none", *write, "zip")
    assert not out.exists()
    out.write_text("mine")
    assert "a file" in refusal("export", interview, *write, "pdf")
    assert out.read_text() == "mine"
    nowhere = str(tmp_path / "none" / "out")
    assert "cannot be written" in refusal("export", interview, "--format", "pdf", "--out", nowhere)


def test_a_grade_by_another_rubric_is_in_the_json_and_has_no_report(
    store: Store, tmp_path: Path
) -> None:
    interview, out = held(store, own_rubric=False), tmp_path / "out"
    said = refusal("export", interview, "--format", "pdf", "--out", str(out))
    assert "another rubric" in said
    assert not out.exists()
    run("export", interview, "--format", "zip", "--out", str(out))
    with zipfile.ZipFile(out) as zipped:
        assert [n.rpartition("/")[2] for n in zipped.namelist()] == [
            "interview.json",
            "answers.csv",
            "README.txt",
        ]


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    assert "no interviews in" in refusal("export", "--all", "--format", "csv", "--out", out)
    assert "no interviews in" in refusal("delete", "none")
    assert list(tmp_path.iterdir()) == []


def test_an_interview_is_deleted_after_one_question(store: Store, tmp_path: Path) -> None:
    kept, gone = held(store), held(store, "the-umbrella", agreed=True)
    refused = run("delete", gone, typed="n\n")
    assert refused.exit_code == 1
    assert "Nothing is deleted." in refused.output
    assert store.interview(gone).may_become_case
    done = run("delete", gone, typed="y\n")
    assert done.exit_code == 0, done.exception
    assert "questions: 1, finished answers: 1." in done.output
    assert "have no link to it, and stay" in done.output
    assert "It is deleted." in done.output
    with pytest.raises(NotFoundError):
        store.interview(gone)
    assert "no link" not in run("delete", kept, "--yes").output
    for path in (tmp_path / "data").iterdir():
        assert b"the-umbrella" not in path.read_bytes()
    assert "no such interview" in refusal("delete", gone)


def test_on_postgresql_the_jobs_go_too(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_INTERVIEWER_DATABASE_URL", postgres_url)
    url = postgres_url.replace("postgresql://", "postgresql+psycopg://")
    jobs = Jobs(url)
    jobs.prepare()
    store = Store(url, on_waiting=jobs.defer)
    interviews = []
    for _ in range(2):
        interviews.append(
            store.create_interview(
                candidate_id="ada", mode=Mode.PRACTICE, trade="retail", questions=[question()]
            )
        )
        turns = [turn(0, TurnKind.QUESTION, "Tell me."), turn(1, TurnKind.ANSWER, TOLD)]
        store.append(interviews[-1], turns, [(0, 0)])
    (left,) = store.answers(interviews[1])
    done = run("delete", interviews[0], "--yes")
    assert done.exit_code == 0, done.exception
    with store.sessions() as session:
        found = session.connection().exec_driver_sql("select queueing_lock from procrastinate_jobs")
        assert [row[0] for row in found] == [f"answer {left.id}"]
    store.close()
