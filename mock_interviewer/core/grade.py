"""A grade: what a grader found in one answer, and the figures that code works out from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import Field

from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.rubric import Rubric

NOT_APPLICABLE = "not_applicable"
"""Reason of a rating that this kind of question does not get."""


class Evidence(Strict):
    """A sentence of the answer by its number, and its text, verbatim."""

    sentence: int = Field(ge=1)
    quote: str


class Rating(Strict):
    """One criterion's level with what it rests on.

    `level` is null where there is none: `reason` is then `not_applicable`, or says why this
    rating is ungraded.
    """

    level: int | None
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    missing: str = ""
    next_step: str = ""
    items: dict[str, float] = Field(default_factory=dict)
    """By checklist item or sentence code: how likely it is met, 0 to 1 (0 or 1 if only told so)."""
    likely: tuple[int, int] | None = None
    """Lowest and highest level that the grader thinks likely; None if it cannot tell."""


class Usage(Strict):
    """Tokens, as the server counted them; `cached` is the part of `prompt` it did not compute."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt=self.prompt + other.prompt,
            cached=self.cached + other.cached,
            completion=self.completion + other.completion,
        )


class Stamp(Strict):
    """What gave a grade. `grader_key` is a hash of everything that could change the levels."""

    grader_key: str
    rubric: str
    prompts: dict[str, str]
    model: str
    strategy: str
    calibration: str
    package_version: str
    graded_at: datetime
    usage: Usage = Usage()


class Grade(Strict):
    """All ratings of one answer."""

    not_an_answer: bool
    ratings: dict[str, Rating]
    next_time: str = ""
    """The answer as it could be told next time, from the candidate's own facts."""
    stamp: Stamp

    def level(self, criterion_id: str) -> int | None:
        """The level of a criterion; None where there is none."""
        rating = self.ratings.get(criterion_id)
        return rating.level if rating else None


UNSURE_LEVELS = 2
"""A level is unsure if the likely ones lie as far apart as this."""


def unsure(grade: Grade) -> int:
    """How many of its levels the grader itself is not sure of."""
    ranges = [rating.likely for rating in grade.ratings.values() if rating.likely]
    return sum(1 for low, high in ranges if high - low >= UNSURE_LEVELS)


def scores(grade: Grade, rubric: Rubric) -> dict[str, float]:
    """The rubric's scores of one answer: each a mean of levels, left out if one is missing."""
    found: dict[str, float] = {}
    for score in rubric.scores:
        levels = [grade.ratings[name].level for name in score.mean_of]
        known = [level for level in levels if level is not None]
        if len(known) == len(levels):
            found[score.id] = mean(known)
    return found


def overall(scored: Mapping[str, float], calls_for: Iterable[str]) -> float | None:
    """The mean of the scores that the question calls for; None unless all of them are there."""
    wanted = list(calls_for)
    if not wanted or any(name not in scored for name in wanted):
        return None
    return mean([scored[name] for name in wanted])


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean. Raises `ZeroDivisionError` on no values."""
    return sum(values) / len(values)
