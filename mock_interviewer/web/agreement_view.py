"""How far two judges lie apart, in words and figures as the pages show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.service.levels_apart import Apart, CaseApart, CriterionApart

YOU = "you"
"""What a page calls whoever reads it."""
_WORDS = ((0.8, "very well"), (0.6, "well"), (0.4, "fairly"), (0.2, "a little"))
_SMALLEST_LEAN = 0.05
"""In levels: what is less is told as none."""
_LOWEST = -0.25
"""Where the drawn axis begins; what lies below is drawn at its end."""
_WIDTH, _HEIGHT, _EDGE = 160, 22, 6


@dataclass(frozen=True)
class Place:
    """Where an answer is found: what it is called, and the address of its page, if there is one."""

    name: str
    path: str


@dataclass(frozen=True)
class Row:
    """The figures of one criterion as text."""

    name: str
    n: int
    too_few: bool
    word: str
    kappa: str
    interval: str
    drawn: Markup
    lean: str
    apart: str
    one_only: int


@dataclass(frozen=True)
class Far:
    """An answer that two see differently: "Empathy: you 5, the machine 2"."""

    place: Place
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Two judges, as in a sentence: "you" and "the machine"."""

    first: str
    second: str
    answers: int
    too_few: bool
    whole: Row | None
    rows: tuple[Row, ...]
    part_on: str
    """The criteria on which the two part most, as in a sentence; empty if on none."""
    furthest: tuple[Far, ...]

    @property
    def title(self) -> str:
        """Such as "You and the machine"."""
        first, second = self.first, self.second
        if second == YOU:
            first, second = second, first
        return f"{first[0].upper()}{first[1:]} and {second}"

    @property
    def one_only(self) -> bool:
        """Whether there is an answer to which only one of them gave a level."""
        return any(row.one_only for row in self.rows)


def comparison(
    first: str, second: str, apart: Apart, rubric: Rubric, place: Callable[[str], Place]
) -> Comparison:
    """Lay out what two series of levels say of each other; `place` finds an answer by its case."""
    parted = [c.criterion.name for c in apart.criteria if c.off][:2]
    names = {criterion.id: criterion.name for criterion in rubric.criteria}
    scored = [names[name] for score in rubric.scores for name in score.mean_of]
    whole = None
    if apart.overall:
        whole = _row(f"Together: {', '.join(scored).lower()}", apart.overall, first, second)
    return Comparison(
        first=first,
        second=second,
        answers=apart.answers,
        too_few=apart.too_few,
        whole=whole,
        rows=tuple(_row(c.criterion.name, c, first, second) for c in apart.criteria),
        part_on=" and ".join(parted),
        furthest=tuple(
            Far(place(case.case), _levels(case, first, second))
            for case in apart.furthest
            if case.levels
        ),
    )


def _row(name: str, found: CriterionApart, first: str, second: str) -> Row:
    steps = found.criterion.highest - found.criterion.lowest
    return Row(
        name=name,
        n=found.n,
        too_few=found.too_few,
        word=_word(found.kappa),
        kappa="" if found.kappa is None else _figure(found.kappa),
        interval=(
            f"{_figure(found.interval.low)} to {_figure(found.interval.high)}"
            if found.interval
            else ""
        ),
        drawn=_drawn(found),
        lean=_lean(found.bias, first, second),
        apart="" if found.off is None else f"{found.off * steps:.1f}",
        one_only=found.one_only,
    )


def _word(kappa: float | None) -> str:
    if kappa is None:
        return ""
    return next((word for limit, word in _WORDS if kappa >= limit), "hardly more than by chance")


def _lean(bias: float | None, first: str, second: str) -> str:
    if bias is None:
        return ""
    if abs(bias) < _SMALLEST_LEAN:
        return "neither higher"
    return f"{first if bias > 0 else second} {abs(bias):.1f} higher"


def _levels(case: CaseApart, first: str, second: str) -> tuple[str, ...]:
    return tuple(
        f"{criterion.name}: {first} {own}, {second} {other}"
        for criterion, own, other in case.levels
    )


def _figure(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _drawn(found: CriterionApart) -> Markup:
    """The interval as a bar and the figure as a dot, from chance, the dashed line, to the same."""
    if found.kappa is None:
        return Markup("")
    middle = _HEIGHT / 2
    parts = [
        Markup('<line class="rail" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
            _x(_LOWEST), _x(1), middle, middle
        ),
        Markup('<line class="chance" x1="{:.1f}" x2="{:.1f}" y1="2" y2="{}"/>').format(
            _x(0), _x(0), _HEIGHT - 2
        ),
    ]
    if found.interval:
        parts.append(
            Markup('<line class="range" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
                _x(found.interval.low), _x(found.interval.high), middle, middle
            )
        )
    parts.append(
        Markup('<circle class="dot" cx="{:.1f}" cy="{}" r="4.5"/>').format(_x(found.kappa), middle)
    )
    return (
        Markup(
            '<svg class="agreed" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">'
        ).format(_WIDTH, _HEIGHT, _WIDTH, _HEIGHT)
        + Markup("").join(parts)
        + Markup("</svg>")
    )


def _x(value: float) -> float:
    share = (min(max(value, _LOWEST), 1.0) - _LOWEST) / (1.0 - _LOWEST)
    return _EDGE + share * (_WIDTH - 2 * _EDGE)
