"""The store: what is committed, what is refused, what a restart finds.

Each test runs on a SQLite file and on a PostgreSQL server.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Aim
from mock_interviewer.errors import NotFoundError, StaleTurnError
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.store import Store
from tests.at_once import at_once
from tests.interviews import grade, question, turn

ANSWER, QUESTION = TurnKind.ANSWER, TurnKind.QUESTION


@pytest.fixture
def url(database_url: str) -> str:
    return database_url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def raw(url: str, statement: str) -> list[Any]:
    """What the database itself says, past the store."""
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.exec_driver_sql(statement)
        rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def started(store: Store, candidate: str = "ada", *names: str) -> str:
    return store.create_interview(
        candidate_id=candidate,
        mode=Mode.PRACTICE,
        trade="retail",
        questions=[question(name) for name in names or ("one", "two")],
    )


def finished(store: Store, *places: tuple[int, int]) -> str:
    """An interview with these finished answers."""
    interview = started(store)
    store.append(interview, [turn(0, QUESTION, "Tell me.")], places or [(0, 0)])
    return interview


# Interviews and turns


def test_an_id_is_no_option_of_a_command_line(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = iter(["-dashed", "-h", "fit"])
    monkeypatch.setattr("secrets.token_urlsafe", lambda _bytes: next(made))
    assert started(store) == "fit"


def test_answers_may_become_cases_only_while_the_candidate_agrees(store: Store, url: str) -> None:
    one, other = started(store), started(store)
    assert not store.interview(one).may_become_case
    store.set_may_become_case(one, True)
    later = Store(url)
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


def test_everything_is_there_after_a_restart(url: str) -> None:
    store = Store(url)
    interview = finished(store)
    store.save_draft(interview, "half a sentence")
    store.waiting.save_grade(store.answers(interview)[0].id, grade({"situation": 4}))
    before, answers = store.interview(interview), store.answers(interview)
    store.close()

    again = Store(url)
    assert again.interview(interview) == before
    assert again.answers(interview) == answers
    assert before.draft == "half a sentence"
    again.close()


def test_an_interview_survives_a_process_that_is_killed(store: Store, url: str) -> None:
    interview = started(store)
    store.append(interview, [turn(0, QUESTION, "Tell me.")])
    # Nothing is closed: another opening of the same file sees what was committed.
    other = Store(url)
    assert [t.text for t in other.interview(interview).turns] == ["Tell me."]
    other.close()


# Drafts


def test_a_draft_is_kept_and_replaced(store: Store) -> None:
    interview = started(store)
    for text in ("I was", "I was on the desk", ""):
        store.save_draft(interview, text)
        assert store.interview(interview).draft == text


def test_a_draft_of_a_page_that_does_not_know_of_an_answer_is_refused(store: Store) -> None:
    interview = started(store)
    store.append(interview, [turn(0, QUESTION, "Why?"), turn(1, ANSWER, "I rang her.")])
    with pytest.raises(StaleTurnError):
        store.save_draft(interview, "I rang", seen=1)
    assert store.interview(interview).draft == ""
    store.save_draft(interview, "And then", seen=2)
    assert store.interview(interview).draft == "And then"


def test_a_hint_since_does_not_refuse_a_draft(store: Store) -> None:
    interview = started(store)
    store.append(interview, [turn(0, QUESTION, "Why?"), turn(1, TurnKind.HINT, "Think of May.")])
    store.save_draft(interview, "I rang", seen=1)
    assert store.interview(interview).draft == "I rang"


def test_a_draft_saved_while_its_answer_is_sent_never_outlives_it(store: Store) -> None:
    kept = []
    for _ in range(25):
        interview = started(store)
        store.append(interview, [turn(0, QUESTION, "Why?")])

        def typed(interview: str = interview) -> None:
            with contextlib.suppress(StaleTurnError):
                store.save_draft(interview, "I rang her", seen=1)

        sent = partial(store.append, interview, [turn(1, ANSWER, "I rang her.")])
        at_once(typed, sent)
        kept.append(store.interview(interview).draft)
    assert kept == [""] * 25


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        (TurnKind.ANSWER, False),
        (TurnKind.NO_EXAMPLE, False),
        (TurnKind.SKIP, False),
        (TurnKind.NEXT, False),
        (TurnKind.RETRY, False),
        (TurnKind.END, True),
        (TurnKind.HINT, True),
        (TurnKind.PROBE, True),
        (TurnKind.QUESTION, True),
    ],
)
def test_a_draft_goes_with_the_answer_or_the_question_and_not_with_a_hint_or_the_end(
    store: Store, kind: TurnKind, kept: bool
) -> None:
    interview = started(store)
    store.save_draft(interview, "draft")
    store.append(interview, [turn(0, kind, "Text.")])
    assert store.interview(interview).draft == ("draft" if kept else "")


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


# Answers and their grading


def test_a_finished_answer_waits_for_its_grade(store: Store) -> None:
    interview = finished(store, (0, 0))
    (answer,) = store.answers(interview)
    assert (answer.interview_id, answer.question, answer.attempt) == (interview, 0, 0)
    assert (answer.state, answer.reason, answer.tries) == (AnswerState.WAITING, "", 0)
    assert answer.grade is None
    assert store.waiting.next() == answer


def test_an_answer_is_finished_once_however_often_it_is_named(store: Store) -> None:
    interview = finished(store, (0, 0))
    answer = store.answers(interview)[0]
    store.waiting.give_up(answer.id, "refused")
    store.append(interview, [turn(1, QUESTION)], [(0, 0), (1, 0)])
    assert [(a.question, a.state) for a in store.answers(interview)] == [
        (0, AnswerState.UNGRADED),
        (1, AnswerState.WAITING),
    ]


def test_answers_come_in_the_order_of_question_and_attempt(store: Store) -> None:
    interview = finished(store, (1, 0), (0, 1), (0, 0))
    assert [(a.question, a.attempt) for a in store.answers(interview)] == [(0, 0), (0, 1), (1, 0)]


def test_the_answer_that_was_finished_first_is_graded_first(store: Store) -> None:
    interviews = [finished(store) for _ in range(3)]
    order = []
    while answer := store.waiting.next():
        order.append(answer.interview_id)
        store.waiting.save_grade(answer.id, grade({"situation": 4}))
    assert order == interviews


def test_a_grade_is_kept_to_the_last_figure(store: Store) -> None:
    interview = finished(store)
    given = grade(
        {"situation": 4, "task": None}, usage=Usage(prompt=7), next_time="In May I was there."
    )
    store.waiting.save_grade(store.answers(interview)[0].id, given)
    (answer,) = store.answers(interview)
    assert (answer.state, answer.reason, answer.grade) == (AnswerState.GRADED, "", given)
    assert store.waiting.next() is None


def test_a_second_grade_by_the_same_grader_is_dropped(store: Store) -> None:
    interview = finished(store)
    number = store.answers(interview)[0].id
    store.waiting.save_grade(number, grade({"situation": 4}))
    store.waiting.save_grade(number, grade({"situation": 1}))
    assert store.answers(interview)[0].grade == grade({"situation": 4})


def test_a_second_grade_by_the_same_grader_still_ends_the_waiting(store: Store, url: str) -> None:
    interview = finished(store)
    number = store.answers(interview)[0].id
    store.waiting.save_grade(number, grade({"situation": 4}))
    raw(url, "update answers set state = 'waiting'")
    store.waiting.save_grade(number, grade({"situation": 1}))
    assert store.answers(interview)[0].state is AnswerState.GRADED
    assert store.waiting.next() is None


def test_what_one_worker_graded_is_not_undone_by_another_that_failed_at_it(store: Store) -> None:
    interview = finished(store)
    number = store.answers(interview)[0].id
    store.waiting.save_grade(number, grade({"situation": 4}))
    store.waiting.put_off(number, "away", 0)
    assert store.answers(interview)[0].state is AnswerState.GRADED
    store.waiting.give_up(number, "refused")
    assert store.answers(interview)[0].state is AnswerState.GRADED
    assert (store.answers(interview)[0].reason, store.answers(interview)[0].tries) == ("", 0)


def test_two_graders_that_save_at_once_do_not_block_each_other(store: Store) -> None:
    for _ in range(10):
        number = store.answers(finished(store))[0].id
        save = partial(store.waiting.save_grade, number)
        at_once(*(partial(save, grade({"situation": 4}, key=key)) for key in ("a", "a", "b", "c")))


def test_what_waits_and_may_be_tried_is_listed_longest_waiting_first(store: Store) -> None:
    numbers = [store.answers(finished(store))[0].id for _ in range(4)]
    store.waiting.put_off(numbers[1], "away", 3600)
    store.waiting.give_up(numbers[2], "refused")
    assert store.waiting.ids() == [numbers[0], numbers[3]]
    assert [store.waiting.get(number) is not None for number in numbers] == [
        True,
        False,
        False,
        True,
    ]


def test_who_wants_to_know_is_told_of_each_answer_that_begins_to_wait(url: str) -> None:
    told: list[int] = []
    store = Store(url, on_waiting=lambda _connection, answer: told.append(answer))
    interview = finished(store, (0, 0), (1, 0))
    first, second = (answer.id for answer in store.answers(interview))
    assert told == [first, second]
    store.append(interview, [turn(1, QUESTION)], [(0, 0), (1, 0)])
    store.waiting.save_grade(first, grade({"situation": 4}))
    store.waiting.give_up(second, "refused")
    assert told == [first, second]
    store.waiting.retry(interview)
    assert told == [first, second, second]
    store.close()


def test_a_turn_whose_answer_could_not_be_told_of_is_not_kept(url: str) -> None:
    def fails(_connection: Connection, _answer: int) -> None:
        raise RuntimeError("no job")

    store = Store(url, on_waiting=fails)
    interview = started(store)
    with pytest.raises(RuntimeError, match="no job"):
        store.append(interview, [turn(0, ANSWER, "Well.")], [(0, 0)])
    assert store.interview(interview).turns == ()
    assert store.answers(interview) == []
    store.close()


def test_another_graders_grade_stands_beside_and_the_latest_is_shown(
    store: Store, url: str
) -> None:
    interview = finished(store)
    number = store.answers(interview)[0].id
    store.waiting.save_grade(number, grade({"situation": 4}, key="one"))
    store.waiting.save_grade(number, grade({"situation": 2}, key="two"))
    assert store.answers(interview)[0].grade == grade({"situation": 2}, key="two")
    assert raw(url, "select grader_key from grades order by id") == [("one",), ("two",)]


def test_an_answer_that_is_put_off_is_not_tried_before_its_time(store: Store) -> None:
    interview = finished(store)
    number = store.answers(interview)[0].id
    store.waiting.put_off(number, "the model is away", 3600)
    (answer,) = store.answers(interview)
    assert (answer.state, answer.tries) == (AnswerState.WAITING, 1)
    assert answer.reason == "the model is away"
    assert store.waiting.next() is None


def test_an_answer_that_is_put_off_comes_again_after_its_time(store: Store) -> None:
    interview = finished(store)
    number = store.answers(interview)[0].id
    store.waiting.put_off(number, "the model is away", -1)
    store.waiting.put_off(number, "the model is away", 0)
    waiting = store.waiting.next()
    assert waiting is not None
    assert (waiting.id, waiting.tries) == (number, 2)


def test_an_answer_that_is_put_off_lets_later_ones_go_first(store: Store) -> None:
    first, second = finished(store), finished(store)
    store.waiting.put_off(store.answers(first)[0].id, "away", 3600)
    waiting = store.waiting.next()
    assert waiting is not None
    assert waiting.interview_id == second


def test_an_answer_that_is_given_up_says_why_and_is_not_tried_again(store: Store) -> None:
    interview = finished(store)
    store.waiting.give_up(store.answers(interview)[0].id, "the model declined to answer")
    (answer,) = store.answers(interview)
    assert (answer.state, answer.reason) == (AnswerState.UNGRADED, "the model declined to answer")
    assert store.waiting.next() is None


def test_a_grade_clears_the_reason_of_an_earlier_try(store: Store) -> None:
    interview = finished(store)
    number = store.answers(interview)[0].id
    store.waiting.give_up(number, "refused")
    store.waiting.save_grade(number, grade({"situation": 4}))
    assert (store.answers(interview)[0].state, store.answers(interview)[0].reason) == (
        AnswerState.GRADED,
        "",
    )


def test_a_retry_lets_what_has_no_grade_be_tried_at_once(store: Store) -> None:
    interview = finished(store, (0, 0), (1, 0), (1, 1))
    other = finished(store)
    graded, given_up, put_off = (answer.id for answer in store.answers(interview))
    store.waiting.save_grade(graded, grade({"situation": 4}))
    store.waiting.give_up(given_up, "refused")
    store.waiting.put_off(put_off, "away", 3600)
    store.waiting.give_up(store.answers(other)[0].id, "refused")

    assert store.waiting.retry(interview) == 2
    assert [(a.state, a.tries) for a in store.answers(interview)] == [
        (AnswerState.GRADED, 0),
        (AnswerState.WAITING, 0),
        (AnswerState.WAITING, 0),
    ]
    waiting = store.waiting.next()
    assert waiting is not None
    assert waiting.id == given_up
    assert store.answers(other)[0].state is AnswerState.UNGRADED


def test_two_stores_on_one_file_wait_for_each_other(store: Store, url: str) -> None:
    other = Store(url)
    interviews = [started(store), started(other)]

    def write(store: Store, interview: str) -> None:
        for number in range(25):
            store.append(interview, [turn(number, ANSWER, "Text.")], [(number, 0)])

    pairs = zip((store, other), interviews, strict=True)
    at_once(*(partial(write, *pair) for pair in pairs))
    assert [len(store.interview(interview).turns) for interview in interviews] == [25, 25]
    other.close()
