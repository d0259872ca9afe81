"""Answers that wait for their grades: which comes next, and what becomes of each."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import Connection

from mock_interviewer.core.grade import Usage
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.store import Store
from tests.at_once import at_once
from tests.interviews import grade, turn
from tests.storage.stored import ANSWER, QUESTION, finished, raw, started


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


def test_a_second_grade_by_the_same_grader_still_ends_the_waiting(
    store: Store, database_url: str
) -> None:
    interview = finished(store)
    number = store.answers(interview)[0].id
    store.waiting.save_grade(number, grade({"situation": 4}))
    raw(database_url, "update answers set state = 'waiting'")
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


def test_who_wants_to_know_is_told_of_each_answer_that_begins_to_wait(database_url: str) -> None:
    told: list[int] = []
    store = Store(database_url, on_waiting=lambda _connection, answer: told.append(answer))
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


def test_a_turn_whose_answer_could_not_be_told_of_is_not_kept(database_url: str) -> None:
    def fails(_connection: Connection, _answer: int) -> None:
        raise RuntimeError("no job")

    store = Store(database_url, on_waiting=fails)
    interview = started(store)
    with pytest.raises(RuntimeError, match="no job"):
        store.append(interview, [turn(0, ANSWER, "Well.")], [(0, 0)])
    assert store.interview(interview).turns == ()
    assert store.answers(interview) == []
    store.close()


def test_another_graders_grade_stands_beside_and_the_latest_is_shown(
    store: Store, database_url: str
) -> None:
    interview = finished(store)
    number = store.answers(interview)[0].id
    store.waiting.save_grade(number, grade({"situation": 4}, key="one"))
    store.waiting.save_grade(number, grade({"situation": 2}, key="two"))
    assert store.answers(interview)[0].grade == grade({"situation": 2}, key="two")
    assert raw(database_url, "select grader_key from grades order by id") == [("one",), ("two",)]


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
