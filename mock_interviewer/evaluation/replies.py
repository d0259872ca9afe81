"""Reference replies: lines written in drills and replies in role-plays, judged by raters.

A rater's judgement and a grader's are both put as levels at places, so that all compare alike.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple, TypeVar

from pydantic import Field

from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.observation import (
    Asking,
    Behaviour,
    Exchange,
    Misstep,
    Observation,
    Seen,
)
from mock_interviewer.core.questions import Name
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.core.transcript import split
from mock_interviewer.evaluation.named_lines import Named
from mock_interviewer.interviewing.role_play import play, take


class ReplyKind(StrEnum):
    """What the replies were given to."""

    DRILLS = "drills"
    ROLE_PLAY = "role_play"


class Place(NamedTuple):
    """Where a level stands: the rating, and the reply, followed by what in it is rated."""

    rating: str
    case: str


class Scale(NamedTuple):
    """A rating and its levels."""

    id: str
    scale: range


class Scales(NamedTuple):
    """What is compared of replies, as the criteria of a rubric are of answers."""

    criteria: tuple[Scale, ...]


POINTS, MET, MOOD = "points", "met", "mood"
YES_NO = range(2)
SCALES = {
    ReplyKind.DRILLS: Scales((Scale(POINTS, YES_NO), Scale(MET, range(5)))),
    ReplyKind.ROLE_PLAY: Scales(
        (
            *(Scale(behaviour.value, range(3)) for behaviour in Behaviour),
            *(Scale(name, YES_NO) for name in ("missteps", "asked", "acts")),
            Scale(MOOD, range(-1, 2)),
        )
    ),
}
"""What is compared of each kind."""


class LineJudgement(Strict):
    """Which points of its drill a line meets."""

    not_an_attempt: bool
    met: dict[Name, bool]


class ReplyJudgement(Strict):
    """What a reply in a role-play did."""

    behaviours: dict[Behaviour, Annotated[int, Field(ge=0, le=2)]]
    missteps: tuple[Misstep, ...]
    asked: tuple[Asking, ...]
    acts: tuple[Name, ...]


class Before(Strict):
    """An earlier reply, and the customer's words after it."""

    reply: str = Field(min_length=1)
    said: str = Field(min_length=1)


class DrillLine(Named):
    """A line written in a drill, with what each rater said of it."""

    drill: str
    line: str = Field(min_length=1)
    raters: dict[str, LineJudgement] = Field(default_factory=dict)

    @property
    def reference(self) -> LineJudgement:
        """What most raters said."""
        judgements = list(self.raters.values())
        return LineJudgement(
            not_an_attempt=_most([judged.not_an_attempt for judged in judgements]),
            met={p: _most([judged.met[p] for judged in judgements]) for p in judgements[0].met},
        )


class RolePlayReply(Named):
    """A reply in a role-play after what went before, with what each rater said of it."""

    scenario: str
    before: tuple[Before, ...]
    reply: str = Field(min_length=1)
    raters: dict[str, ReplyJudgement] = Field(default_factory=dict)

    @property
    def reference(self) -> ReplyJudgement:
        """Of the behaviours the median of the raters' levels, of the rest what most named."""
        judgements = list(self.raters.values())
        return ReplyJudgement(
            behaviours={
                b: statistics.median_low([judged.behaviours[b] for judged in judgements])
                for b in Behaviour
            },
            missteps=_named_by_most([judged.missteps for judged in judgements]),
            asked=_named_by_most([judged.asked for judged in judgements]),
            acts=_named_by_most([judged.acts for judged in judgements]),
        )

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What went before; nobody has judged it, so the mood is still that of the start."""
        return tuple(
            Exchange(reply=before.reply, observation=Observation(), said=before.said)
            for before in self.before
        )


def line_levels(
    line: DrillLine, met: Mapping[str, bool | None], *, not_an_attempt: bool
) -> dict[Place, int | None]:
    """Each point as 0 or 1, and how many are met: none of a line that is no attempt.

    None: it cannot be told.
    """
    told = {point: None if found is None else int(found) for point, found in met.items()}
    levels = {Place(POINTS, f"{line.id} {point}"): level for point, level in told.items()}
    known = [level for level in told.values() if level is not None]
    count = sum(known) if len(known) == len(told) else None
    return levels | {Place(MET, line.id): 0 if not_an_attempt else count}


def reply_levels(
    reply: RolePlayReply, scenario: Scenario, observation: Observation
) -> dict[Place, int | None]:
    """The behaviours' levels; 0 or 1 for missteps, questions and deeds; where the mood goes."""
    named: tuple[tuple[str, Sequence[str], Iterable[str]], ...] = (
        ("missteps", tuple(Misstep), observation.missteps),
        ("asked", tuple(Asking), observation.asked),
        ("acts", [act.id for act in scenario.acts], observation.acts),
    )
    levels: dict[Place, int | None] = {
        Place(behaviour.value, reply.id): observation.level(behaviour) for behaviour in Behaviour
    }
    for rating, names, found in named:
        kept = set(found)
        levels |= {Place(rating, f"{reply.id} {name}"): int(name in kept) for name in names}
    moved = mood_change(reply, scenario, observation)
    return levels | {Place(MOOD, reply.id): (moved > 0) - (moved < 0)}


def mood_change(reply: RolePlayReply, scenario: Scenario, observation: Observation) -> int:
    """By how much the reply moves the mood by the scenario's rules."""
    standing = play(scenario, reply.exchanges).standing
    step, _ = take(scenario, standing, reply.reply, observation)
    return step.after - step.before


def observed(reply: RolePlayReply, judged: ReplyJudgement) -> Observation:
    """A judgement as an observation; raters name no sentences, so that it rests on them all."""
    everything = tuple(range(1, len(split(reply.reply)) + 1))
    return Observation(
        behaviours={
            behaviour: Seen(level=level, sentences=everything)
            for behaviour, level in judged.behaviours.items()
            if level
        },
        missteps=dict.fromkeys(judged.missteps, everything),
        asked=dict.fromkeys(judged.asked, everything),
        acts=dict.fromkeys(judged.acts, everything),
    )


def _most(votes: Sequence[bool]) -> bool:
    return 2 * sum(votes) > len(votes)


Item = TypeVar("Item", bound=str)


def _named_by_most(lists: Sequence[Sequence[Item]]) -> tuple[Item, ...]:
    names = dict.fromkeys(name for named in lists for name in named)
    return tuple(name for name in names if _most([name in named for named in lists]))
