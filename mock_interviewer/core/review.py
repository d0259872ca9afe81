"""A coach's review: one person's judgement of one answer, beside the grade and never in its place.

A file of reviews is a list of entries like

    - reviewer: Ines Maier
      date: 2026-12-03
      ratings:                     # every rating of the rubric
        situation: 4
        task: {level: 2, reason: The aim is his manager's.}
        validation: null           # does not apply
      not_an_answer: false         # may be left out
      comment: Good ear, thin ending.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictInt

from mock_interviewer.core.datafile import Strict, read_yaml, validated
from mock_interviewer.core.rubric import Rubric, Text
from mock_interviewer.errors import DataFileError

LONGEST = 4000
"""Characters of a reason or a comment."""


class ReviewedRating(Strict):
    """One criterion's level, null where it does not apply, and why."""

    level: StrictInt | None
    reason: str = Field("", max_length=LONGEST)


def _with_level(given: Any) -> Any:
    """A bare level stands for a rating without a reason."""
    return given if isinstance(given, dict | ReviewedRating) else {"level": given}


Rated = Annotated[ReviewedRating, BeforeValidator(_with_level)]


class Review(Strict):
    """What one coach found in one answer."""

    reviewer: Text
    date: date
    ratings: dict[str, Rated] = Field(min_length=1)
    not_an_answer: bool = False
    comment: str = ""

    def faults(self, rubric: Rubric) -> Iterator[str]:
        """What does not fit the rubric, a line each: the key, and what was expected."""
        known = {criterion.id for criterion in rubric.criteria}
        for name in self.ratings.keys() - known:
            yield f"ratings.{name}: the rubric {rubric.id} has no such rating"
        for criterion in rubric.criteria:
            scale = f"a level from {criterion.lowest} to {criterion.highest}, or null"
            if criterion.id not in self.ratings:
                yield f"ratings.{criterion.id}: expected {scale}; it is missing"
                continue
            level = self.ratings[criterion.id].level
            if level is not None and level not in criterion.scale:
                yield f"ratings.{criterion.id}.level: expected {scale}; got {level}"


def load_reviews(path: Path, rubric: Rubric) -> tuple[Review, ...]:
    """Read a YAML or JSON file of reviews of one answer, each by another reviewer.

    Raises `DataFileError`, naming file, key and what was expected.
    """
    data = _read(path)
    if not isinstance(data, list) or not data:
        raise DataFileError(f"{path}: expected a list of reviews, one or more")
    reviews: list[Review] = []
    for number, entry in enumerate(data, start=1):
        source = f"{path}: review {number}"
        review = validated(Review, entry, source)
        if faults := [f"{source}: {fault}" for fault in review.faults(rubric)]:
            raise DataFileError("\n".join(faults))
        if review.reviewer in {other.reviewer for other in reviews}:
            raise DataFileError(f"{source}: reviewer: {review.reviewer!r} has a review above")
        reviews.append(review)
    return tuple(reviews)


def _read(path: Path) -> Any:
    if path.suffix != ".json":
        return read_yaml(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataFileError(f"{path}: cannot be read as JSON: {error}") from error
