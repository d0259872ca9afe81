"""Role-plays on disk, on a SQLite file and on a PostgreSQL server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.observation import Behaviour, Exchange
from mock_interviewer.errors import NotFoundError, StaleTurnError
from mock_interviewer.storage import role_plays as stored
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.storage.store import Store
from tests.interviews import grade
from tests.toy_scenario import scenario_data, shown

SEEN = shown(Behaviour.VALIDATION)
LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def role_plays(database_url: str) -> Iterator[RolePlays]:
    store = Store(database_url)
    yield RolePlays(store.sessions)
    store.close()


def exchange(reply: str, said: str = "Hm.") -> Exchange:
    return Exchange(reply=reply, observation=SEEN, said=said, prepared=False)


def held(role_plays: RolePlays, *replies: str, candidate: str = "ada") -> str:
    """One in which these replies were answered."""
    role_play = role_plays.create(candidate, scenario_data())
    for number, reply in enumerate(replies, start=1):
        role_plays.reply(role_play, number, reply)
        role_plays.answer(role_play, number, exchange(reply), ends=False)
    return role_play


def finished(role_plays: RolePlays, *replies: str) -> str:
    role_play = held(role_plays, *replies)
    role_plays.finish(role_play)
    return role_play


def test_an_exchange_comes_back_as_it_was_with_the_scenario_as_it_was(
    role_plays: RolePlays,
) -> None:
    role_play = role_plays.create("ada", scenario_data())
    assert len(role_play) > 20
    role_plays.reply(role_play, 1, "“Still wet”,\n\x00was it?")
    waiting = role_plays.get(role_play)
    assert waiting.pending is not None
    assert waiting.answered == ()
    whole = exchange(waiting.pending.reply, "Yes, it was.")
    role_plays.answer(role_play, 1, whole, ends=False)
    found = role_plays.get(role_play)
    assert found.scenario == scenario_data()
    assert found.answered == (whole,)
    assert found.answered[0].reply == "“Still wet”,\n\ufffdwas it?"
    assert (found.pending, found.finished_at, found.grading) == (None, None, None)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_reply_that_does_not_follow_the_last_answer_is_stale(
    role_plays: RolePlays, number: int
) -> None:
    role_play = held(role_plays, "Good morning.")
    with pytest.raises(StaleTurnError):
        role_plays.reply(role_play, number, "Again.")
    assert len(role_plays.get(role_play).exchanges) == 1


def test_nobody_replies_before_the_customer_has_answered_or_after_the_end(
    role_plays: RolePlays,
) -> None:
    role_play = held(role_plays)
    role_plays.reply(role_play, 1, "Good morning.")
    with pytest.raises(StaleTurnError):
        role_plays.reply(role_play, 2, "And?")
    role_plays.answer(role_play, 1, exchange("Good morning."), ends=True)
    with pytest.raises(StaleTurnError):
        role_plays.reply(role_play, 2, "And?")


def test_of_two_pages_that_send_at_once_one_is_told_that_it_was_behind(
    role_plays: RolePlays,
) -> None:
    role_play = held(role_plays)
    together, told = threading.Barrier(2), list[str]()

    def send(text: str) -> None:
        together.wait()
        try:
            role_plays.reply(role_play, 1, text)
            told.append(text)
        except StaleTurnError:
            told.append("behind")

    threads = [threading.Thread(target=send, args=(text,)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (kept,) = role_plays.get(role_play).exchanges
    assert sorted(told) == sorted(["behind", kept.reply])


USAGE = Usage(prompt=100, cached=40, completion=7)


def test_tokens_add_up_and_another_try_begins_without_any(role_plays: RolePlays) -> None:
    role_play = held(role_plays)
    assert role_plays.get(role_play).usage == Usage()
    for number in (1, 2):
        role_plays.reply(role_play, number, "Good morning.")
        role_plays.answer(role_play, number, exchange("Good morning."), ends=False, usage=USAGE)
    assert role_plays.get(role_play).usage == USAGE + USAGE
    assert role_plays.get(role_plays.branch(role_play, 2)).usage == Usage()


@pytest.mark.parametrize("by", ["another page", "its end"])
def test_tokens_of_an_answer_that_came_too_late_were_spent_all_the_same(
    role_plays: RolePlays, by: str
) -> None:
    role_play = held(role_plays)
    role_plays.reply(role_play, 1, "Good morning.")
    if by == "another page":
        role_plays.answer(role_play, 1, exchange("Good morning."), ends=False, usage=USAGE)
    else:
        role_plays.finish(role_play)
    before = role_plays.get(role_play)
    role_plays.answer(role_play, 1, exchange("Good morning.", "Late."), ends=False, usage=USAGE)
    found = role_plays.get(role_play)
    assert found.exchanges == before.exchanges
    assert found.usage == before.usage + USAGE


def test_the_first_answer_to_a_reply_stands(role_plays: RolePlays) -> None:
    role_play = held(role_plays, "Good morning.")
    role_plays.answer(role_play, 1, exchange("Good morning.", "Another."), ends=True)
    found = role_plays.get(role_play)
    assert found.answered[0].said == "Hm."
    assert found.finished_at is None


def test_an_answer_that_comes_after_the_representative_ended_it_is_dropped(
    role_plays: RolePlays,
) -> None:
    role_play = held(role_plays)
    role_plays.reply(role_play, 1, "Good morning.")
    role_plays.finish(role_play)
    role_plays.answer(role_play, 1, exchange("Good morning."), ends=False)
    found = role_plays.get(role_play)
    assert found.exchanges[0].whole is None
    assert found.pending is None


def test_a_branch_begins_with_the_exchanges_before_the_reply_and_leaves_the_first_alone(
    role_plays: RolePlays,
) -> None:
    first = finished(role_plays, "One.", "Two.", "Three.")
    before = role_plays.get(first)
    branch = role_plays.get(role_plays.branch(first, 3))
    assert (branch.branch_of, branch.branch_from) == (first, 3)
    assert branch.answered == before.answered[:2]
    assert (branch.candidate_id, branch.finished_at, branch.grading) == ("ada", None, None)
    role_plays.reply(branch.id, 3, "Otherwise.")
    assert role_plays.get(first) == before
    for nothing in (0, 4):
        with pytest.raises(NotFoundError):
            role_plays.branch(first, nothing)


def test_a_finished_one_waits_for_its_grade_and_one_that_goes_on_does_not(
    role_plays: RolePlays,
) -> None:
    held(role_plays, "Good morning.")
    assert role_plays.take_waiting() is None
    ended = finished(role_plays, "Good morning.")
    taken = role_plays.take_waiting()
    assert taken is not None
    assert taken.id == ended
    assert role_plays.take_waiting() is None  # somebody is at it
    given = grade({"empathy": 4})
    role_plays.save_grade(ended, given)
    role_plays.save_grade(ended, grade({"empathy": 1}))
    found = role_plays.get(ended)
    assert (found.grading, found.grade) == (AnswerState.GRADED, given)


def test_one_whose_grader_died_is_taken_again_later(
    role_plays: RolePlays, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = finished(role_plays, "Good morning.")
    monkeypatch.setattr(stored, "TAKEN_SECONDS", -1.0)
    for _ in range(2):
        taken = role_plays.take_waiting()
        assert taken is not None
        assert taken.id == ended


def test_a_grade_that_is_put_off_or_given_up_says_why_and_can_be_asked_for_again(
    role_plays: RolePlays,
) -> None:
    ended = finished(role_plays, "Good morning.")
    role_plays.put_off(ended, "away", 60)
    found = role_plays.get(ended)
    assert (found.grading, found.reason, found.tries) == (AnswerState.WAITING, "away", 1)
    assert role_plays.take_waiting() is None
    role_plays.give_up(ended, "refused")
    assert role_plays.get(ended).grading is AnswerState.UNGRADED
    role_plays.retry_grading(ended)
    again = role_plays.take_waiting()
    assert again is not None
    assert (again.reason, again.tries) == ("", 0)


def test_deleting_takes_all_of_one_person_and_nothing_of_another(role_plays: RolePlays) -> None:
    first = finished(role_plays, "One.", "Two.")
    role_plays.branch(first, 2)
    other = held(role_plays, "Three.", candidate="ben")
    assert role_plays.played("ada") == ["lost-umbrella"] * 2
    assert role_plays.delete_of("ada") == 2
    assert role_plays.of_person("ada") == []
    assert [each.id for each in role_plays.of_person("ben")] == [other]
    with pytest.raises(NotFoundError):
        role_plays.reply(first, 3, "Gone?")


def test_a_branch_stays_when_the_first_is_deleted(role_plays: RolePlays) -> None:
    first = finished(role_plays, "One.", "Two.")
    branch = role_plays.branch(first, 2)
    assert role_plays.delete(first) == 1
    found = role_plays.get(branch)
    assert (found.branch_of, found.branch_from) == (None, 2)
    assert [each.reply for each in found.answered] == ["One."]


def test_what_is_silent_for_long_enough_goes_and_what_goes_on_stays(role_plays: RolePlays) -> None:
    silent = role_plays.create("ada", scenario_data(), LONG_AGO)
    spoken = role_plays.create("ada", scenario_data(), LONG_AGO)
    role_plays.reply(spoken, 1, "Good morning.")
    since = LONG_AGO + timedelta(days=30)
    assert role_plays.delete_silent(LONG_AGO, since) == 1
    assert [each.id for each in role_plays.of_person("ada")] == [spoken]
    assert silent != spoken
    assert role_plays.delete_silent(LONG_AGO, datetime.now(UTC) + timedelta(days=1)) == 1
