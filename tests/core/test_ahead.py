"""Items made ahead of whoever takes them."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from mock_interviewer.core.ahead import ahead

PATIENCE_SECONDS = 10


def test_all_steps_come_in_order() -> None:
    assert list(ahead((n for n in range(100)), "test")) == list(range(100))


def test_the_steps_begin_before_anybody_takes_one() -> None:
    begun = threading.Event()

    def steps() -> Generator[int]:
        begun.set()
        yield 1

    taken = ahead(steps(), "test")
    assert begun.wait(PATIENCE_SECONDS)
    assert list(taken) == [1]


def test_what_the_steps_raise_is_raised_where_they_are_taken_after_those_before_it() -> None:
    def steps() -> Generator[int]:
        yield 1
        raise ValueError("the second")

    taken = ahead(steps(), "test")
    assert next(taken) == 1
    with pytest.raises(ValueError, match="the second"):
        next(taken)


def test_once_nobody_takes_them_the_steps_are_closed_at_the_next_one() -> None:
    go_on, closed = threading.Event(), threading.Event()
    reached: list[str] = []

    def steps() -> Generator[int]:
        try:
            yield 1
            go_on.wait(PATIENCE_SECONDS)
            yield 2
            reached.append("behind the second")
        finally:
            closed.set()

    taken = ahead(steps(), "test")
    assert next(taken) == 1
    taken.close()
    go_on.set()
    assert closed.wait(PATIENCE_SECONDS)
    assert reached == []


@pytest.mark.parametrize("seconds", [0.01, 0.0, -1.0])
def test_whoever_has_no_patience_left_is_told_so(seconds: float) -> None:
    never = threading.Event()

    def steps() -> Generator[int]:
        never.wait(PATIENCE_SECONDS)
        yield 1

    with pytest.raises(TimeoutError):
        next(ahead(steps(), "test", lambda: seconds))
    never.set()
