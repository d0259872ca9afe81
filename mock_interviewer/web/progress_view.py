"""Progress over time, in words, figures and plots as the pages show it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from mock_interviewer.core.rubric import Criterion
from mock_interviewer.service.bars import score_word
from mock_interviewer.service.progress import Closeness, Gap, Line, Point, Progress, Rated
from mock_interviewer.web.progress_plot import Mark, Path, plot

NAMELESS = "somebody who has left"
_WIDEST = 2
"""Levels: what the scale of the gaps reaches at least."""


@dataclass(frozen=True)
class Figure:
    """A mean as a word, and as a number that can be hidden."""

    word: str
    number: str


@dataclass(frozen=True)
class AnswerBehind:
    """An answer with its level; `path`: where its report shows it."""

    who: str
    question: str
    path: str
    level: Figure
    by_coach: bool


@dataclass(frozen=True)
class PointView:
    """One row of the table behind a plot."""

    date: str
    figure: Figure
    answers: tuple[AnswerBehind, ...]


@dataclass(frozen=True)
class LineView:
    """One criterion over time."""

    id: str
    name: str
    n: int
    first: Figure
    latest: Figure
    plot: Markup
    points: tuple[PointView, ...]
    """The newest first."""


@dataclass(frozen=True)
class InterviewView:
    """One interview that was practised."""

    who: str
    date: str
    answers: int
    reviewed: int
    path: str


@dataclass(frozen=True)
class GapView:
    """One row of the table of own levels beside the others'."""

    date: str
    n: int
    to_machine: str
    to_coach: str


@dataclass(frozen=True)
class OwnLevelsView:
    """How far own levels are from the others'."""

    to_machine: Closeness
    to_coach: Closeness
    plot: Markup
    gaps: tuple[GapView, ...]
    """The newest first."""


@dataclass(frozen=True)
class Named:
    """A criterion that is called strongest, or to have the most room."""

    id: str
    name: str
    figure: Figure


@dataclass(frozen=True)
class InShort:
    """What a group's table has of one candidate."""

    interviews: int
    answers: int
    strongest: Named | None
    weakest: Named | None


@dataclass(frozen=True)
class ProgressView:
    """Everything that a page shows of one person or group."""

    interviews: int
    answers: int
    reviewed: int
    since: str
    strongest: Named | None
    weakest: Named | None
    lines: tuple[LineView, ...]
    without: tuple[str, ...]
    """Names of the criteria that have no level yet."""
    own: OwnLevelsView
    held: tuple[InterviewView, ...]
    """The newest first."""


def progress_view(
    found: Progress, *, weekly: bool = False, names: Mapping[str, str] | None = None
) -> ProgressView:
    """Lay it out. `names`: of a group's candidates by id, who are then named beside each answer."""
    dates = [step.at for step in found.steps]
    called = _caller(names)
    return ProgressView(
        interviews=found.interviews,
        answers=found.answers,
        reviewed=found.reviewed,
        since=_day(dates[0]) if dates else "",
        strongest=_named(found.strongest),
        weakest=_named(found.weakest),
        lines=tuple(_line(line, dates, weekly, called) for line in found.lines if line.points),
        without=tuple(line.criterion.name for line in found.lines if not line.points),
        own=OwnLevelsView(
            found.to_machine,
            found.to_coach,
            _gaps_plot(found.gaps, dates),
            tuple(_gap(gap, weekly) for gap in reversed(found.gaps)),
        ),
        held=tuple(_held(found, called)),
    )


def in_short(found: Progress) -> InShort:
    """One candidate, for the table of a group."""
    return InShort(
        interviews=found.interviews,
        answers=found.answers,
        strongest=_named(found.strongest),
        weakest=_named(found.weakest),
    )


def _line(
    line: Line, dates: list[datetime], weekly: bool, called: Callable[[Rated], str]
) -> LineView:
    criterion, points = line.criterion, line.points
    first, latest = (_figure(points[at].level, criterion) for at in (0, -1))
    marks = tuple(Mark(point.step, point.level, point.by_coach) for point in points)
    told = f"{criterion.name}: {latest.word}, {latest.number}, on {_day(points[-1].at)}"
    if len(points) > 1:
        told += f"; at first {first.word}, {first.number}, on {_day(points[0].at)}"
    return LineView(
        id=criterion.id,
        name=criterion.name,
        n=line.n,
        first=first,
        latest=latest,
        plot=plot([Path(marks)], dates, criterion.lowest, criterion.highest, told),
        points=tuple(_point(point, criterion, weekly, called) for point in reversed(points)),
    )


def _point(
    point: Point, criterion: Criterion, weekly: bool, called: Callable[[Rated], str]
) -> PointView:
    return PointView(
        date=_step(point.at, weekly),
        figure=_figure(point.level, criterion),
        answers=tuple(
            AnswerBehind(
                who=called(behind.answer),
                question=_question(behind.answer),
                path=_report(behind.answer),
                level=Figure(criterion.words.get(behind.level, ""), str(behind.level)),
                by_coach=behind.by_coach,
            )
            for behind in point.answers
        ),
    )


def _held(found: Progress, called: Callable[[Rated], str]) -> Iterable[InterviewView]:
    answers: dict[str, list[Rated]] = {}
    for answer in (answer for step in found.steps for answer in step.answers):
        answers.setdefault(answer.interview_id, []).append(answer)
    latest = sorted(answers.items(), key=lambda each: each[1][-1].at, reverse=True)
    for interview_id, own in latest:
        yield InterviewView(
            who=called(own[0]),
            date=_day(own[-1].at),
            answers=len(own),
            reviewed=sum(1 for answer in own if answer.coach),
            path=f"/report/{interview_id}",
        )


def _gap(gap: Gap, weekly: bool) -> GapView:
    return GapView(_step(gap.at, weekly), gap.n, _apart(gap.to_machine), _apart(gap.to_coach))


def _gaps_plot(gaps: tuple[Gap, ...], dates: list[datetime]) -> Markup:
    if not gaps:
        return Markup("")
    machine = tuple(Mark(g.step, g.to_machine, False) for g in gaps if g.to_machine is not None)
    coach = tuple(Mark(g.step, g.to_coach, True) for g in gaps if g.to_coach is not None)
    widest = max(mark.value for mark in (*machine, *coach))
    told = "Levels between one's own and the machine's"
    told += ", and the coach's" if coach else ""
    paths = [Path(machine), Path(coach, dashed=True)]
    return plot(paths, dates, 0, max(_WIDEST, math.ceil(widest)), f"{told}, over time")


def _named(line: Line | None) -> Named | None:
    if line is None or line.mean is None:
        return None
    return Named(line.criterion.id, line.criterion.name, _figure(line.mean, line.criterion))


def _figure(value: float, criterion: Criterion) -> Figure:
    number = f"{value:.1f}".removesuffix(".0")
    return Figure(score_word(value, criterion), f"{number} of {criterion.highest}")


def _caller(names: Mapping[str, str] | None) -> Callable[[Rated], str]:
    """What an answer's candidate is called; nothing where there is only one."""
    return lambda answer: names.get(answer.candidate_id, NAMELESS) if names is not None else ""


def _question(answer: Rated) -> str:
    question, attempt = answer.place
    return f"question {question}" + (f", attempt {attempt}" if attempt > 1 else "")


def _report(answer: Rated) -> str:
    question, attempt = answer.place
    return f"/report/{answer.interview_id}#answer-{question}-{attempt}"


def _step(at: datetime, weekly: bool) -> str:
    return f"Week of {_day(at)}" if weekly else _day(at)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


def _apart(levels: float | None) -> str:
    return "" if levels is None else f"{levels:.1f}"
