"""What a coach has filled in to give practice, kept from one look at the questions to the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from pydantic import BaseModel, Field

from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.questions import Bank, Question
from mock_interviewer.errors import ConfigurationError


class AssignmentForm(BaseModel):
    """The fields of the page, as a browser sends them."""

    to: str = ""
    """`group:` or `person:`, and the id."""
    title: str = ""
    mode: Mode = Mode.INTERVIEW
    trade: Trade = Trade.CALL_CENTRE
    due: str = ""
    question: list[str] = Field(default=[])
    competency: str = ""
    kind: str = ""
    words: str = ""

    @property
    def group_id(self) -> int | None:
        """The group, if it is for one."""
        kind, _, name = self.to.partition(":")
        return int(name) if kind == "group" and name.isdecimal() and len(name) < 10 else None

    @property
    def candidate_id(self) -> str | None:
        """The candidate, if it is for one."""
        kind, _, name = self.to.partition(":")
        return name if kind == "person" and name else None

    @property
    def due_at(self) -> datetime | None:
        """The end of that day. Raises `ConfigurationError` if it is no day to come."""
        if not self.due:
            return None
        try:
            day = date.fromisoformat(self.due)
        except ValueError:
            raise ConfigurationError("Write the day as year-month-day, as in 2030-01-31.") from None
        if day < datetime.now(UTC).date():
            raise ConfigurationError("The day by which it is due is over.")
        return datetime.combine(day, time(23, 59, 59), UTC)

    def chosen(self, bank: Bank) -> list[Question]:
        """The chosen questions, in the order of the bank."""
        return [question for question in bank.questions if question.id in self.question]

    def found(self, bank: Bank) -> list[Question]:
        """The others that go through the filter."""
        words = self.words.casefold().split()
        return [
            question
            for question in bank.questions
            if question.id not in self.question
            and (not self.competency or self.competency in question.competencies)
            and (not self.kind or self.kind == question.kind.value)
            and all(word in question.text.casefold() for word in words)
        ]
