"""Grades of finished role-plays, by a thread of the process that serves the pages.

The database says which ones wait. Whoever takes one has it for some minutes, so that several
processes seldom do the same work, and what a dead one had taken is taken again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

from mock_interviewer.core.questions import Kind
from mock_interviewer.errors import DataFileError, ModelRefusedError, StorageError
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.debrief import as_answer
from mock_interviewer.service.grading import STORAGE_SECONDS, attempt
from mock_interviewer.service.role_playing import read
from mock_interviewer.storage.role_plays import RolePlays, StoredRolePlay

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often put-off ones are looked for when nothing wakes the thread."""
STOP_SECONDS = 5.0
NOTHING_SAID = "nothing was said in it"


class RolePlayGrading:
    """Grades finished role-plays, the longest waiting first, one at a time."""

    def __init__(self, role_plays: RolePlays, grader: Callable[[], Grader]) -> None:
        self._role_plays = role_plays
        self._grader = grader
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="grading-role-plays", daemon=True)

    def start(self) -> None:
        """Begin; those that an earlier run of the program left waiting are found again."""
        self._thread.start()

    def wake(self) -> None:
        """One has been finished."""
        self._wake.set()

    def stop(self) -> None:
        """Stop after the one in work; it stays waiting if not done within seconds."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=STOP_SECONDS)

    def grade_one(self) -> bool:
        """Grade the one that has waited longest; returns whether there was one.

        Raises `StorageError`; then it is still waiting.
        """
        taken = self._role_plays.take_waiting()
        if taken is None:
            return False
        attempt(
            partial(self._grade, taken),
            tries=taken.tries,
            what="A role-play",
            put_off=partial(self._role_plays.put_off, taken.id),
            give_up=partial(self._role_plays.give_up, taken.id),
        )
        return True

    def _grade(self, taken: StoredRolePlay) -> None:
        if not taken.answered:
            raise ModelRefusedError(NOTHING_SAID)
        try:
            scenario = read(taken).scenario
        except DataFileError as error:
            raise ModelRefusedError("its scenario is of an older form") from error
        question, lines = as_answer(scenario, taken.answered)
        grade = self._grader().grade(question, Kind.ROLE_PLAY, lines)
        self._role_plays.save_grade(taken.id, grade)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self.grade_one()
            except StorageError as error:
                log.warning("%s Role-plays wait for their grades.", error)
                self._stop.wait(STORAGE_SECONDS)
                continue
            except Exception:
                # A bug must not end the thread: what was taken is still waiting.
                log.exception("Grading a role-play failed; it stays waiting")
                self._stop.wait(STORAGE_SECONDS)
                continue
            if not busy:
                self._wake.wait(LOOK_SECONDS)
                self._wake.clear()
