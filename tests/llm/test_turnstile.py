"""Who goes first at a model: threads that really wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from mock_interviewer.llm.turnstile import Turnstile

Way = Callable[[], AbstractContextManager[None]]


class Passing:
    """A thread that goes through and stays until it is let go."""

    def __init__(self, way: Way) -> None:
        self.inside = threading.Event()
        self.leave = threading.Event()
        self._way = way
        self.thread = threading.Thread(target=self._pass, daemon=True)
        self.thread.start()

    def _pass(self) -> None:
        with self._way():
            self.inside.set()
            self.leave.wait(5)

    def gets_in(self) -> bool:
        return self.inside.wait(5)

    def stays_outside(self) -> bool:
        return not self.inside.wait(0.1)

    def go(self) -> None:
        self.leave.set()
        self.thread.join(5)


def test_background_requests_pass_one_at_a_time() -> None:
    turnstile = Turnstile(grace_seconds=0)
    first = Passing(turnstile.background)
    assert first.gets_in()
    second = Passing(turnstile.background)
    assert second.stays_outside()
    first.go()
    assert second.gets_in()
    second.go()


def test_an_urgent_request_waits_for_the_background_request_that_has_begun() -> None:
    turnstile = Turnstile(grace_seconds=0)
    begun = Passing(turnstile.background)
    assert begun.gets_in()
    urgent = Passing(turnstile.urgent)
    assert urgent.stays_outside()
    begun.go()
    assert urgent.gets_in()
    urgent.go()


def test_a_waiting_person_goes_before_background_requests_that_came_earlier() -> None:
    turnstile = Turnstile(grace_seconds=0)
    begun = Passing(turnstile.background)
    assert begun.gets_in()
    earlier = [Passing(turnstile.background) for _ in range(3)]
    person = Passing(turnstile.urgent)
    assert person.stays_outside()
    begun.go()
    assert person.gets_in()
    assert all(other.stays_outside() for other in earlier)
    person.go()
    for other in earlier:
        other.leave.set()
    assert all(other.gets_in() for other in earlier)


def test_the_background_waits_for_the_last_person_to_be_served() -> None:
    turnstile = Turnstile(grace_seconds=0)
    people = [Passing(turnstile.urgent), Passing(turnstile.urgent)]
    assert all(person.gets_in() for person in people)
    background = Passing(turnstile.background)
    people[0].go()
    assert background.stays_outside()
    people[1].go()
    assert background.gets_in()
    background.go()


def test_for_a_moment_after_a_person_was_served_the_background_waits_for_the_next_one() -> None:
    turnstile = Turnstile(grace_seconds=0.3)
    with turnstile.urgent():
        pass
    served = time.monotonic()
    background = Passing(turnstile.background)
    another = Passing(turnstile.urgent)
    assert another.gets_in()
    another.go()
    assert background.gets_in()
    assert time.monotonic() - served >= 0.3
    background.go()


def test_the_moment_begins_anew_with_each_person() -> None:
    turnstile = Turnstile(grace_seconds=0.3)
    for _ in range(3):
        with turnstile.urgent():
            time.sleep(0.15)
    served = time.monotonic()
    background = Passing(turnstile.background)
    assert background.gets_in()
    assert 0.25 <= time.monotonic() - served < 3
    background.go()


@pytest.mark.parametrize("name", ["urgent", "background"])
def test_a_request_that_fails_lets_the_next_one_pass(name: str) -> None:
    turnstile = Turnstile(grace_seconds=0)
    way: Way = getattr(turnstile, name)
    with pytest.raises(RuntimeError), way():
        raise RuntimeError
    for other in (turnstile.urgent, turnstile.background):
        passing = Passing(other)
        assert passing.gets_in()
        passing.go()


def test_however_threads_meet_background_requests_never_overlap_and_all_pass() -> None:
    turnstile = Turnstile(grace_seconds=0)
    inside, most, passed = 0, 0, []

    def background() -> None:
        nonlocal inside, most
        for _ in range(20):
            with turnstile.background():
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1
            passed.append(1)

    def urgent() -> None:
        for _ in range(20):
            with turnstile.urgent():
                most_inside = inside
                time.sleep(0.0005)
                assert inside == most_inside == 0
            passed.append(1)

    threads = [threading.Thread(target=work) for work in (background, urgent) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (most, len(passed)) == (1, 120)
