"""The embedded model's process killed in the middle of an interview, and its parent."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.llm.embedded import EmbeddedChat, Stage
from mock_interviewer.service.practice import Stage as Doing
from mock_interviewer.service.program import Program
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.records import AnswerState
from tests.llm.test_embedded import is_gone, process_of
from tests.machine.kill_table import MORE, SECOND, TOLD
from tests.machine.killed_program import die
from tests.placing import structured
from tests.service.faulty_servers import PROBE, SETUP

ROOT = Path(__file__).parents[2]
STAND_IN = os.pathsep.join([str(ROOT / "tests" / "llm" / "stand_in"), str(ROOT)])
PROCESSES = multiprocessing.get_context("forkserver")


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings with which a stand-in serves instead of llama.cpp."""
    monkeypatch.setenv("PYTHONPATH", STAND_IN)
    script = {"spoken": f"action: {PROBE}", "graded": structured(4), "pause": 0.1}
    (tmp_path / "Model.gguf").write_text(json.dumps(script))
    return {
        "MOCK_INTERVIEWER_MODEL_FILE": str(tmp_path / "Model.gguf"),
        "MOCK_INTERVIEWER_STRATEGY": "levels",
        "MOCK_INTERVIEWER_DATA": str(tmp_path),
    }


@contextmanager
def running(environ: Mapping[str, str]) -> Iterator[Program]:
    """The program, with its model ready."""
    program = Program(load_settings(environ))
    program.start()
    embedded_of(program).wait()
    try:
        yield program
    finally:
        program.stop()


def embedded_of(program: Program) -> EmbeddedChat:
    assert program.connection.embedded is not None
    return program.connection.embedded


def kill(program: Program) -> None:
    os.kill(process_of(embedded_of(program)), signal.SIGKILL)


def says(program: Program, interview: str, text: str, *, killing: bool = False) -> str:
    """Answer; what the interviewer says to it, whose model may be killed at its first words."""
    practice = program.practice
    practice.send(interview, len(practice.interview(interview).turns), TurnKind.ANSWER, text)
    for speech in practice.reply(interview):
        if killing and speech.stage is Doing.SPEAKING and speech.text:
            kill(program)
            killing = False
    assert not killing
    return practice.interview(interview).turns[-1].text


def ends(program: Program, interview: str) -> None:
    turns = program.practice.interview(interview).turns
    program.practice.send(interview, len(turns), TurnKind.END)
    list(program.practice.reply(interview))


def soon(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_graded(program: Program, interview: str) -> bool:
    return {answer.state for answer in program.store.answers(interview)} == {AnswerState.GRADED}


def test_killed_in_the_middle_of_a_question_it_is_replaced_and_the_interview_goes_on(
    environ: dict[str, str], tmp_path: Path
) -> None:
    with running(environ) as program:
        interview = program.practice.start("ada", SETUP)
        prepared = says(program, interview, TOLD, killing=True)
        question = program.practice.interview(interview).questions[0]
        assert prepared in question.probes.values()
        says(program, interview, MORE)  # the model has nothing else to ask: the next question
        assert says(program, interview, SECOND) == PROBE
        ends(program, interview)
        soon(lambda: is_graded(program, interview))
        kinds = [turn.kind for turn in program.practice.interview(interview).turns]
    assert kinds == "question answer probe answer question answer probe end closing".split()
    assert (tmp_path / "Model.starts").read_text() == "xx"


def test_killed_while_it_grades_it_is_replaced_and_the_answer_is_graded_once(
    environ: dict[str, str], tmp_path: Path
) -> None:
    with running(environ) as program:
        interview = program.practice.start("ada", SETUP)
        says(program, interview, TOLD)
        ends(program, interview)
        soon((tmp_path / "Model.asked").exists)
        kill(program)
        soon(lambda: is_graded(program, interview))
        (answer,) = program.store.answers(interview)
        assert answer.tries == 0
    assert (tmp_path / "Model.starts").read_text() == "xx"


def test_killed_twice_it_is_left_alone_until_the_next_start_and_so_are_its_grades(
    environ: dict[str, str], tmp_path: Path
) -> None:
    with running(environ) as program:
        interview = program.practice.start("ada", SETUP)
        says(program, interview, TOLD, killing=True)
        says(program, interview, MORE)
        prepared = says(program, interview, SECOND, killing=True)
        assert prepared in program.practice.interview(interview).questions[1].probes.values()
        assert embedded_of(program).status.stage is Stage.FAILED
        ends(program, interview)
        soon(lambda: program.store.answers(interview)[1].tries > 0)
        answer = program.store.answers(interview)[1]
        assert answer.state is AnswerState.WAITING
        assert "has stopped twice. Restart the program" in answer.reason
    with running(environ) as program:
        program.store.waiting.retry(interview)
        program.worker.wake()
        soon(lambda: is_graded(program, interview))
    assert (tmp_path / "Model.starts").read_text() == "xxx"


def killed_with_its_model_running(environ: Mapping[str, str], noted: str) -> None:
    os.environ["PYTHONPATH"] = STAND_IN
    with running(environ) as program:
        program.practice.start("ada", SETUP)
        Path(noted).write_text(str(process_of(embedded_of(program))))
        die()


def test_a_killed_program_leaves_no_model_running_and_starts_another(
    environ: dict[str, str], tmp_path: Path
) -> None:
    noted = tmp_path / "process"
    killed = PROCESSES.Process(target=killed_with_its_model_running, args=(environ, str(noted)))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    assert is_gone(int(noted.read_text()))
    with running(environ) as program:
        (interview,) = program.store.interviews_of("ada", 2)
        assert says(program, interview.id, TOLD) == PROBE
