"""How sure the grader says it is of a level, beside how far the level is from the raters'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.evaluation.runner import Result, pairs


@dataclass(frozen=True)
class Sure:
    """One rating that was told with the range in which its level is likely to lie."""

    rating: str
    steps: int
    """Between the lowest and the highest level of the scale."""
    width: int
    """Levels between the ends of the range; 0: told as one level."""
    off: int
    """Levels between machine and reference."""
    inside: bool
    """Whether the reference lies in the range."""

    @property
    def error(self) -> float:
        """`off` as a share of the scale."""
        return self.off / self.steps


def sureness_of(rubric: Rubric, results: Sequence[Result]) -> list[Sure]:
    """Every rating with a likely range and a reference, the surest first."""
    found = []
    for criterion in rubric.criteria:
        for result, machine, reference in pairs(results, criterion):
            likely = result.grade.ratings[criterion.id].likely if result.grade else None
            if likely:
                low, high = likely
                found.append(
                    Sure(
                        rating=criterion.id,
                        steps=criterion.highest - criterion.lowest,
                        width=high - low,
                        off=abs(machine - reference),
                        inside=low <= reference <= high,
                    )
                )
    return sorted(found, key=lambda sure: sure.width / sure.steps)


def error_of_surest(rated: Sequence[Sure], share: float) -> float:
    """Mean error, in shares of the scale, of this share of the ratings, the surest."""
    some = rated[: max(1, round(share * len(rated)))]
    return float(np.mean([sure.error for sure in some]))
