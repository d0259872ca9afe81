"""Who may say that answers become cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.core.interview import Mode
from mock_interviewer.errors import NotAllowedError, NotFoundError
from mock_interviewer.service import consent
from mock_interviewer.storage.store import Store
from tests.interviews import question


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield store
    store.close()


@pytest.fixture
def interview(store: Store) -> str:
    return store.create_interview(
        candidate_id="ada", mode=Mode.PRACTICE, trade="retail", questions=[question()]
    )


def test_the_candidate_agrees_and_takes_it_back(store: Store, interview: str) -> None:
    consent.say(store, interview, "ada", True)
    assert store.interview(interview).may_become_case
    consent.say(store, interview, "ada", False)
    assert not store.interview(interview).may_become_case


@pytest.mark.parametrize("agreed", [True, False])
def test_nobody_else_may_say_either(store: Store, interview: str, agreed: bool) -> None:
    store.set_may_become_case(interview, not agreed)
    with pytest.raises(NotAllowedError, match="Only the person whose interview this is"):
        consent.say(store, interview, "bob", agreed)
    assert store.interview(interview).may_become_case is not agreed


def test_an_interview_that_is_not_there_has_nobody_to_ask(store: Store) -> None:
    with pytest.raises(NotFoundError):
        consent.say(store, "unknown", "ada", True)
