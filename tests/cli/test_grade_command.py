"""`mock-interviewer grade`, in batch rounds: what a user's shell sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.core.rubric import Rubric, load_rubric

ANSWER = {
    "id": "a1",
    "question": "Tell me about a time you helped a customer.",
    "kind": "behavioural",
    "transcript": [
        {"role": "candidate", "text": "In May a man lost his ring in our pool. I dived for it."},
        {"role": "interviewer", "text": "What happened then?"},
        {"role": "candidate", "text": "I found it. He cried."},
    ],
}


def grade(*options: str | Path) -> Result:
    return CliRunner().invoke(cli, ["grade", *map(str, options)])


def write_lines(path: Path, lines: list[Any]) -> Path:
    text = "".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines)
    path.write_text(text, encoding="utf-8")
    return path


def model_grade(rubric: Rubric, level: int, evidence: list[int]) -> dict[str, Any]:
    """What a model would reply: this level everywhere (or the highest there is)."""
    return {
        "not_an_answer": False,
        "tells_example": True,
        "ratings": {
            c.id: {
                "evidence": evidence,
                "items": {i.id: i.needed_for <= level for i in c.items},
                "missing": "more",
                "next_step": "say more",
                "level": min(level, c.highest),
            }
            for c in rubric.criteria
        },
        "next_time": "",
    }


def reply_to(request: dict[str, Any], content: object) -> dict[str, Any]:
    message = {"role": "assistant", "content": json.dumps(content), "refusal": None}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    response = {"status_code": 200, "body": body}
    return {"custom_id": request["custom_id"], "response": response, "error": None}


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def one_round(tmp_path: Path, answers: Path, *options: str) -> list[dict[str, Any]]:
    requests = tmp_path / "requests.jsonl"
    out = tmp_path / "grades.jsonl"
    fixed = ("--model", "m", "--strategy", "levels", *options)
    first = grade(answers, "--out", out, "--requests", requests, *fixed)
    assert first.exit_code == 3, first.output
    return read(requests)


def test_a_round_of_requests_and_replies_grades_an_answer(tmp_path: Path) -> None:
    answers = write_lines(tmp_path / "answers.jsonl", [ANSWER])
    (request,) = one_round(tmp_path, answers)
    assert request["url"] == "/v1/chat/completions"

    replies = write_lines(
        tmp_path / "replies.jsonl", [reply_to(request, model_grade(load_rubric(), 3, [2, 4]))]
    )
    out = tmp_path / "grades.jsonl"
    done = grade(
        answers, "--out", out, "--replies", replies, "--model", "m", "--strategy", "levels"
    )

    assert done.exit_code == 0, done.output
    (line,) = read(out)
    assert line["id"] == "a1"
    assert set(line["ratings"]) == {c.id for c in load_rubric().criteria}
    # Sentences count through the candidate's turns only: 1 "In May ...", 2 "I dived ...",
    # 3 "I found it.", 4 "He cried."
    assert line["ratings"]["situation"]["level"] == 3
    assert line["ratings"]["situation"]["evidence"] == [
        {"sentence": 2, "quote": "I dived for it."},
        {"sentence": 4, "quote": "He cried."},
    ]
    assert line["ratings"]["listening"]["level"] == 2
    assert line["stamp"]["model"] == "m"


def test_a_second_run_grades_nothing_twice(tmp_path: Path) -> None:
    answers = write_lines(tmp_path / "answers.jsonl", [ANSWER])
    (request,) = one_round(tmp_path, answers)
    replies = write_lines(
        tmp_path / "replies.jsonl", [reply_to(request, model_grade(load_rubric(), 3, [1]))]
    )
    out = tmp_path / "grades.jsonl"
    options = ("--out", out, "--replies", replies, "--model", "m", "--strategy", "levels")
    assert grade(answers, *options).exit_code == 0
    assert grade(answers, *options).exit_code == 0
    assert len(read(out)) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{not json", "not valid JSON"),
        ("[1, 2]", "(the whole file)"),
        ({**ANSWER, "id": "b", "kind": "essay"}, "kind"),
        ({**ANSWER, "id": "b", "mood": "good"}, "mood: unknown key"),
        ({**ANSWER, "id": "b", "transcript": []}, "transcript"),
        (ANSWER, "'a1' is on line 1, too"),
    ],
)
def test_a_bad_line_is_reported_with_its_number_and_the_others_are_graded(
    tmp_path: Path, line: object, told: str
) -> None:
    answers = write_lines(tmp_path / "answers.jsonl", [ANSWER, line])
    (request,) = one_round(tmp_path, answers)
    replies = write_lines(
        tmp_path / "replies.jsonl", [reply_to(request, model_grade(load_rubric(), 3, [1]))]
    )
    out = tmp_path / "grades.jsonl"
    done = grade(
        answers, "--out", out, "--replies", replies, "--model", "m", "--strategy", "levels"
    )
    assert done.exit_code == 3
    assert "line 2" in done.output
    assert told in done.output
    assert [found["id"] for found in read(out)] == ["a1"]


def test_a_reply_of_the_wrong_shape_leaves_the_answer_ungraded_with_the_reason(
    tmp_path: Path,
) -> None:
    answers = write_lines(tmp_path / "answers.jsonl", [ANSWER])
    (request,) = one_round(tmp_path, answers)
    replies = write_lines(tmp_path / "replies.jsonl", [reply_to(request, {"level": 5})])
    out = tmp_path / "grades.jsonl"
    grade(answers, "--out", out, "--replies", replies, "--model", "m", "--strategy", "levels")
    (line,) = read(out)
    assert {rating["level"] for rating in line["ratings"].values()} == {None}
    assert all(r["reason"].startswith("ungraded: ") for r in line["ratings"].values())


def test_another_rubric_may_grade_the_interviewer_on_its_own_scale(tmp_path: Path) -> None:
    rubric = {
        "id": "open-questions",
        "version": 1,
        "title": "Does the interviewer ask openly?",
        "graded_role": "interviewer",
        "rules": ["Only the interviewer's turns count."],
        "criteria": [
            {
                "id": "openness",
                "name": "Openness",
                "about": "Whether questions leave room.",
                "levels": {0: "Closed.", 3: "Open."},
                "words": {0: "closed", 1: "rather closed", 2: "rather open", 3: "open"},
                "next_step": {0: "Begin with what.", 1: "Begin with how.", 2: "Wait longer."},
                "items": [{"id": "begins_open", "text": "Does it begin openly?", "needed_for": 2}],
            }
        ],
    }
    path = tmp_path / "rubric.yaml"
    path.write_text(yaml.safe_dump(rubric), encoding="utf-8")
    answers = write_lines(tmp_path / "answers.jsonl", [ANSWER])
    (request,) = one_round(tmp_path, answers, "--rubric", str(path))
    content = model_grade(load_rubric(path), 3, [1])
    replies = write_lines(tmp_path / "replies.jsonl", [reply_to(request, content)])
    out = tmp_path / "grades.jsonl"
    done = grade(
        answers,
        "--out",
        out,
        "--replies",
        replies,
        "--rubric",
        path,
        "--model",
        "m",
        "--strategy",
        "levels",
    )
    assert done.exit_code == 0, done.output
    (line,) = read(out)
    assert line["ratings"]["openness"]["level"] == 3
    assert line["ratings"]["openness"]["evidence"] == [
        {"sentence": 1, "quote": "What happened then?"}
    ]


def test_the_checklist_asks_for_everything_that_is_missing_in_one_round(tmp_path: Path) -> None:
    answers = write_lines(tmp_path / "answers.jsonl", [ANSWER])
    requests = tmp_path / "requests.jsonl"
    done = grade(
        answers,
        "--out",
        tmp_path / "grades.jsonl",
        "--requests",
        requests,
        "--model",
        "m",
        "--strategy",
        "checklist",
    )
    assert done.exit_code == 3
    items = sum(len(criterion.items) for criterion in load_rubric().criteria)
    # one request for each item, and one that labels the sentences
    assert len(read(requests)) == items + 1
