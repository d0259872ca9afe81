"""What the store hands out, and how it is read off the tables' rows."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mock_interviewer.core.grade import Grade, Usage
from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Aim, Question
from mock_interviewer.storage.tables import AnswerRow, GradeRow, InterviewRow, TurnRow


class AnswerState(StrEnum):
    """Where the grading of a finished answer stands."""

    WAITING = "waiting"
    GRADED = "graded"
    UNGRADED = "ungraded"


@dataclass(frozen=True)
class StoredInterview:
    """An interview as it is on disk."""

    id: str
    candidate_id: str
    created_at: datetime
    mode: Mode
    trade: str
    questions: tuple[Question, ...]
    turns: tuple[Turn, ...]
    draft: str
    usage: Usage
    """Tokens of the interviewer's own words; grades carry theirs in their stamps."""
    may_become_case: bool = False
    """Whether the candidate agreed that its answers be made into cases of the evals."""
    shared: bool = False
    """Whether the candidate lets the coaches of their groups read it."""
    rates_first: bool = False
    """Practice mode: whether the candidate rates each answer before seeing its feedback."""


@dataclass(frozen=True)
class StoredAnswer:
    """A finished answer; `grade` is its latest grade."""

    id: int
    interview_id: str
    question: int
    attempt: int
    state: AnswerState
    reason: str
    tries: int
    grade: Grade | None

    @property
    def waiting(self) -> bool:
        """Whether its grade is still to come."""
        return self.state is AnswerState.WAITING


def interview(row: InterviewRow, turns: Iterable[TurnRow]) -> StoredInterview:
    """An interview with its turns, which are given in their order."""
    return StoredInterview(
        id=row.id,
        candidate_id=row.candidate_id,
        created_at=row.created_at,
        mode=Mode(row.mode),
        trade=row.trade,
        questions=tuple(Question.model_validate(question) for question in row.questions),
        turns=tuple(_turn(turn) for turn in turns),
        draft=row.draft,
        usage=Usage(
            prompt=row.prompt_tokens, cached=row.cached_tokens, completion=row.completion_tokens
        ),
        may_become_case=row.may_become_case,
        shared=row.shared,
        rates_first=row.rates_first,
    )


def answer(row: AnswerRow, latest: GradeRow | None) -> StoredAnswer:
    """An answer with its latest grade."""
    return StoredAnswer(
        id=row.id,
        interview_id=row.interview_id,
        question=row.question,
        attempt=row.attempt,
        state=AnswerState(row.state),
        reason=row.reason,
        tries=row.tries,
        grade=Grade.model_validate(latest.data) if latest else None,
    )


def interview_row(
    candidate_id: str,
    mode: Mode,
    trade: str,
    questions: Iterable[Question],
    created_at: datetime,
    *,
    rates_first: bool = False,
) -> InterviewRow:
    """The row of an interview that is new, with an unguessable id."""
    return InterviewRow(
        id=new_id(),
        candidate_id=candidate_id,
        created_at=created_at,
        mode=mode.value,
        trade=trade,
        questions=[question.model_dump(mode="json") for question in questions],
        rates_first=rates_first,
    )


def new_id() -> str:
    """Unguessable. A command line would take one that begins with a dash for an option."""
    made = secrets.token_urlsafe(16)
    return made if not made.startswith("-") else new_id()


def turn_row(interview_id: str, turn: Turn, created_at: datetime) -> TurnRow:
    """The row of a turn that is new."""
    return TurnRow(
        interview_id=interview_id,
        number=turn.number,
        kind=turn.kind.value,
        text=turn.text,
        question=turn.question,
        attempt=turn.attempt,
        aim=turn.aim.value if turn.aim else None,
        created_at=created_at,
    )


def _turn(row: TurnRow) -> Turn:
    return Turn(
        number=row.number,
        kind=TurnKind(row.kind),
        text=row.text,
        question=row.question,
        attempt=row.attempt,
        aim=Aim(row.aim) if row.aim else None,
    )
