"""What each step of the embedded path buys: every design judged on answers it was not fitted on.

All rows are cross-validated by question and scored on the answers that raters blind to each other
graded; the intervals are those of resampled answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.evaluation import agreement
from mock_interviewer.evaluation.agreement import Interval
from mock_interviewer.evaluation.fitting import FOLDS, LEVEL_PENALTY, STRETCH, CodedAnswer
from mock_interviewer.grading import coding
from mock_interviewer.grading.head import Numbers, folds, ridge
from mock_interviewer.grading.network import fit_network

SENTENCE_PENALTY = 60.0
STEEPNESS, MIDDLE = 5.0, 0.35
"""A ridge head's values as likelihoods: where it is steep, and where it passes one half."""

PLACES = 3


@dataclass(frozen=True)
class Row:
    """One design: mean quadratic weighted kappa of all ratings, and that of the lowest one."""

    design: str
    kappa: float
    interval: Interval
    lowest: float


@dataclass(frozen=True)
class Material:
    """Answers with the features and marks of their sentences."""

    answers: Sequence[CodedAnswer]
    features: Numbers
    """Of each sentence: mean state, last state, and its places."""
    marks: Numbers
    owner: NDArray[np.int64]
    judged: Sequence[bool]
    """Which answers the rows are scored on."""

    @property
    def fold(self) -> NDArray[np.int64]:
        """Of each answer."""
        return folds([answer.question_id for answer in self.answers], FOLDS)


Read = Callable[[Numbers, Numbers, Numbers], Numbers]
"""Fits on features and marks, and gives likelihoods for other features."""


def table(rubric: Rubric, material: Material) -> list[Row]:
    """Every design, from the simplest to the one that is kept."""
    width = (material.features.shape[1] - PLACES) // 2
    both = np.ones(material.features.shape[1], dtype=bool)
    mean, last = both.copy(), both.copy()
    mean[width : 2 * width] = False
    last[:width] = False
    everyone = np.ones(len(material.answers), dtype=bool)
    judged = np.array(material.judged)
    half = judged | (np.arange(len(judged)) % 2 == 0)
    rows = [
        _row("mean sentence embedding, ridge", rubric, material, _means(material, width)),
        _coded("codes from the mean state, linear", rubric, material, by_ridge, mean, everyone),
        _coded("codes from the last state, linear", rubric, material, by_ridge, last, everyone),
        _coded("codes from both, linear", rubric, material, by_ridge, both, everyone),
        _coded("codes from both, network", rubric, material, by_network, both, judged),
        _coded("codes from both, network", rubric, material, by_network, both, half),
        _coded("codes from both, network", rubric, material, by_network, both, everyone),
    ]
    return [*rows, _row("codes as our coders gave them", rubric, material, _summaries(material))]


def by_ridge(features: Numbers, marks: Numbers, others: Numbers) -> Numbers:
    """A linear head."""
    values = ridge(features, marks, SENTENCE_PENALTY).predict(others)
    found: Numbers = 1.0 / (1.0 + np.exp(-STEEPNESS * (values - MIDDLE)))
    return found


def by_network(features: Numbers, marks: Numbers, others: Numbers) -> Numbers:
    """The network that is kept."""
    return fit_network(features, marks).predict(others)


def _coded(
    design: str,
    rubric: Rubric,
    material: Material,
    read: Read,
    columns: NDArray[np.bool_],
    learned_from: NDArray[np.bool_],
) -> Row:
    features = material.features[:, columns]
    shares = np.zeros_like(material.marks)
    fold = material.fold[material.owner]
    for number in range(FOLDS):
        inside = fold == number
        known = ~inside & learned_from[material.owner]
        shares[inside] = read(features[known], material.marks[known], features[inside])
    count = int(learned_from.sum())
    name = f"{design}, {count} answers"
    return _row(name, rubric, material, _summaries(material, shares), learned_from)


def _means(material: Material, width: int) -> Numbers:
    return np.stack(
        [
            material.features[material.owner == place, :width].mean(axis=0)
            for place in range(len(material.answers))
        ]
    )


def _summaries(material: Material, shares: Numbers | None = None) -> Numbers:
    known = material.marks if shares is None else shares
    return np.stack(
        [
            coding.summaries(known[material.owner == place]).ravel()
            for place in range(len(material.answers))
        ]
    )


def _row(
    design: str,
    rubric: Rubric,
    material: Material,
    features: Numbers,
    learned_from: NDArray[np.bool_] | None = None,
) -> Row:
    """Levels by ridge regression from each answer's features, and how they agree."""
    reference = {
        c.id: np.array(
            [np.nan if (r := a.ratings[c.id]) is None else float(r) for a in material.answers]
        )
        for c in rubric.criteria
    }
    learned = np.ones(len(features), dtype=bool) if learned_from is None else learned_from
    levels = {
        name: levels_by_ridge(features, values, material.fold, learned)
        for name, values in reference.items()
    }
    return score(design, rubric, levels, reference, np.array(material.judged))


def levels_by_ridge(
    features: Numbers, values: Numbers, fold: NDArray[np.int64], learned: NDArray[np.bool_]
) -> Numbers:
    """Unrounded levels of each fold, from a head that has seen no row of it; NaN is not learned."""
    found = np.full(len(values), np.nan)
    rated = ~np.isnan(values)
    for number in range(FOLDS):
        known, inside = rated & learned & (fold != number), fold == number
        middle = values[known].mean()
        predicted = ridge(features[known], values[known], LEVEL_PENALTY).predict(features[inside])
        found[inside] = middle + STRETCH * (predicted - middle)
    return found


def score(
    design: str,
    rubric: Rubric,
    levels: Mapping[str, Numbers],
    reference: Mapping[str, Numbers],
    judged: NDArray[np.bool_],
) -> Row:
    """How levels agree with the reference, on the judged answers that have both."""
    places = np.flatnonzero(judged)

    def kappas(rows: NDArray[np.int64]) -> list[float]:
        found = []
        for criterion in rubric.criteria:
            given, wanted = levels[criterion.id][rows], reference[criterion.id][rows]
            both = ~np.isnan(given) & ~np.isnan(wanted)
            nearest = np.array([criterion.nearest(value) for value in given[both]])
            found.append(agreement.kappa(nearest, wanted[both].astype(np.int64), criterion.scale))
        return found

    own = kappas(places)
    interval = agreement.bootstrap(lambda rows: float(np.mean(kappas(places[rows]))), len(places))
    return Row(design, float(np.mean(own)), interval, min(own))


def text(rows: Sequence[Row]) -> str:
    """The table as text."""
    lines = [
        f"{row.design:56}{row.kappa:6.3f} [{row.interval.low:5.2f} {row.interval.high:5.2f}]"
        f"{row.lowest:8.2f}"
        for row in rows
    ]
    return "\n".join([f"{'design':56}mean QWK [95 %]    lowest", *lines])
