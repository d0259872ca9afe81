"""Feedback on what a page sends, with whatever model there is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_interviewer.core.drill_marks import MarkedBy
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import ConfigurationError, ModelRefusedError, ModelUnavailableError
from mock_interviewer.grading import drill_feedback
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.service import drilling
from tests.core.toy_drills import FEELING, LINE
from tests.scripted import Script, ScriptedChat

RUBRIC = load_rubric()
WALK = "All the way back in this rain. Sit down, and I'll look under the shelf."
ALL_MET = json.dumps(
    {
        "not_an_attempt": False,
        "points": {
            name: {"evidence": [1], "met": True}
            for name in ("respect", "hardship_named", "understanding_shown", "fitted")
        },
        "advice": "",
    }
)


def grader(script: Script | str | Exception, strategy: Strategy = Strategy.LEVELS) -> Grader:
    return Grader(ScriptedChat(script), RUBRIC, strategy)


def test_a_keyed_drill_is_marked_by_its_key_and_no_model_is_asked() -> None:
    asked = grader(AssertionError("asked"))
    feedback = drilling.feedback(FEELING, {"feeling": "weary"}, RUBRIC, asked)
    assert (feedback.score, feedback.marked_by) == (1.0, MarkedBy.KEY)
    assert isinstance(asked.model, ScriptedChat)
    assert asked.model.requests == []


def test_a_strong_model_marks_a_line() -> None:
    feedback = drilling.feedback(LINE, WALK, RUBRIC, grader(ALL_MET))
    assert (feedback.score, feedback.marked_by) == (1.0, MarkedBy.MODEL)


def test_a_model_that_gives_advice_only_gives_no_score() -> None:
    feedback = drilling.feedback(LINE, WALK, RUBRIC, grader(ALL_MET, Strategy.ADVICE))
    assert feedback.score is None
    assert "only a hint" in feedback.summary


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (None, drill_feedback.NO_MODEL),
        (grader(ModelUnavailableError("away")), drill_feedback.MODEL_AWAY),
        (grader(ModelRefusedError("declined")), drill_feedback.MODEL_AWAY),
        (grader("nonsense"), drill_feedback.MODEL_AWAY),
        (grader("No", Strategy.CHECKLIST), drill_feedback.MODEL_AWAY),  # no log-probabilities
    ],
)
def test_without_a_usable_reading_there_is_no_score_and_the_examples_are_shown(
    made: Grader | None, said: str
) -> None:
    feedback = drilling.feedback(LINE, WALK, RUBRIC, made)
    assert (feedback.score, feedback.marked_by) == (None, MarkedBy.NOBODY)
    assert feedback.summary.startswith(said)
    assert len(feedback.examples) == 2


def test_an_empty_line_asks_no_model() -> None:
    asked = grader(AssertionError("asked"))
    assert drilling.feedback(LINE, " ", RUBRIC, asked).summary.startswith("There is nothing")
    assert isinstance(asked.model, ScriptedChat)
    assert asked.model.requests == []


@pytest.mark.parametrize(("drill", "data"), [(LINE, {"text": "hi"}), (LINE, None), (FEELING, "x")])
def test_what_does_not_fit_the_drill_is_refused(drill: Any, data: Any) -> None:
    with pytest.raises(ConfigurationError):
        drilling.feedback(drill, data, RUBRIC, None)
