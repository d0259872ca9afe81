"""A practice over a scripted model, and what candidates do in it."""

from __future__ import annotations

import random
from collections.abc import Callable

from mock_interviewer.core.interview import Mode, Trade, TurnKind
from mock_interviewer.core.questions import Bank, Question
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.prober import make_prober
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.service.plan import Setup
from mock_interviewer.service.practice import Practice, Speech
from mock_interviewer.storage.store import Store
from tests.interviews import question
from tests.scripted import Script, ScriptedChat

RUBRIC = load_rubric()
BANK = Bank([question(name) for name in ("one", "two", "three")])
TOLD = "Last May a guest had lost her key, and I searched the whole garden with her for an hour."
MORE = "In the end we found it under the bench, and she thanked me and went home."
PROBE = "What happened after you had searched the garden?"
NOTHING = "none"


def practice_with(
    store: Store,
    script: Script | str | Exception = NOTHING,
    *,
    characters: int = 200,
    bank: Bank = BANK,
    on_question: Callable[[Question], None] = lambda _: None,
    on_finished_answer: Callable[[], None] = lambda: None,
) -> Practice:
    """Practice whose interviewer's model answers as scripted: by default it asks for nothing."""
    model = ScriptedChat(script)
    prober = make_prober(model, Grader(model, RUBRIC, Strategy.LEVELS), 8192)
    return Practice(
        store,
        bank,
        prober,
        message_characters=characters,
        on_question=on_question,
        on_finished_answer=on_finished_answer,
        rng=random.Random(1),  # noqa: S311
    )


def start(practice: Practice, mode: Mode = Mode.PRACTICE) -> str:
    return practice.start("ada", Setup(mode=mode, trade=Trade.RETAIL))


def kinds(practice: Practice, interview: str) -> list[str]:
    return [turn.kind.value for turn in practice.interview(interview).turns]


def say(practice: Practice, interview: str, text: str = TOLD) -> list[Speech]:
    """Answer, and let the interviewer reply."""
    return press(practice, interview, TurnKind.ANSWER, text)


def press(practice: Practice, interview: str, kind: TurnKind, text: str = "") -> list[Speech]:
    practice.send(interview, len(practice.interview(interview).turns), kind, text)
    return list(practice.reply(interview))
