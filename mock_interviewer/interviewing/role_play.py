"""What a reply does to the customer: a pure state machine over the exchanges of a role-play.

Nothing is stored beside the exchanges: `play` reads off them where the conversation stands. Words
move nothing here, only what was observed in them, so that a customer cannot be ordered to be calm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mock_interviewer.core.mood import HIGHEST_MOOD, LOWEST_MOOD
from mock_interviewer.core.observation import Exchange, Observation
from mock_interviewer.core.scenario import Ending, Scenario
from mock_interviewer.core.transcript import split


class Cause(StrEnum):
    """What kind of thing moved the mood."""

    BEHAVIOUR = "behaviour"
    MISSTEP = "misstep"
    ACT = "act"


@dataclass(frozen=True)
class Movement:
    """What one observed thing does to the mood by the scenario's rules."""

    cause: Cause
    name: str
    by: int
    sentences: tuple[int, ...]
    """Numbers of the reply's sentences that it rests on."""


@dataclass(frozen=True)
class Standing:
    """Where a conversation stands."""

    mood: int
    replies: int = 0
    acts: frozenset[str] = frozenset()
    found_at: int | None = None
    """The reply, counted from 1, to which the customer told the unspoken need."""
    ending: Ending | None = None
    heard: frozenset[str] = frozenset()
    """The representative's sentences so far, as compared with later ones."""


@dataclass(frozen=True)
class Step:
    """What one reply did. `after - before` is what is left of the movements' sum within limits."""

    number: int
    before: int
    after: int
    movements: tuple[Movement, ...]
    acts: tuple[str, ...]
    """Acts that this reply is the first to do, in the scenario's order."""
    told: bool
    """The customer tells the unspoken need now."""
    evaded: bool
    """They were asked well, and do not trust the representative enough to tell."""
    ending: Ending | None
    unread: str
    """Why nobody could tell what the reply did; the mood then stays."""


@dataclass(frozen=True)
class Play:
    """A conversation so far."""

    start_mood: int
    steps: tuple[Step, ...]
    standing: Standing


def start(scenario: Scenario) -> Standing:
    """Where a conversation stands before the first reply."""
    return Standing(mood=scenario.start_mood)


def play(scenario: Scenario, exchanges: Sequence[Exchange]) -> Play:
    """Read off the exchanges what happened; what comes after the ending counts for nothing."""
    standing = start(scenario)
    steps: list[Step] = []
    for exchange in exchanges:
        if standing.ending is not None:
            break
        step, standing = take(scenario, standing, exchange.reply, exchange.observation)
        steps.append(step)
    return Play(scenario.start_mood, tuple(steps), standing)


def take(
    scenario: Scenario, standing: Standing, reply: str, observation: Observation
) -> tuple[Step, Standing]:
    """Take one reply. Raises `ValueError` if the conversation has ended."""
    if standing.ending is not None:
        raise ValueError(f"the conversation has ended ({standing.ending.id})")
    said = [_plain(reply[span.start : span.end]) for span in split(reply)]
    new = {number for number, text in enumerate(said, start=1) if text not in standing.heard}
    acts = tuple(
        act.id
        for act in scenario.acts
        if act.id in observation.acts and act.id not in standing.acts
    )
    movements = _movements(scenario, observation, acts, new)
    total = sum(movement.by for movement in movements)
    moved = max(-scenario.most_fall, min(scenario.most_rise, total))
    mood = max(LOWEST_MOOD, min(HIGHEST_MOOD, standing.mood + moved))
    asked_well = standing.found_at is None and any(
        asking in observation.asked for asking in scenario.need.uncovered_by
    )
    told = asked_well and mood >= scenario.need.mood
    number = standing.replies + 1
    after = replace(
        standing,
        mood=mood,
        replies=number,
        acts=standing.acts | set(acts),
        found_at=number if told else standing.found_at,
        heard=standing.heard | set(said),
    )
    after = replace(after, ending=_ending(scenario, standing, after))
    step = Step(
        number=number,
        before=standing.mood,
        after=mood,
        movements=movements,
        acts=acts,
        told=told,
        evaded=asked_well and not told,
        ending=after.ending,
        unread=observation.unread,
    )
    return step, after


def branch(exchanges: Sequence[Exchange], number: int) -> tuple[Exchange, ...]:
    """The exchanges before reply `number`, counted from 1, to go on from there otherwise.

    Raises `ValueError` if there is no such reply.
    """
    if not 1 <= number <= len(exchanges):
        raise ValueError(f"there is no reply {number}; there are {len(exchanges)}")
    return tuple(exchanges[: number - 1])


def _movements(
    scenario: Scenario, observation: Observation, acts: Sequence[str], new: set[int]
) -> tuple[Movement, ...]:
    found = []
    for behaviour, seen in observation.behaviours.items():
        rises = scenario.behaviours[behaviour]
        by = rises.shown if seen.level == 2 else rises.some
        # The same sentence said again is no second understanding.
        if by and new & set(seen.sentences):
            found.append(Movement(Cause.BEHAVIOUR, behaviour.value, by, seen.sentences))
    for misstep, sentences in observation.missteps.items():
        if by := scenario.missteps[misstep]:
            found.append(Movement(Cause.MISSTEP, misstep.value, by, sentences))
    for act_id in acts:
        if by := scenario.act(act_id).moves:
            found.append(Movement(Cause.ACT, act_id, by, observation.acts[act_id]))
    return tuple(found)


def _ending(scenario: Scenario, before: Standing, after: Standing) -> Ending | None:
    return next((ending for ending in scenario.endings if _comes(ending, before, after)), None)


def _comes(ending: Ending, before: Standing, after: Standing) -> bool:
    return (
        (ending.at_least is None or after.mood >= ending.at_least)
        and (ending.at_most is None or after.mood <= ending.at_most)
        and (ending.after is None or after.replies >= ending.after)
        and (ending.found is not True or before.found_at is not None)
        and (ending.found is not False or after.found_at is None)
        and after.acts >= set(ending.done)
        and before.acts >= set(ending.earlier)
        and not after.acts & set(ending.not_done)
    )


def _plain(sentence: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in sentence.lower()).split())
