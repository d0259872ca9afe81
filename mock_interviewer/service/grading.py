"""Grading behind the conversation, and the threads that do it where the database is SQLite."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from mock_interviewer.core.grade import Grade
from mock_interviewer.errors import (
    ModelRefusedError,
    ModelUnavailableError,
    NotFoundError,
    StorageError,
)
from mock_interviewer.grading.grader import Grader
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.records import StoredAnswer
from mock_interviewer.storage.regrades import RegradeStore, StoredRegrade
from mock_interviewer.storage.store import Store

log = logging.getLogger(__name__)

FIRST_DELAY_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 300.0
MOST_DOUBLINGS = 10
LONGEST_ASKED_SECONDS = 3600.0
"""A server may ask to be left alone for longer than we would wait, but not for days."""
STORAGE_SECONDS = 30.0
"""How long after a grade could not be saved it is worked out again: that may cost money."""
STOP_SECONDS = 5.0
LOOK_SECONDS = 2.0
"""How often put-off answers are looked for when nothing wakes the thread."""


class Grading:
    """What becomes of a waiting answer: a grade, a later try, or the reason why there is none."""

    def __init__(self, store: Store, grader: Callable[[], Grader]) -> None:
        self._store = store
        self._grader = grader

    def take(self, answer: StoredAnswer) -> None:
        """Grade it, if that can be done. Raises `StorageError`; then it is still waiting."""
        attempt(
            partial(self._grade, answer),
            tries=answer.tries,
            what=f"Answer {answer.id}",
            put_off=lambda why, seconds: self._store.waiting.put_off(
                answer.id, why, seconds, answer.interview_id
            ),
            give_up=lambda why: self._store.waiting.give_up(answer.id, why, answer.interview_id),
        )

    def _grade(self, answer: StoredAnswer) -> None:
        grade = graded(self._store, self._grader(), answer)
        self._store.waiting.save_grade(answer.id, grade, answer.interview_id)


def graded(store: Store, grader: Grader, answer: StoredAnswer) -> Grade:
    """What this grader makes of a stored answer. Raises `ModelError`."""
    interview = store.interview(answer.interview_id)
    question = interview.questions[answer.question]
    lines = transcript(interview, answer.question, answer.attempt)
    return grader.grade(question.text, question.kind, lines)


def attempt(
    work: Callable[[], None],
    *,
    tries: int,
    what: str,
    put_off: Callable[[str, float], None],
    give_up: Callable[[str], None],
) -> None:
    """Do it, or put it off with the reason and for how many seconds, or give it up.

    Raises `StorageError`, which is no fault of what is graded: then it is still waiting.
    """
    try:
        _attempt(work, tries, what, put_off, give_up)
    except NotFoundError:
        # Its candidate need not wait for a model to have their own deleted.
        log.info("%s was deleted while it was being graded", what)


def _attempt(
    work: Callable[[], None],
    tries: int,
    what: str,
    put_off: Callable[[str, float], None],
    give_up: Callable[[str], None],
) -> None:
    try:
        work()
    except (StorageError, NotFoundError):
        raise  # no fault of the answer
    except ModelUnavailableError as error:
        delay = FIRST_DELAY_SECONDS * 2 ** min(tries, MOST_DOUBLINGS)
        asked = min(error.retry_after, LONGEST_ASKED_SECONDS)
        put_off(str(error), max(asked, min(delay, LONGEST_DELAY_SECONDS)))
    except ModelRefusedError as error:
        log.warning("%s cannot be graded: %s", what, error)
        give_up(str(error))
    except Exception:
        # A bug met by one answer must not hold up all the others.
        log.exception("%s cannot be graded now; it is tried again later", what)
        put_off("a fault in the program, which its log tells", LONGEST_DELAY_SECONDS)


class Regrading:
    """What becomes of the wish to grade an answer once more, beside the grade that is shown."""

    def __init__(self, store: Store, grader: Callable[[], Grader]) -> None:
        self._store = store
        self._regrades = RegradeStore(store.sessions)
        self._grader = grader

    def next_waiting(self) -> StoredRegrade | None:
        """The one that has waited longest and may be tried now."""
        return self._regrades.next_waiting()

    def if_waiting(self, regrade_id: int) -> StoredRegrade | None:
        """This one, if it waits and may be tried now."""
        return self._regrades.if_waiting(regrade_id)

    def some_waiting(self, most: int) -> list[int]:
        """Ids of up to `most` that may be tried now, the longest waiting first."""
        return self._regrades.some_waiting(most)

    def take(self, regrade: StoredRegrade) -> None:
        """Grade it, if that can be done. Raises `StorageError`; then it is still waiting."""
        attempt(
            partial(self._grade, regrade),
            tries=regrade.tries,
            what=f"Answer {regrade.answer.id} anew",
            put_off=partial(self._regrades.put_off, regrade.id),
            give_up=partial(self._regrades.give_up, regrade.id),
        )

    def _grade(self, regrade: StoredRegrade) -> None:
        grader = self._grader()
        if self._regrades.finish_if_graded(regrade.id, grader.key):
            return  # by today's grader, so that a model call would tell nothing new
        grade = graded(self._store, grader, regrade.answer)
        self._regrades.save(regrade.id, grade)


class GradingWorker:
    """Grades waiting answers, the longest waiting first, in threads of its own.

    `at_once`: so many at the same time.
    """

    def __init__(self, store: Store, grader: Callable[[], Grader], at_once: int = 1) -> None:
        self._store = store
        self._grading = Grading(store, grader)
        self._regrading = Regrading(store, grader)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._taking = threading.Lock()
        self._taken: set[int] = set()
        self._one_anew = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, name=f"grading-{number}", daemon=True)
            for number in range(at_once)
        ]

    def start(self) -> None:
        """Begin; answers that an earlier run of the program left waiting are found again."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """An answer has been finished."""
        self._wake.set()

    def stop(self) -> None:
        """Stop after the answers in work; they stay waiting if not done within seconds."""
        self._stop.set()
        self._wake.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def grade_one(self) -> bool:
        """Grade the answer that has waited longest; returns whether there was one.

        Those that wait for their first grade go before those to be graded anew.
        """
        with self._taking:
            answer = self._store.waiting.next(besides=self._taken)
            if answer is not None:
                self._taken.add(answer.id)
        if answer is None:
            return self._regrade_one()
        try:
            self._grading.take(answer)
        finally:
            with self._taking:
                self._taken.discard(answer.id)
        return True

    def _regrade_one(self) -> bool:
        """One at a time: nobody waits for these."""
        if not self._one_anew.acquire(blocking=False):
            return False
        try:
            regrade = self._regrading.next_waiting()
            if regrade is not None:
                self._regrading.take(regrade)
            return regrade is not None
        finally:
            self._one_anew.release()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self.grade_one()
            except StorageError as error:
                log.warning("%s Answers wait for their grades.", error)
                self._wake.wait(STORAGE_SECONDS)
                self._wake.clear()
                continue
            except Exception:
                # A bug must not end the thread: the answer is still waiting.
                log.exception("Grading failed; the answer stays in the queue")
                self._stop.wait(LONGEST_DELAY_SECONDS / 10)
                continue
            if not busy:
                self._wake.wait(LOOK_SECONDS)
                self._wake.clear()
