"""The coaches' queue: pages of summaries, and claims so that two coaches do not do the same.

A page begins after the last entry of the one before and not at a number, so that the last page
takes no longer than the first.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, sessionmaker

from mock_interviewer.errors import ClaimedError, ConfigurationError, NotFoundError
from mock_interviewer.storage.account_tables import MembershipRow, UserRow
from mock_interviewer.storage.desk_tables import SummaryRow
from mock_interviewer.storage.tables import InterviewRow

CLAIM_LASTS = timedelta(hours=2)


class Filter(StrEnum):
    """Which interviews."""

    ALL = "all"
    UNSURE = "unsure"
    """The grader itself is not sure of some levels."""
    UNGRADED = "ungraded"
    """An answer could not be graded."""
    ASKED = "asked"
    """The candidate asked for a look, and there was none since."""
    ASSIGNED = "assigned"
    """Assigned and done."""
    UNREVIEWED = "unreviewed"
    MINE = "mine"
    """Claimed by this coach."""


class Sort(StrEnum):
    """In which order."""

    UNSURE = "unsure"
    """Those with the most unsure levels first."""
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True)
class Entry:
    """One line of the queue."""

    interview_id: str
    candidate_id: str
    candidate: str
    """Name of the candidate; empty without accounts."""
    answered_at: datetime
    """When the last answer was finished."""
    finished_at: datetime | None
    answers: int
    waiting: int
    ungraded: int
    unsure: int
    """Levels that the grader is not sure of."""
    assigned: bool
    asked_at: datetime | None
    reviewed_at: datetime | None
    claimed_by: str | None
    """Id of the coach who has claimed it, as long as the claim lasts."""
    claimed_until: datetime | None


@dataclass(frozen=True)
class Page:
    """Some lines of the queue."""

    entries: tuple[Entry, ...]
    after: str | None
    """Where the next page begins; None: there is no more."""


class QueueStore:
    """The queue of a coach. `coach_id` None: without accounts, when everything is in it."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def page(
        self,
        coach_id: str | None,
        me: str,
        which: Filter,
        sort: Sort,
        after: str | None = None,
        size: int = 25,
    ) -> Page:
        """Up to `size` lines. Raises `ConfigurationError` if `after` is no page's."""
        columns, descending = _order(sort)
        query = _visible(select(SummaryRow, UserRow.name), coach_id)
        query = query.outerjoin(UserRow, UserRow.id == SummaryRow.candidate_id)
        query = query.where(_filter(which, me))
        if after is not None:
            here = tuple_(*_values(after, columns))
            query = query.where(tuple_(*columns) < here if descending else tuple_(*columns) > here)
        ordered = [column.desc() if descending else column.asc() for column in columns]
        with self._session() as session:
            rows = session.execute(query.order_by(*ordered).limit(size + 1)).all()
        entries = tuple(_entry(row, name) for row, name in rows[:size])
        last = _mark(rows[size - 1][0], columns) if len(rows) > size else None
        return Page(entries, last)

    def counts(self, coach_id: str | None, me: str) -> dict[Filter, int]:
        """How many interviews each filter lets through."""
        figures = [func.count().filter(_filter(which, me)) for which in Filter]
        query = _visible(select(*figures).select_from(SummaryRow), coach_id)
        with self._session() as session:
            return dict(zip(Filter, session.execute(query).one(), strict=True))

    def ids(self, coach_id: str | None, me: str, which: Filter) -> list[str]:
        """Ids of all interviews that a filter lets through."""
        query = _visible(select(SummaryRow.interview_id), coach_id).where(_filter(which, me))
        with self._session() as session:
            return [interview_id for (interview_id,) in session.execute(query)]

    def claim(self, interview_id: str, me: str) -> datetime:
        """Take an interview, or keep it for longer; returns until when.

        Raises `ClaimedError` if another coach has it, and `NotFoundError` if there is nothing to
        review in it.
        """
        now = _now()
        free = or_(SummaryRow.claimed_by.is_(None), SummaryRow.claimed_by == me, ~_lasting(now))
        with self._session.begin() as session:
            taken = session.execute(
                update(SummaryRow)
                .where(SummaryRow.interview_id == interview_id, free)
                .values(claimed_by=me, claimed_at=now)
            )
            row = session.get(SummaryRow, interview_id, populate_existing=True)
            if row is None:
                raise NotFoundError("There is no finished answer in this interview yet.")
            if not cast(CursorResult[Any], taken).rowcount:
                raise _claimed(session, row)
        return now + CLAIM_LASTS

    def release(self, interview_id: str, me: str) -> None:
        """Give an interview back, if this coach has it."""
        with self._session.begin() as session:
            session.execute(
                update(SummaryRow)
                .where(SummaryRow.interview_id == interview_id, SummaryRow.claimed_by == me)
                .values(claimed_by=None, claimed_at=None)
            )

    def set_asked(self, interview_id: str, asked: bool) -> None:
        """Keep whether its candidate wants a look at it, which shares it with their coaches.

        Raises `NotFoundError` if there is nothing to look at.
        """
        with self._session.begin() as session:
            row = session.get(SummaryRow, interview_id)
            if row is None:
                raise NotFoundError("There is no finished answer in this interview yet.")
            row.asked_at = _now() if asked else None
            if asked:
                session.get_one(InterviewRow, interview_id).shared = True

    def entry(self, interview_id: str) -> Entry | None:
        """The line of one interview; None if there is nothing to review in it."""
        query = (
            select(SummaryRow, UserRow.name)
            .outerjoin(UserRow, UserRow.id == SummaryRow.candidate_id)
            .where(SummaryRow.interview_id == interview_id)
        )
        with self._session() as session:
            found = session.execute(query).first()
        return _entry(*found) if found else None


def _visible(query: Select[*tuple[Any, ...]], coach_id: str | None) -> Select[*tuple[Any, ...]]:
    """Only what other members of this coach's groups share."""
    if coach_id is None:
        return query
    own, theirs = aliased(MembershipRow), aliased(MembershipRow)
    members = (
        select(theirs.user_id)
        .join(own, own.group_id == theirs.group_id)
        .where(own.user_id == coach_id, theirs.user_id != coach_id)
    )
    return query.join(InterviewRow, InterviewRow.id == SummaryRow.interview_id).where(
        InterviewRow.shared, SummaryRow.candidate_id.in_(members)
    )


def _filter(which: Filter, me: str) -> ColumnElement[bool]:
    row = SummaryRow
    match which:
        case Filter.ALL:
            return row.answers > 0
        case Filter.UNSURE:
            return row.unsure > 0
        case Filter.UNGRADED:
            return row.ungraded > 0
        case Filter.ASKED:
            seen = and_(row.reviewed_at.is_not(None), row.reviewed_at >= row.asked_at)
            return and_(row.asked_at.is_not(None), ~seen)
        case Filter.ASSIGNED:
            return and_(row.assigned, row.finished_at.is_not(None))
        case Filter.UNREVIEWED:
            return row.reviewed_at.is_(None)
        case Filter.MINE:
            return and_(row.claimed_by == me, _lasting(_now()))


def _order(sort: Sort) -> tuple[Sequence[InstrumentedAttribute[Any]], bool]:
    """The columns, of which there is an index, and whether they go down."""
    moment = (SummaryRow.answered_at, SummaryRow.interview_id)
    if sort is Sort.UNSURE:
        return (SummaryRow.unsure, *moment), True
    return moment, sort is Sort.NEWEST


def _mark(row: SummaryRow, columns: Sequence[InstrumentedAttribute[Any]]) -> str:
    values = [getattr(row, column.key) for column in columns]
    told = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def _values(after: str, columns: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    try:
        told = json.loads(base64.urlsafe_b64decode(after.encode()))
        wanted = {"answered_at": datetime.fromisoformat, "unsure": int, "interview_id": str}
        return [
            literal(cast(Any, wanted[column.key])(value), column.type)
            for column, value in zip(columns, told, strict=True)
        ]
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            "This link to a page of the queue is incomplete; begin at the first page."
        ) from error


def _lasting(now: datetime) -> ColumnElement[bool]:
    """Whether a claim lasts; one from the future is of a clock that has been set back."""
    return and_(
        SummaryRow.claimed_at > now - CLAIM_LASTS, SummaryRow.claimed_at <= now + CLAIM_LASTS
    )


def _claimed(session: Session, row: SummaryRow) -> ClaimedError:
    assert row.claimed_by is not None
    assert row.claimed_at is not None
    user = session.get(UserRow, row.claimed_by)
    until = row.claimed_at + CLAIM_LASTS
    name = user.name if user else "Another coach"
    return ClaimedError(
        f"{name} has been at this interview since {row.claimed_at:%H:%M} UTC; it is free again "
        f"when they give it back, or at {until:%H:%M} UTC.",
        by=row.claimed_by,
        until=until,
    )


def _entry(row: SummaryRow, name: str | None) -> Entry:
    now = _now()
    lasts = row.claimed_at is not None and abs(now - row.claimed_at) < CLAIM_LASTS
    return Entry(
        interview_id=row.interview_id,
        candidate_id=row.candidate_id,
        candidate=name or "",
        answered_at=row.answered_at,
        finished_at=row.finished_at,
        answers=row.answers,
        waiting=row.waiting,
        ungraded=row.ungraded,
        unsure=row.unsure,
        assigned=row.assigned,
        asked_at=row.asked_at,
        reviewed_at=row.reviewed_at,
        claimed_by=row.claimed_by if lasts else None,
        claimed_until=row.claimed_at + CLAIM_LASTS if lasts and row.claimed_at else None,
    )


def _now() -> datetime:
    return datetime.now(UTC)
