"""The mood of a role-play's customer: a whole number from 0 to 10, in four bands."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

LOWEST_MOOD = 0
HIGHEST_MOOD = 10

Mood = Annotated[int, Field(ge=LOWEST_MOOD, le=HIGHEST_MOOD)]


class Band(StrEnum):
    """How far the customer has come towards the representative."""

    SHUT = "shut"
    WARY = "wary"
    OPEN = "open"
    SETTLED = "settled"


_BAND_FLOORS = {Band.SETTLED: 9, Band.OPEN: 6, Band.WARY: 3, Band.SHUT: LOWEST_MOOD}


def band_of(mood: int) -> Band:
    """The band that a mood lies in: shut 0-2, wary 3-5, open 6-8, settled 9-10."""
    return next(band for band, floor in _BAND_FLOORS.items() if mood >= floor)
