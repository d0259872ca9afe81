"""What to practise next, worked out from the grades that are stored: pure, over plain data.

A criterion is judged by the last answers whose question called for it and the last role-plays,
alike, and only if there are enough of them. Nothing here is ever said as a verdict on a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mock_interviewer.core import spacing
from mock_interviewer.core.drill_guide import load_guide
from mock_interviewer.core.drills import Drill
from mock_interviewer.core.grade import mean
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.core.spacing import Attempt
from mock_interviewer.errors import NotFoundError
from mock_interviewer.service.plan_evidence import (
    Count,
    Evidence,
    GradedAnswer,
    GradedRolePlay,
    count,
    gave_opportunity,
    latest,
)

ENOUGH_ANSWERS = 3
"""Fewer graded answers and role-plays say too little of a criterion."""

STRONG = 0.85
"""The share of its scale from which a criterion leaves nothing to suggest."""

SHOWN_WEAKNESSES = 2
SHOWN_EVIDENCE = 3


class StepKind(StrEnum):
    """What can be suggested."""

    RETRY = "retry"
    DRILL = "drill"
    ROLE_PLAY = "role_play"
    INTERVIEW = "interview"


@dataclass(frozen=True)
class Step:
    """One suggestion. `target`: id of the question, drill or scenario; for an interview empty."""

    kind: StepKind
    target: str
    title: str
    why: str
    answer: GradedAnswer | None = None
    """The answer that a retry goes back to."""


@dataclass(frozen=True)
class Behind:
    """An answer or role-play that a judgement rests on: its level, and the sentences that the
    level rests on."""

    evidence: Evidence
    level: int
    quotes: tuple[str, ...]

    @property
    def is_role_play(self) -> bool:
        """Whether it is a role-play, and no answer."""
        return isinstance(self.evidence, GradedRolePlay)


@dataclass(frozen=True)
class Weakness:
    """A criterion with room to grow. `share`: how far along its scale, 0 to 1, on average."""

    criterion: Criterion
    share: float
    count: Count
    behind: tuple[Behind, ...]
    """What has the lowest levels, the lowest first."""


@dataclass(frozen=True)
class Plan:
    """What is shown: an opening sentence, what it rests on, and up to three steps."""

    opening: str
    weaknesses: tuple[Weakness, ...]
    steps: tuple[Step, ...]
    early: bool
    """Whether there is too little that is graded for a judgement."""


def make(
    evidence: Iterable[Evidence],
    rubric: Rubric,
    drills: Sequence[Drill],
    attempts: Sequence[Attempt],
    now: datetime,
    *,
    scenarios: Sequence[str] = (),
    train: str | None = None,
) -> Plan:
    """Work out one person's plan.

    `attempts`: that person's, at drills. `scenarios`: ids of role-plays, the most fitting first.
    `train`: a criterion that the person asked for. Raises `NotFoundError` if there is none such.
    """
    kept, offer = latest(evidence), _Offer(drills, attempts, now, scenarios)
    judged = [found for criterion in rubric.criteria if (found := _judged(criterion, kept, rubric))]
    if train is not None:
        return _asked_for(_criterion(train, rubric), kept, rubric, offer)
    enough = [w for w in judged if w.count.total >= ENOUGH_ANSWERS]
    if not enough:
        return Plan(_too_early(count(kept)), (), _first_steps(offer), early=True)
    weakest = sorted((w for w in enough if w.share < STRONG), key=lambda w: w.share)
    shown = tuple(weakest[:SHOWN_WEAKNESSES])
    if not shown:
        opening = _NOTHING_STANDS_OUT.format(last=_last(count(kept)))
        return Plan(opening, (), _steps(None, offer), early=False)
    opening = _OPENING.format(name=shown[0].criterion.name, last=_last(shown[0].count))
    return Plan(opening, shown, _steps(shown[0], offer), early=False)


_OPENING = (
    "In your {last}, {name} has the most room to grow. Below is what that rests on, and "
    "something to try, if you like."
)
_ASKED_FOR = "You chose {name}. Below is what you have shown of it so far, and something to try."
_ASKED_FOR_UNSEEN = (
    "You chose {name}. No graded answer or role-play speaks to it yet, so these are for getting "
    "to know it."
)
_NOTHING_STANDS_OUT = (
    "In your {last}, nothing stands out: all of it is strong. These keep it fresh."
)
_DRILL_WHY = "Two minutes for {name}."
_DUE_WHY = "You met it before, and today is a good day to see it once more."
_ROLE_PLAY_WHY = "A customer to speak with, for a change from telling."


def _too_early(so_far: Count) -> str:
    return (
        f"It is a little early for a plan: {so_far} so far, and a criterion takes "
        f"{ENOUGH_ANSWERS} before they say much. One mixed interview gives a first picture."
    )


def _last(found: Count) -> str:
    both = found.answers and found.role_plays
    return f"latest work ({found})" if both else f"last {found}"


def _criterion(name: str, rubric: Rubric) -> Criterion:
    try:
        return rubric.criterion(name)
    except KeyError:
        known = ", ".join(criterion.id for criterion in rubric.criteria)
        raise NotFoundError(
            f"There is no criterion {name!r} to train. There are: {known}."
        ) from None


def _judged(criterion: Criterion, evidence: Sequence[Evidence], rubric: Rubric) -> Weakness | None:
    """What the evidence says of a criterion; None if none of it does."""
    behind = [
        Behind(each, rating.level, tuple(e.quote for e in rating.evidence))
        for each in evidence
        if gave_opportunity(criterion, each, rubric)
        and (rating := each.ratings.get(criterion.id)) is not None
        and rating.level is not None
    ]
    if not behind:
        return None
    span = criterion.highest - criterion.lowest
    share = (mean([found.level for found in behind]) - criterion.lowest) / span
    # What is at the highest level is shown only where there is nothing else to show.
    room = [found for found in behind if found.level < criterion.highest] or behind
    lowest = sorted(room, key=lambda found: found.level)[:SHOWN_EVIDENCE]
    return Weakness(criterion, share, count(found.evidence for found in behind), tuple(lowest))


class _Offer(NamedTuple):
    """What there is to suggest."""

    drills: Sequence[Drill]
    attempts: Sequence[Attempt]
    now: datetime
    scenarios: Sequence[str]


def _asked_for(
    criterion: Criterion, evidence: Sequence[Evidence], rubric: Rubric, offer: _Offer
) -> Plan:
    found = _judged(criterion, evidence, rubric)
    opening = (_ASKED_FOR if found else _ASKED_FOR_UNSEEN).format(name=criterion.name)
    steps = _steps(found or Weakness(criterion, 0.0, Count(0, 0), ()), offer)
    return Plan(opening, (found,) if found else (), steps, early=False)


def _steps(about: Weakness | None, offer: _Offer) -> tuple[Step, ...]:
    """A question to retry, a drill and a role-play, as far as there are such; what has the lowest
    level comes first."""
    retry = _retry(about) if about else None
    again = _role_play_again(about, offer) if about else None
    drill = _drill(offer, about.criterion if about else None)
    if again:
        steps = [again, drill, retry]
    else:
        new = offer.scenarios and Step(
            StepKind.ROLE_PLAY, offer.scenarios[0], "A role-play", _ROLE_PLAY_WHY
        )
        steps = [retry, drill, new or None]
    found = [step for step in steps if step is not None]
    return tuple(found if retry else [*found, _mixed_interview()])


def _retry(about: Weakness) -> Step | None:
    """The question whose answer has the lowest level of those that are shown."""
    for found in about.behind:
        answer = found.evidence
        if isinstance(answer, GradedAnswer) and found.level < about.criterion.highest:
            why = _room(about, found)
            return Step(StepKind.RETRY, answer.question_id, answer.question, why, answer)
    return None


def _role_play_again(about: Weakness, offer: _Offer) -> Step | None:
    """The scenario of the role-play that has the lowest level of all, if one has."""
    lowest = about.behind[0] if about.behind else None
    if lowest is None or lowest.level == about.criterion.highest:
        return None
    played = lowest.evidence
    if isinstance(played, GradedAnswer) or played.scenario_id not in offer.scenarios:
        return None
    again = "A role-play to try again"
    return Step(StepKind.ROLE_PLAY, played.scenario_id, again, _room(about, lowest))


def _room(about: Weakness, lowest: Behind) -> str:
    advice = about.criterion.next_step.get(lowest.level, "")
    return f"There is room in {about.criterion.name}. {advice}".strip()


def _drill(offer: _Offer, criterion: Criterion | None) -> Step | None:
    fitting = [d for d in offer.drills if criterion and criterion.id in d.trains] or offer.drills
    weakest = (criterion.id,) if criterion else ()
    chosen = spacing.choose(fitting, offer.attempts, offer.now, weakest, count=1)
    if not chosen:
        return None
    (choice,) = chosen
    trained = criterion.name if criterion else choice.criterion.replace("_", " ").capitalize()
    why = _DUE_WHY if choice.due else _DRILL_WHY.format(name=trained)
    return Step(StepKind.DRILL, choice.drill.id, load_guide().kinds[choice.drill.kind].name, why)


def _first_steps(offer: _Offer) -> tuple[Step, ...]:
    drill = _drill(offer, None)
    return (_mixed_interview(), *((drill,) if drill else ()))


def _mixed_interview() -> Step:
    return Step(
        StepKind.INTERVIEW,
        "",
        "A mixed interview",
        "Three questions of differing kinds show where you stand.",
    )
