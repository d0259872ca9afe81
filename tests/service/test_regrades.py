"""Grading again with today's grader: beside the grade that is shown, durable, once for each."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import text

from mock_interviewer.errors import (
    ConfigurationError,
    ModelRefusedError,
    ModelUnavailableError,
    NotFoundError,
)
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Request
from mock_interviewer.service.access import Access
from mock_interviewer.service.grading import GradingWorker
from mock_interviewer.service.queue import Queue
from mock_interviewer.service.regrades import Regrades
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.storage.queue import Filter
from mock_interviewer.storage.store import Store
from tests.desk import ADA, COACH, MACHINE, OTHER, STRANGER, graded, with_people
from tests.interviews import grade
from tests.scripted import Script, ScriptedChat
from tests.service.deployment import Deployment, deployed, soon
from tests.toy_rubric import RUBRIC, structured

ROOT = Path(__file__).parents[2]
TODAY = structured({"story": {"level": 5}, "end": {"level": 2}, "heart": {"level": 4}})


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def access(store: Store) -> Access:
    return with_people(store)


@pytest.fixture
def regrades(store: Store, access: Access) -> Regrades:
    return Regrades(store, access, RUBRIC)


Work = Callable[..., list[Request]]


@pytest.fixture
def work(store: Store) -> Work:
    """Grades all that waits, and gives the model's requests."""

    def work(script: Script | str | Exception = TODAY, name: str = "todays") -> list[Request]:
        model = ScriptedChat(script, name=name)
        grader = Grader(model, RUBRIC, Strategy.LEVELS)
        worker = GradingWorker(store, lambda: grader)
        while worker.grade_one():
            pass
        return model.requests

    return work


def try_again_at_once(store: Store) -> None:
    with store.sessions.begin() as session:
        session.execute(text("update regrades set tries = 0"))


def test_another_graders_levels_stand_beside_and_the_shown_ones_stay(
    store: Store, regrades: Regrades, work: Work
) -> None:
    interview = graded(store)
    before = store.answers(interview)
    batch = regrades.ask(COACH, [interview])
    assert (batch.total, batch.waiting) == (1, 1)
    assert len(work()) == 1
    assert store.answers(interview) == before
    (side,) = regrades.side_by_side(COACH, interview)
    assert side.shown == before[0].grade
    ((other, moved),) = side.others
    assert other.stamp.model == "todays"
    assert [(move.criterion.id, move.before, move.after) for move in moved] == [("story", 3, 5)]
    assert regrades.batch(COACH, batch.id).done == 1


def test_asked_for_again_with_the_same_grader_the_model_is_not_asked(
    store: Store, regrades: Regrades, work: Work
) -> None:
    interview = graded(store)
    regrades.ask(COACH, [interview])
    assert len(work()) == 1
    again = regrades.ask(OTHER, [interview])
    assert work() == []
    assert regrades.batch(OTHER, again.id).done == 1
    regrades.ask(COACH, [interview])
    assert len(work(name="tomorrows")) == 1
    (side,) = regrades.side_by_side(COACH, interview)
    assert [other.stamp.model for other, _ in side.others] == ["tomorrows", "todays"]


def test_an_answer_that_waits_for_its_first_grade_goes_first(
    store: Store, regrades: Regrades, work: Work
) -> None:
    old = graded(store)
    regrades.ask(COACH, [old])
    new = graded(store, grades=[None])
    order: list[str] = []

    def script(request: Request) -> str:
        waits = store.answers(new)[0].grade is None
        order.append("first grade" if waits else "anew")
        return TODAY

    work(script)
    assert order == ["first grade", "anew"]


def test_everything_a_filter_lets_through_is_graded_anew_but_what_has_no_grade(
    store: Store, access: Access, regrades: Regrades, work: Work
) -> None:
    asked = graded(store, answers=2)
    graded(store)
    graded(store, shared=False)
    mixed = graded(store, answers=2, grades=[grade(MACHINE), None])
    store.waiting.give_up(store.answers(mixed)[1].id, "refused")
    queue = Queue(store, access)
    queue.ask_for_a_look(ADA, asked)
    assert regrades.ask_for_all(COACH, Filter.ASKED).total == 2
    assert regrades.ask_for_all(COACH).total == 4
    with pytest.raises(ConfigurationError, match="no graded answer"):
        regrades.ask_for_all(STRANGER)
    assert [batch.total for batch in regrades.batches(COACH)] == [4, 2]
    assert len(work()) == 4


def test_a_model_that_is_away_puts_it_off_and_one_that_refuses_ends_it_with_the_reason(
    store: Store, regrades: Regrades, work: Work
) -> None:
    interview = graded(store)
    (answer,) = store.answers(interview)
    batch = regrades.ask(COACH, [interview]).id
    work(ModelUnavailableError("The model is away."))
    assert regrades.batch(COACH, batch).waiting == 1
    assert regrades.reasons(COACH, batch) == {answer.id: "The model is away."}
    try_again_at_once(store)
    work(ModelRefusedError("The model will not."))
    assert regrades.batch(COACH, batch).failed == 1
    assert regrades.reasons(COACH, batch) == {answer.id: "The model will not."}
    assert store.answers(interview) == [answer]
    try_again_at_once(store)
    assert work() == []


def test_a_batch_can_be_stopped_and_what_is_done_stays(
    store: Store, regrades: Regrades, work: Work
) -> None:
    interview = graded(store, answers=2)
    batch = regrades.ask(COACH, [interview]).id
    stop = threading.Event()

    def script(request: Request) -> str:
        if stop.is_set():
            regrades.stop(COACH, batch)
        stop.set()
        return TODAY

    work(script)
    assert len(regrades.side_by_side(COACH, interview)[0].others) == 1
    assert regrades.side_by_side(COACH, interview)[1].others == ()
    assert regrades.batch(COACH, batch).total == 1


def test_what_is_hidden_from_a_coach_who_grades_blind_is_not_shown_beside_either(
    store: Store, access: Access, regrades: Regrades, work: Work
) -> None:
    interview = graded(store)
    regrades.ask(COACH, [interview])
    work()
    Reviewing(store, RUBRIC, access).open(COACH, interview, blind=True)
    assert regrades.side_by_side(COACH, interview) == []
    assert len(regrades.side_by_side(OTHER, interview)) == 1


def test_only_coaches_of_the_group_have_it_graded_anew_and_each_sees_their_own(
    store: Store, regrades: Regrades
) -> None:
    interview = graded(store)
    batch = regrades.ask(COACH, [interview]).id
    for call in (
        lambda: regrades.ask(STRANGER, [interview]),
        lambda: regrades.side_by_side(STRANGER, interview),
        lambda: regrades.batch(OTHER, batch),
        lambda: regrades.stop(OTHER, batch),
        lambda: regrades.reasons(OTHER, batch),
    ):
        with pytest.raises(NotFoundError):
            call()
    assert regrades.batches(OTHER) == []


# Killed


def test_a_process_killed_in_the_middle_of_one_loses_and_doubles_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'interviews.sqlite3'}"
    store = Store(url)
    regrades = Regrades(store, with_people(store), RUBRIC)
    interview = graded(store, answers=4)
    batch = regrades.ask(COACH, [interview]).id
    code = dedent(f"""
        import time
        from mock_interviewer.grading.grader import Grader
        from mock_interviewer.llm.catalogue import Strategy
        from mock_interviewer.service.grading import GradingWorker
        from mock_interviewer.storage.store import Store
        from tests.scripted import ScriptedChat
        from tests.service.test_regrades import TODAY
        from tests.toy_rubric import RUBRIC

        asked = []

        def script(request):
            asked.append(request)
            print("asked", flush=True)
            time.sleep(60 if len(asked) == 2 else 0)
            return TODAY

        grader = Grader(ScriptedChat(script, name="todays"), RUBRIC, Strategy.LEVELS)
        worker = GradingWorker(Store({url!r}), lambda: grader)
        while worker.grade_one():
            pass
        """)
    program = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert [program.stdout.readline() for _ in range(2)] == ["asked\n"] * 2
    program.send_signal(signal.SIGKILL)
    program.wait()
    assert regrades.batch(COACH, batch).done == 1
    grader = Grader(ScriptedChat(TODAY, name="todays"), RUBRIC, Strategy.LEVELS)
    worker = GradingWorker(store, lambda: grader)
    while worker.grade_one():
        pass
    assert regrades.batch(COACH, batch).done == 4
    assert [len(side.others) for side in regrades.side_by_side(COACH, interview)] == [1] * 4
    store.close()


@pytest.fixture
def deployment(postgres_url: str, tmp_path: Path) -> Iterator[Deployment]:
    with deployed(postgres_url, tmp_path) as running:
        yield running


def test_workers_that_are_killed_grade_every_answer_anew_once(deployment: Deployment) -> None:
    store = deployment.store
    regrades = Regrades(store, with_people(store), RUBRIC)
    deployment.model.grading_seconds = 0.8
    interviews = [graded(store, answers=4) for _ in range(6)]
    batch = regrades.ask(COACH, interviews).id
    for _ in range(2):
        deployment.start_worker("--at-once", "2")
    for number in range(2):
        begun = len(deployment.model.asked)
        assert soon(lambda begun=begun: len(deployment.model.asked) >= begun + 2, 40)
        deployment.workers[number].send_signal(signal.SIGKILL)
        deployment.workers[number].wait()
        deployment.start_worker("--at-once", "2")
    assert soon(lambda: regrades.batch(COACH, batch).waiting == 0, 60)
    assert regrades.batch(COACH, batch).done == 24
    counts = deployment.run("select count(*) from grades where beside group by answer_id")
    assert counts == [(1,)] * 24
    # A kill costs the requests that were under way, and no more.
    assert 24 <= len(deployment.model.asked) <= 32
