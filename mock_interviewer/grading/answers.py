"""Files of answers to grade, and of their grades: JSON lines.

An answer: {"id": "a1", "question": "Tell me ...", "kind": "behavioural", "transcript":
[{"role": "candidate", "text": "..."}, {"role": "interviewer", "text": "..."}, ...]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from mock_interviewer.core import jsonlines
from mock_interviewer.core.datafile import Strict, validated
from mock_interviewer.core.grade import Grade, Rating
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.transcript import Line
from mock_interviewer.errors import DataFileError


class Answer(Strict):
    """One answer to grade."""

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    kind: Kind
    transcript: tuple[Line, ...] = Field(min_length=1)


class BadLine(NamedTuple):
    """A line that is not an answer, and why."""

    number: int
    message: str


def read_answers(path: Path) -> Iterator[Answer | BadLine]:
    """Yield each line's answer, or what is wrong with it. Raises `DataFileError` on no file."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read: {error}") from error
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            answer = _answer(line, f"{path}: line {number}")
        except DataFileError as error:
            yield BadLine(number, str(error))
            continue
        if answer.id in seen:
            message = f"{path}: line {number}: id: {answer.id!r} is on line {seen[answer.id]}, too"
            yield BadLine(number, message)
            continue
        seen[answer.id] = number
        yield answer


def _answer(line: bytes, source: str) -> Answer:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataFileError(f"{source}: not valid JSON: {error}") from error
    return validated(Answer, data, source)


def grade_line(answer_id: str, grade: Grade) -> dict[str, Any]:
    """A grade as a line of a grades file."""
    return {
        "id": answer_id,
        "not_an_answer": grade.not_an_answer,
        "ratings": {name: _rating(rating) for name, rating in grade.ratings.items()},
        "next_time": grade.next_time,
        "stamp": grade.stamp.model_dump(mode="json"),
    }


def _rating(rating: Rating) -> dict[str, Any]:
    if rating.level is None:
        line: dict[str, Any] = {"level": None, "reason": rating.reason}
        if rating.evidence:
            line["evidence"] = [evidence.model_dump() for evidence in rating.evidence]
        return line
    return {
        "level": rating.level,
        "evidence": [evidence.model_dump() for evidence in rating.evidence],
        "missing": rating.missing,
        "next_step": rating.next_step,
    }


def graded_ids(path: Path, grader_key: str) -> set[str]:
    """Ids that a grades file holds already, by this very grader. Raises `DataFileError`."""
    found = set()
    for number, data in jsonlines.read(path):
        try:
            if data["stamp"]["grader_key"] == grader_key:
                found.add(str(data["id"]))
        except (KeyError, TypeError) as error:
            raise DataFileError(
                f"{path}: line {number}: not a grade; name another file with --out"
            ) from error
    return found
