"""A clock that is set back: no grade waits for it, and no turn changes its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.service.grading import LONGEST_ASKED_SECONDS
from mock_interviewer.storage import store as interviews
from mock_interviewer.storage import waiting
from mock_interviewer.storage.store import Store
from tests.interviews import question, turn

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """The machine's clock, as somebody sets it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def goes(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (interviews, waiting):
        monkeypatch.setattr(module, "_now", clock)
    return clock


@pytest.fixture
def store(clock: Clock, tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield store
    store.close()


def started(store: Store) -> str:
    return store.create_interview(
        candidate_id="ada", mode=Mode.INTERVIEW, trade="retail", questions=[question()]
    )


def answered(store: Store) -> int:
    """The id of a finished answer."""
    interview = started(store)
    turns = [turn(0, TurnKind.QUESTION, "Tell me."), turn(1, TurnKind.ANSWER, "I helped.")]
    store.append(interview, turns, [(0, 0)])
    return store.answers(interview)[0].id


@pytest.mark.parametrize("seconds", [5.0, 300.0, LONGEST_ASKED_SECONDS])
def test_an_answer_that_was_put_off_does_not_wait_for_a_clock_that_went_back_a_day(
    seconds: float, store: Store, clock: Clock
) -> None:
    answer = answered(store)
    store.waiting.put_off(answer, "away", seconds)
    assert store.waiting.next() is None
    clock.goes(days=-1)
    assert store.waiting.next() is not None
    # Put off again, it waits as long as it should by the clock as it is now.
    store.waiting.put_off(answer, "away", seconds)
    assert store.waiting.next() is None
    clock.goes(seconds=seconds)
    assert store.waiting.next() is not None


def test_put_off_it_waits_an_hour_longer_at_most_however_far_the_clock_went_back(
    store: Store, clock: Clock
) -> None:
    store.waiting.put_off(answered(store), "away", 5)
    clock.goes(minutes=-59)
    assert store.waiting.next() is None
    clock.goes(minutes=-1)
    assert store.waiting.next() is not None


@pytest.mark.parametrize("back", [{"minutes": -10}, {"days": -1}, {"days": -9999}])
def test_an_answer_just_finished_is_graded_at_once(
    back: dict[str, float], store: Store, clock: Clock
) -> None:
    answered(store)
    clock.goes(**back)
    assert store.waiting.next() is not None


def test_turns_and_answers_stay_in_the_order_in_which_they_were_said(
    store: Store, clock: Clock
) -> None:
    interview = started(store)
    said = ["Tell me.", "I helped.", "How?", "With a torch."]
    kinds = [TurnKind.QUESTION, TurnKind.ANSWER, TurnKind.PROBE, TurnKind.ANSWER]
    for number, (kind, text) in enumerate(zip(kinds, said, strict=True)):
        store.append(interview, [turn(number, kind, text)])
        clock.goes(hours=-5)
    found = store.interview(interview)
    assert [t.text for t in found.turns] == said
    assert [t.number for t in found.turns] == [0, 1, 2, 3]
