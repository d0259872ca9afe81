"""What a grader finds missing for a probe, and what the grade then need not ask again."""

from __future__ import annotations

import time

import pytest

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.questions import Aim, Kind
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import ModelError, ModelUnavailableError
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Reply, Request
from tests.grading.toy_grader import COST, asked, grader, small
from tests.scripted import ScriptedChat
from tests.toy_rubric import ANSWER, QUESTION, checklist_model, yes


def test_what_is_missing_comes_weakest_first_with_what_it_cost() -> None:
    chosen = small({"occasion": 0.4, "ending": 0.1, "noticed": 0.3}, cost=COST)
    found = chosen.missing(QUESTION, Kind.BEHAVIOURAL, ANSWER, seconds=60)
    assert found.aims == [Aim.RESULT, Aim.FEELINGS, Aim.SITUATION]
    assert found.usage == Usage(prompt=300, cached=270, completion=3)
    assert isinstance(chosen.model, ScriptedChat)
    assert chosen.model.urgent == [True, True, True]


def test_how_it_was_known_is_asked_only_where_nothing_else_is_missing() -> None:
    chosen = small({"proof": 0.2})
    assert chosen.missing(QUESTION, Kind.BEHAVIOURAL, ANSWER, seconds=60).aims == [Aim.HOW_KNOWN]
    assert len(asked(chosen)) == 4
    chosen = small({"proof": 0.2, "ending": 0.2})
    assert chosen.missing(QUESTION, Kind.BEHAVIOURAL, ANSWER, seconds=60).aims == [Aim.RESULT]
    assert len(asked(chosen)) == 3


def test_an_answer_that_lacks_nothing_is_missing_nothing() -> None:
    assert small().missing(QUESTION, Kind.BEHAVIOURAL, ANSWER, seconds=60).aims == []


def test_nobody_is_kept_waiting_longer_than_given() -> None:
    def slow(request: Request) -> Reply:
        time.sleep(0.05)
        return yes(0.9)

    chosen = grader(slow, Strategy.CHECKLIST)
    with pytest.raises(ModelUnavailableError, match="took too long"):
        chosen.missing(QUESTION, Kind.BEHAVIOURAL, ANSWER, seconds=0.01)
    assert len(asked(chosen)) == 1


def test_the_grade_does_not_ask_again_what_the_probe_has_asked() -> None:
    chosen = small(cost=COST)
    chosen.missing(QUESTION, Kind.BEHAVIOURAL, ANSWER, seconds=60)
    before = len(asked(chosen))
    made = chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    wanted = chosen.requests(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert len(asked(chosen)) == len(wanted)
    assert not any(request in asked(chosen)[:before] for request in asked(chosen)[before:])
    assert made.ratings["story"].level == 5  # 1 + 4 * 0.9 = 4.6


def test_a_changed_answer_is_asked_about_anew() -> None:
    chosen = small()
    chosen.missing(QUESTION, Kind.BEHAVIOURAL, ANSWER, seconds=60)
    before = len(asked(chosen))
    more = [*ANSWER, Line(role=Role.CANDIDATE, text="That was all.")]
    chosen.missing(QUESTION, Kind.BEHAVIOURAL, more, seconds=60)
    assert len(asked(chosen)) == 2 * before


def test_a_fault_is_not_remembered() -> None:
    faults: list[ModelError] = [ModelUnavailableError("away")]
    fill = checklist_model({})

    def script(request: Request) -> Reply | Exception:
        return faults.pop() if faults else fill(request)

    chosen = grader(script, Strategy.CHECKLIST)
    with pytest.raises(ModelUnavailableError):
        chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER).ratings["story"].level == 5


def test_warming_up_reads_what_all_items_begin_with() -> None:
    chosen = small()
    (warm,) = chosen.warm_up()
    item, *_ = chosen.requests("Q?", Kind.OPINION, ANSWER)
    assert warm.messages[:-1] == item.messages[:-1]
    assert grader().warm_up() == []


def test_reading_ahead_reads_up_to_the_question_of_the_answer_that_is_being_written() -> None:
    chosen = small()
    chosen.read_ahead(QUESTION)
    item, *_ = chosen.requests(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    ahead = asked(chosen)[0]
    assert ahead.messages[:-1] == item.messages[:-1]
    start = f"Question: {QUESTION}"
    assert ahead.messages[-1].content.startswith(start)
    assert item.messages[-1].content.startswith(start)
    assert isinstance(chosen.model, ScriptedChat)
    assert chosen.model.urgent == [True]
    strong = grader()
    strong.read_ahead(QUESTION)
    assert asked(strong) == []
