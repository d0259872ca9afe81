"""Progress: levels over time for a candidate or a group, with the answers behind each point.

Pure: from what was answered, graded and reviewed to plain data that a page can plot and tabulate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mock_interviewer.core.grade import mean
from mock_interviewer.core.rubric import Criterion, Rubric

LEAST_ANSWERS = 4
"""Under so many levels a criterion is called neither strong nor weak."""
LATEST_WEEKS = 13
"""With practice in them: what a group's progress goes back to."""
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

    @property
    def place(self) -> tuple[int, int]:
        """Number of the question and of the attempt, counted from 1."""
        _, question, attempt = self.case.rsplit("/", 2)
        return int(question), int(attempt)


@dataclass(frozen=True)
class Behind:
    """An answer's level of a criterion."""

    answer: Rated
    level: int
    by_coach: bool
    """Whether a coach gave it; otherwise the machine did."""


@dataclass(frozen=True)
class Step:
    """One step in time: an interview, or a week of them."""

    at: datetime
    """When its last answer was finished; of a week, its Monday."""
    answers: tuple[Rated, ...]

    @property
    def interviews(self) -> tuple[str, ...]:
        """Ids of the interviews in it."""
        return tuple(dict.fromkeys(answer.interview_id for answer in self.answers))

    @property
    def reviewed(self) -> int:
        """Answers that a coach has levels for."""
        return sum(1 for answer in self.answers if answer.coach)


@dataclass(frozen=True)
class Point:
    """The mean level of one criterion at one step, and the answers that it is made of."""

    step: int
    """The place of its step among all steps."""
    at: datetime
    level: float
    answers: tuple[Behind, ...]

    @property
    def by_coach(self) -> bool:
        """Whether a coach gave one of the levels."""
        return any(behind.by_coach for behind in self.answers)


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
        levels = [behind.level for point in self.points for behind in point.answers]
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
class Gap:
    """How far own levels were from the others' at one step: mean difference in levels."""

    step: int
    at: datetime
    to_machine: float | None
    to_coach: float | None
    """None where there are no levels of both."""
    n: int
    """Own levels beside which there is another."""


@dataclass(frozen=True)
class Progress:
    """Everything that a progress page shows."""

    steps: tuple[Step, ...]
    """What was practised, the oldest first."""
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
    gaps: tuple[Gap, ...]
    """The steps with own levels."""


def progress(answers: Iterable[Rated], rubric: Rubric, *, weekly: bool = False) -> Progress:
    """Work it out. A coach's level goes before the machine's of the same answer.

    `weekly`: a step is a week, as for a group, of which the latest count; else an interview.
    """
    ordered = sorted(answers, key=lambda answer: (answer.at, answer.case))
    steps = _weeks(ordered)[-LATEST_WEEKS:] if weekly else _interviews(ordered)
    ordered = [answer for step in steps for answer in step.answers] if weekly else ordered
    lines = tuple(_line(steps, criterion, rubric) for criterion in rubric.criteria)
    enough = [line for line in lines if line.n >= LEAST_ANSWERS]
    ranked = sorted(enough, key=lambda line: line.share or 0.0)
    apart = len(ranked) > 1 and ranked[0].share != ranked[-1].share
    return Progress(
        steps=tuple(steps),
        lines=lines,
        strongest=ranked[-1] if apart else None,
        weakest=ranked[0] if apart else None,
        interviews=len({answer.interview_id for answer in ordered}),
        answers=len(ordered),
        reviewed=sum(1 for answer in ordered if answer.coach),
        to_machine=closeness([(answer.own, answer.machine) for answer in ordered]),
        to_coach=closeness([(answer.own, answer.coach) for answer in ordered]),
        gaps=tuple(_gaps(steps)),
    )


def level_of(answer: Rated, name: str) -> int | None:
    """The level that counts: the coach's where they gave one, else the machine's."""
    if _rated_by_coach(answer, name):
        return (answer.coach or {})[name]
    return answer.machine.get(name) if answer.machine else None


def closeness(pairs: Sequence[tuple[Levels | None, Levels | None]]) -> Closeness:
    """How far own levels are from another's, the oldest answer first."""
    off = [each for own, other in pairs for each in _differences(own, other)]
    if len(off) < 2 * LEAST_ANSWERS:
        return Closeness(len(off), None, None)
    half = len(off) // 2
    return Closeness(len(off), mean(off[:half]), mean(off[half:]))


def _interviews(answers: Sequence[Rated]) -> list[Step]:
    steps = _grouped(answers, lambda answer: answer.interview_id)
    found = [Step(max(answer.at for answer in some), tuple(some)) for some in steps]
    return sorted(found, key=lambda step: (step.at, step.interviews))


def _weeks(answers: Sequence[Rated]) -> list[Step]:
    steps = _grouped(answers, lambda answer: _monday(answer.at))
    return [Step(_monday(some[0].at), tuple(some)) for some in steps]


def _monday(at: datetime) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _grouped(answers: Sequence[Rated], key: Callable[[Rated], object]) -> list[list[Rated]]:
    found: dict[object, list[Rated]] = {}
    for answer in answers:
        found.setdefault(key(answer), []).append(answer)
    return list(found.values())


def _line(steps: Sequence[Step], criterion: Criterion, rubric: Rubric) -> Line:
    wanted = {s.id for s in rubric.scores if criterion.id in (*s.mean_of, *s.with_it)}
    points = []
    for number, step in enumerate(steps):
        known = tuple(
            Behind(answer, level, _rated_by_coach(answer, criterion.id))
            for answer in step.answers
            if not wanted or wanted & set(answer.calls_for)
            if (level := level_of(answer, criterion.id)) is not None
        )
        if known:
            figure = mean([behind.level for behind in known])
            points.append(Point(number, step.at, figure, known))
    return Line(criterion, tuple(points))


def _rated_by_coach(answer: Rated, name: str) -> bool:
    return bool(answer.coach) and name in (answer.coach or {})


def _gaps(steps: Sequence[Step]) -> Iterable[Gap]:
    for number, step in enumerate(steps):
        to_machine = [d for a in step.answers for d in _differences(a.own, a.machine)]
        to_coach = [d for a in step.answers for d in _differences(a.own, a.coach)]
        if to_machine or to_coach:
            yield Gap(
                step=number,
                at=step.at,
                to_machine=mean(to_machine) if to_machine else None,
                to_coach=mean(to_coach) if to_coach else None,
                n=max(len(to_machine), len(to_coach)),
            )


def _differences(own: Levels | None, other: Levels | None) -> Iterable[int]:
    for name, level in (own or {}).items():
        beside = (other or {}).get(name)
        if level is not None and beside is not None:
            yield abs(level - beside)
