"""The mood of a role-play as a line: where each point and band of the drawing lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mock_interviewer.core.mood import HIGHEST_MOOD, LOWEST_MOOD, Band, band_of

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 10, 26
"""Room for the names of the bands and the numbers of the replies."""


class Mark(StrEnum):
    """What a reply did, told by form so that it needs no colour."""

    START = "start"
    UP = "up"
    SAME = "same"
    DOWN = "down"


@dataclass(frozen=True)
class Point:
    """One mood. `number`: of the reply that it followed, 0 at the start."""

    number: int
    mood: int
    x: float
    y: float
    mark: Mark


@dataclass(frozen=True)
class BandStripe:
    """A band's stripe across the drawing."""

    band: Band
    top: float
    height: float


@dataclass(frozen=True)
class MoodLine:
    """The whole drawing."""

    points: tuple[Point, ...]
    bands: tuple[BandStripe, ...]

    @property
    def path(self) -> str:
        """The line's points as SVG writes them."""
        return " ".join(f"{point.x:g},{point.y:g}" for point in self.points)


def mood_line(moods: Sequence[int]) -> MoodLine:
    """Draw these moods, the first of which is that at the start."""
    step = (WIDTH - LEFT - RIGHT) / max(1, len(moods) - 1)
    points = tuple(
        Point(number, mood, round(LEFT + number * step, 1), _height_of(mood), _mark(moods, number))
        for number, mood in enumerate(moods)
    )
    return MoodLine(points, tuple(_stripe(band) for band in Band))


def _stripe(band: Band) -> BandStripe:
    moods = [mood for mood in range(LOWEST_MOOD, HIGHEST_MOOD + 1) if band_of(mood) is band]
    top, foot = _height_of(moods[-1] + 0.5), _height_of(moods[0] - 0.5)
    return BandStripe(band, top, round(foot - top, 1))


def _height_of(mood: float) -> float:
    share = (mood - (LOWEST_MOOD - 0.5)) / (HIGHEST_MOOD - LOWEST_MOOD + 1)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _mark(moods: Sequence[int], number: int) -> Mark:
    if number == 0:
        return Mark.START
    by = moods[number] - moods[number - 1]
    return Mark.SAME if by == 0 else Mark.UP if by > 0 else Mark.DOWN
