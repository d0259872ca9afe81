"""Feedback on an attempt at a drill: by its key, by the model that is there, or without one."""

from __future__ import annotations

import logging
from typing import Any

from mock_interviewer.core import drill_marks
from mock_interviewer.core.drill_marks import Feedback
from mock_interviewer.core.drills import Drill, Written
from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import ConfigurationError, ModelError
from mock_interviewer.grading import drill_feedback, drill_reading
from mock_interviewer.grading.drill_reading import Reading
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy

log = logging.getLogger(__name__)


def feedback(drill: Drill, data: Any, rubric: Rubric, grader: Grader | None) -> Feedback:
    """Feedback on what a page sent: a line for drills that are written, else a JSON object.

    A model that is away or cannot read lines leaves the line without a score, and says so.
    Raises `ConfigurationError` if what was sent does not fit the drill.
    """
    if not isinstance(drill, Written):
        return drill_marks.mark(drill, drill_marks.read_attempt(drill, data))
    if not isinstance(data, str):
        raise ConfigurationError("A line of text was expected for this drill.")
    if drill_feedback.says_nothing(drill, data):
        return drill_feedback.feedback(drill, data, rubric, drill_feedback.NO_MODEL)
    return drill_feedback.feedback(drill, data, rubric, _reading(drill, data, rubric, grader))


def _reading(drill: Written, line: str, rubric: Rubric, grader: Grader | None) -> Reading | str:
    """A model's reading, or why there is none."""
    if grader is None:
        return drill_feedback.NO_MODEL
    try:
        match grader.strategy:
            case Strategy.LEVELS | Strategy.ADVICE:
                prompt = load_prompt("drill", grader.prompt_folder)
                found = drill_reading.read_strong(grader.model, prompt, drill, line, rubric)
                return found if grader.strategy is Strategy.LEVELS else found.without_score()
            case Strategy.CHECKLIST:
                prompt = grader.prompts["checklist"]
                return drill_reading.read_by_items(grader.model, prompt, drill, line, rubric)
            case _:
                return drill_feedback.UNFIT_MODEL
    except ModelError as error:
        log.info("A line of the drill %s could not be read: %s", drill.id, error)
        return drill_feedback.MODEL_AWAY
