"""A role-play in a process of its own that kills itself, and every point at which it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_interviewer.service.access import Person, Role
from mock_interviewer.service.program import Program
from mock_interviewer.settings import load_settings
from tests.machine.kill_table import Moment
from tests.machine.killed_program import install

ADA = Person("ada", "Ada", Role.CANDIDATE)
SCENARIO = "chris-and-the-fifth-call"
REPLIES = ("You should have read the notes before the upgrade.", "Let me open your file.")
"""Chris hangs up after the second one, as the model finds blame in both."""


@dataclass(frozen=True)
class Kill:
    """The `nth` call of `function` is the last thing that the program does."""

    function: str
    moment: Moment
    replies: int | None
    """So many of them are on the disk; None where there is no role-play."""
    answers: int = 0
    """So many of them with the customer's words."""
    nth: int = 1
    graded: bool = False
    taken: bool = False
    """Whether it has been taken to be graded, so that others leave it alone for a while."""
    asked_again: int = 0
    """Requests to the model that had been sent in vain."""


_ENTERED, _COMMITTING, _COMMITTED = Moment.ENTERED, Moment.COMMITTING, Moment.COMMITTED
_BEGIN, _REPLY, _ANSWER = "RolePlays.create", "RolePlays.reply", "RolePlays.answer"
_ASK, _PIECES = "OpenAIChat.ask", "OpenAIChat._pieces"
_TAKE, _GRADE, _SAVE = "RolePlays.take_waiting", "Grader.grade", "RolePlays.save_grade"

KILLS = {
    # The beginning
    "before it is committed": Kill(_BEGIN, _COMMITTING, None),
    "after it is committed": Kill(_BEGIN, _COMMITTED, 0),
    # A reply
    "before a reply is committed": Kill(_REPLY, _COMMITTING, 0),
    "after a reply is committed": Kill(_REPLY, _COMMITTED, 1),
    "after the second reply is committed": Kill(_REPLY, _COMMITTED, 2, 1, nth=2),
    # The customer
    "after a reply is read": Kill(_ASK, Moment.LEFT, 1, asked_again=1),
    "in the middle of the customer's words": Kill(
        _PIECES, Moment.SPEAKING, 1, nth=2, asked_again=2
    ),
    "before the customer's words are committed": Kill(_ANSWER, _COMMITTING, 1, asked_again=2),
    "after the customer's words are committed": Kill(_ANSWER, _COMMITTED, 1, 1),
    "before the last words are committed": Kill(_ANSWER, _COMMITTING, 2, 1, nth=2, asked_again=2),
    "after the last words are committed": Kill(_ANSWER, _COMMITTED, 2, 2, nth=2),
    # The grade
    "before it is taken to be graded": Kill(_TAKE, _COMMITTING, 2, 2),
    "after it is taken to be graded": Kill(_TAKE, _COMMITTED, 2, 2, taken=True),
    "as its grade is begun": Kill(_GRADE, _ENTERED, 2, 2, taken=True),
    "in the middle of the model's grade": Kill(
        _PIECES, Moment.SPEAKING, 2, 2, nth=5, taken=True, asked_again=1
    ),
    "before its grade is committed": Kill(_SAVE, _COMMITTING, 2, 2, taken=True, asked_again=1),
    "after its grade is committed": Kill(_SAVE, _COMMITTED, 2, 2, graded=True),
}


def goes_on(program: Program) -> str:
    """Ada opens the role-play, or begins one, and says what is not said yet."""
    playing = program.role_playing
    known = playing.latest(ADA, 1)
    role_play = known[0].stored.id if known else playing.begin(ADA, SCENARIO)
    found = playing.answered(ADA, role_play)  # as the page does when it is loaded
    for text in REPLIES:
        if text not in [exchange.reply for exchange in found.stored.exchanges]:
            playing.reply(ADA, role_play, found.next_number, text)
            found = playing.answered(ADA, role_play)
    return role_play


def hold(point: str, environ: Mapping[str, str]) -> None:
    """Hold the role-play with these settings, and grade it, as far as it goes."""
    kill = KILLS[point]
    install(kill.function, kill.moment, kill.nth, pieces=0)
    program = Program(load_settings(environ))
    goes_on(program)
    while program.role_play_grading.grade_one():
        pass
