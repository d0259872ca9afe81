"""One interview as JSON: whole, documented, and the same bytes each time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.service.exports.record import (
    InterviewRecord,
    interview_json,
    interview_record,
    pseudonym,
)
from mock_interviewer.storage.records import AnswerState
from tests.exported import TEXT, demo_whole, told
from tests.toy_rubric import RUBRIC

DOCS = Path(__file__).parents[3] / "docs" / "exports.md"


def exported(*texts: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(interview_json(told(*texts, **changes), RUBRIC))
    return found


def test_a_grade_has_its_evidence_as_sentence_numbers_and_quotes() -> None:
    (answer,) = exported(TEXT)["answers"]
    (grade,) = answer["grades"]
    story = grade["ratings"][0]
    assert (story["criterion"], story["level"], story["word"]) == ("story", 4, "much")
    assert (story["lowest"], story["highest"]) == (1, 5)
    assert story["evidence"] == [
        {"sentence": 1, "quote": "In May I helped."},
        {"sentence": 2, "quote": "She was glad!"},
    ]
    assert answer["sentences"][1] == {"sentence": 2, "turn": 1, "text": "She was glad!"}
    assert grade["stamp"]["grader_key"] == "grader-1"


def test_turns_have_their_times_and_texts_stand_as_they_were_written() -> None:
    text = "  In May I helped.\n\n   She was glad! \x0b 😀 "
    found = exported(text, draft=" half a sen")
    assert found["turns"][1] == {
        "turn": 1,
        "at": "2026-11-01T09:30:01Z",
        "role": "candidate",
        "kind": "answer",
        "text": text,
        "question": 1,
        "attempt": 1,
        "aim": None,
    }
    assert found["draft"] == " half a sen"
    assert found["finished"] is True


def test_sentences_name_the_turn_that_they_stand_in() -> None:
    answers = interview_record(demo_whole(), load_rubric()).answers
    texts = {turn.turn: turn.text for turn in interview_record(demo_whole(), load_rubric()).turns}
    assert sum(len(answer.sentences) for answer in answers) > 20
    for answer in answers:
        for sentence in answer.sentences:
            assert sentence.text in texts[sentence.turn]


def test_what_is_not_graded_says_so() -> None:
    (answer,) = exported(TEXT, state=AnswerState.UNGRADED, reason="declined")["answers"]
    assert (answer["state"], answer["reason"], answer["grades"]) == ("ungraded", "declined", [])


def test_a_grade_by_a_rubric_that_is_not_in_use_keeps_its_levels() -> None:
    whole = told(TEXT, levels={"poise": 2})
    (rating,) = json.loads(interview_json(whole, RUBRIC))["answers"][0]["grades"][0]["ratings"]
    assert (rating["criterion"], rating["name"], rating["level"]) == ("poise", "poise", 2)
    assert (rating["word"], rating["highest"]) == ("", None)


def test_who_it_was_is_told_by_a_name_that_opens_nothing() -> None:
    text = interview_json(told(TEXT, candidate_id="a-secret-cookie"), RUBRIC)
    assert "a-secret-cookie" not in text
    assert json.loads(text)["candidate"] == pseudonym("a-secret-cookie")


def test_the_same_interview_is_the_same_bytes() -> None:
    assert interview_json(told(TEXT), RUBRIC) == interview_json(told(TEXT), RUBRIC)


def fields(model: type[BaseModel], prefix: str = "") -> list[str]:
    """All fields as the documentation writes them, such as `turns[].at`."""
    found = []
    for name, field in model.model_fields.items():
        inner, mark = field.annotation, ""
        for part in get_args(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                inner, mark = part, "[]"
        found.append(f"{prefix}{name}{mark}")
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += fields(inner, f"{prefix}{name}{mark}.")
    return found


def test_the_documented_fields_are_the_real_ones() -> None:
    page = DOCS.read_text(encoding="utf-8")
    table = page.partition("## JSON")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([\w.\[\]]+)` \|", table, re.MULTILINE) == fields(InterviewRecord)


def test_own_levels_are_in_it_by_name() -> None:
    whole = told(TEXT, TEXT)
    first, second = whole.answers
    rated = replace(whole, answers=(replace(first, own={"story": 2}), second))
    one, other = json.loads(interview_json(rated, RUBRIC))["answers"]
    assert one["own_levels"] == [{"criterion": "story", "name": "Story", "level": 2}]
    assert other["own_levels"] == []
