"""Whole interviews for tests of what is exported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mock_interviewer.core.grade import Evidence, Grade, Rating, Usage
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import sentences
from mock_interviewer.service import demo
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.records import AnswerState, StoredAnswer, StoredInterview
from mock_interviewer.storage.whole import WholeAnswer, WholeInterview
from tests.interviews import grade, question, turn
from tests.toy_rubric import RUBRIC

BEGUN = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
TEXT = "In May I helped. She was glad!"


def demo_whole() -> WholeInterview:
    """The program's own demo interview, a turn a minute."""
    stored = demo.interview()
    moments = tuple(stored.created_at + timedelta(minutes=turn.number) for turn in stored.turns)
    answers = [view.grade for view in demo.report().answers]
    return WholeInterview(
        stored,
        moments,
        tuple(
            WholeAnswer(
                StoredAnswer(place, "demo", place, 0, AnswerState.GRADED, "", 0, given),
                moments[-1],
                (given,) if given else (),
            )
            for place, given in enumerate(answers)
        ),
    )


def told(
    *texts: str,
    levels: dict[str, int | None] | None = None,
    state: AnswerState = AnswerState.GRADED,
    reason: str = "",
    rubric: Rubric = RUBRIC,
    said: str = "What changes for her",
    **changes: Any,
) -> WholeInterview:
    """A finished interview in which each text answers a question of its own.

    Every rating rests on the answer's first two sentences. `said`: a model's words.
    """
    turns = []
    for place, text in enumerate(texts):
        turns.append(turn(len(turns), TurnKind.QUESTION, "Tell me.", place))
        turns.append(turn(len(turns), TurnKind.ANSWER, text, place))
    turns.append(turn(len(turns), TurnKind.CLOSING, "Thank you.", len(texts) - 1))
    fields: dict[str, Any] = {
        "id": "i1",
        "candidate_id": "ada",
        "created_at": BEGUN,
        "mode": Mode.PRACTICE,
        "trade": "retail",
        "questions": tuple(question(f"question-{n}") for n in range(1, len(texts) + 1)),
        "turns": tuple(turns),
        "draft": "",
        "usage": Usage(),
    }
    stored = StoredInterview(**{**fields, **changes})
    chosen = levels or {"story": 4, "end": 3, "heart": 5, "care": 1}
    answers = []
    for place in range(len(texts)):
        given = _grade(stored, place, chosen, said, rubric)
        graded = given if state is AnswerState.GRADED else None
        answers.append(
            WholeAnswer(
                StoredAnswer(place + 1, "i1", place, 0, state, reason, 0, graded),
                BEGUN + timedelta(minutes=place),
                (graded,) if graded else (),
            )
        )
    moments = tuple(BEGUN + timedelta(seconds=n) for n in range(len(turns)))
    return WholeInterview(stored, moments, tuple(answers))


def _grade(
    stored: StoredInterview,
    place: int,
    levels: dict[str, int | None],
    said: str,
    rubric: Rubric,
) -> Grade:
    numbered = sentences(transcript(stored, place, 0), rubric.graded_role)[:2]
    evidence = tuple(Evidence(sentence=s.number, quote=s.text) for s in numbered)
    plain = grade(levels)
    ratings = {
        name: Rating(
            level=rating.level,
            reason=rating.reason,
            evidence=evidence if rating.level is not None else (),
            missing=said,
            next_step=said,
        )
        for name, rating in plain.ratings.items()
    }
    return plain.model_copy(update={"ratings": ratings, "next_time": said})


def texts_of(whole: WholeInterview) -> Sequence[str]:
    """What the candidate said."""
    return [turn.text for turn in whole.interview.turns if turn.kind is TurnKind.ANSWER]
