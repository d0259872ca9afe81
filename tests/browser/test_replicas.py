"""Several web processes and a worker on one PostgreSQL database, which goes away and comes back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, REPLY, Candidate
from tests.browser.conftest import CHECKOUT, App
from tests.browser.scripted_model import PROBE, ScriptedModel
from tests.postgres import PostgresServer

pytestmark = pytest.mark.browser


@pytest.fixture
def replicas(model: ScriptedModel, postgres_url: str, tmp_path: Path) -> Iterator[list[App]]:
    environ = {"MOCK_INTERVIEWER_DATABASE_URL": postgres_url}
    apps = [App(model.url, tmp_path / name, **environ) for name in ("one", "two")]
    for app in apps:
        app.start()
    worker = subprocess.Popen(
        [sys.executable, "-m", "mock_interviewer", "worker", "--heartbeat", "1"],
        cwd=CHECKOUT,
        env={
            **os.environ,
            **environ,
            "OPENAI_BASE_URL": model.url,
            "MOCK_INTERVIEWER_MODEL": "scripted",
            "MOCK_INTERVIEWER_STRATEGY": "levels",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield apps
    worker.kill()
    worker.wait()
    for app in apps:
        app.stop()


def test_an_interview_moves_to_another_replica_with_a_reload_and_is_graded_by_a_worker(
    page: Page, replicas: list[App]
) -> None:
    one, two = replicas
    candidate = Candidate(page, one.url)
    candidate.begins()
    candidate.says(ANSWER)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    said = candidate.messages()
    one.kill()

    page.goto(page.url.replace(one.url, two.url))
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages() == said
    candidate.says(REPLY)
    expect(candidate.go_on).to_be_visible()
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()


def test_while_the_database_is_away_that_is_said_and_what_was_typed_can_be_sent_later(
    page: Page, replicas: list[App], postgres_server: PostgresServer
) -> None:
    candidate = Candidate(page, replicas[0].url)
    candidate.begins()
    postgres_server.control("stop")
    try:
        candidate.says(ANSWER)
        expect(candidate.status).to_contain_text("The database cannot be reached just now")
        expect(candidate.box).to_have_value(ANSWER)
        assert len(candidate.messages()) == 1
        expect(page.get_by_text(re.compile("^Error"))).to_have_count(0)
    finally:
        postgres_server.control("start")
    candidate.send.click()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages()[1:] == [ANSWER, PROBE]


def test_a_follow_up_that_could_not_be_kept_is_asked_after_a_reload(
    page: Page, replicas: list[App], model: ScriptedModel, postgres_server: PostgresServer
) -> None:
    model.pause_seconds = 0.3
    candidate = Candidate(page, replicas[0].url)
    candidate.begins()
    candidate.says(ANSWER)
    expect(candidate.interviewer.last).to_contain_text("What did")
    postgres_server.control("stop")
    try:
        expect(candidate.status).to_contain_text("The database cannot be reached just now")
    finally:
        postgres_server.control("start")
    model.pause_seconds = 0.02
    page.reload()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages()[1:] == [ANSWER, PROBE]
