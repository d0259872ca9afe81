"""The jobs that tell workers what waits, on a real PostgreSQL server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, create_engine, inspect

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.service.jobs import Jobs
from mock_interviewer.storage.deletion import delete_interviews
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.whole import ids_of
from tests.interviews import question, turn
from tests.service.deployment import TOLD, Deployment, deployed, soon


@pytest.fixture
def deployment(postgres_url: str, tmp_path: Path) -> Iterator[Deployment]:
    with deployed(postgres_url, tmp_path) as running:
        yield running


# Jobs


def jobs_in(deployment: Deployment) -> list[str]:
    rows = deployment.run("select queueing_lock from procrastinate_jobs where status = 'todo'")
    return sorted(name for (name,) in rows)


def test_an_answer_has_one_job_however_often_its_grading_is_wanted(deployment: Deployment) -> None:
    deployment.answer(2)
    first, second = deployment.store.waiting.ids()
    assert jobs_in(deployment) == [f"answer {first}", f"answer {second}"]
    answer = deployment.store.waiting.get(first)
    assert answer is not None
    for _ in range(3):
        deployment.store.waiting.give_up(first, "refused")
        assert deployment.store.waiting.retry(answer.interview_id) == 1
        assert deployment.store.waiting.get(first) is not None
    assert jobs_in(deployment) == [f"answer {first}", f"answer {second}"]


def test_there_is_no_job_for_a_turn_that_was_not_kept(deployment: Deployment) -> None:
    def fails_after(connection: Connection, answer_id: int) -> None:
        deployment.jobs.defer(connection, answer_id)
        raise RuntimeError("the process dies here")

    store = Store(deployment.settings.database_url, on_waiting=fails_after)
    interview = store.create_interview(
        candidate_id="ada", mode=Mode.INTERVIEW, trade="retail", questions=[question()]
    )
    with pytest.raises(RuntimeError, match="dies here"):
        store.append(interview, [turn(0, TurnKind.ANSWER, TOLD)], [(0, 0)])
    store.close()
    assert jobs_in(deployment) == []
    assert deployment.states() == {}


def test_the_tables_of_jobs_are_made_once_by_whoever_comes_first(postgres_url: str) -> None:
    faults: list[Exception] = []

    def prepare() -> None:
        try:
            Jobs(postgres_url).prepare()
        except Exception as error:  # noqa: BLE001 - any fault fails the test
            faults.append(error)

    threads = [threading.Thread(target=prepare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert faults == []
    assert Jobs(postgres_url).workers() == 0


def test_a_newer_procrastinate_brings_its_tables_up_to_date(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = tmp_path / "changes"
    changes.mkdir()
    for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"):
        (changes / path.name).write_bytes(path.read_bytes())
    (changes / "99.00.00_01_pre_newer.sql").write_text("create table newer (id int);")
    monkeypatch.setattr(SchemaManager, "get_migrations_path", lambda: str(changes))
    for _ in range(2):
        deployment.jobs.prepare()
    engine = create_engine(deployment.settings.database_url)
    assert "newer" in inspect(engine).get_table_names()
    engine.dispose()


# Deleted by their candidates


def test_what_is_deleted_has_no_job_and_what_a_worker_makes_of_it_is_dropped(
    deployment: Deployment,
) -> None:
    deployment.model.grading_seconds = 2.0
    deployment.answer(6)
    worker = deployment.start_worker("--at-once", "2")
    assert soon(lambda: len(deployment.model.asked) >= 2, 20)
    sessions = deployment.store.sessions
    mine = ids_of(sessions, "ada")
    assert delete_interviews(sessions, mine, on_gone=deployment.jobs.cancel) == 6
    assert deployment.run("select status from procrastinate_jobs where status = 'todo'") == []
    deployment.answer(2)
    assert deployment.waited_for()
    assert worker.poll() is None
    assert deployment.states() == {"graded": 2}
    assert deployment.run("select count(*) from grades") == [(2,)]
    assert len(deployment.model.asked) <= 5  # two in work, two later, and none of the others
    jobs = "select count(*) from procrastinate_jobs where task_name = 'grade'"
    assert soon(lambda: deployment.run(jobs) == [(0,)])
