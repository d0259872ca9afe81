"""Gates: what a run has to reach, and how far it may fall behind the committed baseline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mock_interviewer.core.datafile import Strict
from mock_interviewer.evaluation import agreement
from mock_interviewer.evaluation.agreement import Interval
from mock_interviewer.evaluation.results import Results


class Scaled(Protocol):
    """A rating with its levels."""

    @property
    def id(self) -> str:
        """Its name in the results."""
        ...

    @property
    def scale(self) -> range:
        """All its levels."""
        ...


class Rated(Protocol):
    """What is rated: a rubric's criteria, or what is compared of replies."""

    @property
    def criteria(self) -> Sequence[Scaled]:
        """The ratings."""
        ...


COVERAGE = "coverage"
"""The gate that comes first: below it a run is incomplete."""


class Gates(Strict):
    """Of a suite. Kappas are quadratic weighted kappas with the raters' levels."""

    coverage: float = Field(default=1.0, ge=0, le=1)
    """Least share of the ratings that raters gave for which there is a level."""
    mean: float | None = Field(default=None, ge=-1, le=1)
    """Least mean kappa."""
    each: float | None = Field(default=None, ge=-1, le=1)
    """Least kappa of every rating."""
    floors: dict[str, float] = Field(default_factory=dict)
    """Least kappa of single ratings, in the place of `each`."""
    mean_drop: float = Field(default=0.01, ge=0)
    """How far the mean kappa may fall behind the baseline."""
    each_drop: float = Field(default=0.03, ge=0)
    """How far any rating's kappa may."""
    probes: float | None = Field(default=None, ge=0, le=1)
    """Least share of the first probes that ask for something missing."""
    robustness: bool = False
    """Whether every row of the robustness table has to pass."""
    robustness_not_yet: tuple[str, ...] = ()
    """Rows that are known to fail, and are only printed."""


@dataclass(frozen=True)
class Verdict:
    """One gate, with the figure that decided it."""

    gate: str
    figure: str
    bound: str
    passed: bool


@dataclass(frozen=True)
class Change:
    """One rating's kappa in two runs over the cases that both have a level for."""

    rating: str
    before: float
    after: float
    interval: Interval
    """Of after less before, over resampled cases."""


@dataclass(frozen=True)
class Moved:
    """One grade that is not what it was."""

    case: str
    rating: str
    before: int | None
    after: int | None
    reference: int | None

    @property
    def worse(self) -> bool:
        """Whether it is further from the raters' level now, or there is none any more."""
        if self.reference is None or self.before is None:
            return False
        if self.after is None:
            return True
        return abs(self.after - self.reference) > abs(self.before - self.reference)

    @property
    def better(self) -> bool:
        """Whether it is nearer to the raters' level now."""
        if self.reference is None or self.after is None:
            return False
        if self.before is None:
            return True
        return abs(self.after - self.reference) < abs(self.before - self.reference)


def check(gates: Gates, rated: Rated, results: Results, baseline: Results | None) -> list[Verdict]:
    """Every gate of a run; a baseline of other cases is a gate that fails. Raises nothing."""
    found = [_coverage(gates, results), *_floors(gates, rated, results)]
    if baseline is None:
        return found
    same = baseline.head.cases == results.head.cases
    found.append(
        Verdict(
            "cases are those of the baseline",
            results.head.cases,
            baseline.head.cases,
            same,
        )
    )
    if baseline.head.yardstick:
        as_accepted = baseline.head.yardstick == results.head.yardstick
        figure = "as accepted" if as_accepted else "changed; `eval accept` takes them over"
        found.append(Verdict("gates are those of the baseline", figure, "as accepted", as_accepted))
    if same:
        comparable = {c.id for c in rated.criteria if not math.isnan(kappa(c, baseline))}
        known = [c for c in changes(rated, baseline, results) if c.rating in comparable]
        found += _drops(gates, known) if known else []
    return found


def changes(rated: Rated, before: Results, after: Results) -> list[Change]:
    """How each rating's agreement changed, on the cases that both runs graded."""
    return [_change(criterion, before, after) for criterion in rated.criteria]


def moved(rated: Rated, before: Results, after: Results) -> list[Moved]:
    """Every grade of a case that both runs have and that changed, worse ones first."""
    found = []
    for criterion in rated.criteria:
        old, new = before.levels(criterion.id), after.levels(criterion.id)
        for case in old:
            if case in new and old[case].level != new[case].level:
                line = new[case]
                found.append(Moved(case, criterion.id, old[case].level, line.level, line.reference))
    return sorted(found, key=lambda grade: (not grade.worse, grade.case))


def kappa(criterion: Scaled, results: Results) -> float:
    """Agreement of the first trial with the raters; NaN where nothing can be compared."""
    pairs = [
        (line.level, line.reference)
        for line in results.levels(criterion.id).values()
        if line.level is not None and line.reference is not None
    ]
    if not pairs:
        return math.nan
    machine, reference = np.array(pairs, dtype=np.int64).T
    return agreement.kappa(machine, reference, criterion.scale)


def _coverage(gates: Gates, results: Results) -> Verdict:
    wanted = [line for line in results.lines if line.reference is not None]
    made = sum(line.level is not None for line in wanted)
    share = made / len(wanted) if wanted else 0.0
    figure = f"{made} of {len(wanted)} ratings"
    return Verdict(COVERAGE, figure, f"{gates.coverage:.1%}", share >= gates.coverage)


def _floors(gates: Gates, rated: Rated, results: Results) -> Iterator[Verdict]:
    kappas = {criterion.id: kappa(criterion, results) for criterion in rated.criteria}
    known = [0.0 if math.isnan(value) else value for value in kappas.values()]
    if gates.mean is not None:
        mean = float(np.mean(known))
        yield Verdict("mean QWK", f"{mean:.3f}", f"at least {gates.mean:.3f}", mean >= gates.mean)
    for name, value in kappas.items():
        floor = gates.floors.get(name, gates.each)
        if floor is not None:
            yield Verdict(f"QWK {name}", f"{value:.3f}", f"at least {floor:.3f}", value >= floor)


def _drops(gates: Gates, found: Sequence[Change]) -> Iterator[Verdict]:
    differences = [change.after - change.before for change in found]
    mean = float(np.mean([0.0 if math.isnan(value) else value for value in differences]))
    yield Verdict(
        "mean QWK against the baseline",
        f"{mean:+.3f}",
        f"at least -{gates.mean_drop:.3f}",
        mean >= -gates.mean_drop - 1e-9,
    )
    for change, difference in zip(found, differences, strict=True):
        low, high = change.interval
        yield Verdict(
            f"QWK {change.rating} against the baseline",
            f"{difference:+.3f} [{low:+.2f} {high:+.2f}]",
            f"at least -{gates.each_drop:.3f}",
            difference >= -gates.each_drop - 1e-9,
        )


def _change(criterion: Scaled, before: Results, after: Results) -> Change:
    old, new = before.levels(criterion.id), after.levels(criterion.id)
    rows = [
        (first.level, second.level, second.reference)
        for case, first in old.items()
        if (second := new.get(case)) is not None
        and first.level is not None
        and second.level is not None
        and second.reference is not None
    ]
    if not rows:
        nan = math.nan
        return Change(criterion.id, nan, nan, Interval(nan, nan))
    table = np.array(rows, dtype=np.int64)

    def both(places: NDArray[np.int64]) -> tuple[float, float]:
        first, second, reference = table[places].T
        return (
            agreement.kappa(first, reference, criterion.scale),
            agreement.kappa(second, reference, criterion.scale),
        )

    def difference(places: NDArray[np.int64]) -> float:
        first, second = both(places)
        return second - first

    was, now = both(np.arange(len(rows)))
    return Change(criterion.id, was, now, agreement.bootstrap(difference, len(rows)))


def text(verdicts: Sequence[Verdict]) -> str:
    """The gates as text."""
    rows = [
        f"{'pass' if v.passed else 'FAIL'}  {v.gate:42} {v.figure:46} {v.bound}" for v in verdicts
    ]
    return "\n".join(["Gates", *rows])
