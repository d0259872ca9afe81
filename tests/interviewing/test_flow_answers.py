"""Which answers are finished, and so can be graded."""

from __future__ import annotations

import pytest

from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Aim
from mock_interviewer.interviewing import flow
from mock_interviewer.interviewing.flow import Offer
from tests.interviewing.talk import HOSTILE, NO_EXAMPLE, STORY, begun, question


def test_an_answer_is_finished_once_the_interviewer_has_gone_on() -> None:
    talk = begun()
    talk.say(TurnKind.ANSWER, STORY)
    assert flow.answers(talk.turns) == []
    talk.reply([Aim.RESULT])
    assert flow.answers(talk.turns) == []
    talk.answer(STORY)
    assert flow.answers(talk.turns) == [(0, 0)]


def test_not_knowing_does_not_finish_an_answer_that_may_go_on() -> None:
    talk = begun()
    talk.answer(HOSTILE)
    talk.say(TurnKind.NO_EXAMPLE)
    assert flow.answers(talk.turns) == []
    assert talk.reply() == Offer()
    assert flow.answers(talk.turns) == []


@pytest.mark.parametrize("kind", [TurnKind.SKIP, TurnKind.END])
def test_leaving_a_question_finishes_what_was_said_to_it(kind: TurnKind) -> None:
    talk = begun()
    talk.answer(STORY, [Aim.RESULT])
    talk.say(kind)
    assert flow.answers(talk.turns) == [(0, 0)]


@pytest.mark.parametrize("text", ["", "🙂", NO_EXAMPLE])
def test_what_has_nothing_to_grade_is_no_answer(text: str) -> None:
    talk = begun(Mode.INTERVIEW, question())
    talk.answer(text)
    talk.say(TurnKind.END)
    talk.reply()
    assert flow.answers(talk.turns) == []


def test_each_attempt_is_an_answer_of_its_own() -> None:
    talk = begun(Mode.PRACTICE)
    talk.answer(STORY)
    talk.say(TurnKind.RETRY)
    talk.reply()
    assert flow.answers(talk.turns) == [(0, 0)]
    talk.answer(STORY)
    assert flow.answers(talk.turns) == [(0, 0), (0, 1)]


@pytest.mark.parametrize(
    ("kind", "text", "citable"),
    [
        (TurnKind.ANSWER, STORY, True),
        (TurnKind.ANSWER, HOSTILE, True),
        (TurnKind.ANSWER, "Однажды клиент потерял свой зонт", True),
        (TurnKind.ANSWER, "🙂", False),
        (TurnKind.ANSWER, " ", False),
        (TurnKind.ANSWER, NO_EXAMPLE, False),
        (TurnKind.PROBE, STORY, False),
        (TurnKind.SKIP, STORY, False),
    ],
)
def test_an_answers_words_are_what_is_graded(kind: TurnKind, text: str, citable: bool) -> None:
    assert flow.is_citable(Turn(1, kind, text, 0)) == citable
