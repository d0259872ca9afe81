"""What was observed in one reply of the representative, each thing with the sentences it rests on.

Sentence numbers count from 1 within that reply. What rests on no sentence is not an observation.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.questions import Name


class Behaviour(StrEnum):
    """The five empathy behaviours, by the ids of the rubric's criteria."""

    LISTENING = "listening"
    VALIDATION = "validation"
    PERSONALISATION = "personalisation"
    ADVOCACY = "advocacy"
    RESOLUTION = "resolution"


class Misstep(StrEnum):
    """What sets a customer against the representative."""

    BLAMING = "blaming"
    ARGUING = "arguing"
    EMPTY_PHRASE = "empty_phrase"
    FALSE_PROMISE = "false_promise"
    IGNORING = "ignoring"
    RUDENESS = "rudeness"
    """Insults, mockery, and telling the customer what to feel."""


class Asking(StrEnum):
    """What a question to the customer is after."""

    FACTS = "facts"
    """Details needed to work on the case."""
    STAKES = "stakes"
    """What it means for the customer: what hangs on it, what worries them."""
    WISH = "wish"
    """What would help, or which way they would like best."""
    MORE = "more"
    """Whether there is anything else."""
    SIGN = "sign"
    """Something that the customer let slip and did not explain."""


Sentences = Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]


class Seen(Strict):
    """A behaviour at its level of the rubric, 1 or 2; level 0 is not seen."""

    level: int = Field(ge=1, le=2)
    sentences: Sentences


class Observation(Strict):
    """What one reply did. `unread` says why nobody could tell; then there is nothing else."""

    behaviours: dict[Behaviour, Seen] = Field(default_factory=dict)
    missteps: dict[Misstep, Sentences] = Field(default_factory=dict)
    asked: dict[Asking, Sentences] = Field(default_factory=dict)
    acts: dict[Name, Sentences] = Field(default_factory=dict)
    """Ids of the scenario's acts that the reply did."""
    observer: str = ""
    """Who observed: a model's name, or `cues`."""
    unread: str = ""

    def level(self, behaviour: Behaviour) -> int:
        """0 to 2."""
        seen = self.behaviours.get(behaviour)
        return seen.level if seen else 0


class Exchange(Strict):
    """One reply of the representative, what was observed in it, and the customer's next words."""

    reply: str
    observation: Observation
    said: str
    prepared: bool = True
    """Whether these are the scenario's words; else they are a model's."""


def within(found: Mapping[str, tuple[int, ...]], sentences: int) -> dict[str, tuple[int, ...]]:
    """The sentence numbers that exist, in order and once each; what rests on none is left out."""
    kept = {
        name: tuple(sorted({number for number in numbers if 1 <= number <= sentences}))
        for name, numbers in found.items()
    }
    return {name: numbers for name, numbers in kept.items() if numbers}
