"""How far two series of levels of the same answers lie apart: coach and machine, or two coaches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.evaluation.agreement import Interval, kappa, resamples

LEAST_ANSWERS = 10
"""Under so many answers a figure would say more of chance than of people."""
FURTHEST = 10

Levels = Mapping[str, int | None]


@dataclass(frozen=True)
class Pair:
    """One answer with two judgements of it; `case` says which answer it is."""

    case: str
    first: Levels
    second: Levels

    def both(self, name: str) -> tuple[int, int] | None:
        """The two levels of a criterion, if both gave one."""
        first, second = self.first.get(name), self.second.get(name)
        return None if first is None or second is None else (first, second)


@dataclass(frozen=True)
class CriterionApart:
    """One criterion. The figures are None on fewer answers than `LEAST_ANSWERS`."""

    criterion: Criterion
    n: int
    """Answers that both gave a level for."""
    kappa: float | None
    """Quadratic weighted kappa, -1 to 1; None also where both gave one and the same level."""
    interval: Interval | None
    bias: float | None
    """Mean of first less second, in levels."""
    off: float | None
    """Mean absolute difference, as a share of the scale."""
    one_only: int
    """Answers for which one of them saw no opportunity, and the other gave a level."""

    @property
    def too_few(self) -> bool:
        """Whether there is nothing to be said yet."""
        return self.n < LEAST_ANSWERS


@dataclass(frozen=True)
class CaseApart:
    """One answer, and the levels in which the two differ, the widest first."""

    case: str
    off: float
    """Mean absolute difference, as a share of the scale."""
    levels: tuple[tuple[Criterion, int, int], ...]


@dataclass(frozen=True)
class Apart:
    """Everything that two series of levels say of each other."""

    answers: int
    overall: CriterionApart | None
    """The criteria of the scores taken together; its interval draws whole answers."""
    criteria: tuple[CriterionApart, ...]
    """Those the two part on most first, and last those with too few answers."""
    furthest: tuple[CaseApart, ...]

    @property
    def too_few(self) -> bool:
        """Whether there is nothing to be said yet."""
        return self.answers < LEAST_ANSWERS


def compare(pairs: Sequence[Pair], rubric: Rubric) -> Apart:
    """Hold the first levels against the second ones."""
    criteria = [_criterion(pairs, (criterion,)) for criterion in rubric.criteria]
    names = {name for score in rubric.scores for name in score.mean_of}
    scored = tuple(criterion for criterion in rubric.criteria if criterion.id in names)
    return Apart(
        answers=sum(1 for pair in pairs if any(pair.both(c.id) for c in rubric.criteria)),
        overall=_criterion(pairs, scored) if scored else None,
        criteria=tuple(sorted(criteria, key=lambda c: (c.too_few, -(c.off or 0.0)))),
        furthest=_furthest(pairs, rubric),
    )


def _criterion(pairs: Sequence[Pair], criteria: Sequence[Criterion]) -> CriterionApart:
    """The figures of one criterion, or of several on one scale; each row is one answer."""
    kept = [pair for pair in pairs if any(pair.both(c.id) for c in criteria)]
    one_only = sum(
        (pair.first.get(c.id) is None) != (pair.second.get(c.id) is None)
        for pair in pairs
        for c in criteria
        if c.id in pair.first and c.id in pair.second
    )
    scale = criteria[0].scale
    if len(kept) < LEAST_ANSWERS:
        return CriterionApart(criteria[0], len(kept), None, None, None, None, one_only)
    both = [[pair.both(c.id) for c in criteria] for pair in kept]
    known = np.array([[levels is not None for levels in row] for row in both])
    table = np.array([[levels or (scale.start, scale.start) for levels in row] for row in both])

    difference = (table[known][:, 0] - table[known][:, 1]).astype(float)
    found = kappa(table[known][:, 0], table[known][:, 1], scale)
    return CriterionApart(
        criterion=criteria[0],
        n=len(kept),
        kappa=None if math.isnan(found) else found,
        interval=None if math.isnan(found) else _interval(table - scale.start, known, len(scale)),
        bias=float(difference.mean()),
        off=float(np.abs(difference).mean()) / (len(scale) - 1),
        one_only=one_only,
    )


def _interval(table: NDArray[np.int64], known: NDArray[np.bool_], size: int) -> Interval:
    """Kappa's interval over whole answers: `bootstrap` with all draws worked out at once.

    `table`: a row for each answer, with pairs of levels counted from 0.
    """
    answers = len(table)
    cells = np.zeros((answers, size * size))
    row, criterion = np.nonzero(known)
    pair = table[row, criterion]
    np.add.at(cells, (row, pair[:, 0] * size + pair[:, 1]), 1)
    drawn = np.array([np.bincount(rows, minlength=answers) for rows in resamples(answers)])
    observed = (drawn @ cells).reshape(-1, size, size)
    observed /= observed.sum(axis=(1, 2), keepdims=True)
    expected = observed.sum(axis=2)[:, :, None] * observed.sum(axis=1)[:, None, :]
    levels = np.arange(size)
    weights = (levels[:, None] - levels[None, :]) ** 2
    chance = (weights * expected).sum(axis=(1, 2))
    some = chance > 0
    if not some.any():
        return Interval(math.nan, math.nan)
    kappas = 1 - (weights * observed).sum(axis=(1, 2))[some] / chance[some]
    low, high = np.quantile(kappas, [0.025, 0.975])
    return Interval(float(low), float(high))


def _furthest(pairs: Sequence[Pair], rubric: Rubric) -> tuple[CaseApart, ...]:
    found = []
    for pair in pairs:
        shares, levels = [], []
        for criterion in rubric.criteria:
            if both := pair.both(criterion.id):
                share = abs(both[0] - both[1]) / (criterion.highest - criterion.lowest)
                shares.append(share)
                if share:
                    levels.append((share, (criterion, *both)))
        if levels:
            widest = sorted(levels, key=lambda each: -each[0])
            off = sum(shares) / len(shares)
            found.append(CaseApart(pair.case, off, tuple(each for _, each in widest)))
    return tuple(sorted(found, key=lambda case: -case.off)[:FURTHEST])
