"""How far the machine is ahead of baselines that know nothing of the meaning of an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.evaluation import agreement, baselines
from mock_interviewer.evaluation.agreement import Interval, Levels
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.evaluation.runner import Result


@dataclass(frozen=True)
class Lead:
    """A baseline that learned on dev: its mean QWK, and how far the machine is ahead of it."""

    name: str
    kappa: float
    lead: float
    interval: Interval
    """Of the lead, over resampled cases."""


def leads(
    rubric: Rubric,
    cases: Sequence[Case],
    dev: Sequence[Case],
    results: Sequence[Result],
    others: Mapping[str, dict[str, list[int]]],
) -> list[Lead]:
    """The baselines. `others`: levels of further ones, by name."""
    graded = {result.case.id: result for result in results if result.trial == 0 and result.grade}
    kept = [case for case in cases if case.id in graded]
    if not dev or not kept:
        return []
    tables = {
        "majority level": {c.id: baselines.majority(dev, kept, c) for c in rubric.criteria},
    }
    for name, features in (("length", baselines.length), ("keywords", baselines.keywords)):
        tables[name] = {c.id: baselines.learned(features, dev, kept, c) for c in rubric.criteria}
    places = [place for place, case in enumerate(cases) if case.id in graded]
    for name, known in others.items():
        tables[name] = {
            criterion: [levels[place] for place in places] for criterion, levels in known.items()
        }
    own = {c.id: [graded[case.id].level(c.id) for case in kept] for c in rubric.criteria}
    machine = _Paired(rubric, kept, own)
    everything = np.arange(len(kept))
    found = []
    for name, levels in tables.items():
        other = _Paired(rubric, kept, levels)

        def lead(places: Levels, other: _Paired = other) -> float:
            return machine.mean_kappa(places) - other.mean_kappa(places)

        interval = agreement.bootstrap(lead, len(kept))
        found.append(Lead(name, other.mean_kappa(everything), lead(everything), interval))
    return found


def compared(found: Sequence[Lead]) -> str:
    """Mean QWK beside baselines, with the paired interval of the difference."""
    if not found:
        return ""
    rows = ["baseline          mean QWK   machine less baseline [95 %]"]
    for other in found:
        low, high = other.interval
        rows.append(
            f"{other.name:18}{other.kappa:6.3f}     {other.lead:+.3f} [{low:+.2f} {high:+.2f}]"
        )
    return "\n".join(rows)


def mean_kappa(
    rubric: Rubric, cases: Sequence[Case], levels: Mapping[str, Sequence[int | None]]
) -> float:
    """The mean over all ratings of the kappa with the reference; undefined ones count as 0."""
    return _Paired(rubric, cases, levels).mean_kappa(np.arange(len(cases)))


class _Paired:
    """Levels of each rating beside the reference, as arrays that can be resampled quickly."""

    def __init__(
        self, rubric: Rubric, cases: Sequence[Case], levels: Mapping[str, Sequence[int | None]]
    ) -> None:
        references = [case.reference for case in cases]
        self._tables = []
        for criterion in rubric.criteria:
            given = [reference[criterion.id] for reference in references]
            pairs = list(zip(levels[criterion.id], given, strict=True))
            known = np.array([None not in pair for pair in pairs])
            table = np.array([[level or 0 for level in pair] for pair in pairs], dtype=np.int64)
            self._tables.append((criterion.scale, known, table))

    def mean_kappa(self, places: Levels) -> float:
        """The mean of the ratings' kappas with the reference; undefined ones count as 0."""
        kappas = []
        for scale, known, table in self._tables:
            machine, reference = table[places][known[places]].T
            if machine.size:
                found = agreement.kappa(machine, reference, scale)
                kappas.append(0.0 if math.isnan(found) else found)
        return float(np.mean(kappas))
