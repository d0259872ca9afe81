"""A role-play read again: the mood as a line, what moved it, and what could have been said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mock_interviewer.core.grade import Evidence
from mock_interviewer.core.mood import Band, band_of
from mock_interviewer.core.observation import Behaviour, Exchange
from mock_interviewer.core.scenario import Ending, Scenario
from mock_interviewer.core.transcript import Line, Role, split
from mock_interviewer.interviewing.role_play import Movement, Step, play

_EARLY = (
    Behaviour.VALIDATION,
    Behaviour.LISTENING,
    Behaviour.PERSONALISATION,
    Behaviour.ADVOCACY,
    Behaviour.RESOLUTION,
)
_LATE = (
    Behaviour.LISTENING,
    Behaviour.RESOLUTION,
    Behaviour.ADVOCACY,
    Behaviour.PERSONALISATION,
    Behaviour.VALIDATION,
)
"""Of behaviours that are equally weak, the one that helps soonest: somebody who is shut wants to be
understood before anything is settled."""


@dataclass(frozen=True)
class Moved:
    """A movement with the candidate's own sentences that it rests on."""

    movement: Movement
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Suggestion:
    """A line that could have been said, and the behaviour that it is an example of."""

    behaviour: Behaviour
    text: str


@dataclass(frozen=True)
class Moment:
    """One reply, what came before it and what came of it."""

    step: Step
    heard: str
    """The customer's words that it replied to."""
    reply: str
    said: str
    """The customer's words after it."""
    prepared: bool
    """Whether these are the scenario's; else a model's."""
    moved: tuple[Moved, ...]
    held_back: int
    """What the scale and the scenario's limits kept of the movements' sum; 0 mostly."""
    could_say: Suggestion | None
    """For a reply that did the customer no good."""


@dataclass(frozen=True)
class Debrief:
    """A whole conversation, or one that was left before its end."""

    moods: tuple[int, ...]
    """At the start, then after each reply."""
    moments: tuple[Moment, ...]
    levels: Mapping[Behaviour, int]
    """The highest level, 0 to 2, at which each behaviour was observed. No grade: the rubric's
    grader gives those."""
    found_at: int | None
    """The reply that uncovered the unspoken need, counted from 1; None: it was not found."""
    ending: Ending | None
    try_from: int | None
    """The reply from which another try promises most; one may start from any."""


def debrief(scenario: Scenario, exchanges: Sequence[Exchange]) -> Debrief:
    """Read a conversation again."""
    played = play(scenario, exchanges)
    levels = dict.fromkeys(Behaviour, 0)
    moments: list[Moment] = []
    suggested: set[str] = set()
    heard = scenario.lines.opening
    found = False
    for step, exchange in zip(played.steps, exchanges, strict=False):
        for behaviour in Behaviour:
            seen = exchange.observation.level(behaviour)
            levels[behaviour] = max(levels[behaviour], seen)
        found = found or step.told
        could_say = _suggestion(scenario, step, levels, found, suggested)
        if could_say:
            suggested.add(could_say.text)
        moments.append(_moment(step, exchange, heard, could_say))
        heard = exchange.said
    return Debrief(
        moods=(played.start_mood, *(step.after for step in played.steps)),
        moments=tuple(moments),
        levels=levels,
        found_at=played.standing.found_at,
        ending=played.standing.ending,
        try_from=_try_from(moments, played.standing.ending),
    )


def as_answer(scenario: Scenario, exchanges: Sequence[Exchange]) -> tuple[str, list[Line]]:
    """The conversation as a question of the kind role_play and its answer, for the grader."""
    lines = [Line(role=Role.INTERVIEWER, text=scenario.lines.opening)]
    for exchange in exchanges:
        lines += [
            Line(role=Role.CANDIDATE, text=exchange.reply),
            Line(role=Role.INTERVIEWER, text=exchange.said),
        ]
    return scenario.brief, lines


def _moment(step: Step, exchange: Exchange, heard: str, could_say: Suggestion | None) -> Moment:
    reply = exchange.reply
    quotes = [reply[span.start : span.end] for span in split(reply)]
    moved = tuple(
        Moved(
            movement,
            tuple(
                Evidence(sentence=number, quote=quotes[number - 1])
                for number in movement.sentences
                if number <= len(quotes)
            ),
        )
        for movement in step.movements
    )
    total = sum(movement.by for movement in step.movements)
    return Moment(
        step=step,
        heard=heard,
        reply=reply,
        said=exchange.said,
        prepared=exchange.prepared,
        moved=moved,
        held_back=total - (step.after - step.before),
        could_say=could_say,
    )


def _suggestion(
    scenario: Scenario,
    step: Step,
    levels: Mapping[Behaviour, int],
    found: bool,
    suggested: set[str],
) -> Suggestion | None:
    if step.unread or step.after > step.before or (step.ending and step.ending.right):
        return None
    early = band_of(step.before) in (Band.SHUT, Band.WARY)
    weakest = sorted(_EARLY if early else _LATE, key=levels.__getitem__)
    for behaviour in weakest:
        if behaviour is Behaviour.LISTENING and found:
            continue
        once_told = scenario.could_say_once_told.get(behaviour, ()) if found else ()
        for text in (*once_told, *scenario.could_say[behaviour]):
            if text not in suggested:
                return Suggestion(behaviour, text)
    return None


def _try_from(moments: Sequence[Moment], ending: Ending | None) -> int | None:
    if not moments or (ending and ending.right):
        return None
    falls = [moment.step for moment in moments if moment.step.after < moment.step.before]
    if falls:
        return min(falls, key=lambda step: (step.after - step.before, step.number)).number
    flat = [moment.step for moment in moments if moment.step.after == moment.step.before]
    return (flat or [moments[-1].step])[0].number
