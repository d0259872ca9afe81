"""Progress: levels over time for a candidate or a group, with the answers behind each point.

Pure: from what was answered, graded and reviewed to plain data that a page can plot and tabulate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from mock_interviewer.core.grade import mean
from mock_interviewer.core.rubric import Criterion, Rubric

LEAST_ANSWERS = 4
"""Under so many levels a criterion is called neither strong nor weak."""
CLOSER_BY = 0.25
"""Levels by which the later half must differ from the earlier one to be called closer or wider."""

Levels = Mapping[str, int | None]


@dataclass(frozen=True)
class Rated:
    """One answer with the three views of it; None where there is no such view."""

    case: str
    """Which answer: `interview id/question/attempt`, counted from 1."""
    interview_id: str
    candidate_id: str
    at: datetime
    """When it was finished."""
    question: str
    machine: Levels | None
    coach: Levels | None
    own: Levels | None
    calls_for: tuple[str, ...] = ()
    """The scores for which its question gives an opportunity."""


@dataclass(frozen=True)
class Point:
    """One interview's mean level of one criterion, and the answers that it is made of."""

    interview_id: str
    candidate_id: str
    at: datetime
    level: float
    answers: tuple[tuple[str, int], ...]
    """Each answer with its level."""


@dataclass(frozen=True)
class Line:
    """One criterion over time."""

    criterion: Criterion
    points: tuple[Point, ...]
    """The oldest first."""

    @property
    def n(self) -> int:
        """How many levels there are."""
        return sum(len(point.answers) for point in self.points)

    @property
    def mean(self) -> float | None:
        """The mean of all levels; None without any."""
        levels = [level for point in self.points for _, level in point.answers]
        return mean(levels) if levels else None

    @property
    def share(self) -> float | None:
        """The mean as a share of the scale, 0 to 1."""
        if self.mean is None:
            return None
        steps = self.criterion.highest - self.criterion.lowest
        return (self.mean - self.criterion.lowest) / steps


@dataclass(frozen=True)
class Closeness:
    """How far a candidate's own levels are from the others', at first and lately."""

    n: int
    """Levels that both gave."""
    before: float | None
    """Mean absolute difference in levels over the earlier half; None on too few."""
    lately: float | None
    """The same over the later half."""

    @property
    def word(self) -> str:
        """What became of it: closer, wider, or about the same."""
        if self.before is None or self.lately is None:
            return "too few to say"
        if self.before - self.lately >= CLOSER_BY:
            return "closer"
        return "wider" if self.lately - self.before >= CLOSER_BY else "about the same"


@dataclass(frozen=True)
class Progress:
    """Everything that a progress page shows."""

    lines: tuple[Line, ...]
    """Each criterion in the rubric's order."""
    strongest: Line | None
    weakest: Line | None
    """None where fewer than two criteria have enough levels, or they are equal."""
    interviews: int
    answers: int
    reviewed: int
    """Answers that a coach has levels for."""
    to_machine: Closeness
    to_coach: Closeness


def progress(answers: Iterable[Rated], rubric: Rubric) -> Progress:
    """Work it out. A coach's level goes before the machine's of the same answer."""
    ordered = sorted(answers, key=lambda answer: (answer.at, answer.case))
    lines = tuple(_line(ordered, criterion, rubric) for criterion in rubric.criteria)
    enough = [line for line in lines if line.n >= LEAST_ANSWERS]
    ranked = sorted(enough, key=lambda line: line.share or 0.0)
    apart = len(ranked) > 1 and ranked[0].share != ranked[-1].share
    return Progress(
        lines=lines,
        strongest=ranked[-1] if apart else None,
        weakest=ranked[0] if apart else None,
        interviews=len({answer.interview_id for answer in ordered}),
        answers=len(ordered),
        reviewed=sum(1 for answer in ordered if answer.coach),
        to_machine=closeness([(answer.own, answer.machine) for answer in ordered]),
        to_coach=closeness([(answer.own, answer.coach) for answer in ordered]),
    )


def level_of(answer: Rated, name: str) -> int | None:
    """The level that counts: the coach's where they gave one, else the machine's."""
    if answer.coach and name in answer.coach:
        return answer.coach[name]
    return answer.machine.get(name) if answer.machine else None


def closeness(pairs: Sequence[tuple[Levels | None, Levels | None]]) -> Closeness:
    """How far own levels are from another's, the oldest answer first."""
    off = [
        abs(level - other[name])  # type: ignore[operator]
        for own, other in pairs
        if own and other
        for name, level in own.items()
        if level is not None and other.get(name) is not None
    ]
    if len(off) < 2 * LEAST_ANSWERS:
        return Closeness(len(off), None, None)
    half = len(off) // 2
    return Closeness(len(off), mean(off[:half]), mean(off[half:]))


def _line(answers: Sequence[Rated], criterion: Criterion, rubric: Rubric) -> Line:
    wanted = {s.id for s in rubric.scores if criterion.id in (*s.mean_of, *s.with_it)}
    counted = [a for a in answers if not wanted or wanted & set(a.calls_for)]
    by_interview = sorted(counted, key=lambda answer: answer.interview_id)
    points = []
    for interview_id, some in groupby(by_interview, key=lambda answer: answer.interview_id):
        own = list(some)
        levels = [(answer.case, level_of(answer, criterion.id)) for answer in own]
        known = tuple((case, level) for case, level in levels if level is not None)
        if known:
            figure = mean([level for _, level in known])
            last = max(answer.at for answer in own)
            points.append(Point(interview_id, own[0].candidate_id, last, figure, known))
    return Line(criterion, tuple(sorted(points, key=lambda point: (point.at, point.interview_id))))
