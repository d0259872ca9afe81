"""Storing interviews that were held elsewhere: all of them or none, and each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.interview import Mode, Turn
from mock_interviewer.core.questions import Question
from mock_interviewer.storage import records, summaries
from mock_interviewer.storage.desk_tables import ImportedRow
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.tables import AnswerRow


@dataclass(frozen=True)
class HeldElsewhere:
    """An interview as it comes from a file, with the finished answers as (question, attempt)."""

    external_id: str
    candidate_id: str
    mode: Mode
    trade: str
    held_at: datetime
    questions: tuple[Question, ...]
    turns: tuple[Turn, ...]
    finished: tuple[tuple[int, int], ...]


def bring_in(sessions: sessionmaker[Session], interviews: Sequence[HeldElsewhere]) -> list[str]:
    """Store those that are not here yet, shared with coaches; returns the ids of the new ones.

    Their answers wait for their grades. It is one transaction: a kill leaves none of them.
    """
    with sessions.begin() as session:
        return [
            _add(session, interview)
            for interview in interviews
            if session.get(ImportedRow, interview.external_id) is None
        ]


def _add(session: Session, interview: HeldElsewhere) -> str:
    row = records.interview_row(
        interview.candidate_id,
        interview.mode,
        interview.trade,
        interview.questions,
        interview.held_at,
    )
    row.shared = True
    session.add(row)
    session.flush()
    session.add_all(records.turn_row(row.id, turn, interview.held_at) for turn in interview.turns)
    session.add_all(
        AnswerRow(
            interview_id=row.id,
            question=question,
            attempt=attempt,
            state=AnswerState.WAITING.value,
            not_before=datetime.now(UTC),
            finished_at=interview.held_at,
        )
        for question, attempt in interview.finished
    )
    session.add(ImportedRow(external_id=interview.external_id, interview_id=row.id))
    summaries.refresh(session, row.id)
    return row.id
