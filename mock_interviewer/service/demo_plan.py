"""Who is in the demo, what each of them answers when, and what coaches do with it.

Everything follows from the cases, the seed and the time, so that the same demo comes of them. The
people are invented; the answers are reference cases, each told by one candidate, once.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean

from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.evaluation.cases import Case

SEED = 20
COACHES = ("Ines Maier", "Daniel Osei")
CANDIDATES = (
    "Amara Okafor",
    "Lukas Brandt",
    "Priya Raman",
    "Tomasz Zielinski",
    "Mei Chen",
    "Hamza Siddiqui",
    "Sofia Marin",
    "Eilidh Fraser",
)
GROUPS = {
    "Autumn course (demo)": (*COACHES, *CANDIDATES[:5]),
    "Return to work (demo)": (COACHES[1], *CANDIDATES[4:]),
}
"""Mei is in both, and so is the second coach."""
TRADES = (Trade.CALL_CENTRE, Trade.RETAIL, Trade.HOSPITALITY, Trade.PUBLIC_SERVICE)
EACH = 5
"""Interviews of each candidate."""
QUESTIONS_OF_ASSIGNED = 2
_PRACTICE = (0, 2)
"""Of each candidate's interviews those in practice mode, in which nobody rates themselves."""

_FIRST_DAY, _DAYS_BETWEEN, _DAYS_APART = 56.0, 12.5, 0.7
"""Eight weeks: the first interview, those of one candidate, and those of two candidates."""

Levels = Mapping[str, int | None]


@dataclass(frozen=True)
class PlannedReview:
    """What a coach does with an interview."""

    coach: int
    blind: bool
    done: bool = True


@dataclass(frozen=True)
class PlannedInterview:
    """One interview, and all that is said of it. `candidate` is a place in `CANDIDATES`."""

    candidate: int
    place: int
    """The candidate's first one is 0."""
    held_at: datetime
    mode: Mode
    trade: Trade
    cases: tuple[Case, ...]
    assigned: bool
    shared: bool
    asked: bool
    agreed: bool
    rated: bool
    """Whether the candidate rates their own answers."""
    seen: bool
    """Whether they have looked at the grades."""
    reviews: tuple[PlannedReview, ...]


def plan(
    cases: Sequence[Case], unrecorded: Sequence[Case], now: datetime, each: int = EACH
) -> list[PlannedInterview]:
    """The interviews, the earliest first.

    `unrecorded`: cases that no grade is recorded of. `each`: interviews of each candidate, from 1.
    """
    rng = random.Random(SEED)  # noqa: S311 - the same demo each time
    found = []
    for candidate, dealt in enumerate(_dealt(cases)):
        assigned = _assigned(candidate, dealt, given_questions(cases, group_of(candidate)))
        rest = _rising([case for case in dealt if case not in assigned], rng)
        parts = _parts(rest, EACH - bool(assigned))
        if assigned:
            parts.insert(EACH - 2, assigned)
        for place, part in enumerate(parts[:each]):
            extra = unrecorded[candidate : candidate + 1] if (candidate, place) in _UNGRADED else ()
            given = bool(assigned) and part is assigned
            found.append(_interview(candidate, place, (*part, *extra), given, now, rng))
    return sorted(found, key=lambda interview: interview.held_at)


_UNGRADED = ((2, 4), (5, 1))
_WHO_FINISHES = (0, 1, 5, 6)
"""The candidates who have done what their group was given; others have begun, or not yet."""


def given_questions(cases: Iterable[Case], group: int) -> list[str]:
    """Ids of the questions that a group is given: two that its candidates have answers to."""
    ids = list(dict.fromkeys(case.question_id for case in cases))
    return ids[group * QUESTIONS_OF_ASSIGNED :][:QUESTIONS_OF_ASSIGNED]


def group_of(candidate: int) -> int:
    """The group, 0 or 1, whose assignment a candidate does."""
    return 0 if candidate < 4 else 1


def seen_levels(
    levels: Levels, rubric: Rubric, rng: random.Random, share: float, lean: float
) -> dict[str, int | None]:
    """The raters' levels as somebody else might have given them.

    `share`: how many differ, by one level. `lean`: how many of these upwards, 0 to 1.
    """
    found: dict[str, int | None] = {}
    for criterion in rubric.criteria:
        level = levels.get(criterion.id)
        if level is not None and rng.random() < share:
            moved = level + (1 if rng.random() < lean else -1)
            level = min(max(moved, criterion.lowest), criterion.highest)
        found[criterion.id] = level
    return found


def _dealt(cases: Sequence[Case]) -> list[list[Case]]:
    """Each candidate's cases, none of them with the same question twice."""
    by_question: dict[str, list[Case]] = {}
    for case in cases:
        by_question.setdefault(case.question_id, []).append(case)
    dealt: list[list[Case]] = [[] for _ in CANDIDATES]
    number = 0
    for alike in by_question.values():
        for case in alike[: len(CANDIDATES)]:
            dealt[number % len(CANDIDATES)].append(case)
            number += 1
    return dealt


def _assigned(candidate: int, dealt: Sequence[Case], questions: Sequence[str]) -> tuple[Case, ...]:
    """The cases with which a candidate does what their group was given."""
    found = tuple(case for case in dealt if case.question_id in questions)
    does_it = candidate in _WHO_FINISHES and len(found) == len(questions)
    return found if does_it else ()


def _rising(cases: Sequence[Case], rng: random.Random) -> list[Case]:
    """On the whole the weaker ones first: practice helps, and not every time."""

    def told(case: Case) -> float:
        return fmean(level for level in case.reference.values() if level is not None)

    return sorted(cases, key=lambda case: (told(case) + rng.gauss(0, 0.6), case.id))


def _parts(cases: Sequence[Case], count: int) -> list[tuple[Case, ...]]:
    ends = [round(len(cases) * part / count) for part in range(count + 1)]
    return [tuple(cases[start:end]) for start, end in pairwise(ends)]


def _interview(
    candidate: int,
    place: int,
    cases: tuple[Case, ...],
    assigned: bool,
    now: datetime,
    rng: random.Random,
) -> PlannedInterview:
    days = _FIRST_DAY - _DAYS_BETWEEN * place - _DAYS_APART * candidate
    day = now - timedelta(days=days)
    mode = Mode.PRACTICE if place in _PRACTICE and not assigned else Mode.INTERVIEW
    held_at = day.replace(hour=9, minute=0, second=0, microsecond=0)
    return PlannedInterview(
        candidate=candidate,
        place=place,
        held_at=held_at + timedelta(minutes=rng.randrange(8 * 60)),
        mode=mode,
        trade=TRADES[candidate % len(TRADES)],
        cases=cases,
        assigned=assigned,
        shared=assigned or place in (1, 2, 4),
        asked=place == EACH - 1 and candidate % 3 == 0,
        agreed=candidate % 2 == 0 and place in (1, 2),
        rated=mode is Mode.INTERVIEW and candidate < 6,
        seen=place < EACH - 1,
        reviews=_reviews(candidate, place, assigned),
    )


def _reviews(candidate: int, place: int, assigned: bool) -> tuple[PlannedReview, ...]:
    in_both = candidate < 5  # whose group has both coaches
    own = 0 if candidate < 4 else 1
    if place == 1:
        coaches = (0, 1) if in_both else (1,)
        return tuple(PlannedReview(coach, blind=True) for coach in coaches)
    if place == 2 and candidate not in (4, 7):
        return (PlannedReview(own, blind=False),)
    if assigned and candidate in (0, 6):
        return (PlannedReview(own, blind=False),)
    if (candidate, place) == (1, 4):
        return (PlannedReview(0, blind=True, done=False),)
    return ()
