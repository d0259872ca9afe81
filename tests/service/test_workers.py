"""Grading on PostgreSQL: real worker processes, killed, and a real server, restarted."""

from __future__ import annotations

import itertools
import logging
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mock_interviewer.cli import cli
from mock_interviewer.errors import ConfigurationError, StorageError
from mock_interviewer.service.jobs import Jobs
from mock_interviewer.service.program import Program
from mock_interviewer.service.worker import Watch
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.store import Store
from tests.postgres import PostgresServer
from tests.service.deployment import Deployment, deployed, soon


@pytest.fixture
def deployment(postgres_url: str, tmp_path: Path) -> Iterator[Deployment]:
    with deployed(postgres_url, tmp_path) as running:
        yield running


# Worker processes


def test_workers_that_are_killed_again_and_again_grade_every_answer_once(
    deployment: Deployment,
) -> None:
    deployment.model.grading_seconds = 0.6
    deployment.answer(40)
    for _ in range(3):
        deployment.start_worker("--at-once", "2")
    for number in range(3):
        begun = len(deployment.model.asked)
        assert soon(lambda begun=begun: len(deployment.model.asked) >= begun + 2, 20)
        deployment.workers[number].send_signal(signal.SIGKILL)
        deployment.workers[number].wait()
        deployment.start_worker("--at-once", "2")
    assert deployment.waited_for()
    assert deployment.states() == {"graded": 40}
    counts = deployment.run("select count(*) from grades group by answer_id, grader_key")
    assert counts == [(1,)] * 40
    # A kill costs the requests that were under way, and no more.
    assert 40 <= len(deployment.model.asked) < 60


def test_a_worker_that_stood_still_and_was_taken_for_dead_doubles_nothing_and_works_on(
    deployment: Deployment,
) -> None:
    deployment.model.grading_seconds = 1.0
    deployment.answer(2)
    paused = deployment.start_worker("--at-once", "2")
    assert soon(lambda: len(deployment.model.asked) == 2, 20)
    paused.send_signal(signal.SIGSTOP)
    other = deployment.start_worker("--at-once", "2")
    assert deployment.waited_for()
    assert len(deployment.model.asked) >= 4
    paused.send_signal(signal.SIGCONT)
    other.kill()
    other.wait()
    deployment.answer(2)
    assert deployment.waited_for()
    assert deployment.run("select count(*) from grades group by answer_id") == [(1,)] * 4
    assert paused.poll() is None


def test_a_restart_of_the_database_in_the_middle_loses_and_doubles_nothing(
    deployment: Deployment, postgres_server: PostgresServer
) -> None:
    deployment.answer(16)
    workers = [deployment.start_worker("--at-once", "2") for _ in range(2)]
    assert soon(lambda: deployment.states().get("graded", 0) >= 4, 20)
    postgres_server.control("restart")
    assert deployment.states()["waiting"] > 0
    deployment.answer(2)  # the program that was connected before goes on, too
    assert deployment.waited_for()
    assert deployment.run("select count(*) from grades group by answer_id") == [(1,)] * 18
    assert [worker.poll() for worker in workers] == [None, None]


def test_a_worker_that_is_told_to_stop_finishes_what_it_has_begun(deployment: Deployment) -> None:
    deployment.model.grading_seconds = 1.0
    deployment.answer(4)
    worker = deployment.start_worker("--at-once", "2")
    assert soon(lambda: len(deployment.model.asked) == 2, 20)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert deployment.states() == {"graded": 2, "waiting": 2}
    assert len(deployment.model.asked) == 2
    assert deployment.run("select count(*) from procrastinate_jobs where status = 'doing'") == [
        (0,)
    ]


def test_a_worker_grades_as_many_at_once_as_it_is_told(deployment: Deployment) -> None:
    deployment.model.grading_seconds = 3.0
    deployment.answer(14)
    deployment.start_worker("--at-once", "12")
    assert soon(lambda: len(deployment.model.asked) == 12, 20)
    assert deployment.states() == {"waiting": 14}


def test_answers_whose_jobs_were_lost_are_found_and_those_put_off_come_again(
    deployment: Deployment,
) -> None:
    deployment.answer(3)
    deployment.run("delete from procrastinate_jobs")
    deployment.store.waiting.put_off(deployment.store.waiting.ids()[0], "the model was away", 1)
    deployment.start_worker()
    assert deployment.waited_for()
    assert soon(lambda: deployment.run("select count(*) from procrastinate_jobs") == [(0,)])


def test_the_web_process_leaves_the_grading_to_the_workers(deployment: Deployment) -> None:
    program = Program(deployment.settings)
    program.start()
    deployment.answer(1)
    program.worker.wake()
    time.sleep(0.5)
    assert deployment.states() == {"waiting": 1}
    assert deployment.model.asked == []
    assert program.jobs is not None
    assert program.jobs.workers() == 0
    deployment.start_worker()
    assert deployment.waited_for()
    assert program.jobs.workers() == 1
    program.stop()


# What is told


def test_while_answers_wait_and_nobody_grades_it_is_told_once(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch(deployment.store, deployment.jobs)
    with caplog.at_level(logging.WARNING):
        watch.look()
        assert caplog.text == ""
        deployment.answer(2)
        for _ in range(3):
            watch.look()
        assert caplog.text.count("2 answers wait") == 1
        deployment.run("insert into procrastinate_workers default values")
        watch.look()
        deployment.run("delete from procrastinate_workers")
        watch.look()
    assert caplog.text.count("start one with: mock-interviewer worker") == 2


def test_on_sqlite_a_worker_says_that_the_web_process_grades(tmp_path: Path) -> None:
    environ = {
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "MOCK_INTERVIEWER_MODEL": "toy",
        "MOCK_INTERVIEWER_DATA": str(tmp_path),
    }
    result = CliRunner().invoke(cli, ["worker"], env=environ)
    assert isinstance(result.exception, ConfigurationError)
    assert "grades by itself" in str(result.exception)


def test_while_the_database_is_away_that_is_said_and_no_password_is(
    deployment: Deployment, postgres_server: PostgresServer
) -> None:
    deployment.answer(1)
    answer = deployment.store.waiting.next()
    assert answer is not None
    postgres_server.control("stop")
    try:
        with pytest.raises(StorageError, match="cannot be reached just now") as fault:
            deployment.store.interview(answer.interview_id)
        with pytest.raises(ConfigurationError, match="DATABASE_URL cannot be used") as start:
            Store(deployment.settings.database_url)
    finally:
        postgres_server.control("start")
    assert "pass-word" not in f"{fault.value} {fault.value.detail} {start.value}"
    assert deployment.store.waiting.next() == answer
    assert deployment.states() == {AnswerState.WAITING: 1}


@pytest.mark.parametrize(
    "place",
    ["127.0.0.1:9/interviews", "127.0.0.1:9/interviews?nonsense=1", "/interviews?host=/nowhere"],
)
def test_a_database_that_is_not_there_is_told_at_the_start_without_the_password(
    place: str,
) -> None:
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL cannot be used: \w") as fault:
        Store(f"postgresql+psycopg://ada:pass-word@{place}")
    assert "pass-word" not in str(fault.value)


@pytest.mark.parametrize("part", ["psycopg", "procrastinate"])
def test_without_its_packages_it_is_told_what_to_install(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in itertools.chain([part], [n for n in sys.modules if n.startswith(f"{part}.")]):
        monkeypatch.setitem(sys.modules, name, None)
    url = "postgresql+psycopg://127.0.0.1:9/interviews"
    with pytest.raises(ConfigurationError, match=r"requirements/postgres\.txt"):
        Jobs(url) if part == "procrastinate" else Store(url)
