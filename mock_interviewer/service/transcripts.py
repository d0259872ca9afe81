"""The transcript of a stored answer."""

from __future__ import annotations

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.core.transcript import Line
from mock_interviewer.interviewing import flow
from mock_interviewer.storage.records import StoredInterview


def transcript(interview: StoredInterview, question: int, attempt: int) -> list[Line]:
    """The turns of one answer as a grader sees them: answers, and the probes between them."""
    return [
        Line(role=turn.role, text=turn.text)
        for turn in interview.turns
        if (turn.question, turn.attempt) == (question, attempt)
        and (flow.is_citable(turn) or turn.kind is TurnKind.PROBE)
    ]
