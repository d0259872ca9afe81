"""What to probe for, of all that an answer lacks and that may still be asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mock_interviewer.core.questions import Aim, Question
from mock_interviewer.core.transcript import Line, Role

_PREPARED_ORDER = (
    Aim.RESULT,
    Aim.FEELINGS,
    Aim.ACTION,
    Aim.HOW_KNOWN,
    Aim.TASK,
    Aim.SITUATION,
    Aim.OWN_PART,
)
"""Without a model nobody knows what is missing; this is what answers lack most often."""


def choose(missing: Sequence[Aim], aims: Sequence[Aim], lines: Sequence[Line]) -> Aim | None:
    """The aim to probe for: the weakest that may be asked; how it was known only after the rest.

    A missing action in an answer that speaks of "we" is asked for as the candidate's own part.
    """
    for aim in sorted(missing, key=lambda aim: aim is Aim.HOW_KNOWN):
        if aim is Aim.ACTION and Aim.OWN_PART in aims and _speaks_of_we(lines):
            return Aim.OWN_PART
        if aim in aims:
            return aim
    return None


def choose_unread(question: Question, aims: Sequence[Aim], lines: Sequence[Line]) -> Aim | None:
    """The aim to probe for where no model has read the answer; None after a first probe."""
    if any(line.role is Role.INTERVIEWER for line in lines):
        return None
    return next((aim for aim in _PREPARED_ORDER if aim in aims and aim in question.probes), None)


def _speaks_of_we(lines: Sequence[Line]) -> bool:
    text = " ".join(line.text for line in lines if line.role is Role.CANDIDATE).lower()
    we = len(re.findall(r"\b(?:we|our|us)\b", text))
    own = len(re.findall(r"\b(?:i|i'm|i'd|i've|i'll|my)\b", text))
    return we >= 2 and we > own
