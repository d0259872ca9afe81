"""Every fault of a model server, the whole way: through an interview, and through its grade.

The program is whole, its database real, the server real and at fault. Each fault is met once by
each strategy; the tests then look at what became of it.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mock_interviewer.core.interview import Turn, TurnKind
from mock_interviewer.llm import openai_chat
from mock_interviewer.service.program import Program
from mock_interviewer.storage.records import AnswerState, StoredAnswer
from mock_interviewer.storage.store import Store
from tests.model_server import Answer, Received, serving
from tests.service.fault_table import FAULTS, Fault, GivenUp, Waits, WithoutLevels
from tests.service.faulty_servers import MORE, PROBE, SETUP, TOLD, healthy, program_at

SHORT = (0.3, 0.6)
"""First-token and turn seconds for what would never end: running into them is the test."""
AMPLE = (10.0, 20.0)
"""For what fails at once, so that a busy machine is no fault, too."""
MARGIN_SECONDS = 4.0
"""What a busy machine may add; a hang is longer."""


@dataclass(frozen=True)
class Seen:
    """What an interview and its grade came to while the server was at fault."""

    fault: Fault
    strategy: str
    turns: tuple[Turn, ...]
    """As another program finds them on disk."""
    prepared: tuple[str, ...]
    turn_seconds: tuple[float, ...]
    grade_seconds: float
    answer: StoredAnswer
    put_off_seconds: float
    requests: int
    """For the grade alone."""
    tried_again: bool
    """Whether the worker, asked once more, found anything to do."""
    log: tuple[logging.LogRecord, ...]

    @property
    def expected(self) -> Waits | GivenUp | WithoutLevels | None:
        return self.fault.levels if self.strategy == "levels" else self.fault.checklist


_CASES = [(name, strategy) for name in FAULTS for strategy in ("levels", "checklist")]


@pytest.fixture(scope="module", params=_CASES, ids=[f"{n}, {s}" for n, s in _CASES])
def seen(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """Two answers to the first question, and one look of the grading worker."""
    name, strategy = request.param
    fault, folder = FAULTS[name], tmp_path_factory.mktemp("data")
    limits = SHORT if fault.never_ends else AMPLE
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(openai_chat, "FIRST_PAUSE_SECONDS", 0.01)
        log = stack.enter_context(recorded())
        server = stack.enter_context(fault.serve())
        program = stack.enter_context(program_at(server, folder, strategy, limits))
        practice = program.practice
        interview = practice.start("ada", SETUP)
        seconds = []
        for said in (TOLD, MORE):
            turn = len(practice.interview(interview).turns)
            practice.send(interview, turn, TurnKind.ANSWER, said)
            started = time.monotonic()
            list(practice.reply(interview))
            seconds.append(time.monotonic() - started)
        if practice.interview(interview).turns[-1].kind is TurnKind.PROBE:
            practice.send(interview, 5, TurnKind.SKIP)
        before, started = len(server.requests), time.monotonic()
        assert program.worker.grade_one()
        graded_in = time.monotonic() - started
        requests = len(server.requests) - before
        put_off = put_off_seconds(program)
        tried_again = program.worker.grade_one() or len(server.requests) > before + requests
        again = stack.enter_context(stored(program))
        yield Seen(
            fault=fault,
            strategy=strategy,
            turns=again.interview(interview).turns,
            prepared=tuple(again.interview(interview).questions[0].probes.values()),
            turn_seconds=tuple(seconds),
            grade_seconds=graded_in,
            answer=again.answers(interview)[0],
            put_off_seconds=put_off,
            requests=requests,
            tried_again=tried_again,
            log=tuple(log),
        )


@contextmanager
def recorded() -> Iterator[list[logging.LogRecord]]:
    """What the program logs."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("mock_interviewer")
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)


@contextmanager
def stored(program: Program) -> Iterator[Store]:
    """The same database, opened anew."""
    store = Store(program.settings.database_url)
    yield store
    store.close()


def put_off_seconds(program: Program) -> float:
    """For how long from now the one answer is put off."""
    engine = create_engine(program.settings.database_url)
    with engine.connect() as connection:
        until = connection.execute(text("select not_before from answers")).scalar_one()
    engine.dispose()
    return (datetime.fromisoformat(f"{until}+00:00") - datetime.now(UTC)).total_seconds()


# The interview goes on


def test_every_turn_is_kept_and_the_interview_goes_on(seen: Seen) -> None:
    kinds = [turn.kind for turn in seen.turns]
    assert kinds[:4] == [TurnKind.QUESTION, TurnKind.ANSWER, TurnKind.PROBE, TurnKind.ANSWER]
    assert [seen.turns[1].text, seen.turns[3].text] == [TOLD, MORE]
    assert kinds[-1] in (TurnKind.QUESTION, TurnKind.SKIP)


def test_what_the_candidate_sees_is_a_whole_question(seen: Seen) -> None:
    probe = seen.turns[2].text
    if seen.fault.probe and seen.strategy == "levels":
        assert probe == PROBE
    else:
        assert probe in seen.prepared


def test_no_turn_takes_longer_than_its_budget(seen: Seen) -> None:
    first_token, _turn = SHORT if seen.fault.never_ends else AMPLE
    allowed = first_token if seen.fault.never_ends else 0.0
    assert max(seen.turn_seconds) < allowed + MARGIN_SECONDS


# The grade waits, or is given up with the reason; it is never made up


def test_the_grade_waits_or_is_given_up(seen: Seen) -> None:
    match seen.expected:
        case Waits():
            assert (seen.answer.state, seen.answer.grade) == (AnswerState.WAITING, None)
        case GivenUp():
            assert (seen.answer.state, seen.answer.grade) == (AnswerState.UNGRADED, None)
        case WithoutLevels(reason):
            assert seen.answer.grade is not None
            ratings = seen.answer.grade.ratings.values()
            assert {(rating.level, rating.reason) for rating in ratings} == {(None, reason)}
        case None:
            assert seen.answer.state is AnswerState.GRADED


def test_the_reason_is_a_plain_sentence(seen: Seen) -> None:
    reason = seen.answer.reason
    if isinstance(seen.expected, Waits | GivenUp):
        assert reason == seen.expected.reason
        assert len(reason) < 130
        assert not re.search(r"[{}<>\[\]\"\n]|Error|Exception|None", reason)
    else:
        assert reason == ""


def test_nothing_is_sent_again_that_cannot_succeed(seen: Seen) -> None:
    if seen.expected is not None:
        assert seen.requests <= seen.expected.requests
    assert not seen.tried_again


def test_what_may_succeed_is_tried_later(seen: Seen) -> None:
    if isinstance(seen.expected, Waits):
        # Counted from a moment after it was put off.
        assert seen.expected.seconds - MARGIN_SECONDS < seen.put_off_seconds
        assert seen.put_off_seconds <= seen.expected.seconds


def test_no_grade_takes_longer_than_its_budget(seen: Seen) -> None:
    allowed = SHORT[1] if seen.fault.never_ends else 0.0
    assert seen.grade_seconds < allowed + MARGIN_SECONDS


def test_an_expected_fault_leaves_no_traceback_in_the_log(seen: Seen) -> None:
    assert not [r.getMessage() for r in seen.log if r.exc_info or r.levelno >= logging.ERROR]


# A small model reads what is missing, and only its words go wrong


@pytest.mark.parametrize(
    "broken",
    [fault.streamed for fault in FAULTS.values() if fault.streamed],
    ids=[name for name, fault in FAULTS.items() if fault.streamed],
)
def test_what_was_read_to_be_missing_is_asked_for_in_prepared_words(
    broken: Answer, tmp_path: Path
) -> None:
    def script(received: Received) -> Answer:
        return broken if received.body.get("stream") else healthy(received)

    with (
        serving(script) as server,
        program_at(server, tmp_path, "checklist", (2.0, 4.0)) as program,
    ):
        practice = program.practice
        interview = practice.start("ada", SETUP)
        practice.send(interview, 1, TurnKind.ANSWER, TOLD)
        started = time.monotonic()
        list(practice.reply(interview))
        assert time.monotonic() - started < 2.0 + MARGIN_SECONDS
        asked = practice.interview(interview)
        probe = asked.turns[2]
        assert probe.aim is not None
        assert probe.text == asked.questions[0].probes[probe.aim]
        assert sum("stream" in received.body for received in server.requests) == 1
