"""One reference answer's levels side by side: the coach's and each rater's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mock_interviewer.core.findings import NO_OPPORTUNITY
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.service.calibrating import Exercise


@dataclass(frozen=True)
class RatedRow:
    """A criterion with everybody's levels as text."""

    name: str
    own: str
    raters: tuple[str, ...]
    told: str
    """How the coach's level lies to the raters': "above all of them"."""
    differs: bool
    anchors: tuple[tuple[str, str], ...]
    """Each level that somebody gave, the lowest first, with what it means."""


def rated_rows(exercise: Exercise, rubric: Rubric) -> list[RatedRow]:
    """A row for each criterion; none before the coach's own levels are given."""
    if exercise.own is None or exercise.raters is None:
        return []
    found = []
    for criterion in rubric.criteria:
        own = exercise.own[criterion.id]
        theirs = [levels[criterion.id] for levels in exercise.raters.values()]
        told = _told(own, theirs)
        given = sorted({level for level in (own, *theirs) if level is not None})
        found.append(
            RatedRow(
                name=criterion.name,
                own=_level(own, criterion),
                raters=tuple(_level(level, criterion) for level in theirs),
                told=told,
                differs=own not in theirs,
                anchors=tuple((_level(n, criterion), criterion.anchor(n)) for n in given),
            )
        )
    return found


def _told(own: int | None, theirs: Sequence[int | None]) -> str:
    known = [level for level in theirs if level is not None]
    if all(level == own for level in theirs):
        return "the same"
    if own in theirs:
        return "as some of them"
    if own is None:
        return "only you see no opportunity"
    if not known:
        return "only you give a level"
    if own > max(known):
        return "above them"
    return "below them" if own < min(known) else "between them"


def _level(level: int | None, criterion: Criterion) -> str:
    return NO_OPPORTUNITY if level is None else criterion.told(level)
