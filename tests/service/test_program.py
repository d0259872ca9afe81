"""The whole program behind its faces, with a real model server on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.errors import (
    ConfigurationError,
    DataFileError,
    ModelAccessError,
    ModelUnavailableError,
)
from mock_interviewer.interviewing.prober import warm_up
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.connect import connect
from mock_interviewer.service import reports
from mock_interviewer.service.graders import Graders
from mock_interviewer.service.plan import Setup
from mock_interviewer.service.program import Program
from mock_interviewer.settings import Settings, load_settings
from mock_interviewer.storage.records import AnswerState
from tests.model_server import (
    Answer,
    ModelServer,
    Received,
    completion,
    error,
    json_answer,
    logprobs,
    serving,
    spoken,
)
from tests.placing import RUBRIC, rank_of, structured

TOLD = "Last May a guest had lost her key, and I searched the whole garden with her for an hour."


class Model:
    """A server's model: it words probes, and gives answers of each known rank a level."""

    def __init__(self, low: int = 1, middle: int = 3, high: int = 5) -> None:
        self.levels = {"low": low, "middle": middle, "high": high, "unknown": 4}
        self.away = False
        self.graded: list[str] = []

    def __call__(self, received: Received) -> Answer:
        if self.away:
            return error(503, "away")
        if received.body.get("stream"):
            # What a question of any kind may be probed for.
            return spoken("action:", " What did you", " do after you", " had found the key?")
        if "response_format" in received.body:
            rank = rank_of(received.body["messages"][-1]["content"])
            self.graded.append(rank)
            return json_answer(completion(structured(self.levels[rank])))
        return json_answer(completion("Yes", logprobs=logprobs(("Yes", {"Yes": -0.1, "No": -2}))))


def settings_for(server: ModelServer, folder: Path, **environ: str) -> Settings:
    return load_settings(
        {
            "OPENAI_BASE_URL": server.url,
            "MOCK_INTERVIEWER_MODEL": "toy",
            "MOCK_INTERVIEWER_DATA": str(folder / "data"),
            **environ,
        }
    )


def graders_for(server: ModelServer, folder: Path, **environ: str) -> Graders:
    """The program's graders for this server, as after a new start."""
    settings = settings_for(server, folder, **environ)
    return Graders(connect(settings), RUBRIC, settings)


@contextmanager
def running(server: ModelServer, folder: Path, **environ: str) -> Iterator[Program]:
    """A program that uses this server; nothing runs in the background until `start`."""
    program = Program(settings_for(server, folder, **environ))
    try:
        yield program
    finally:
        program.store.close()


def soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


# How the model grades


@pytest.mark.parametrize(
    ("levels", "expected"), [((1, 3, 5), Strategy.LEVELS), ((5, 5, 5), Strategy.CHECKLIST)]
)
def test_an_unlisted_model_is_placed_once_and_the_result_is_kept(
    tmp_path: Path, levels: tuple[int, int, int], expected: Strategy
) -> None:
    with serving(Model(*levels)) as server:
        graders = graders_for(server, tmp_path)
        assert graders.known_strategy() is None
        assert graders.grader_now().strategy is Strategy.LEVELS  # for the time being
        assert server.requests == []
        assert graders.grader().strategy is expected
        assert graders.grader_now() is graders.grader()
        asked = len(server.requests)
        assert asked >= 6
        again = graders_for(server, tmp_path)
        assert again.known_strategy() is expected
        assert again.grader().strategy is expected
        assert len(server.requests) == asked


def test_a_model_that_is_away_is_placed_later(tmp_path: Path) -> None:
    model = Model()
    model.away = True
    with serving(model) as server:
        graders = graders_for(server, tmp_path)
        with pytest.raises(ModelUnavailableError):
            graders.grader()
        assert graders.known_strategy() is None
        model.away = False
        assert graders.grader().strategy is Strategy.LEVELS


def test_a_setting_goes_before_every_placement(tmp_path: Path) -> None:
    with serving(Model()) as server:
        graders = graders_for(server, tmp_path, MOCK_INTERVIEWER_STRATEGY="advice")
        assert graders.grader().strategy is Strategy.ADVICE
        assert server.requests == []


def test_a_placement_is_of_one_model_at_one_server(tmp_path: Path) -> None:
    with serving(Model()) as server:
        graders_for(server, tmp_path).grader()
        other = graders_for(server, tmp_path, MOCK_INTERVIEWER_MODEL="other")
        assert other.known_strategy() is None
        other.grader()
        assert graders_for(server, tmp_path).known_strategy() is Strategy.LEVELS  # still
    with serving(Model()) as server:
        assert graders_for(server, tmp_path).known_strategy() is None


@pytest.mark.parametrize("damage", ["{nope", "[]", '{"toy": "guess"}'])
def test_a_damaged_file_of_placements_costs_only_a_new_placement(
    tmp_path: Path, damage: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "placements.json").write_text(damage)
    with serving(Model()) as server:
        assert graders_for(server, tmp_path).grader().strategy is Strategy.LEVELS
    assert len(json.loads((tmp_path / "data" / "placements.json").read_text())) == 1


def test_several_threads_that_want_the_grader_place_the_model_once(tmp_path: Path) -> None:
    with serving(Model()) as server:
        graders = graders_for(server, tmp_path)
        threads = [threading.Thread(target=graders.grader) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(server.requests) == 6


def test_the_embedded_model_is_known_and_starts_nothing_by_itself(tmp_path: Path) -> None:
    program = Program(load_settings({"MOCK_INTERVIEWER_DATA": str(tmp_path)}))
    assert program.graders.known_strategy() is Strategy.SENTENCES
    assert warm_up(program.graders.grader_now())
    assert program.connection.embedded is not None
    assert program.connection.embedded.process_id is None
    program.store.close()


# Starting


def test_the_data_folder_is_made(tmp_path: Path) -> None:
    with serving(Model()) as server, running(server, tmp_path):
        assert (tmp_path / "data" / "interviews.sqlite3").is_file()


def test_a_users_bank_is_added(tmp_path: Path) -> None:
    bank = tmp_path / "own.yaml"
    bank.write_text("questions: 5")
    with serving(Model()) as server, pytest.raises(DataFileError, match=r"own\.yaml"):
        running(server, tmp_path, MOCK_INTERVIEWER_BANKS=str(bank)).__enter__()


def test_a_server_that_is_not_there_is_told_before_anything_is_stored(tmp_path: Path) -> None:
    environ = {
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "MOCK_INTERVIEWER_DATA": str(tmp_path / "data"),
    }
    with pytest.raises(ConfigurationError, match="cannot be asked for its models"):
        Program(load_settings(environ))
    assert not (tmp_path / "data").exists()


# An interview


def test_an_interview_is_probed_graded_and_reported(tmp_path: Path) -> None:
    with (
        serving(Model()) as server,
        running(server, tmp_path, MOCK_INTERVIEWER_STRATEGY="levels") as program,
    ):
        program.start()
        practice = program.practice
        interview = practice.start("ada", Setup(mode=Mode.INTERVIEW))
        practice.send(interview, 1, TurnKind.ANSWER, TOLD)
        speeches = list(practice.reply(interview))
        assert speeches[-2].text == "What did you do after you had found the key?"
        practice.send(interview, 3, TurnKind.SKIP)
        list(practice.reply(interview))
        assert soon(lambda: program.store.answers(interview)[0].state is AnswerState.GRADED)
        report = reports.make(
            practice.interview(interview), program.store.answers(interview), RUBRIC
        )
        assert report.overall.value == 4.0
        assert report.counted == "1 of 1 answers"
        program.stop()


def test_while_the_model_is_away_the_interview_goes_on_and_the_grade_waits(tmp_path: Path) -> None:
    model = Model()
    with (
        serving(model) as server,
        running(server, tmp_path, MOCK_INTERVIEWER_STRATEGY="levels") as program,
    ):
        model.away = True
        practice = program.practice
        interview = practice.start("ada", Setup(mode=Mode.INTERVIEW))
        practice.send(interview, 1, TurnKind.ANSWER, TOLD)
        probe = list(practice.reply(interview))[-2].text
        assert probe in practice.interview(interview).questions[0].probes.values()
        practice.send(interview, 3, TurnKind.SKIP)
        list(practice.reply(interview))
        assert practice.interview(interview).turns[-1].kind is TurnKind.QUESTION


def test_a_stopped_program_finds_its_work_again(tmp_path: Path) -> None:
    with serving(Model()) as server:
        environ = {"MOCK_INTERVIEWER_STRATEGY": "levels"}
        with running(server, tmp_path, **environ) as program:  # its worker never starts
            practice = program.practice
            interview = practice.start("ada", Setup(mode=Mode.INTERVIEW))
            practice.send(interview, 1, TurnKind.ANSWER, TOLD)
            list(practice.reply(interview))
            practice.send(interview, 3, TurnKind.SKIP)
            assert program.store.answers(interview)[0].state is AnswerState.WAITING
        with running(server, tmp_path, **environ) as again:
            again.start()
            assert soon(lambda: again.store.answers(interview)[0].state is AnswerState.GRADED)
            again.stop()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refused_key_or_address_says_nothing_of_the_model(tmp_path: Path, status: int) -> None:
    model, refused = Model(), True

    def script(received: Received) -> Answer:
        return error(status, "no") if refused else model(received)

    with serving(script) as server:
        settings = settings_for(server, tmp_path)
        with pytest.raises(ModelAccessError):
            Graders(connect(settings), RUBRIC, settings).grader()
        refused = False
        assert Graders(connect(settings), RUBRIC, settings).grader().strategy is Strategy.LEVELS


def test_a_password_in_the_address_is_not_written_to_disk(tmp_path: Path) -> None:
    with serving(Model()) as server:
        address = server.url.replace("http://", "http://ada:pass-word@")
        settings = settings_for(server, tmp_path, OPENAI_BASE_URL=address)
        Graders(connect(settings), RUBRIC, settings).grader()
    assert "pass-word" not in (settings.data / "placements.json").read_text()


def test_what_is_read_while_the_candidate_writes_is_remembered_for_the_probe(
    tmp_path: Path,
) -> None:
    with serving(Model()) as server:
        settings = settings_for(server, tmp_path, MOCK_INTERVIEWER_STRATEGY="levels")
        graders = Graders(connect(settings), RUBRIC, settings)
        first = graders.grader_now()
        assert graders.grader_now() is first
        assert graders.grader() is first
