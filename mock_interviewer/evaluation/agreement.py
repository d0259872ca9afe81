"""Agreement between two series of levels, and how sure it is.

Everything is given the scale explicitly: levels that do not occur count as levels all the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.int64]
Numbers = NDArray[np.float64]

RESAMPLES = 1000
SEED = 20261122


class Interval(NamedTuple):
    """A 95 % interval; both ends are NaN where there is nothing to work it out from."""

    low: float
    high: float


@dataclass(frozen=True)
class Agreement:
    """Machine against reference on the answers that both have a level for."""

    n: int
    kappa: float
    """Quadratic weighted kappa, -1 to 1."""
    interval: Interval
    spearman: float
    mae: float
    """Mean absolute difference in levels."""
    exact: float
    within_one: float
    bias: float
    """Mean of machine less reference, in levels."""
    smd: float
    """Bias in pooled standard deviations."""
    slope: float
    """Of machine on reference; below 1 the machine's levels crowd in the middle."""


def agreement(machine: Sequence[int], reference: Sequence[int], scale: range) -> Agreement:
    """Every figure of one rating. Raises `ValueError` on series of different lengths."""
    a, b = np.asarray(machine, dtype=np.int64), np.asarray(reference, dtype=np.int64)
    if a.shape != b.shape:
        raise ValueError(f"{a.size} machine levels and {b.size} reference levels")
    if a.size == 0:
        nan = math.nan
        return Agreement(0, nan, Interval(nan, nan), nan, nan, nan, nan, nan, nan, nan)
    difference = a - b
    pooled = math.sqrt((a.var() + b.var()) / 2)
    return Agreement(
        n=int(a.size),
        kappa=kappa(a, b, scale),
        interval=bootstrap(lambda rows: kappa(a[rows], b[rows], scale), a.size),
        spearman=correlation(ranks(a), ranks(b)),
        mae=float(np.abs(difference).mean()),
        exact=float((difference == 0).mean()),
        within_one=float((np.abs(difference) <= 1).mean()),
        bias=float(difference.mean()),
        smd=float(difference.mean() / pooled) if pooled else math.nan,
        slope=float(((a - a.mean()) * (b - b.mean())).mean() / b.var()) if b.var() else math.nan,
    )


def kappa(a: Levels, b: Levels, scale: range) -> float:
    """Quadratic weighted kappa (Cohen 1968): 1 less observed over expected squared difference.

    NaN where both series are one and the same constant, for which it is not defined.
    """
    observed = confusion(a, b, scale) / a.size
    levels = np.asarray(scale, dtype=np.float64)
    weights = (levels[:, None] - levels[None, :]) ** 2
    expected = observed.sum(axis=1)[:, None] * observed.sum(axis=0)[None, :]
    chance = float((weights * expected).sum())
    return 1.0 - float((weights * observed).sum()) / chance if chance else math.nan


def confusion(machine: Levels, reference: Levels, scale: range) -> NDArray[np.int64]:
    """Counts: a row for each machine level, a column for each reference level.

    Raises `ValueError` on a level outside of the scale.
    """
    size = len(scale)
    rows, columns = machine - scale.start, reference - scale.start
    if ((rows < 0) | (rows >= size) | (columns < 0) | (columns >= size)).any():
        raise ValueError(f"a level is outside of {scale.start} to {scale.stop - 1}")
    return np.bincount(rows * size + columns, minlength=size * size).reshape(size, size)


def ranks(values: Numbers | Levels) -> Numbers:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means: Numbers = ends - (counts - 1) / 2
    return means[inverse]


def correlation(a: Numbers | Levels, b: Numbers | Levels) -> float:
    """Pearson's correlation, -1 to 1; NaN where one of them is constant."""
    if a.size < 2 or a.std() == 0 or b.std() == 0:
        return math.nan
    return float(((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()))


def bootstrap(figure: Callable[[NDArray[np.int64]], float], n: int) -> Interval:
    """Percentile interval of a figure over resampled row numbers; always the same for the same n.

    Resamples for which the figure is not defined are left out.
    """
    found = [figure(rows) for rows in resamples(n)]
    known = [value for value in found if not math.isnan(value)]
    if not known:
        return Interval(math.nan, math.nan)
    low, high = np.quantile(known, [0.025, 0.975])
    return Interval(float(low), float(high))


def resamples(n: int) -> list[NDArray[np.int64]]:
    """Row numbers drawn with replacement, `RESAMPLES` times."""
    rng = np.random.default_rng(SEED)
    return list(rng.integers(0, n, size=(RESAMPLES, n)))


def icc(table: Numbers) -> float:
    """Intraclass correlation of single ratings in absolute agreement, ICC(2,1) of Shrout & Fleiss.

    `table`: a row for each answer, a column for each trial. NaN where nothing varies.
    """
    n, k = table.shape
    mean = table.mean()
    rows = k * ((table.mean(axis=1) - mean) ** 2).sum() / (n - 1)
    columns = n * ((table.mean(axis=0) - mean) ** 2).sum() / (k - 1)
    rest = table - table.mean(axis=1)[:, None] - table.mean(axis=0)[None, :] + mean
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    total = rows + (k - 1) * error + k * (columns - error) / n
    return float((rows - error) / total) if total else math.nan
