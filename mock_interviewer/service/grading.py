"""Grading behind the conversation, and the threads that do it where the database is SQLite."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from mock_interviewer.errors import ModelRefusedError, ModelUnavailableError, StorageError
from mock_interviewer.grading.grader import Grader
from mock_interviewer.service.practice import transcript
from mock_interviewer.storage.records import StoredAnswer
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
        try:
            self._grade(answer)
        except StorageError:
            raise  # no fault of the answer
        except ModelUnavailableError as error:
            delay = FIRST_DELAY_SECONDS * 2 ** min(answer.tries, MOST_DOUBLINGS)
            asked = min(error.retry_after, LONGEST_ASKED_SECONDS)
            self._store.put_off(
                answer.id, str(error), max(asked, min(delay, LONGEST_DELAY_SECONDS))
            )
        except ModelRefusedError as error:
            log.warning("Answer %d cannot be graded: %s", answer.id, error)
            self._store.give_up(answer.id, str(error))
        except Exception:
            # A bug met by one answer must not hold up all the others.
            log.exception("Answer %d cannot be graded now; it is tried again later", answer.id)
            reason = "a fault in the program, which its log tells"
            self._store.put_off(answer.id, reason, LONGEST_DELAY_SECONDS)

    def _grade(self, answer: StoredAnswer) -> None:
        interview = self._store.interview(answer.interview_id)
        question = interview.questions[answer.question]
        lines = transcript(interview, answer.question, answer.attempt)
        grade = self._grader().grade(question.text, question.kind, lines)
        self._store.save_grade(answer.id, grade)


class GradingWorker:
    """Grades waiting answers, the longest waiting first, in threads of its own.

    `at_once`: so many at the same time.
    """

    def __init__(self, store: Store, grader: Callable[[], Grader], at_once: int = 1) -> None:
        self._store = store
        self._grading = Grading(store, grader)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._taking = threading.Lock()
        self._taken: set[int] = set()
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
        """Grade the answer that has waited longest; returns whether there was one."""
        with self._taking:
            answer = self._store.next_waiting(besides=self._taken)
            if answer is None:
                return False
            self._taken.add(answer.id)
        try:
            self._grading.take(answer)
        finally:
            with self._taking:
                self._taken.discard(answer.id)
        return True

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
