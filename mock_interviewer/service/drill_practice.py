"""Drills of all people: what to do next, attempts with their feedback, marking one's own line."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mock_interviewer.core import drill_marks, spacing
from mock_interviewer.core.drill_bank import DrillBank
from mock_interviewer.core.drill_guide import ReadPoint, load_guide
from mock_interviewer.core.drill_marks import Feedback, MarkedBy
from mock_interviewer.core.drills import Drill, Written
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import (
    ConfigurationError,
    ModelError,
    NotAllowedError,
    NotFoundError,
)
from mock_interviewer.grading import drill_feedback
from mock_interviewer.grading.grader import Grader
from mock_interviewer.service import drilling
from mock_interviewer.service.access import Person, may_begin
from mock_interviewer.service.limits import Act, Limits
from mock_interviewer.storage.drill_attempts import DrillAttempts, StoredAttempt

log = logging.getLogger(__name__)

NEW_ONES = 3
READ_AT_ONCE = 8
"""Lines that a model reads at the same time; the next one is told that the model is busy."""


@dataclass(frozen=True)
class Today:
    """What the page of drills suggests."""

    due: tuple[Drill, ...]
    new: tuple[Drill, ...]


class DrillPractice:
    """Everybody's drills. May be used from several threads.

    `grader` may take long and raise `ModelError`; `weakest` gives a person's weakest criteria;
    `seconds` is how long a person waits for a model's reading at most.
    """

    def __init__(
        self,
        bank: DrillBank,
        attempts: DrillAttempts,
        rubric: Rubric,
        *,
        grader: Callable[[], Grader],
        weakest: Callable[[str], Sequence[str]],
        limits: Limits,
        seconds: float,
    ) -> None:
        self.bank = bank
        self._attempts = attempts
        self._rubric = rubric
        self._grader = grader
        self._weakest = weakest
        self._limits = limits
        self._seconds = seconds
        self._reading = threading.BoundedSemaphore(READ_AT_ONCE)

    def today(self, person: Person, now: datetime | None = None) -> Today:
        """What comes back today, and a few that the person has not done. Raises as `check`."""
        check(person)
        now = now or _now()
        done = self._attempts.for_spacing(person.id)
        due = spacing.due(self.bank.drills, done, now)
        tried = {attempt.drill_id for attempt in done}
        fresh = [drill for drill in self.bank.drills if drill.id not in tried]
        new = spacing.choose(fresh, done, now, self._weakest(person.id), NEW_ONES)
        return Today(tuple(due), tuple(choice.drill for choice in new))

    def another(self, person: Person, drill: Drill, now: datetime | None = None) -> Drill | None:
        """What to do after this one; None if all are done, and none is due."""
        rest = [other for other in self.bank.drills if other.id != drill.id]
        done = self._attempts.for_spacing(person.id)
        chosen = spacing.choose(rest, done, now or _now(), self._weakest(person.id), 1)
        return chosen[0].drill if chosen else None

    def send(self, person: Person, drill_id: str, sent: Any) -> int:
        """Mark and store an attempt; returns its number.

        Raises as `check`, `NotFoundError`, `LimitError`, and `ConfigurationError` for what does
        not fit the drill or says nothing.
        """
        check(person)
        drill = self.bank.get(drill_id)
        self._limits.count(Act.DRILL, person.id)
        feedback = self._feedback(drill, sent)
        if isinstance(drill, Written) and drill_feedback.says_nothing(drill, sent):
            raise ConfigurationError(feedback.summary)
        return self._attempts.add(person.id, drill.id, sent, feedback)

    def attempt(self, person: Person, drill_id: str, number: int) -> StoredAttempt:
        """One of this person's attempts at this drill. Raises `NotFoundError`."""
        found = self._attempts.get(person.id, number)
        if found is None or found.drill_id != drill_id:
            raise NotFoundError("There is no such attempt of yours. It may have been deleted.")
        return found

    def mark_oneself(
        self, person: Person, drill_id: str, number: int, met: Collection[str]
    ) -> None:
        """Take the person's word for which points their line meets, where nobody has marked it.

        Raises as `check`, `NotFoundError`, and `ConfigurationError` where it has a score.
        """
        check(person)
        drill, attempt = self.bank.get(drill_id), self.attempt(person, drill_id, number)
        if not isinstance(drill, Written) or attempt.feedback.marked_by in (
            MarkedBy.KEY,
            MarkedBy.MODEL,
        ):
            raise ConfigurationError("This attempt is marked already.")
        points = [point.id for point in self.points(drill)]
        own = drill_marks.marked_by_oneself(drill, len(set(met) & set(points)), len(points))
        feedback = own.model_copy(
            update={"notes": attempt.feedback.notes, "remarks": attempt.feedback.remarks}
        )
        self._attempts.mark(person.id, number, feedback)

    def points(self, drill: Written) -> tuple[ReadPoint, ...]:
        """What a line of this drill is read for."""
        return load_guide().kinds[drill.kind].read_for(self._rubric)

    def _feedback(self, drill: Drill, sent: Any) -> Feedback:
        if not isinstance(drill, Written) or not isinstance(sent, str):
            return drilling.feedback(drill, sent, self._rubric, None)
        if drill_feedback.says_nothing(drill, sent):
            return drilling.feedback(drill, sent, self._rubric, None)
        away = drill_feedback.feedback(drill, sent, self._rubric, drill_feedback.MODEL_AWAY)
        if not self._reading.acquire(blocking=False):
            return away
        found: queue.Queue[Feedback] = queue.Queue()

        def read() -> None:
            try:
                found.put(drilling.feedback(drill, sent, self._rubric, self._grader()))
            except ModelError as error:
                log.info("A line of the drill %s could not be read: %s", drill.id, error)
                found.put(away)
            finally:
                self._reading.release()

        threading.Thread(target=read, name="reading-a-drill", daemon=True).start()
        try:
            return found.get(timeout=self._seconds)
        except queue.Empty:
            log.info("A line of the drill %s was not read in time", drill.id)
            return away


def check(person: Person) -> None:
    """Raise `NotAllowedError` for somebody who does not practise."""
    if not may_begin(person):
        raise NotAllowedError("An admin manages accounts, and does no drills.")


def _now() -> datetime:
    return datetime.now().astimezone()
