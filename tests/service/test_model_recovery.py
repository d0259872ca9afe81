"""Faults of a model server that pass, and budgets that hold whatever it does."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.errors import ModelAccessError
from mock_interviewer.llm import openai_chat
from mock_interviewer.llm.connect import connect
from mock_interviewer.service.graders import Graders
from mock_interviewer.service.program import Program
from mock_interviewer.storage.records import AnswerState
from tests.model_server import Answer, Received, completion, error, json_answer, serving, spoken
from tests.placing import RUBRIC
from tests.service.faulty_servers import (
    MORE,
    PROBE,
    SETUP,
    TOLD,
    grade_with,
    head,
    healthy,
    program_at,
    raw,
    settings_for,
)

LIMITS = (10.0, 20.0)
EACH_STRATEGY = pytest.mark.parametrize("strategy", ["levels", "checklist"])


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_chat, "FIRST_PAUSE_SECONDS", 0.01)


class Sometimes:
    """A good server that gives these answers first, or while `fault` is set."""

    def __init__(self, *first: Answer) -> None:
        self.first = list(first)
        self.fault: Answer | None = None

    def __call__(self, received: Received) -> Answer:
        if self.first:
            return self.first.pop(0)
        return self.fault or healthy(received)


def answers(program: Program, interview: str, *messages: str) -> str:
    """The candidate says this, each after the interviewer's reply; what is said at last."""
    spoken: list[str] = []
    for message in messages:
        turn = len(program.practice.interview(interview).turns)
        program.practice.send(interview, turn, TurnKind.ANSWER, message)
        spoken = [speech.text for speech in program.practice.reply(interview) if speech.text]
    return spoken[-1]


def finished(program: Program, messages: int = 1) -> str:
    """An interview that ended in its first answer."""
    interview = program.practice.start("ada", SETUP)
    answers(program, interview, *[TOLD, MORE][:messages])
    turn = len(program.practice.interview(interview).turns)
    program.practice.send(interview, turn, TurnKind.END)
    return interview


def executed(program: Program, statement: str) -> Any:
    """What this statement gives, straight from the database."""
    engine = create_engine(program.settings.database_url)
    with engine.begin() as connection:
        found = connection.execute(text(statement))
        value = found.scalar_one() if found.returns_rows else None
    engine.dispose()
    return value


def time_passes(program: Program) -> None:
    """Whatever was put off may be tried now."""
    executed(program, "update answers set not_before = '2000-01-01 00:00:00'")


# A fault that passes


@EACH_STRATEGY
@pytest.mark.parametrize("fault", [error(503, "loading"), Answer(b'{"choices": [')])
def test_what_waited_while_the_model_was_away_is_graded_once_when_it_is_back(
    strategy: str, fault: Answer, tmp_path: Path
) -> None:
    model = Sometimes()
    with serving(model) as server, program_at(server, tmp_path, strategy, LIMITS) as program:
        model.fault = fault
        interview = finished(program)
        for tries in (1, 2):
            assert program.worker.grade_one()
            assert program.store.answers(interview)[0].tries == tries
            time_passes(program)
        model.fault = None
        assert program.worker.grade_one()
        answer = program.store.answers(interview)[0]
        assert (answer.state, answer.reason) == (AnswerState.GRADED, "")
        asked = len(server.requests)
        time_passes(program)
        assert not program.worker.grade_one()
        assert len(server.requests) == asked
        assert executed(program, "select count(*) from grades") == 1


@EACH_STRATEGY
@pytest.mark.parametrize(
    "fault", [error(500, "oops"), error(429, "slow down"), Answer(b'{"choices": [')]
)
def test_one_fault_in_a_row_of_good_replies_is_not_noticed(
    strategy: str, fault: Answer, tmp_path: Path
) -> None:
    model = Sometimes()
    with serving(model) as server, program_at(server, tmp_path, strategy, LIMITS) as program:
        interview = finished(program)
        model.first.append(fault)
        assert program.worker.grade_one()
        assert not model.first
        assert program.store.answers(interview)[0].state is AnswerState.GRADED


def test_a_grade_that_breaks_off_halfway_asks_only_for_the_rest(tmp_path: Path) -> None:
    model, replies = Sometimes(), 0

    def script(received: Received) -> Answer:
        nonlocal replies
        replies += 1
        return model(received) if replies != 12 else error(403, "no")

    def of_items(requests: list[Received]) -> int:
        return len({str(request.body["messages"]) for request in requests})

    with serving(script) as server, program_at(server, tmp_path, "checklist", LIMITS) as program:
        interview = finished(program)
        program.worker.grade_one()
        assert program.store.answers(interview)[0].state is AnswerState.UNGRADED
        program.store.waiting.retry(interview)
        program.worker.grade_one()
        assert program.store.answers(interview)[0].state is AnswerState.GRADED
        asks = [received for received in server.requests if not received.body.get("stream")]
        assert len(asks) == of_items(asks) + 1


def test_the_probe_after_a_fault_is_the_models_own_again(tmp_path: Path) -> None:
    model = Sometimes()
    with serving(model) as server, program_at(server, tmp_path, "levels", LIMITS) as program:
        practice = program.practice
        interview = practice.start("ada", SETUP)
        model.fault = error(503, "loading")
        assert answers(program, interview, TOLD) != PROBE
        model.fault = None
        assert answers(program, interview, MORE) == PROBE


def test_a_server_that_asks_for_a_moment_gets_it(tmp_path: Path) -> None:
    later = json_answer({"error": {"message": "slow down"}}, 429, **{"Retry-After": "1"})
    model = Sometimes()
    with serving(model) as server, program_at(server, tmp_path, "levels", LIMITS) as program:
        interview = finished(program)
        model.first.append(later)
        started = time.monotonic()
        program.worker.grade_one()
        assert time.monotonic() - started >= 1.0
        assert program.store.answers(interview)[0].state is AnswerState.GRADED


def test_after_months_without_a_model_an_answer_is_still_put_off_by_minutes(
    tmp_path: Path,
) -> None:
    model = Sometimes()
    with serving(model) as server, program_at(server, tmp_path, "levels", LIMITS) as program:
        interview = finished(program)
        model.fault = error(503, "loading")
        executed(program, "update answers set tries = 20000")
        assert program.worker.grade_one()
        assert program.store.answers(interview)[0].tries == 20001
        assert not program.worker.grade_one()


# Budgets


@EACH_STRATEGY
def test_a_resolver_that_hangs_holds_nobody(
    strategy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(60))
    with serving(healthy) as server, program_at(server, tmp_path, strategy, (0.3, 0.6)) as program:
        started = time.monotonic()
        interview = finished(program)
        program.worker.grade_one()
        assert time.monotonic() - started < 10
        answer = program.store.answers(interview)[0]
        assert (answer.state, answer.reason) == (
            AnswerState.WAITING,
            "the model took too long to answer",
        )
        released.set()


def test_a_reply_without_an_end_is_read_no_further_than_any_reply_can_be_long(
    tmp_path: Path,
) -> None:
    endless = raw(head(), b" " * 1_000_000, 0.0)
    with endless() as server, program_at(server, tmp_path, "levels", LIMITS) as program:
        interview = program.practice.start("ada", SETUP)
        program.practice.send(interview, 1, TurnKind.ANSWER, TOLD)
        program.practice.send(interview, 2, TurnKind.END)
        program.worker.grade_one()
        answer = program.store.answers(interview)[0]
        assert answer.reason == "the reply of the model's server has no end"
        assert answer.state is AnswerState.UNGRADED


# What no reply may do


def test_half_a_character_harms_neither_the_turn_nor_the_grade(tmp_path: Path) -> None:
    def script(received: Received) -> Answer:
        if received.body.get("stream"):
            return spoken("action:", " What did you do", " then \ud83d with the key?")
        return json_answer(completion(grade_with(missing="Half \ud83d a face.")))

    with serving(script) as server, program_at(server, tmp_path, "levels", LIMITS) as program:
        interview = finished(program)
        turns = program.practice.interview(interview).turns
        assert turns[2].text == "What did you do then ?"
        program.worker.grade_one()
        grade = program.store.answers(interview)[0].grade
        assert grade is not None
        assert {r.missing for r in grade.ratings.values()} == {"Half ? a face."}


def test_answers_are_sent_to_no_other_address(tmp_path: Path) -> None:
    with serving(healthy) as other:
        elsewhere = Answer(b"", 307, {"Location": f"{other.url}/chat/completions"})
        with (
            serving(elsewhere) as server,
            program_at(server, tmp_path, "levels", LIMITS) as program,
        ):
            finished(program)
            program.worker.grade_one()
            assert len(server.requests) == 2
        assert other.requests == []


@pytest.mark.parametrize(
    "broken",
    [
        Answer(b"<html>", headers={"Content-Type": "text/html"}),
        Answer(bytes(range(256))),
        json_answer({}),
        error(429, "pay", code="insufficient_quota"),
        Answer(b"", 307, {"Location": "/"}),
    ],
)
def test_a_server_that_is_no_model_server_does_not_place_the_model(
    broken: Answer, tmp_path: Path
) -> None:
    with serving(broken) as server:
        settings = settings_for(server, tmp_path, "", LIMITS)
        graders = Graders(connect(settings), RUBRIC, settings)
        with pytest.raises(ModelAccessError):
            graders.grader()
        assert graders.known_strategy() is None
