"""The store: what is committed, what is refused, what a restart finds.

Each test runs on a SQLite file and on a PostgreSQL server.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Aim
from mock_interviewer.errors import NotFoundError, StaleTurnError
from mock_interviewer.storage.store import Store
from tests.at_once import at_once
from tests.interviews import grade, question, turn
from tests.storage.stored import ANSWER, QUESTION, finished, started

# Interviews and turns


def test_an_id_is_no_option_of_a_command_line(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = iter(["-dashed", "-h", "fit"])
    monkeypatch.setattr("secrets.token_urlsafe", lambda _bytes: next(made))
    assert started(store) == "fit"


def test_answers_may_become_cases_only_while_the_candidate_agrees(
    store: Store, database_url: str
) -> None:
    one, other = started(store), started(store)
    assert not store.interview(one).may_become_case
    store.set_may_become_case(one, True)
    later = Store(database_url)
    assert later.interview(one).may_become_case
    assert not later.interview(other).may_become_case
    later.set_may_become_case(one, False)
    later.close()
    assert not store.interview(one).may_become_case
    with pytest.raises(NotFoundError):
        store.set_may_become_case("unknown", True)


def test_a_new_interview_holds_its_plan_and_no_turns(store: Store) -> None:
    interview = store.interview(started(store))
    assert interview.candidate_id == "ada"
    assert (interview.mode, interview.trade) == (Mode.PRACTICE, "retail")
    assert interview.questions == (question("one"), question("two"))
    assert (interview.turns, interview.draft, interview.usage) == ((), "", Usage())
    assert datetime.now(UTC) - interview.created_at < timedelta(minutes=1)


def test_what_came_since_a_page_was_shown_is_told_in_its_order(store: Store) -> None:
    interview_id = started(store)
    assert store.turns_since(interview_id, 0) == []
    store.append(interview_id, [turn(0, QUESTION, "Tell me."), turn(1, ANSWER, "I did.")])
    assert store.turns_since(interview_id, 0) == [QUESTION, ANSWER]
    assert store.turns_since(interview_id, 1) == [ANSWER]
    assert store.turns_since(interview_id, 2) == []
    with pytest.raises(NotFoundError):
        store.turns_since("unknown", 0)


def test_ids_of_interviews_cannot_be_guessed(store: Store) -> None:
    ids = {started(store) for _ in range(20)}
    assert len(ids) == 20
    # 16 random bytes are 22 characters of base64.
    assert all(re.fullmatch(r"[\w-]{22}", interview) for interview in ids)


def test_turns_come_back_in_their_order_and_to_the_letter(store: Store) -> None:
    interview = started(store)
    turns = [
        turn(0, QUESTION, "Tell me."),
        turn(1, ANSWER, "Grüße \u2028 'quoted' \U0001f600\r\n$question"),
        Turn(2, TurnKind.PROBE, "How did it end?", 0, 0, Aim.RESULT),
        turn(3, ANSWER, "", question=1, attempt=2),
    ]
    store.append(interview, turns[:2])
    store.append(interview, turns[2:])
    assert store.interview(interview).turns == tuple(turns)


def test_a_nul_which_not_every_database_can_hold_is_replaced_by_a_character_as_long(
    store: Store,
) -> None:
    interview = started(store, "a\x00da")
    store.append(interview, [turn(0, ANSWER, "One\x00two.")], [(0, 0)])
    store.save_draft(interview, "\x00")
    (answer,) = store.answers(interview)
    store.waiting.give_up(answer.id, "a reply with a \x00 in it")
    found = store.interview(interview)
    assert (found.turns[0].text, found.draft) == ("One\ufffdtwo.", "\ufffd")
    assert store.answers(interview)[0].reason == "a reply with a \ufffd in it"
    assert [i.id for i in store.interviews_of("a\x00da", 9)] == [interview]
    with pytest.raises(NotFoundError):
        store.interview(f"{interview}\x00")


@pytest.mark.parametrize("number", [0, 1, 3, 7])
def test_a_turn_that_is_not_the_next_one_is_stale_and_changes_nothing(
    store: Store, number: int
) -> None:
    interview = started(store)
    store.append(interview, [turn(0, QUESTION, "Tell me."), turn(1, ANSWER, "Well.")])
    store.save_draft(interview, "draft")
    with pytest.raises(StaleTurnError, match="interview has moved on"):
        store.append(interview, [turn(number, ANSWER, "Late.")], [(0, 0)])
    assert [t.text for t in store.interview(interview).turns] == ["Tell me.", "Well."]
    assert store.interview(interview).draft == "draft"
    assert store.answers(interview) == []


def test_of_two_threads_that_append_the_same_turn_one_wins(store: Store) -> None:
    for _ in range(15):
        interview = started(store)

        def append(name: str, interview: str = interview) -> str:
            try:
                store.append(interview, [turn(0, ANSWER, name)], [(0, 0)])
            except StaleTurnError:
                return "stale"
            return name

        outcomes = at_once(*(partial(append, name) for name in "abcd"))
        assert sorted(outcomes)[1:] == ["stale"] * 3
        winner = min(outcomes)
        assert [t.text for t in store.interview(interview).turns] == [winner]
        assert len(store.answers(interview)) == 1


def test_tokens_are_added_up(store: Store) -> None:
    interview = started(store)
    store.add_usage(interview, Usage(prompt=10, cached=4, completion=2))
    store.add_usage(interview, Usage(prompt=5, cached=1, completion=3))
    assert store.interview(interview).usage == Usage(prompt=15, cached=5, completion=5)
    with pytest.raises(NotFoundError):
        store.add_usage("nothing", Usage())


def test_tokens_that_several_threads_add_are_all_counted(store: Store) -> None:
    interview = started(store)

    def add() -> None:
        for _ in range(20):
            store.add_usage(interview, Usage(prompt=3, cached=2, completion=1))

    at_once(add, add, add)
    assert store.interview(interview).usage == Usage(prompt=180, cached=120, completion=60)


def test_an_interview_that_is_not_there_cannot_be_read_or_written(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no such interview"):
        store.interview("nothing")
    with pytest.raises(NotFoundError):
        store.append("nothing", [turn(0, QUESTION)])
    with pytest.raises(NotFoundError):
        store.save_draft("nothing", "text")


def test_a_changed_bank_changes_no_stored_interview(store: Store) -> None:
    interview = started(store, "ada", "one")
    started(store, "ada", "one-changed")
    assert store.interview(interview).questions == (question("one"),)


def test_everything_is_there_after_a_restart(database_url: str) -> None:
    store = Store(database_url)
    interview = finished(store)
    store.save_draft(interview, "half a sentence")
    store.waiting.save_grade(store.answers(interview)[0].id, grade({"situation": 4}))
    before, answers = store.interview(interview), store.answers(interview)
    store.close()

    again = Store(database_url)
    assert again.interview(interview) == before
    assert again.answers(interview) == answers
    assert before.draft == "half a sentence"
    again.close()


def test_an_interview_survives_a_process_that_is_killed(store: Store, database_url: str) -> None:
    interview = started(store)
    store.append(interview, [turn(0, QUESTION, "Tell me.")])
    # Nothing is closed: another opening of the same file sees what was committed.
    other = Store(database_url)
    assert [t.text for t in other.interview(interview).turns] == ["Tell me."]
    other.close()


def test_two_stores_on_one_file_wait_for_each_other(store: Store, database_url: str) -> None:
    other = Store(database_url)
    interviews = [started(store), started(other)]

    def write(store: Store, interview: str) -> None:
        for number in range(25):
            store.append(interview, [turn(number, ANSWER, "Text.")], [(number, 0)])

    pairs = zip((store, other), interviews, strict=True)
    at_once(*(partial(write, *pair) for pair in pairs))
    assert [len(store.interview(interview).turns) for interview in interviews] == [25, 25]
    other.close()


# A candidate's interviews


def test_questions_asked_lately_are_those_of_the_latest_interviews_latest_first(
    store: Store,
) -> None:
    started(store, "ada", "one", "two")
    started(store, "bob", "three")
    started(store, "ada", "four")
    started(store, "ada", "five")
    assert store.recent_questions("ada", 2) == ["five", "four"]
    assert store.recent_questions("ada", 9) == ["five", "four", "one", "two"]
    assert store.recent_questions("eve", 9) == []


def test_a_candidates_interviews_come_latest_first_up_to_a_limit(store: Store) -> None:
    mine = [started(store, "ada") for _ in range(3)]
    started(store, "bob")
    assert [i.id for i in store.interviews_of("ada", 2)] == [mine[2], mine[1]]
