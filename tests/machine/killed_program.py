"""The program in a process of its own, which kills itself at a point of `kill_table`."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from mock_interviewer.core.interview import Mode, Phase, TurnKind
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing import flow
from mock_interviewer.llm.openai_chat import OpenAIChat
from mock_interviewer.service.plan import Focus, Setup
from mock_interviewer.service.practice import Practice
from mock_interviewer.service.program import Program
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.waiting import WaitingAnswers
from tests.machine.kill_table import KILLS, SAID, Moment

PIECES_BEFORE_THE_KILL = 4
PARTS = (Store, WaitingAnswers, Practice, OpenAIChat, Grader, RolePlays)
CLASSES: dict[str, Any] = {kind.__name__: kind for kind in PARTS}


def die() -> None:
    """End at once, as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def install(function: str, at: Moment, nth: int, pieces: int = PIECES_BEFORE_THE_KILL) -> None:
    """Patch the function by its name, so that the kill comes at this moment of its `nth` call.

    `pieces`: how many it has yielded by then, if it is speaking.
    """
    owner, _, name = function.partition(".")
    original: Callable[..., Any] = getattr(CLASSES[owner], name)
    calls = 0
    this_thread = threading.local()

    def die_at(moment: Moment) -> Callable[[object], None]:
        def reached(_connection_or_session: object) -> None:
            if at is moment and getattr(this_thread, "is_in_it", False):
                die()

        return reached

    def streaming(*args: Any, **options: Any) -> Any:
        for place, piece in enumerate(original(*args, **options)):
            if place == pieces:
                die()
            yield piece

    def patched(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls != nth:
            return original(*args, **options)
        if at is Moment.ENTERED:
            die()
        if at is Moment.SPEAKING:
            return streaming(*args, **options)
        this_thread.is_in_it = True
        result = original(*args, **options)
        if at is Moment.LEFT:
            die()
        return result

    event.listen(Engine, "commit", die_at(Moment.COMMITTING))
    event.listen(Session, "after_commit", die_at(Moment.COMMITTED))
    setattr(CLASSES[owner], name, patched)


def goes_on(program: Program) -> str:
    """The candidate opens the interview, or starts one, and says what is not said yet."""
    practice = program.practice
    known = program.store.interviews_of("ada", 1)
    setup = Setup(focus=Focus.STAR, mode=Mode.INTERVIEW)
    interview = known[0].id if known else practice.start("ada", setup)
    list(practice.reply(interview))  # as the page does when it is loaded
    for text in SAID:
        turns = practice.interview(interview).turns
        if text not in [turn.text for turn in turns]:
            practice.save_draft(interview, text)
            practice.send(interview, len(turns), TurnKind.ANSWER, text)
            list(practice.reply(interview))
    turns = practice.interview(interview).turns
    if flow.position(turns).phase is not Phase.FINISHED:
        practice.send(interview, len(turns), TurnKind.END)
        list(practice.reply(interview))
    return interview


def hold(point: str, environ: Mapping[str, str]) -> None:
    """Hold the interview with these settings, and grade it, as far as it goes."""
    kill = KILLS[point]
    install(kill.function, kill.moment, kill.nth)
    program = Program(load_settings(environ))
    goes_on(program)
    while program.worker.grade_one():
        pass
