"""Database sessions in which a row that has just been deleted is no surprise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from mock_interviewer.errors import NotFoundError


class StoreSession(Session):
    """A change to a row that somebody has deleted since it was read raises `NotFoundError`."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write the changes to the database. Raises `NotFoundError`."""
        try:
            super().flush(objects)
        except StaleDataError as error:
            raise NotFoundError(GONE) from error


GONE = "This has been deleted, by its candidate or by those who run this program."
