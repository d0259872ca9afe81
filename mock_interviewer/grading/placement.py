"""Placing a model that nobody has measured: can it order six answers of known level?

If it can by levels, it grades by levels; if not, and its server gives log-probabilities, by
checklist; else it gives evidence and advice without levels.
"""

from __future__ import annotations

from enum import StrEnum

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.grade import Grade, mean, scores
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import ModelAccessError, ModelRefusedError
from mock_interviewer.grading import checklist
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import ChatModel

CLEARLY_ABOVE = 1.0
"""Levels by which each high answer has to stand above each low one."""


class Rank(StrEnum):
    """The known level of a placement answer."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


class _Answer(Strict):
    rank: Rank
    kind: Kind
    question: str
    text: str

    @property
    def lines(self) -> list[Line]:
        return [Line(role=Role.CANDIDATE, text=self.text)]


class _Answers(Strict):
    answers: tuple[_Answer, ...]


def place(model: ChatModel, rubric: Rubric, context: int) -> Strategy:
    """Find out how this model may grade.

    Raises `ModelUnavailableError` if it is away and `ModelAccessError` if it may not be used.
    """
    answers = datafile.load(_Answers, package_file("grading", "placement.yaml")).answers
    grader = Grader(model, rubric, Strategy.LEVELS, context)
    figures: dict[Rank, list[float]] = {rank: [] for rank in Rank}
    try:
        for answer in answers:
            grade = grader.grade(answer.question, answer.kind, answer.lines)
            figures[answer.rank].append(_figure(grade, rubric))
        if orders(figures):
            return Strategy.LEVELS
    except ModelAccessError:
        raise
    except ModelRefusedError:
        pass  # it cannot give a grade of the asked form, which is an answer, too
    return Strategy.CHECKLIST if _gives_log_odds(model, rubric, context) else Strategy.ADVICE


def orders(figures: dict[Rank, list[float]]) -> bool:
    """Whether the ranks' means rise and every high answer is clearly above every low one."""
    low, middle, high = (figures[rank] for rank in (Rank.LOW, Rank.MIDDLE, Rank.HIGH))
    return mean(low) < mean(middle) < mean(high) and min(high) - max(low) >= CLEARLY_ABOVE


def _figure(grade: Grade, rubric: Rubric) -> float:
    scored = scores(grade, rubric)
    if len(scored) < len(rubric.scores):
        raise ModelRefusedError("the model's grade lacks levels")
    return mean(list(scored.values()))


def _gives_log_odds(model: ChatModel, rubric: Rubric, context: int) -> bool:
    grader = Grader(model, rubric, Strategy.CHECKLIST, context)
    try:
        checklist.log_odds(model.ask(grader.warm_up()[-1]))
    except ModelAccessError:
        raise
    except ModelRefusedError:
        return False
    return True
