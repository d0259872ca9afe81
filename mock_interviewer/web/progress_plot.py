"""Levels over time as inline SVG, told apart by shape and dash and not by colour alone.

Whatever a plot shows also stands in a table behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 360, 156
_LEFT, _RIGHT, _TOP, _BOTTOM = 26, 12, 10, 26
_INSET = 10
_DOT, _SQUARE = 4.5, 9
_NUMBER = Markup(' class="number"')


class Mark(NamedTuple):
    """A point. `step`: its place among all steps, from 0; `by_coach`: a square, not a dot."""

    step: int
    value: float
    by_coach: bool


class Path(NamedTuple):
    """Points that a line joins, in their order."""

    marks: tuple[Mark, ...]
    dashed: bool = False


def plot(
    paths: Sequence[Path], steps: Sequence[datetime], lowest: int, highest: int, told: str
) -> Markup:
    """Values from `lowest` to `highest` over the steps. `told`: the plot in a sentence."""
    parts = [*_scale(lowest, highest), *_dates(steps)]
    for path in paths:
        parts.append(_joined(path, len(steps), lowest, highest))
        parts += [
            _mark(_x(mark.step, len(steps)), _y(mark.value, lowest, highest), mark.by_coach)
            for mark in path.marks
        ]
    return (
        Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDTH, HEIGHT, told
        )
        + Markup("").join(parts)
        + Markup("</svg>")
    )


def sample(*, by_coach: bool, dashed: bool = False) -> Markup:
    """A mark on a short line, for the key."""
    line = Markup('<line class="path{}" x1="0" x2="38" y1="8" y2="8"/>').format(
        " dashed" if dashed else ""
    )
    return (
        Markup('<svg class="plot" viewBox="0 0 38 16" aria-hidden="true">')
        + line
        + _mark(19, 8, by_coach)
        + Markup("</svg>")
    )


def _scale(lowest: int, highest: int) -> Iterable[Markup]:
    for level in range(lowest, highest + 1):
        y = _y(level, lowest, highest)
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
            _LEFT, WIDTH - _RIGHT, y, y
        )
        yield Markup('<text{} x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
            _NUMBER, _LEFT - 8, y + 4, level
        )


def _dates(steps: Sequence[datetime]) -> Iterable[Markup]:
    """The first and the last; one alone stands in the middle."""
    ends = {0: "start", len(steps) - 1: "end"} if len(steps) > 1 else {0: "middle"}
    for step, anchor in ends.items():
        x = {"start": _LEFT, "end": WIDTH - _RIGHT, "middle": _x(0, 1)}[anchor]
        at = steps[step]
        yield Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{} {:%b %Y}</text>').format(
            x, HEIGHT - 6, anchor, at.day, at
        )


def _joined(path: Path, steps: int, lowest: int, highest: int) -> Markup:
    if len(path.marks) < 2:
        return Markup("")
    points = " ".join(
        f"{_x(mark.step, steps):.1f},{_y(mark.value, lowest, highest):.1f}" for mark in path.marks
    )
    kind = "path dashed" if path.dashed else "path"
    return Markup('<polyline class="{}" points="{}"/>').format(kind, points)


def _mark(x: float, y: float, by_coach: bool) -> Markup:
    if by_coach:
        return Markup('<rect class="coach" x="{:.1f}" y="{:.1f}" width="{}" height="{}"/>').format(
            x - _SQUARE / 2, y - _SQUARE / 2, _SQUARE, _SQUARE
        )
    return Markup('<circle class="machine" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(x, y, _DOT)


def _x(step: int, steps: int) -> float:
    if steps == 1:
        return (_LEFT + WIDTH - _RIGHT) / 2
    first, last = _LEFT + _INSET, WIDTH - _RIGHT - _INSET
    return first + step / (steps - 1) * (last - first)


def _y(value: float, lowest: int, highest: int) -> float:
    share = (value - lowest) / (highest - lowest)
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)
