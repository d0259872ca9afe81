"""Toy questions, turns and grades for tests of what is stored and shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mock_interviewer.core.grade import Grade, Rating, Stamp, Usage
from mock_interviewer.core.interview import Turn, TurnKind
from mock_interviewer.core.questions import Question

PROBES = {
    "situation": "Where and when was that?",
    "task": "What did you have to achieve?",
    "action": "What did you do about it?",
    "own_part": "Which part of that was yours?",
    "result": "How did it end for them?",
    "how_known": "How did you know that it worked?",
    "feelings": "How did they feel about it?",
}


def question(name: str = "one", **changes: Any) -> Question:
    """A behavioural question that calls for both scores."""
    data: dict[str, Any] = {
        "id": name,
        "kind": "behavioural",
        "competencies": ["bad_news"],
        "difficulty": 1,
        "calls_for": ["star", "empathy"],
        "text": f"Tell me about a time number {name}.",
        "strong_answer": "Tells one occasion.",
        "hint": f"Think of a day number {name}.",
        "probes": PROBES,
        "model_answer": "In May a guest had lost his key, and I found it for him in the garden.",
    }
    return Question.model_validate({**data, **changes})


def turn(number: int, kind: TurnKind, text: str = "", question: int = 0, attempt: int = 0) -> Turn:
    """A turn."""
    return Turn(number, kind, text, question, attempt)


def grade(
    levels: Mapping[str, int | None], key: str = "grader-1", usage: Usage | None = None, **more: Any
) -> Grade:
    """A grade with these levels; None is not applicable."""
    return Grade(
        not_an_answer=False,
        ratings={
            name: Rating(level=level, reason=None if level is not None else "not_applicable")
            for name, level in levels.items()
        },
        stamp=Stamp(
            grader_key=key,
            rubric="toy 1 (abc)",
            prompts={"levels": "1 (def)"},
            model="toy",
            strategy="levels",
            calibration="none needed",
            package_version="1",
            graded_at=datetime(2026, 11, 1, tzinfo=UTC),
            usage=usage or Usage(),
        ),
        **more,
    )
