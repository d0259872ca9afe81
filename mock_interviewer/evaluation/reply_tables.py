"""What a suite of reference replies prints: coverage, agreement, the raters, what was found."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mock_interviewer.evaluation import agreement
from mock_interviewer.evaluation.agreement import Agreement, Interval, Levels
from mock_interviewer.evaluation.replies import MOOD, YES_NO, Place, Scale
from mock_interviewer.evaluation.reply_reading import Found, Judged, Read

SHOWN = 12


@dataclass(frozen=True)
class ReadReply:
    """A reply with what the grader made of it."""

    judged: Judged
    read: Read

    def level(self, place: Place) -> int | None:
        """The grader's level."""
        return self.read.levels.get(place)


class Pair(NamedTuple):
    """Two levels at one place of one reply."""

    reply: str
    first: int
    second: int


def pairs(scale: Scale, both: Iterable[tuple[str, Found, Found]]) -> list[Pair]:
    """All places of a rating at which there are two levels. `both`: a reply's id and its levels."""
    return [
        Pair(reply, level, other)
        for reply, first, second in both
        for place, other in second.items()
        if place.rating == scale.id and other is not None
        if (level := first.get(place)) is not None
    ]


def with_reference(scale: Scale, results: Sequence[ReadReply]) -> list[Pair]:
    """The grader's levels with the reference's."""
    return pairs(
        scale, ((r.judged.id, r.read.levels, r.judged.reference) for r in results if r.read.levels)
    )


def kappa(scale: Scale, found: Sequence[Pair]) -> float:
    """Quadratic weighted kappa; NaN where it is not defined."""
    return agreement.kappa(*_levels(found), scale.scale) if found else math.nan


def interval(scale: Scale, found: Sequence[Pair]) -> Interval:
    """Of the kappa, over resampled replies: what stands in one reply is drawn together."""
    if not found:
        return Interval(math.nan, math.nan)
    places: dict[str, list[int]] = {}
    for place, pair in enumerate(found):
        places.setdefault(pair.reply, []).append(place)
    groups = [np.array(own, dtype=np.int64) for own in places.values()]
    first, second = _levels(found)

    def figure(rows: Levels) -> float:
        drawn = np.concatenate([groups[row] for row in rows])
        return agreement.kappa(first[drawn], second[drawn], scale.scale)

    return agreement.bootstrap(figure, len(groups))


def _levels(found: Sequence[Pair]) -> tuple[Levels, Levels]:
    table = np.array([(pair.first, pair.second) for pair in found], dtype=np.int64)
    return table[:, 0], table[:, 1]


def f1(found: Sequence[Pair]) -> float:
    """Of saying yes where the second says yes; NaN where neither ever does."""
    both = sum(pair.first and pair.second for pair in found)
    either = sum(pair.first + pair.second for pair in found)
    return 2 * both / either if either else math.nan


def between_raters(scale: Scale, judged: Sequence[Judged]) -> list[Pair]:
    """The levels of every two raters of a reply."""
    return pairs(
        scale,
        (
            (case.id, first, second)
            for case in judged
            for first, second in itertools.combinations(case.rated.values(), 2)
        ),
    )


def coverage(results: Sequence[ReadReply]) -> str:
    """How many replies and ratings there are levels for."""
    wanted = [(r, place) for r in results for place in r.judged.reference]
    made = sum(r.level(place) is not None for r, place in wanted)
    missing = sum(r.read.missing for r in results)
    told = sum(bool(r.read.levels) for r in results)
    return (
        f"Coverage: {told} of {len(results)} replies read ({missing} wait for the model's), "
        f"{made} of {len(wanted)} ratings."
    )


@dataclass(frozen=True)
class Row:
    """One rating's agreement with the reference."""

    scale: Scale
    agreement: Agreement
    f1: float
    commonest: float
    """Share of exact levels for one who always says the reference's commonest level."""
    raters: float
    """Quadratic weighted kappa of every two raters."""


def rows_of(scales: Sequence[Scale], results: Sequence[ReadReply]) -> list[Row]:
    """Agreement with the reference, a row a rating, with intervals over resampled replies."""
    return [_row(scale, results) for scale in scales]


def _row(scale: Scale, results: Sequence[ReadReply]) -> Row:
    found = with_reference(scale, results)
    own = agreement.agreement(
        [pair.first for pair in found], [pair.second for pair in found], scale.scale
    )
    return Row(
        scale,
        replace(own, interval=interval(scale, found)),
        f1(found) if scale.scale == YES_NO else math.nan,
        commonest(found),
        kappa(scale, between_raters(scale, [result.judged for result in results])),
    )


def ratings(found: Sequence[Row], cues: Sequence[ReadReply], note: str) -> str:
    """The rows as text.

    `cues`: the same replies read by code alone; empty where that cannot be.
    """
    head = "rating             n   QWK  [95 %]         exact  ±1   bias   F1   commonest  raters"
    rows = [head + ("   cues" if cues else "")]
    for row in found:
        own = row.agreement
        yes = "   –" if math.isnan(row.f1) else f"{row.f1:4.2f}"
        told = (
            f"{row.scale.id:16}{own.n:5} {own.kappa:6.3f} [{own.interval.low:5.2f} "
            f"{own.interval.high:5.2f}]  {own.exact:5.2f} {own.within_one:5.2f} {own.bias:+5.2f}"
            f"  {yes}  {row.commonest:9.2f}  {row.raters:6.3f}"
        )
        if cues:
            told += f"  {kappa(row.scale, with_reference(row.scale, cues)):6.3f}"
        rows.append(told)
    rows.append(
        "commonest: exact for one who always says the reference's commonest level; raters: QWK of "
        f"every two raters{f' ({note})' if note else ''}"
        + ("; cues: QWK of code alone." if cues else ".")
    )
    return "\n".join(rows)


def commonest(found: Sequence[Pair]) -> float:
    """Share of the places that have the reference's commonest level."""
    if not found:
        return math.nan
    counts = Counter(pair.second for pair in found)
    return max(counts.values()) / len(found)


def things(scales: Sequence[Scale], results: Sequence[ReadReply]) -> str:
    """Each thing that is or is not in a reply: how often raters and grader found it."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for scale in scales:
        if scale.scale != YES_NO:
            continue
        for result in results:
            for place, reference in result.judged.reference.items():
                level = result.level(place)
                if place.rating == scale.id and reference is not None and level is not None:
                    name = place.case.removeprefix(f"{result.judged.id} ")
                    found = counts.setdefault((scale.id, name), Counter())
                    found.update(n=1, raters=reference, grader=level, both=reference and level)
    rows = ["yes or no                          n  raters  grader  both"]
    rows += [
        f"{rating + ': ' + name:32}{c['n']:4}{c['raters']:8}{c['grader']:8}{c['both']:6}"
        for (rating, name), c in counts.items()
        if c["raters"] or c["grader"]
    ]
    return "\n".join(rows)


def mood(results: Sequence[ReadReply]) -> str:
    """In how many replies the mood goes where it goes by the raters; empty where there is none."""
    found = with_reference(Scale(MOOD, range(-1, 2)), results)
    if not found:
        return ""
    same = sum(pair.first == pair.second for pair in found)
    opposite = sum(pair.first * pair.second < 0 for pair in found)
    return (
        f"The mood goes the same way as by the raters' observations in {same} of {len(found)} "
        f"replies, and the opposite way in {opposite}."
    )


def furthest(results: Sequence[ReadReply]) -> str:
    """The replies in which most is otherwise than the raters say."""
    off: Mapping[str, list[str]] = {
        result.judged.id: [
            f"{place.rating}{place.case.removeprefix(result.judged.id)} {level}, raters {reference}"
            for place, reference in result.judged.reference.items()
            if (level := result.level(place)) is not None and level != reference
        ]
        for result in results
    }
    known = sorted((name for name in off if off[name]), key=lambda name: (-len(off[name]), name))
    rows = [f"{len(known)} replies are read otherwise in something; those in most:"]
    rows += [f"  {name}: {'; '.join(off[name])}" for name in known[:SHOWN]]
    unread = [f"  {r.judged.id}: {r.read.reason}" for r in results if r.read.reason]
    if unread:
        rows += [f"{len(unread)} replies could not be read:", *unread[:SHOWN]]
    return "\n".join(rows)
