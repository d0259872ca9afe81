"""The store of reviews: drafts that go by version numbers, and a history that only grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, Result, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.core.findings import Change, Findings, changes
from mock_interviewer.errors import NotFoundError, StaleReviewError
from mock_interviewer.storage import summaries
from mock_interviewer.storage.desk_tables import ReviewChangeRow, ReviewRow, SummaryRow
from mock_interviewer.storage.tables import AnswerRow


class ReviewState(StrEnum):
    """Whether others can see it."""

    BEGUN = "begun"
    DONE = "done"


@dataclass(frozen=True)
class StoredReview:
    """A review of one answer, or, without an answer, of the whole interview."""

    id: int
    interview_id: str
    answer_id: int | None
    coach_id: str
    blind: bool
    """Whether it was begun with the machine's levels hidden; that never changes."""
    state: ReviewState
    version: int
    """How often it was saved: the next save has to name it."""
    draft: Findings
    content: Findings | None
    """As it was finished last."""
    unseen: Findings | None
    """As it stood, finished, when the machine's levels were shown; None unless graded blind."""
    begun_at: datetime
    saved_at: datetime
    done_at: datetime | None
    revealed_at: datetime | None

    @property
    def hides_grade(self) -> bool:
        """Whether its coach may not see the machine's levels yet."""
        return self.blind and self.revealed_at is None


@dataclass(frozen=True)
class StoredChange:
    """A line of a review's history."""

    review_id: int
    at: datetime
    who: str
    change: Change


class ReviewStore:
    """All reads and writes of reviews. Raises `StorageError` as `Store` does."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def begin(self, interview_id: str, coach_id: str, blind: bool) -> list[StoredReview]:
        """This coach's reviews: of the whole interview first, then of each finished answer.

        What is not there yet is begun; what is there stays as blind as it was begun.
        """
        try:
            with self._session.begin() as session:
                self._begin(session, interview_id, coach_id, blind)
        except IntegrityError:
            pass  # another tab has begun the same at the same time
        return self.of(interview_id, coach_id)

    def _begin(self, session: Session, interview_id: str, coach_id: str, blind: bool) -> None:
        answers = select(AnswerRow.id).where(AnswerRow.interview_id == interview_id)
        known = set(
            session.scalars(
                select(ReviewRow.answer_id).where(
                    ReviewRow.interview_id == interview_id, ReviewRow.coach_id == coach_id
                )
            )
        )
        now = _now()
        for answer_id in (None, *session.scalars(answers.order_by(AnswerRow.id))):
            if answer_id not in known:
                session.add(
                    ReviewRow(
                        interview_id=interview_id,
                        answer_id=answer_id,
                        coach_id=coach_id,
                        blind=blind,
                        state=ReviewState.BEGUN.value,
                        draft=Findings().model_dump(mode="json"),
                        begun_at=now,
                        saved_at=now,
                    )
                )

    def of(self, interview_id: str, coach_id: str | None = None) -> list[StoredReview]:
        """The reviews of an interview, all or one coach's: each coach's whole first."""
        query = select(ReviewRow).where(ReviewRow.interview_id == interview_id)
        if coach_id is not None:
            query = query.where(ReviewRow.coach_id == coach_id)
        with self._session() as session:
            rows = session.scalars(query.order_by(ReviewRow.id)).all()
        return [_review(row) for row in sorted(rows, key=lambda row: row.answer_id is not None)]

    def get(self, review_id: int) -> StoredReview:
        """One review. Raises `NotFoundError`."""
        with self._session() as session:
            return _review(_row(session, review_id))

    def save(self, review_id: int, version: int, draft: Findings) -> StoredReview:
        """Keep a draft that is based on this version; nobody else sees it.

        Raises `StaleReviewError`, with what is there now, if it has been saved since.
        """
        with self._session.begin() as session:
            row = _next_version(session, review_id, version)
            row.draft = draft.model_dump(mode="json")
            return _review(row)

    def finish(self, review_id: int, version: int) -> StoredReview:
        """Let the draft be what others see, and note what that changes.

        Finishing a blind one shows its coach the machine's levels; finishing the last part of an
        interview gives its claim back. Raises `StaleReviewError`.
        """
        with self._session.begin() as session:
            row = _next_version(session, review_id, version)
            before = Findings.model_validate(row.content or {})
            found = changes(before, Findings.model_validate(row.draft))
            if row.state != ReviewState.DONE:
                found.append(Change(what="state", before=row.state, after=ReviewState.DONE.value))
            session.add_all(_change(row, change) for change in found)
            row.state, row.content, row.done_at = ReviewState.DONE.value, row.draft, row.saved_at
            if row.blind and row.revealed_at is None:
                row.revealed_at, row.unseen = row.saved_at, row.draft
            summaries.refresh(session, row.interview_id)
            _release_if_all_done(session, row.interview_id, row.coach_id)
            return _review(row)

    def reveal(self, review_id: int) -> StoredReview:
        """Show the machine's levels before the review is finished, which is noted."""
        hidden = (ReviewRow.id == review_id, ReviewRow.blind, ReviewRow.revealed_at.is_(None))
        with self._session.begin() as session:
            now = _now()
            shown = session.execute(update(ReviewRow).where(*hidden).values(revealed_at=now))
            row = _row(session, review_id)
            if _count(shown):
                session.add(_change(row, Change(what="grade", before="hidden", after="shown")))
            return _review(row)

    def history(self, review_ids: Sequence[int]) -> list[StoredChange]:
        """Every change of these reviews, the first one first."""
        query = select(ReviewChangeRow).where(ReviewChangeRow.review_id.in_(review_ids))
        with self._session() as session:
            return [
                StoredChange(
                    row.review_id,
                    row.at,
                    row.who,
                    Change(what=row.what, before=row.before, after=row.after, why=row.why),
                )
                for row in session.scalars(query.order_by(ReviewChangeRow.id))
            ]


def _release_if_all_done(session: Session, interview_id: str, coach_id: str) -> None:
    undone = select(ReviewRow.id).where(
        ReviewRow.interview_id == interview_id,
        ReviewRow.coach_id == coach_id,
        ReviewRow.state != ReviewState.DONE.value,
    )
    session.execute(
        update(SummaryRow)
        .where(
            SummaryRow.interview_id == interview_id,
            SummaryRow.claimed_by == coach_id,
            ~undone.exists(),
        )
        .values(claimed_by=None, claimed_at=None)
    )


def _row(session: Session, review_id: int) -> ReviewRow:
    row = session.get(ReviewRow, review_id)
    if row is None:
        raise NotFoundError("There is no such review here.")
    return row


def _next_version(session: Session, review_id: int, version: int) -> ReviewRow:
    """The review as this transaction's own, if it is still at this version.

    Comparing and counting up is one statement: between two of them another tab could save.
    """
    raised = session.execute(
        update(ReviewRow)
        .where(ReviewRow.id == review_id, ReviewRow.version == version)
        .values(version=version + 1, saved_at=_now())
    )
    row = _row(session, review_id)
    if not _count(raised):
        raise StaleReviewError(
            f"This review was saved elsewhere at {row.saved_at:%H:%M:%S} UTC, perhaps in another "
            "tab. Nothing is lost: what is saved there and what you have here are both shown.",
            by=row.coach_id,
            at=row.saved_at,
            version=row.version,
            present=row.draft,
        )
    return row


def _count(result: Result[Any]) -> int:
    return cast(CursorResult[Any], result).rowcount


def _change(row: ReviewRow, change: Change) -> ReviewChangeRow:
    return ReviewChangeRow(
        review_id=row.id,
        at=_now(),
        who=row.coach_id,
        what=change.what,
        before=change.before,
        after=change.after,
        why=change.why,
    )


def _review(row: ReviewRow) -> StoredReview:
    return StoredReview(
        id=row.id,
        interview_id=row.interview_id,
        answer_id=row.answer_id,
        coach_id=row.coach_id,
        blind=row.blind,
        state=ReviewState(row.state),
        version=row.version,
        draft=Findings.model_validate(row.draft),
        content=_findings(row.content),
        unseen=_findings(row.unseen),
        begun_at=row.begun_at,
        saved_at=row.saved_at,
        done_at=row.done_at,
        revealed_at=row.revealed_at,
    )


def _findings(data: dict[str, Any] | None) -> Findings | None:
    return None if data is None else Findings.model_validate(data)


def _now() -> datetime:
    return datetime.now(UTC)
