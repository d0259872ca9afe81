"""Files of answers and of grades: JSON lines, read whatever is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core import jsonlines
from mock_interviewer.core.grade import Evidence, Rating
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import DataFileError
from mock_interviewer.grading.answers import (
    Answer,
    BadLine,
    grade_line,
    graded_ids,
    read_answers,
)
from tests.interviews import grade

GOOD: dict[str, Any] = {
    "id": "a1",
    "question": "Tell me.",
    "kind": "behavioural",
    "transcript": [
        {"role": "candidate", "text": "I helped."},
        {"role": "interviewer", "text": "How?"},
    ],
}


def written(folder: Path, *lines: Any) -> Path:
    path = folder / "answers.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_a_line_is_an_answer(tmp_path: Path) -> None:
    assert list(read_answers(written(tmp_path, GOOD))) == [
        Answer(
            id="a1",
            question="Tell me.",
            kind=Kind.BEHAVIOURAL,
            transcript=(
                Line(role=Role.CANDIDATE, text="I helped."),
                Line(role=Role.INTERVIEWER, text="How?"),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("{nope", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[1]", "(the whole file)"),
        ({**GOOD, "id": ""}, "id:"),
        ({**GOOD, "kind": "riddle"}, "kind:"),
        ({**GOOD, "transcript": []}, "transcript:"),
        ({**GOOD, "transcript": [{"role": "judge", "text": "x"}]}, "transcript.0.role:"),
        ({**GOOD, "level": 5}, "level: unknown key"),
        ({key: value for key, value in GOOD.items() if key != "question"}, "question: this key"),
        (GOOD, "id: 'a1' is on line 1, too"),
    ],
)
def test_a_bad_line_is_told_by_its_number_and_the_rest_is_read(
    tmp_path: Path, bad: Any, told: str
) -> None:
    path = written(tmp_path, GOOD, "", bad, {**GOOD, "id": "a2"})
    first, wrong, last = read_answers(path)
    assert isinstance(first, Answer)
    assert isinstance(wrong, BadLine)
    assert wrong.number == 3
    assert wrong.message.startswith(f"{path}: line 3: ")
    assert told in wrong.message
    assert isinstance(last, Answer)
    assert last.id == "a2"


def test_bytes_that_are_no_text_are_one_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b"\xff\xfe\n" + json.dumps(GOOD).encode())
    assert [type(line) for line in read_answers(path)] == [BadLine, Answer]


def test_a_text_may_hold_every_line_break_of_unicode(tmp_path: Path) -> None:
    text = "I helped.\u2028She\x85came."
    line = {**GOOD, "transcript": [{"role": "candidate", "text": text}]}
    (answer,) = read_answers(written(tmp_path, json.dumps(line, ensure_ascii=False)))
    assert isinstance(answer, Answer)
    assert answer.transcript[0].text == text


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="cannot be read"):
        list(read_answers(tmp_path / "nowhere"))


def test_a_grade_is_a_line_with_levels_evidence_and_reasons() -> None:
    made = grade({}).model_copy(
        update={
            "ratings": {
                "situation": Rating(
                    level=4,
                    evidence=(Evidence(sentence=2, quote="In May."),),
                    missing="why",
                    next_step="Say why.",
                    items={"occasion": 1.0},
                ),
                "task": Rating(level=None, reason="not_applicable"),
                "result": Rating(
                    level=None, reason="ungraded: x", evidence=(Evidence(sentence=3, quote="So."),)
                ),
            },
            "next_time": "In May I was there.",
        }
    )
    line = grade_line("a1", made)
    assert line["id"] == "a1"
    assert line["not_an_answer"] is False
    assert line["next_time"] == "In May I was there."
    assert line["ratings"] == {
        "situation": {
            "level": 4,
            "evidence": [{"sentence": 2, "quote": "In May."}],
            "missing": "why",
            "next_step": "Say why.",
        },
        "task": {"level": None, "reason": "not_applicable"},
        "result": {
            "level": None,
            "reason": "ungraded: x",
            "evidence": [{"sentence": 3, "quote": "So."}],
        },
    }
    assert line["stamp"]["grader_key"] == "grader-1"
    assert json.loads(json.dumps(line)) == line


def test_answers_that_this_grader_has_graded_are_known_again(tmp_path: Path) -> None:
    path = tmp_path / "grades.jsonl"
    lines = [grade_line("a1", grade({})), grade_line("a2", grade({}, key="another"))]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert graded_ids(path, "grader-1") == {"a1"}
    assert graded_ids(tmp_path / "nowhere", "grader-1") == set()


@pytest.mark.parametrize("bad", ["{nope}", "[1]", "{}", '{"id": "a1", "stamp": "x"}'])
def test_a_file_that_holds_something_else_is_not_written_over(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(bad + "\n")
    with pytest.raises(DataFileError, match=r"line 1: (not|expected)"):
        graded_ids(path, "grader-1")


def test_half_a_character_in_an_answers_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    text = "I \\ud83d helped."
    path.write_text(
        '{"id": "a", "question": "Q?", "kind": "opinion", "transcript": '
        f'[{{"role": "candidate", "text": "{text}"}}]}}\n'
    )
    (line,) = read_answers(path)
    assert isinstance(line, BadLine)
    assert "transcript.0.text" in line.message


def test_a_grade_may_quote_every_line_break_of_unicode(tmp_path: Path) -> None:
    path = tmp_path / "grades.jsonl"
    line = grade_line("a1", grade({}, next_time="So.\u2028I\x85helped."))
    path.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    assert graded_ids(path, "grader-1") == {"a1"}


def test_a_line_that_a_kill_cut_short_is_graded_again(tmp_path: Path) -> None:
    path = tmp_path / "grades.jsonl"
    whole = json.dumps(grade_line("a1", grade({})))
    path.write_text(whole + "\n" + whole.replace("a1", "a2")[: len(whole) // 2])
    assert graded_ids(path, "grader-1") == {"a1"}
    with jsonlines.Appender(path) as file:
        file.add(grade_line("a2", grade({})))
    assert [data["id"] for _, data in jsonlines.read(path)] == ["a1", "a2"]
