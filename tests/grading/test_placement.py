"""Placing a model that nobody has measured, by six answers of known level."""

from __future__ import annotations

import pytest

from mock_interviewer.errors import ModelRefusedError, ModelUnavailableError
from mock_interviewer.grading.placement import Rank, orders, place
from mock_interviewer.llm.catalogue import DEFAULT_CONTEXT, Strategy
from mock_interviewer.llm.chat import Reply, Request
from tests.placing import ANSWERS, RUBRIC, rank_of, structured
from tests.scripted import ScriptedChat
from tests.toy_rubric import yes


class Grading(ScriptedChat):
    """A model that gives each rank a level, and log-probabilities if it has them."""

    def __init__(self, low: int, middle: int, high: int, *, logprobs: bool = True) -> None:
        given = {"low": low, "middle": middle, "high": high}

        def script(request: Request) -> str | Reply:
            if request.schema is not None:
                return structured(given[rank_of(request.messages[-1].content)])
            return yes(0.7) if logprobs else "Yes"

        super().__init__(script)


def placed(model: ScriptedChat) -> Strategy:
    return place(model, RUBRIC, DEFAULT_CONTEXT)


def test_there_are_two_answers_of_each_rank() -> None:
    assert sorted(answer["rank"] for answer in ANSWERS) == sorted(["low", "middle", "high"] * 2)


def test_a_model_that_orders_the_answers_grades_by_levels() -> None:
    model = Grading(1, 3, 5)
    assert placed(model) is Strategy.LEVELS
    assert len(model.requests) == 6


@pytest.mark.parametrize("levels", [(5, 5, 5), (3, 3, 4), (1, 5, 3), (4, 3, 5), (5, 3, 1)])
def test_a_model_that_does_not_grades_by_checklist(levels: tuple[int, int, int]) -> None:
    assert placed(Grading(*levels)) is Strategy.CHECKLIST


def test_without_log_probabilities_it_gives_advice() -> None:
    assert placed(Grading(5, 5, 5, logprobs=False)) is Strategy.ADVICE


def test_a_model_that_cannot_keep_to_the_form_is_asked_for_log_probabilities() -> None:
    def script(request: Request) -> str | Reply:
        return "I'd give it a four." if request.schema else yes(0.7)

    model = ScriptedChat(script)
    assert placed(model) is Strategy.CHECKLIST
    # One reply of another form is enough to know.
    assert len([request for request in model.requests if request.schema]) == 1


def test_a_model_that_refuses_everything_gives_advice() -> None:
    assert placed(ScriptedChat(ModelRefusedError("no"))) is Strategy.ADVICE


def test_levels_that_do_not_exist_order_nothing() -> None:
    assert placed(Grading(1, 3, 7)) is Strategy.CHECKLIST


def test_a_model_that_is_away_is_not_placed() -> None:
    with pytest.raises(ModelUnavailableError):
        placed(ScriptedChat(ModelUnavailableError("away")))


@pytest.mark.parametrize(
    ("low", "middle", "high", "expected"),
    [
        ([1.0, 2.0], [2.0, 3.0], [3.0, 4.0], True),  # 3 - 2 = 1, just clear enough
        ([1.0, 2.0], [2.0, 3.0], [2.9, 4.0], False),  # 0.9
        ([1.0, 1.0], [1.0, 1.0], [4.0, 4.0], False),  # the middle is not above the low
        ([1.0, 1.0], [4.0, 4.0], [4.0, 4.0], False),  # nor the high above the middle
        ([1.0, 3.5], [2.0, 3.0], [3.0, 5.0], False),  # a low one above a high one
    ],
)
def test_the_answers_are_ordered_if_means_rise_and_high_stands_clear_of_low(
    low: list[float], middle: list[float], high: list[float], expected: bool
) -> None:
    assert orders({Rank.LOW: low, Rank.MIDDLE: middle, Rank.HIGH: high}) is expected
