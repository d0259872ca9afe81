"""The store of candidates' own ratings: given before the grade is seen, and never changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.storage.desk_tables import SelfRatingRow


class SelfRatingStore:
    """All reads and writes of them."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def add(self, answer_id: int, levels: dict[str, Any] | None) -> bool:
        """Keep levels, or that there are none because the grade was seen first.

        False if either was said before, which stands.
        """
        try:
            with self._session.begin() as session:
                session.add(
                    SelfRatingRow(answer_id=answer_id, levels=levels, rated_at=datetime.now(UTC))
                )
        except IntegrityError:
            return False
        return True

    def of(self, answer_ids: Collection[int]) -> dict[int, dict[str, Any] | None]:
        """What was said of these answers; one of which nothing was said is not in it."""
        query = select(SelfRatingRow).where(SelfRatingRow.answer_id.in_(answer_ids))
        with self._session() as session:
            return {row.answer_id: row.levels for row in session.scalars(query)}
