"""An interview's vocabulary: how it is held, and its turns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mock_interviewer.core.questions import Aim
from mock_interviewer.core.transcript import Role


class Mode(StrEnum):
    """How the interview is held."""

    PRACTICE = "practice"
    """Hints, feedback after each answer, retry, a model answer after one's own."""
    INTERVIEW = "interview"
    """Neutral; feedback at the end."""


class TurnKind(StrEnum):
    """What a turn is for."""

    # the interviewer's
    QUESTION = "question"
    PROBE = "probe"
    OFFER = "offer"
    NUDGE = "nudge"
    HINT = "hint"
    WRAP = "wrap"
    CLOSING = "closing"
    # the candidate's
    ANSWER = "answer"
    NO_EXAMPLE = "no_example"
    SKIP = "skip"
    NEXT = "next"
    RETRY = "retry"
    END = "end"


CANDIDATE_KINDS = frozenset(
    {
        TurnKind.ANSWER,
        TurnKind.NO_EXAMPLE,
        TurnKind.SKIP,
        TurnKind.NEXT,
        TurnKind.RETRY,
        TurnKind.END,
    }
)


class Trade(StrEnum):
    """Kinds of work that there is an introduction for."""

    RETAIL = "retail"
    CALL_CENTRE = "call_centre"
    SOFTWARE_SUPPORT = "software_support"
    HOSPITALITY = "hospitality"
    HEALTH = "health"
    BANKING = "banking"
    PUBLIC_SERVICE = "public_service"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The name as people read it."""
        if self is Trade.OTHER:
            return "Another kind of work"
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Turn:
    """One stored turn. `question` is the place in the plan, from 0; `attempt` counts from 0."""

    number: int
    kind: TurnKind
    text: str
    question: int
    attempt: int = 0
    aim: Aim | None = None

    @property
    def role(self) -> Role:
        """Who spoke."""
        return Role.CANDIDATE if self.kind in CANDIDATE_KINDS else Role.INTERVIEWER


class Phase(StrEnum):
    """Whose move it is."""

    REPLYING = "replying"
    """The interviewer's."""
    ANSWERING = "answering"
    """The candidate's: a question is open."""
    BETWEEN = "between"
    """The candidate's, in practice mode: go on, or try the question again."""
    FINISHED = "finished"
    """Nobody's; a retry is still possible."""
