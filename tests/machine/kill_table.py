"""Every point at which the program is killed, and what has to be on the disk just afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    """When, in a call of the function, the kill comes."""

    ENTERED = "entered"
    COMMITTING = "committing"
    """All is written, and the first commit is the next thing to be done."""
    COMMITTED = "committed"
    """The first commit has just been done."""
    SPEAKING = "speaking"
    """It has yielded a few pieces and is about to yield the next one."""
    LEFT = "left"


@dataclass(frozen=True)
class Kill:
    """The `nth` call of `function` is the last thing that the program does."""

    function: str
    moment: Moment
    turns: int | None
    """So many turns of the whole interview are on the disk; None where there is no interview."""
    nth: int = 1
    grades: int = 0
    draft: str = ""
    asked_again: int = 0
    """Requests to the model that had been answered in vain."""


TOLD = "Last May a guest had lost her key, and I searched the whole garden with her for an hour."
MORE = "I gave her my own coat, and then I walked to the gate once more and found it there."
SECOND = "A man rang in March because his bill was wrong, and I went through it with him."
SAID = (TOLD, MORE, SECOND)

WHOLE = "question answer probe answer question answer question end closing".split()
"""The kinds of turns of the interview that is not killed."""

_ENTERED, _COMMITTING, _COMMITTED = Moment.ENTERED, Moment.COMMITTING, Moment.COMMITTED
_APPEND, _SAVE = "Store.append", "WaitingAnswers.save_grade"
_ALL = len(WHOLE)

KILLS = {
    # The beginning
    "before the interview is committed": Kill("Store.create_interview", _COMMITTING, None),
    "after the interview is committed": Kill("Store.create_interview", _COMMITTED, 0),
    "before the first question is committed": Kill(_APPEND, _COMMITTING, 0),
    "after the first question is committed": Kill(_APPEND, _COMMITTED, 1),
    # A draft
    "before a draft is committed": Kill("Store.save_draft", _COMMITTING, 1),
    "after a draft is committed": Kill("Store.save_draft", _COMMITTED, 1, draft=TOLD),
    # A message
    "as a message arrives": Kill("Practice.send", _ENTERED, 1, draft=TOLD),
    "before a message is committed": Kill(_APPEND, _COMMITTING, 1, nth=2, draft=TOLD),
    "after a message is committed": Kill(_APPEND, _COMMITTED, 2, nth=2),
    # The interviewer's reply
    "before the first word": Kill("OpenAIChat.stream", _ENTERED, 2),
    "in the middle of the stream": Kill("OpenAIChat.stream", Moment.SPEAKING, 2, asked_again=1),
    "before its tokens are committed": Kill("Store.add_usage", _COMMITTING, 2, asked_again=1),
    "after its tokens are committed": Kill("Store.add_usage", _COMMITTED, 2, asked_again=1),
    "before the probe is committed": Kill(_APPEND, _COMMITTING, 2, nth=3, asked_again=1),
    "after the probe is committed": Kill(_APPEND, _COMMITTED, 3, nth=3),
    # The end of an answer
    "before the answer is finished": Kill(_APPEND, _COMMITTING, 4, nth=5, asked_again=1),
    "after the answer is finished": Kill(_APPEND, _COMMITTED, 5, nth=5),
    "before the end is committed": Kill(_APPEND, _COMMITTING, 7, nth=8),
    "after the end is committed": Kill(_APPEND, _COMMITTED, 8, nth=8),
    # Grades
    "as a grade is begun": Kill("Grader.grade", _ENTERED, _ALL),
    "while the model grades": Kill("OpenAIChat.ask", Moment.LEFT, _ALL, asked_again=1),
    "before a grade is committed": Kill(_SAVE, _COMMITTING, _ALL, asked_again=1),
    "after a grade is committed": Kill(_SAVE, _COMMITTED, _ALL, grades=1),
    "while the second grade is asked for": Kill("Grader.grade", _ENTERED, _ALL, nth=2, grades=1),
    "before the second grade is committed": Kill(
        _SAVE, _COMMITTING, _ALL, nth=2, grades=1, asked_again=1
    ),
}
