"""When a drill comes back, and which come next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from mock_interviewer.core.drills import Drill, EmpathicLine
from mock_interviewer.core.spacing import (
    BOX_DAYS,
    MOST_DUE,
    Attempt,
    choose,
    due,
    next_day,
    standings,
)
from tests.core.toy_drills import BEST, FEELING, LINE, RESULT, STANCES, STAR

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOY: list[Drill] = [BEST, STANCES, FEELING, STAR, LINE, RESULT]


def day(number: int, hour: int = 12) -> datetime:
    """Noon of a day in March 2026."""
    return datetime(2026, 3, number, hour, tzinfo=UTC)


def tries(*made: tuple[int, float | None], drill: str = "best") -> list[Attempt]:
    return [Attempt("ana", drill, day(number), score) for number, score in made]


@pytest.mark.parametrize(
    ("made", "box", "due_on"),
    [
        ([(1, 1.0)], 1, 2),
        ([(1, 0.0)], 1, 2),
        ([(1, None)], 1, 2),
        ([(1, 1.0), (2, 1.0)], 2, 4),
        ([(1, 1.0), (2, 1.0), (4, 1.0)], 3, 8),
        ([(1, 1.0), (2, 1.0), (4, 1.0), (8, 1.0)], 4, 16),
        ([(1, 1.0), (2, 1.0), (4, 1.0), (8, 0.4)], 1, 9),
        ([(1, 1.0), (2, 1.0), (4, 1.0), (8, 0.6)], 3, 12),  # neither hard nor known: again in 4
        ([(1, 1.0), (2, 0.8)], 2, 4),  # just known
        ([(1, 1.0), (2, 0.79)], 1, 3),
        ([(1, 1.0), (2, 1.0), (4, 0.5)], 2, 6),  # just not hard
        ([(1, 1.0), (9, 1.0)], 2, 11),  # left lying: from the day on which it was done
        ([(1, 1.0), (1, 1.0), (1, 1.0)], 1, 2),  # the same day shows nothing of tomorrow
        ([(1, 1.0), (2, 1.0), (3, 1.0)], 2, 4),  # an extra round changes nothing
        ([(1, 1.0), (2, 1.0), (3, 0.2)], 1, 4),  # ... unless it was hard
        ([(1, 1.0), (2, None)], 1, 3),  # without a score nothing is known: the same box once more
        ([(1, 1.0), (2, 1.0), (4, None)], 2, 6),
        ([(1, 1.0), (2, 1.0), (3, None)], 2, 4),
    ],
)
def test_a_known_drill_comes_back_later_and_a_hard_one_the_next_day(
    made: list[tuple[int, float | None]], box: int, due_on: int
) -> None:
    standing = standings(tries(*made), UTC)["best"]
    assert (standing.box, standing.due) == (box, date(2026, 3, due_on))


def test_the_last_box_comes_back_every_sixteen_days() -> None:
    when, attempts = FIRST, []
    for days in (0, 1, 2, 4, 8, 16, 16):
        when += timedelta(days=days)
        attempts.append(Attempt("ana", "best", when, 1.0))
    standing = standings(attempts, UTC)["best"]
    assert (standing.box, standing.due) == (5, when.date() + timedelta(days=16))
    assert BOX_DAYS == (1, 2, 4, 8, 16)


def test_the_order_in_which_attempts_are_given_does_not_matter() -> None:
    made = tries((1, 1.0), (2, 1.0), (4, 0.2), (5, 1.0))
    assert standings(made, UTC) == standings(list(reversed(made)), UTC)


def test_a_day_is_one_of_the_persons_own_time_zone() -> None:
    # 23:30 UTC on the first is the second of March in Nairobi: due on the third there.
    nairobi = timezone(timedelta(hours=3))
    late = [Attempt("ana", "best", datetime(2026, 3, 1, 23, 30, tzinfo=UTC), 1.0)]
    assert standings(late, UTC)["best"].due == date(2026, 3, 2)
    assert standings(late, nairobi)["best"].due == date(2026, 3, 3)
    early_on_the_second = datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert due(TOY, late, early_on_the_second) == [BEST]
    assert due(TOY, late, early_on_the_second.astimezone(nairobi)) == []


def test_what_is_due_waits_until_its_day_and_then_as_long_as_it_takes() -> None:
    attempts = tries((1, 1.0))
    assert due(TOY, attempts, day(1, 23)) == []
    assert due(TOY, attempts, day(2, 0)) == [BEST]
    assert due(TOY, attempts, day(30)) == [BEST]


def test_those_that_wait_longest_come_first() -> None:
    attempts = [*tries((5, 1.0), drill="star"), *tries((3, 1.0), drill="line"), *tries((4, 0.0))]
    assert [drill.id for drill in due(TOY, attempts, day(20))] == ["line", "best", "star"]


def many(count: int) -> Sequence[Drill]:
    return [
        EmpathicLine.model_validate({**LINE.model_dump(), "id": f"line-{n}"}) for n in range(count)
    ]


def test_no_more_than_six_come_back_at_once() -> None:
    drills = many(10)
    attempts = [Attempt("ana", drill.id, day(1), 0.0) for drill in drills]
    assert len(due(drills, attempts, day(9))) == MOST_DUE == 6
    assert len(choose(drills, attempts, day(9), count=10)) == 6


def test_a_drill_that_is_there_no_more_does_not_come_back() -> None:
    assert due([STAR], tries((1, 0.0), drill="best"), day(9)) == []


def test_due_and_new_ones_take_turns() -> None:
    attempts = [*tries((1, 1.0), drill="best"), *tries((2, 1.0), drill="star")]
    chosen = choose(TOY, attempts, day(9), weakest=["result", "listening"], count=4)
    assert [(choice.drill.id, choice.due) for choice in chosen] == [
        ("best", True),
        ("result", False),
        ("star", True),
        ("feeling", False),
    ]


@pytest.mark.parametrize(
    ("weakest", "expected"),
    [
        (["listening"], "feeling"),
        (["result"], "result"),
        (["action"], "star"),
        (["resolution", "validation"], "line"),  # nothing trains resolution
        (["empathy"], "best"),  # what it trains most counts before what it trains as well
    ],
)
def test_a_new_one_trains_the_weakest_criterion_that_any_trains(
    weakest: list[str], expected: str
) -> None:
    (choice,) = choose(TOY, [], FIRST, weakest=weakest, count=1)
    assert choice.drill.id == expected
    assert choice.criterion in weakest


def test_new_ones_of_one_choice_are_of_differing_kinds() -> None:
    chosen = choose([*many(3), BEST, STANCES], [], FIRST, weakest=["empathy"], count=3)
    assert len({choice.drill.kind for choice in chosen}) == 3


def test_another_kind_comes_before_one_that_trains_the_criterion_more() -> None:
    lines = [
        EmpathicLine.model_validate({**LINE.model_dump(), "id": f"line-{n}", "trains": ["empathy"]})
        for n in range(2)
    ]
    less = BEST.model_copy(update={"trains": ("validation", "empathy")})
    chosen = choose([*lines, less], [], FIRST, weakest=["empathy"], count=2)
    assert [choice.drill.id for choice in chosen] == ["line-0", "best"]


def test_what_trains_the_criterion_most_comes_before_what_trains_it_as_well() -> None:
    (choice,) = choose([LINE, BEST], [], FIRST, weakest=["empathy"], count=1)
    assert choice.drill is BEST


def test_a_kind_that_was_not_done_lately_comes_before_one_that_was() -> None:
    done = tries((1, 1.0), drill="line-0")
    drills = [*many(2), STANCES]
    (choice,) = choose(drills, done, day(1), weakest=[], count=1)
    assert choice.drill is STANCES


def test_easier_ones_come_first() -> None:
    hard = EmpathicLine.model_validate({**LINE.model_dump(), "id": "hard", "difficulty": 3})
    (choice,) = choose([hard, LINE], [], FIRST, count=1)
    assert choice.drill is LINE


def test_where_all_was_done_and_nothing_is_due_nothing_is_chosen() -> None:
    attempts = [Attempt("ana", drill.id, day(1), 1.0) for drill in TOY]
    assert choose(TOY, attempts, day(1)) == []
    assert next_day(attempts, UTC) == date(2026, 3, 2)
    assert next_day([], UTC) is None
