"""Charts as inline SVG: one hue, so that they read in greys; every figure also stands as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from mock_interviewer.core.rubric import Criterion
from mock_interviewer.evaluation.agreement import confusion
from mock_interviewer.evaluation.runner import Result, pairs
from mock_interviewer.evaluation.sureness import Sure, error_of_surest

CELL = 34
DARKEST = 0.55
"""Opacity of the fullest cell: ink stays legible on it."""
SHARES = tuple(n / 10 for n in range(1, 11))
WIDTH, HEIGHT = 400, 230
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 16, 56


@dataclass(frozen=True)
class Matrix:
    """How often each machine level met each reference level. `counts`: a row a machine level."""

    criterion: Criterion
    counts: tuple[tuple[int, ...], ...]

    @property
    def n(self) -> int:
        """Ratings that both have a level for."""
        return sum(map(sum, self.counts))


@dataclass(frozen=True)
class Width:
    """The ratings that were told with ranges of one width."""

    levels: int
    """How many levels the range holds; 1: told as one level."""
    n: int
    inside: float
    """Share of which the reference lies in the range."""
    exact: float
    """Share of which the machine's level is the reference."""


def matrix(criterion: Criterion, results: Sequence[Result]) -> Matrix:
    """Count one rating's levels."""
    found = pairs(results, criterion)
    machine = np.array([m for _, m, _ in found], dtype=np.int64)
    reference = np.array([r for _, _, r in found], dtype=np.int64)
    counts = confusion(machine, reference, criterion.scale)
    return Matrix(criterion, tuple(tuple(int(n) for n in row) for row in counts))


def widths(rated: Sequence[Sure]) -> list[Width]:
    """How often the reference lies in the range, by how wide the range is."""
    found = []
    for width in sorted({sure.width for sure in rated}):
        own = [sure for sure in rated if sure.width == width]
        inside = sum(sure.inside for sure in own) / len(own)
        found.append(
            Width(width + 1, len(own), inside, sum(not sure.off for sure in own) / len(own))
        )
    return found


def kept(rated: Sequence[Sure]) -> list[tuple[float, float]]:
    """Share of the ratings kept, the surest first, with their mean error in shares of the scale."""
    return [(share, error_of_surest(rated, share)) for share in SHARES] if rated else []


def matrix_svg(found: Matrix) -> Markup:
    """The matrix: shade and number by count, the diagonal framed."""
    scale = list(found.criterion.scale)
    size, left, top = len(scale), 40, 36
    most = max((n for row in found.counts for n in row), default=0) or 1
    parts = [
        _text(left + CELL * size / 2, 12, "raters", "middle", "axis"),
        Markup(
            '<text class="axis" text-anchor="middle" transform="translate(12 {}) rotate(-90)">'
        ).format(top + CELL * size / 2)
        + Markup("machine</text>"),
    ]
    for place, level in enumerate(scale):
        middle = CELL * (place + 0.5)
        parts.append(_text(left + middle, top - 8, level, "middle"))
        parts.append(_text(left - 8, top + middle + 5, level, "end"))
    for row, counts in enumerate(found.counts):
        for column, count in enumerate(counts):
            x, y = left + CELL * column, top + CELL * row
            kind = "cell same" if row == column else "cell"
            parts.append(
                Markup(
                    '<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill-opacity="{:.2f}"/>'
                ).format(kind, x + 1, y + 1, CELL - 2, CELL - 2, DARKEST * count / most)
            )
            if count:
                parts.append(_text(x + CELL / 2, y + CELL / 2 + 5, count, "middle", "count"))
    width, height = left + CELL * size + 6, top + CELL * size + 6
    told = f"Confusion matrix of {found.criterion.name}: machine level in rows, raters' in columns"
    return _svg(width, height, told, parts)


def kept_svg(points: Sequence[tuple[float, float]]) -> Markup:
    """Mean error against the share of ratings kept."""
    highest = _ceiling(max(error for _, error in points))
    parts = _axes("share of the ratings kept, the surest first", "mean error", highest)
    line = " ".join(f"{_x(share):.1f},{_y(error / highest):.1f}" for share, error in points)
    parts.append(Markup('<polyline class="line" points="{}"/>').format(line))
    parts += [
        Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="3.5"/>').format(
            _x(share), _y(error / highest)
        )
        for share, error in points
    ]
    return _svg(WIDTH, HEIGHT, "Mean error against the share of ratings kept", parts)


def widths_svg(found: Sequence[Width]) -> Markup:
    """A pair of bars for each width of range: reference inside, and level exactly right."""
    parts = _axes("levels in the range that the grader told", "share of the ratings", 1.0, ())
    step = (WIDTH - LEFT - RIGHT) / len(found)
    for place, width in enumerate(found):
        middle = LEFT + step * (place + 0.5)
        bar = min(34.0, step / 2.6)
        for x, share, kind in (
            (middle - bar - 2, width.inside, "bar"),
            (middle + 2, width.exact, "bar hollow"),
        ):
            top = _y(share)
            parts.append(
                Markup(
                    '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
                ).format(kind, x, top, bar, HEIGHT - BOTTOM - top)
            )
            parts.append(_text(x + bar / 2, top - 4, f"{share:.0%}", "middle"))
        parts.append(_text(middle, HEIGHT - BOTTOM + 15, width.levels, "middle"))
        parts.append(_text(middle, HEIGHT - BOTTOM + 30, f"n = {width.n}", "middle", "axis"))
    return _svg(WIDTH, HEIGHT, "How often the raters' level lies in the range told", parts)


def _axes(
    across: str, up: str, highest: float, marks: Sequence[float] = (0.25, 0.5, 0.75, 1.0)
) -> list[Markup]:
    parts = []
    for share in (0.0, 0.5, 1.0):
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
                LEFT, WIDTH - RIGHT, _y(share), _y(share)
            )
        )
        shown = f"{share:.0%}" if highest == 1 else f"{share * highest:.2f}"
        parts.append(_text(LEFT - 6, _y(share) + 4, shown, "end"))
    parts += [_text(_x(m), HEIGHT - BOTTOM + 15, f"{m:.0%}", "middle") for m in marks]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    turned = Markup(
        '<text class="axis" text-anchor="middle" transform="translate(11 {}) rotate(-90)">{}</text>'
    ).format(middle, up)
    bottom = _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, across, "middle", "axis")
    return [*parts, turned, bottom]


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT - 12)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM - 8)


def _ceiling(value: float) -> float:
    """The next twentieth above, so that the axis ends on a round number."""
    return max(1, -(-value // 0.05)) * 0.05


def _text(x: float, y: float, told: object, anchor: str, kind: str = "") -> Markup:
    named = Markup(' class="{}"').format(kind) if kind else ""
    return Markup('<text{} x="{:g}" y="{:g}" text-anchor="{}">{}</text>').format(
        named, round(x, 1), round(y, 1), anchor, told
    )


def _svg(width: float, height: float, label: str, parts: Sequence[Markup]) -> Markup:
    return (
        Markup(
            '<svg viewBox="0 0 {:g} {:g}" width="{:g}" height="{:g}" role="img" aria-label="{}">'
        ).format(width, height, width, height, label)
        + Markup("").join(parts)
        + Markup("</svg>")
    )
