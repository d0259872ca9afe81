"""`mock-interviewer import`: all of a file or nothing, and each interview once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.core.interview import Phase
from mock_interviewer.errors import DataFileError
from mock_interviewer.interviewing import flow
from mock_interviewer.service.queue import Queue
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.store import Store
from tests.desk import ADA, COACH, with_people

ROOT = Path(__file__).parents[2]


def line(name: str = "crm-1", **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "question": "Tell me about a time you helped somebody.",
        "kind": "behavioural",
        "transcript": [
            {"role": "candidate", "text": "In May a guest had lost her key. I searched for it."},
            {"role": "interviewer", "text": "How did it end?"},
            {"role": "candidate", "text": "She found it in her bag."},
        ],
        **changes,
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MOCK_INTERVIEWER_DATA", str(tmp_path))
    return tmp_path


def store_in(folder: Path) -> Store:
    return Store(f"sqlite:///{folder / 'interviews.sqlite3'}")


def brought_in(folder: Path, *lines: dict[str, Any], options: tuple[str, ...] = ()) -> Result:
    path = folder / "answers.jsonl"
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines), encoding="utf-8")
    return CliRunner().invoke(cli, ["import", str(path), *options])


def told(result: Result) -> str:
    assert isinstance(result.exception, DataFileError)
    return str(result.exception)


def test_an_interview_held_elsewhere_is_finished_and_waits_for_its_grades(folder: Path) -> None:
    result = brought_in(
        folder,
        line("crm-1-1", interview="crm-1", held_at="2026-11-02T10:00:00Z"),
        line("crm-1-2", interview="crm-1", held_at="2026-11-02T10:00:00Z"),
        line("crm-2"),
    )
    assert result.output == "Brought in: 2. Here already: 0.\n"
    store = store_in(folder)
    first, second = store.interviews_of("imported", 9)[::-1]
    assert (len(first.questions), len(second.questions)) == (2, 1)
    assert first.created_at.isoformat() == "2026-11-02T10:00:00+00:00"
    assert flow.position(first.turns).phase is Phase.FINISHED
    answers = store.answers(first.id)
    assert [answer.state for answer in answers] == [AnswerState.WAITING] * 2
    assert [said.text for said in transcript(first, 1, 0)] == [
        said["text"] for said in line()["transcript"]
    ]
    assert first.questions[0].text == line()["question"]
    assert first.questions[0].calls_for == ("star", "empathy")
    store.close()


def test_given_again_nothing_is_doubled_and_what_is_new_comes_in(folder: Path) -> None:
    brought_in(folder, line("crm-1"))
    result = brought_in(folder, line("crm-1"), line("crm-2"))
    assert result.output == "Brought in: 1. Here already: 1.\n"
    store = store_in(folder)
    assert len(store.interviews_of("imported", 9)) == 2
    store.close()


def test_with_accounts_they_are_the_named_candidates_and_in_their_coaches_queue(
    folder: Path,
) -> None:
    store = store_in(folder)
    queue = Queue(store, with_people(store))
    assert brought_in(folder, line("crm-1", candidate="Ada")).exit_code == 0
    assert brought_in(folder, line("crm-2"), options=("--candidate", "ada")).exit_code == 0
    assert len(queue.page(COACH).entries) == 2
    assert {entry.candidate_id for entry in queue.page(COACH).entries} == {ADA.id}
    assert "line 1: candidate: name the candidate's account" in told(
        brought_in(folder, line("crm-3"))
    )
    assert "line 1: candidate: There is no account of the name Cleo" in told(
        brought_in(folder, line("crm-3", candidate="Cleo"))
    )
    store.close()


def test_a_question_of_the_bank_keeps_what_is_prepared_for_it(folder: Path) -> None:
    asked = {"question_id": "fault-you-cannot-explain", "kind": "hypothetical"}
    assert brought_in(folder, line("crm-1", **asked)).exit_code == 0
    store = store_in(folder)
    (interview,) = store.interviews_of("imported", 9)
    assert interview.questions[0].id == "fault-you-cannot-explain"
    assert interview.questions[0].text == line()["question"]
    store.close()


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (line("b", charm=1), "line 2: charm: unknown key"),
        (line("b", kind="chat"), "line 2: kind: "),
        (line("b", transcript=[]), "line 2: transcript: "),
        (line("b", transcript=[{"role": "coach", "text": "x"}]), "line 2: transcript.0.role: "),
        (line("b", transcript=[{"role": "interviewer", "text": "Why?"}]), "says nothing to grade"),
        (line("b", held_at="2026-11-02T10:00:00"), "line 2: held_at: "),
        (line("b", question_id="nothing-such"), "line 2: question_id: There is no question"),
        (line("b", question_id="fault-you-cannot-explain"), "line 2: kind: the bank has"),
        (line("b", calls_for=["charm"]), "line 2: calls_for: the rubric has no score"),
        (line("a"), "line 2: id: 'a' stands above, in line 1"),
        (line("b", interview="a", trade="retail"), "line 2: trade: expected the same"),
    ],
)
def test_one_line_that_will_not_do_is_named_and_nothing_is_brought_in(
    folder: Path, wrong: dict[str, Any], fault: str
) -> None:
    assert fault in told(brought_in(folder, line("a"), wrong))
    store = store_in(folder)
    assert store.interviews_of("imported", 9) == []
    store.close()


def test_the_file_that_grade_reads_can_be_brought_in(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["import", str(ROOT / "evals/samples/answers.jsonl")])
    assert result.exception is None
    assert result.output.startswith("Brought in: ")
