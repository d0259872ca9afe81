"""Grading behind the conversation: what is waiting gets a grade, a later try or a reason."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.errors import ModelError, ModelRefusedError, ModelUnavailableError
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Request
from mock_interviewer.service.grading import GradingWorker
from mock_interviewer.storage.deletion import delete_interviews
from mock_interviewer.storage.records import AnswerState, StoredAnswer
from mock_interviewer.storage.store import Store
from tests.interviews import question, turn
from tests.scripted import Script, ScriptedChat
from tests.toy_rubric import RUBRIC, TOLD, structured


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield store
    store.close()


def worker_with(store: Store, script: Script | str | Exception) -> GradingWorker:
    grader = Grader(ScriptedChat(script), RUBRIC, Strategy.LEVELS)
    return GradingWorker(store, lambda: grader)


def answered(store: Store, text: str = TOLD) -> str:
    """An interview with one finished answer, with a probe in it."""
    interview = store.create_interview(
        candidate_id="ada", mode=Mode.INTERVIEW, trade="retail", questions=[question()]
    )
    turns = [
        turn(0, TurnKind.QUESTION, "Hello. Tell me."),
        turn(1, TurnKind.ANSWER, text),
        turn(2, TurnKind.PROBE, "How did it end for her?"),
        turn(3, TurnKind.ANSWER, "We found it under a bench."),
        turn(4, TurnKind.CLOSING, "Thank you."),
    ]
    store.append(interview, turns, [(0, 0)])
    return interview


def only(store: Store, interview: str) -> StoredAnswer:
    (answer,) = store.answers(interview)
    return answer


def test_a_waiting_answer_is_graded_with_its_probes_and_the_plans_own_question(
    store: Store,
) -> None:
    asked: list[Request] = []

    def script(request: Request) -> str:
        asked.append(request)
        return structured({"story": {"level": 4, "evidence": [1, 5]}})

    interview = answered(store)
    assert worker_with(store, script).grade_one()
    answer = only(store, interview)
    assert answer.state is AnswerState.GRADED
    assert answer.grade is not None
    assert answer.grade.ratings["story"].level == 4
    # The fifth sentence is the reply to the probe.
    assert answer.grade.ratings["story"].evidence[1].quote == "We found it under a bench."
    text = asked[0].messages[-1].content
    assert question().text in text
    assert "How did it end for her?" in text
    assert "Hello." not in text


def test_several_answers_are_graded_at_once_and_each_of_them_once(store: Store) -> None:
    together, asked = threading.Barrier(3), []

    def script(request: Request) -> str:
        asked.append(request)
        together.wait(20)  # which only three at the same time get past
        return structured()

    interviews = [answered(store) for _ in range(6)]
    grader = Grader(ScriptedChat(script), RUBRIC, Strategy.LEVELS)
    worker = GradingWorker(store, lambda: grader, at_once=3)
    worker.start()
    deadline = time.monotonic() + 20
    while store.waiting.ids() and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.stop()
    assert [only(store, each).state for each in interviews] == [AnswerState.GRADED] * 6
    assert len(asked) == 6


def test_where_nothing_waits_nothing_is_done(store: Store) -> None:
    assert not worker_with(store, structured()).grade_one()


def test_while_the_model_is_away_the_answer_waits_longer_each_time(
    store: Store, tmp_path: Path
) -> None:
    interview = answered(store)
    worker = worker_with(store, ModelUnavailableError("the model is away"))
    delays = []
    for _ in range(8):
        before = time.time()
        assert worker.grade_one()
        with sqlite3.connect(tmp_path / "interviews.sqlite3") as raw:
            ((until,),) = raw.execute("select not_before from answers").fetchall()
            delays.append(datetime.fromisoformat(f"{until}+00:00").timestamp() - before)
            raw.execute("update answers set not_before = '2000-01-01 00:00:00'")
        raw.close()
    # 5 s, doubled each time, up to five minutes.
    assert delays == pytest.approx([5, 10, 20, 40, 80, 160, 300, 300], abs=2)
    answer = only(store, interview)
    assert (answer.state, answer.reason, answer.tries) == (
        AnswerState.WAITING,
        "the model is away",
        8,
    )


def test_what_cannot_be_graded_is_given_up_with_the_reason(store: Store) -> None:
    interview = answered(store)
    worker = worker_with(store, ModelRefusedError("the model declined to answer"))
    assert worker.grade_one()
    answer = only(store, interview)
    assert (answer.state, answer.grade) == (AnswerState.UNGRADED, None)
    assert answer.reason == "the model declined to answer"
    assert not worker.grade_one()


def test_given_up_and_tried_again_an_answer_is_graded(store: Store) -> None:
    faults: list[ModelError] = [ModelRefusedError("declined")]
    worker = worker_with(store, lambda _: faults.pop() if faults else structured())
    interview = answered(store)
    worker.grade_one()
    assert store.waiting.retry(interview) == 1
    worker.grade_one()
    assert only(store, interview).state is AnswerState.GRADED


def test_one_answer_that_is_put_off_does_not_hold_up_the_others(store: Store) -> None:
    def script(request: Request) -> str | Exception:
        if "unlucky" in request.messages[-1].content:
            return ModelUnavailableError("away")
        return structured()

    unlucky, lucky = answered(store, "I was unlucky with her key."), answered(store)
    worker = worker_with(store, script)
    assert [worker.grade_one(), worker.grade_one(), worker.grade_one()] == [True, True, False]
    assert only(store, unlucky).state is AnswerState.WAITING
    assert only(store, lucky).state is AnswerState.GRADED


def test_each_attempt_is_graded_on_its_own_words(store: Store) -> None:
    texts: list[str] = []

    def script(request: Request) -> str:
        texts.append(request.messages[-1].content)
        return structured()

    interview = store.create_interview(
        candidate_id="ada", mode=Mode.PRACTICE, trade="retail", questions=[question()]
    )
    turns = [
        turn(0, TurnKind.ANSWER, "The first time I told it so."),
        turn(1, TurnKind.RETRY, attempt=1),
        turn(2, TurnKind.ANSWER, "The second time I told it better.", attempt=1),
    ]
    store.append(interview, turns, [(0, 0), (0, 1)])
    worker = worker_with(store, script)
    worker.grade_one()
    worker.grade_one()
    assert "first time" in texts[0]
    assert "second time" not in texts[0]
    assert "second time" in texts[1]
    assert "first time" not in texts[1]


# In a thread of its own


def soon(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether the condition becomes true in this time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_what_an_earlier_run_left_waiting_is_found_at_the_start(store: Store) -> None:
    interviews = [answered(store) for _ in range(3)]
    worker = worker_with(store, structured())
    worker.start()
    assert soon(lambda: all(only(store, i).state is AnswerState.GRADED for i in interviews))
    worker.stop()


def test_an_answer_that_is_finished_later_is_graded_when_the_worker_is_woken(store: Store) -> None:
    worker = worker_with(store, structured())
    worker.start()
    time.sleep(0.1)  # it has looked, and waits
    interview = answered(store)
    started = time.monotonic()
    worker.wake()
    assert soon(lambda: only(store, interview).state is AnswerState.GRADED)
    assert time.monotonic() - started < 1.5  # woken, and not by its own look every two seconds
    worker.stop()


def test_a_worker_stops_after_the_answer_in_work(store: Store) -> None:
    begun = threading.Event()

    def script(request: Request) -> str:
        begun.set()
        time.sleep(0.2)
        return structured()

    first, second = answered(store), answered(store)
    worker = worker_with(store, script)
    worker.start()
    assert begun.wait(5)
    worker.stop()
    assert only(store, first).state is AnswerState.GRADED
    assert only(store, second).state is AnswerState.WAITING


def test_a_fault_that_nobody_foresaw_does_not_end_the_thread(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    interview = answered(store)
    worker = worker_with(store, RuntimeError("a bug"))
    with caplog.at_level(logging.ERROR):
        worker.start()
        assert soon(lambda: "tried again later" in caplog.text)
        assert soon(lambda: only(store, interview).tries == 1)
    assert all(thread.is_alive() for thread in worker._threads)
    assert only(store, interview).state is AnswerState.WAITING
    assert store.waiting.next() is None  # put off: the others go first
    started = time.monotonic()
    worker.stop()
    assert time.monotonic() - started < 2  # though it is resting
    assert not any(thread.is_alive() for thread in worker._threads)


# Deleted while it is graded


@pytest.mark.parametrize(
    "ends",
    [structured(), ModelUnavailableError("away"), ModelRefusedError("no"), RuntimeError("a bug")],
    ids=["graded", "put off", "given up", "a bug"],
)
def test_what_comes_of_an_answer_that_was_deleted_meanwhile_is_dropped(
    store: Store, caplog: pytest.LogCaptureFixture, ends: str | Exception
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def script(request: Request) -> str | Exception:
        if "key" in request.messages[-1].content and not begun.is_set():
            begun.set()
            assert go_on.wait(5)
            return ends
        return structured()

    gone = answered(store)
    worker = worker_with(store, script)
    worker.start()
    assert begun.wait(5)
    delete_interviews(store.sessions, [gone])
    # Its number is the next answer's, on SQLite.
    later = answered(store, "Somebody else told this story.")
    go_on.set()
    started = time.monotonic()
    worker.wake()
    assert soon(lambda: only(store, later).state is AnswerState.GRADED)
    assert time.monotonic() - started < 5  # the worker has not been resting from a fault
    grade = only(store, later).grade
    assert grade is not None
    assert "Somebody else" in grade.ratings["story"].evidence[0].quote
    assert all(thread.is_alive() for thread in worker._threads)
    worker.stop()
    assert [
        r for r in caplog.records if r.levelno >= logging.ERROR and "a bug" not in str(ends)
    ] == []
