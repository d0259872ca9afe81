"""When a drill comes back, and which ones come next: pure functions over stored attempts.

Leitner's boxes. A drill that is known moves up a box and comes back after 1, 2, 4, 8, then every
16 days; one that was hard goes back to the first box and comes back the next day. Only an attempt
that was due moves a drill up: to repeat it on the same day trains, but shows nothing of tomorrow.
Days are calendar days of the time zone of `now`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from mock_interviewer.core.drills import Drill

BOX_DAYS = (1, 2, 4, 8, 16)
"""Days until a drill of the first, second, ... box comes back."""

KNOWN = 0.8
"""A score from which a drill counts as known."""

HARD = 0.5
"""A score below which it goes back to the first box; between the two it stays where it is."""

MOST_DUE = 6
"""No more come back at once, however many have been left lying; the others wait."""


@dataclass(frozen=True)
class Attempt:
    """One stored attempt: `score` 0 to 1, or None where there was none. `when` has a time zone."""

    person_id: str
    drill_id: str
    when: datetime
    score: float | None


@dataclass(frozen=True)
class Standing:
    """Where a drill stands with one person: its box, from 1, and the day when it is due."""

    drill_id: str
    box: int
    last: date
    due: date


@dataclass(frozen=True)
class Choice:
    """A drill to do next, and why: it is due, or else the criterion that it trains."""

    drill: Drill
    due: bool
    criterion: str


def standings(attempts: Iterable[Attempt], zone: tzinfo | None) -> dict[str, Standing]:
    """By drill id, where it stands after one person's attempts, in whatever order they come."""
    found: dict[str, Standing] = {}
    for attempt in sorted(attempts, key=lambda attempt: attempt.when):
        day = attempt.when.astimezone(zone).date()
        before = found.get(attempt.drill_id)
        if before and _is_extra(attempt.score, before, day):
            found[attempt.drill_id] = replace(before, last=day)
            continue
        box = _box(attempt.score, before.box if before else 0)
        due = day + timedelta(days=BOX_DAYS[box - 1])
        found[attempt.drill_id] = Standing(attempt.drill_id, box, day, due)
    return found


def due(
    drills: Sequence[Drill], attempts: Iterable[Attempt], now: datetime, most: int = MOST_DUE
) -> list[Drill]:
    """The drills that come back now, those that wait longest first, at most `most`."""
    standing = standings(attempts, now.tzinfo)
    today = now.date()
    waiting = [d for d in drills if d.id in standing and standing[d.id].due <= today]
    waiting.sort(key=lambda drill: standing[drill.id].due)
    return waiting[:most]


def choose(
    drills: Sequence[Drill],
    attempts: Sequence[Attempt],
    now: datetime,
    weakest: Sequence[str] = (),
    count: int = 3,
) -> list[Choice]:
    """Drills to do next: in turn one that is due and a new one, until there are `count`.

    New ones train the first of `weakest` (ids of criteria, the weakest first) that any of them
    trains, and are of kinds that were not done lately, the easier ones first. Where one sort runs
    out the other goes on; fewer come back if there are no more.
    """
    coming_back = due(drills, attempts, now, most=min(count, MOST_DUE))
    tried = {attempt.drill_id for attempt in attempts}
    new = _new(drills, attempts, weakest, tried, count)
    chosen: list[Choice] = []
    while len(chosen) < count and (coming_back or new):
        if coming_back and (len(chosen) % 2 == 0 or not new):
            drill = coming_back.pop(0)
            chosen.append(Choice(drill, True, _criterion(drill, weakest)))
        else:
            drill = new.pop(0)
            chosen.append(Choice(drill, False, _criterion(drill, weakest)))
    return chosen


def next_day(attempts: Iterable[Attempt], zone: tzinfo | None) -> date | None:
    """The first day on which a drill is due, None if none was ever tried."""
    return min((standing.due for standing in standings(attempts, zone).values()), default=None)


def _is_extra(score: float | None, before: Standing, day: date) -> bool:
    """Whether it was done before it was due; that changes nothing, unless it turned out hard."""
    return day < before.due and (score is None or score >= HARD)


def _box(score: float | None, box: int) -> int:
    """The box after an attempt that counts; `box` is 0 for a drill that was never tried."""
    if score is not None and score >= KNOWN:
        return min(box + 1, len(BOX_DAYS))
    if score is not None and score < HARD:
        return 1
    return max(box, 1)


def _new(
    drills: Sequence[Drill],
    attempts: Sequence[Attempt],
    weakest: Sequence[str],
    tried: set[str],
    count: int,
) -> list[Drill]:
    kinds = {drill.id: drill.kind for drill in drills}
    last_done: dict[str, datetime] = {}
    for attempt in attempts:
        if kind := kinds.get(attempt.drill_id):
            last_done[kind] = max(attempt.when, last_done.get(kind, attempt.when))
    left = [drill for drill in drills if drill.id not in tried]
    chosen: list[Drill] = []
    while left and len(chosen) < count:
        used = [drill.kind for drill in chosen]
        best = min(left, key=lambda drill: _order(drill, weakest, used, last_done))
        left.remove(best)
        chosen.append(best)
    return chosen


def _order(
    drill: Drill, weakest: Sequence[str], used: Sequence[str], last_done: Mapping[str, datetime]
) -> tuple[int, int, int, float, int]:
    """Smaller comes first: weak criterion, what it trains most, kind not yet chosen, done longest
    ago, easier."""
    criterion = _criterion(drill, weakest)
    rank = weakest.index(criterion) if criterion in weakest else len(weakest)
    place = drill.trains.index(criterion)
    last = last_done.get(drill.kind)
    return rank, used.count(drill.kind), place, last.timestamp() if last else 0.0, drill.difficulty


def _criterion(drill: Drill, weakest: Sequence[str]) -> str:
    """The weakest criterion that it trains, else the one that it trains most."""
    return next((name for name in weakest if name in drill.trains), drill.trains[0])
