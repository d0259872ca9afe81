"""How much one person may ask for: open interviews, interviews an hour, messages a minute.

What a person does at a human pace never meets these. Open interviews are counted in the database.
The rates are kept in memory, so that each process counts for itself, and a restart begins anew.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from itertools import islice

from mock_interviewer.errors import LimitError

OPEN_INTERVIEWS = 20
MESSAGES_A_MINUTE = 30
REMEMBERED = 10_000
"""Rates of one act that are kept at the same time; of more, the one that has rested longest is
let go."""


class Act(StrEnum):
    """What is counted."""

    BEGIN = "begin"
    MESSAGE = "message"
    DRAFT = "draft"
    RETRY = "retry"
    GRADE_AGAIN = "grade_again"
    DRILL = "drill"
    ROLE_PLAY = "role_play"


_TOLD = {
    Act.BEGIN: "That is as many new interviews as one person can begin in an hour",
    Act.MESSAGE: "That was faster than an interview can go",
    Act.DRAFT: "That was faster than drafts can be kept",
    Act.RETRY: "That was faster than questions can be asked again",
    Act.GRADE_AGAIN: "Grading has just been tried again",
    Act.DRILL: "That was faster than drills can be done",
    Act.ROLE_PLAY: "That is as many new role-plays as one person can begin in an hour",
}


class Limits:
    """The rates of all people. May be used from several threads."""

    def __init__(
        self,
        *,
        open_interviews: int = OPEN_INTERVIEWS,
        messages_a_minute: int = MESSAGES_A_MINUTE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.open_interviews = open_interviews
        self._rates = {
            Act.BEGIN: (60, 3600.0),
            Act.MESSAGE: (messages_a_minute, 60.0),
            # One is kept whenever the typing pauses for 0.4 s.
            Act.DRAFT: (10 * messages_a_minute, 60.0),
            Act.RETRY: (10, 60.0),
            Act.GRADE_AGAIN: (6, 60.0),
            Act.DRILL: (20, 60.0),
            Act.ROLE_PLAY: (60, 3600.0),
        }
        self._clock = clock
        self._acts: dict[Act, dict[str, deque[float]]] = {act: {} for act in Act}
        """When each person did it lately; who did it last is last."""
        self._lock = threading.Lock()

    def count(self, act: Act, who: str) -> None:
        """Count an act of this person. Raises `LimitError` where there were too many just now."""
        most, seconds = self._rates[act]
        now = self._clock()
        with self._lock:
            everybodys = self._acts[act]
            _let_go(everybodys, now - seconds)
            acts = everybodys.pop(who, None) or deque(maxlen=most)
            everybodys[who] = acts
            if len(acts) == most and now - acts[0] < seconds:
                raise LimitError(f"{_TOLD[act]}. {_again(seconds - (now - acts[0]))}")
            acts.append(now)

    def remembered(self) -> int:
        """How many rates are kept now."""
        with self._lock:
            return sum(len(everybodys) for everybodys in self._acts.values())

    def check_open(self, count: int) -> None:
        """Raise `LimitError` if somebody with so many open interviews may not begin another."""
        if count >= self.open_interviews:
            told = "one interview that is" if count == 1 else f"{count} interviews that are"
            raise LimitError(
                f"You have {told} still open. Finish one, or end it, before you begin another; "
                "your list has them."
            )


def _again(seconds: float) -> str:
    wait = max(1, round(seconds))
    told = f"{wait} s" if wait < 90 else f"{round(wait / 60)} minutes"
    return f"Try again in {told}; nothing is lost."


def _let_go(everybodys: dict[str, deque[float]], before: float) -> None:
    """Forget two people at most whose acts count no more, or more than can be remembered."""
    for who, acts in list(islice(everybodys.items(), 2)):
        if not acts or acts[-1] < before or len(everybodys) >= REMEMBERED:
            del everybodys[who]
