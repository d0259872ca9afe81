"""Practice over restarts, second tabs, and pages that go away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.llm.chat import Request
from mock_interviewer.service.practice import Speech, Stage
from mock_interviewer.storage.store import Store
from tests.service.practising import PROBE, TOLD, kinds, practice_with, say, start


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'interviews.sqlite3'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def test_after_a_restart_the_interviewer_goes_on_where_it_stopped(store: Store, url: str) -> None:
    practice = practice_with(store, f"result: {PROBE}")
    interview = start(practice)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    store.close()  # before the interviewer replied

    again = Store(url)
    practice = practice_with(again, f"result: {PROBE}")
    assert list(practice.reply(interview))[-2] == Speech(Stage.SPEAKING, PROBE)
    assert kinds(practice, interview) == ["question", "answer", "probe"]
    again.close()


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_a_page_that_goes_away_in_the_middle_of_a_probe_loses_nothing(
    store: Store, pieces: int
) -> None:
    practice = practice_with(store, f"result: {PROBE}")
    interview = start(practice)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    speeches = practice.reply(interview)
    for _ in range(pieces):
        next(speeches)
    speeches.close()  # type: ignore[attr-defined]
    assert list(practice.reply(interview))[-2].text == PROBE
    assert kinds(practice, interview) == ["question", "answer", "probe"]


def test_asking_for_a_reply_where_none_is_due_changes_nothing(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    assert list(practice.reply(interview)) == [Speech(Stage.DONE)]
    assert kinds(practice, interview) == ["question"]


def test_two_pages_that_ask_at_once_get_one_probe(store: Store) -> None:
    wording, go = threading.Event(), threading.Event()
    asked: list[Request] = []

    def script(request: Request) -> str:
        asked.append(request)
        wording.set()
        assert go.wait(5)
        return f"result: {PROBE}"

    practice = practice_with(store, script)
    interview = start(practice)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    told: list[list[Speech]] = []
    pages = [
        threading.Thread(target=lambda: told.append(list(practice.reply(interview))))
        for _ in range(3)
    ]
    pages[0].start()
    assert wording.wait(5)
    for page in pages[1:]:
        page.start()
    pages[1].join(0.2)
    go.set()
    for page in pages:
        page.join(5)
    assert kinds(practice, interview) == ["question", "answer", "probe"]
    assert len(asked) == 1
    assert [speeches[-1] for speeches in told] == [Speech(Stage.DONE)] * 3


def test_ended_while_a_probe_is_worded_the_interview_closes_without_it(store: Store) -> None:
    def script(request: Request) -> str:
        practice.send(interview, 2, TurnKind.END)
        return f"result: {PROBE}"

    practice = practice_with(store, script)
    interview = start(practice)
    assert say(practice, interview)[-1] == Speech(Stage.DONE)
    list(practice.reply(interview))
    assert kinds(practice, interview) == ["question", "answer", "end", "closing"]
    assert [(a.question, a.attempt) for a in store.answers(interview)] == [(0, 0)]


def test_two_interviews_do_not_wait_for_each_other(store: Store) -> None:
    go = threading.Event()

    def script(request: Request) -> str:
        if "slowly" in request.messages[-1].content:
            assert go.wait(5)
        return f"result: {PROBE}"

    practice = practice_with(store, script)
    slow, quick = start(practice), start(practice)
    practice.send(slow, 1, TurnKind.ANSWER, f"{TOLD} It went slowly.")
    page = threading.Thread(target=lambda: list(practice.reply(slow)))
    page.start()
    say(practice, quick)
    assert kinds(practice, quick)[-1] == "probe"
    assert kinds(practice, slow)[-1] == "answer"
    go.set()
    page.join(5)
    assert kinds(practice, slow)[-1] == "probe"
