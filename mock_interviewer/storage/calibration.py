"""The store of coaches' levels of reference answers: given once, and never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mock_interviewer.storage.desk_tables import CalibrationRow


class CalibrationStore:
    """All reads and writes of them."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._session = sessions

    def levels(self, coach_id: str) -> dict[str, dict[str, Any]]:
        """This coach's levels, by the reference answer's id."""
        query = select(CalibrationRow).where(CalibrationRow.coach_id == coach_id)
        with self._session() as session:
            return {row.case_id: row.levels for row in session.scalars(query)}

    def add(self, coach_id: str, case_id: str, levels: dict[str, Any]) -> bool:
        """Keep levels; False if there are some already, which stand."""
        row = CalibrationRow(
            coach_id=coach_id, case_id=case_id, levels=levels, rated_at=datetime.now(UTC)
        )
        try:
            with self._session.begin() as session:
                session.add(row)
        except IntegrityError:
            return False
        return True
