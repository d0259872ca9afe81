"""What to practise next, worked out from the grades that are stored: pure, over plain data.

A criterion is judged by the last answers whose question called for it, each question's latest
attempt, and only if there are enough of them. Nothing here is ever said as a verdict on a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mock_interviewer.core import spacing
from mock_interviewer.core.drill_guide import load_guide
from mock_interviewer.core.drills import Drill
from mock_interviewer.core.grade import Rating, mean
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.core.spacing import Attempt
from mock_interviewer.errors import NotFoundError
from mock_interviewer.storage.records import StoredAnswer, StoredInterview

ENOUGH_ANSWERS = 3
"""Fewer graded answers say too little of a criterion."""

RECENT_ANSWERS = 12
"""What lies further back says too little of today."""

STRONG = 0.85
"""The share of its scale from which a criterion leaves nothing to suggest."""

SHOWN_WEAKNESSES = 2
SHOWN_ANSWERS = 3


@dataclass(frozen=True)
class GradedAnswer:
    """A graded answer as far as the plan needs it."""

    interview_id: str
    place: int
    attempt: int
    question_id: str
    question: str
    calls_for: tuple[str, ...]
    when: datetime
    ratings: Mapping[str, Rating]


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
class AnswerBehind:
    """An answer that a judgement rests on: its level, and the sentences that the level rests on."""

    answer: GradedAnswer
    level: int
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Weakness:
    """A criterion with room to grow. `share`: how far along its scale, 0 to 1, on average."""

    criterion: Criterion
    share: float
    answers: int
    behind: tuple[AnswerBehind, ...]
    """The answers with the lowest levels, the lowest first."""


@dataclass(frozen=True)
class Plan:
    """What is shown: an opening sentence, what it rests on, and up to three steps."""

    opening: str
    weaknesses: tuple[Weakness, ...]
    steps: tuple[Step, ...]
    early: bool
    """Whether there are too few graded answers for a judgement."""


def make(
    answers: Iterable[GradedAnswer],
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
    kept, offer = latest(answers), _Offer(drills, attempts, now, scenarios)
    judged = [found for criterion in rubric.criteria if (found := _judged(criterion, kept, rubric))]
    if train is not None:
        return _asked_for(_criterion(train, rubric), kept, rubric, offer)
    enough = [w for w in judged if w.answers >= ENOUGH_ANSWERS]
    if not enough:
        return Plan(_too_early(len(kept)), (), _first_steps(offer), early=True)
    weakest = sorted((w for w in enough if w.share < STRONG), key=lambda w: w.share)
    shown = tuple(weakest[:SHOWN_WEAKNESSES])
    if not shown:
        opening = _NOTHING_STANDS_OUT.format(answers=_count(len(kept)))
        return Plan(opening, (), _steps(None, offer), early=False)
    opening = _OPENING.format(name=shown[0].criterion.name, answers=_count(shown[0].answers))
    return Plan(opening, shown, _steps(shown[0], offer), early=False)


def graded_answers(
    interview: StoredInterview, answers: Iterable[StoredAnswer]
) -> list[GradedAnswer]:
    """The graded ones among an interview's answers, but for those that were no answer: to have
    had no example says nothing of a skill."""
    return [
        GradedAnswer(
            interview_id=interview.id,
            place=answer.question,
            attempt=answer.attempt,
            question_id=interview.questions[answer.question].id,
            question=interview.questions[answer.question].text,
            calls_for=interview.questions[answer.question].calls_for,
            when=interview.created_at,
            ratings=answer.grade.ratings,
        )
        for answer in answers
        if answer.grade is not None and not answer.grade.not_an_answer
    ]


def latest(answers: Iterable[GradedAnswer]) -> list[GradedAnswer]:
    """The most recent answers, newest first: of every question asked, the latest attempt."""
    last: dict[tuple[str, int], GradedAnswer] = {}
    for answer in answers:
        asked = (answer.interview_id, answer.place)
        if asked not in last or answer.attempt > last[asked].attempt:
            last[asked] = answer
    newest_first = sorted(last.values(), key=lambda a: (a.when, a.place), reverse=True)
    return newest_first[:RECENT_ANSWERS]


_OPENING = (
    "In your last {answers}, {name} has the most room to grow. Below is what that rests on, and "
    "something to try, if you like."
)
_ASKED_FOR = "You chose {name}. Below is what your answers show of it, and something to try."
_ASKED_FOR_UNSEEN = (
    "You chose {name}. No graded answer speaks to it yet, so these are for getting to know it."
)
_NOTHING_STANDS_OUT = (
    "In your last {answers}, nothing stands out: all of it is strong. These keep it fresh."
)
_DRILL_WHY = "Two minutes for {name}."
_DUE_WHY = "You met it before, and today is a good day to see it once more."
_ROLE_PLAY_WHY = "A customer to speak with, for a change from telling."


def _too_early(answers: int) -> str:
    so_far = _count(answers) if answers else "no graded answer"
    return (
        f"It is a little early for a plan: {so_far} so far, and a criterion takes "
        f"{ENOUGH_ANSWERS} before they say much. One mixed interview gives a first picture."
    )


def _count(answers: int) -> str:
    return "1 graded answer" if answers == 1 else f"{answers} graded answers"


def _criterion(name: str, rubric: Rubric) -> Criterion:
    try:
        return rubric.criterion(name)
    except KeyError:
        known = ", ".join(criterion.id for criterion in rubric.criteria)
        raise NotFoundError(
            f"There is no criterion {name!r} to train. There are: {known}."
        ) from None


def _judged(
    criterion: Criterion, answers: Sequence[GradedAnswer], rubric: Rubric
) -> Weakness | None:
    """What the answers say of a criterion; None if none of them does."""
    behind = [
        AnswerBehind(answer, rating.level, tuple(e.quote for e in rating.evidence))
        for answer in answers
        if _called_for(criterion, answer, rubric)
        and (rating := answer.ratings.get(criterion.id)) is not None
        and rating.level is not None
    ]
    if not behind:
        return None
    span = criterion.highest - criterion.lowest
    share = (mean([found.level for found in behind]) - criterion.lowest) / span
    lowest = sorted(behind, key=lambda found: found.level)[:SHOWN_ANSWERS]
    return Weakness(criterion, share, len(behind), tuple(lowest))


def _called_for(criterion: Criterion, answer: GradedAnswer, rubric: Rubric) -> bool:
    """Whether the question gave an opportunity for it; one that belongs to no score always."""
    scores = {s.id for s in rubric.scores if criterion.id in (*s.mean_of, *s.with_it)}
    return not scores or bool(scores & set(answer.calls_for))


class _Offer(NamedTuple):
    """What there is to suggest."""

    drills: Sequence[Drill]
    attempts: Sequence[Attempt]
    now: datetime
    scenarios: Sequence[str]


def _asked_for(
    criterion: Criterion, answers: Sequence[GradedAnswer], rubric: Rubric, offer: _Offer
) -> Plan:
    found = _judged(criterion, answers, rubric)
    opening = (_ASKED_FOR if found else _ASKED_FOR_UNSEEN).format(name=criterion.name)
    steps = _steps(found or Weakness(criterion, 0.0, 0, ()), offer)
    return Plan(opening, (found,) if found else (), steps, early=False)


def _steps(about: Weakness | None, offer: _Offer) -> tuple[Step, ...]:
    """A question to retry, a drill and a role-play, as far as there are such."""
    steps = []
    retried = about and about.behind and about.behind[0].level < about.criterion.highest
    if about and retried:
        steps.append(_retry(about))
    if drill := _drill(offer, about.criterion if about else None):
        steps.append(drill)
    if offer.scenarios:
        steps.append(Step(StepKind.ROLE_PLAY, offer.scenarios[0], "A role-play", _ROLE_PLAY_WHY))
    if not retried:
        steps.append(_mixed_interview())
    return tuple(steps)


def _retry(about: Weakness) -> Step:
    lowest = about.behind[0]
    advice = about.criterion.next_step.get(lowest.level, "")
    why = f"There is room in {about.criterion.name}. {advice}".strip()
    return Step(
        StepKind.RETRY, lowest.answer.question_id, lowest.answer.question, why, lowest.answer
    )


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
