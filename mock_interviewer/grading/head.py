"""Small linear heads: from features to a number, fitted once, kept as numbers in a file."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Ridge penalties to choose from, per hundred rows, for features of standard deviation 1."""
FOLDS = 10


@dataclass(frozen=True)
class Ridge:
    """`offset + features @ weights`; several columns of weights predict several numbers at once."""

    weights: Numbers
    offset: Numbers

    def predict(self, features: Numbers) -> Numbers:
        """A number, or a row of them, for each row of features."""
        found: Numbers = features @ self.weights + self.offset
        return found


def ridge(features: Numbers, targets: Numbers, penalty: float) -> Ridge:
    """Ridge regression on standardised features (Hoerl & Kennard 1970)."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    z = (features - mean) / spread
    centre = targets.mean(axis=0)
    rows, columns = z.shape
    strength = penalty * rows / 100
    if columns <= rows:
        solved = np.linalg.solve(z.T @ z + strength * np.eye(columns), z.T @ (targets - centre))
    else:
        solved = z.T @ np.linalg.solve(z @ z.T + strength * np.eye(rows), targets - centre)
    weights = (solved.T / spread).T
    return Ridge(weights, centre - mean @ weights)


def fit_ridge(
    features: Numbers,
    targets: Numbers,
    groups: Sequence[Hashable],
    penalties: Sequence[float] = PENALTIES,
) -> Ridge:
    """Ridge regression with the penalty that predicts the rows of unseen groups best."""
    best = min(
        penalties,
        key=lambda penalty: float(
            ((unseen(features, targets, groups, penalty) - targets) ** 2).mean()
        ),
    )
    return ridge(features, targets, best)


def unseen(
    features: Numbers, targets: Numbers, groups: Sequence[Hashable], penalty: float
) -> Numbers:
    """What is predicted for each row by a head that has seen no row of its group's fold."""
    found = np.zeros_like(targets, dtype=np.float64)
    fold = folds(groups)
    for number in range(FOLDS):
        inside = fold == number
        if inside.any() and not inside.all():
            head = ridge(features[~inside], targets[~inside], penalty)
            found[inside] = head.predict(features[inside])
    return found


def folds(groups: Sequence[Hashable], count: int = FOLDS) -> NDArray[np.int64]:
    """A fold for each row, the same for all rows of a group; groups are dealt out in order."""
    order = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    return np.array([order[group] % count for group in groups], dtype=np.int64)
