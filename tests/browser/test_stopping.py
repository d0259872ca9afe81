"""The program told to end while the interviewer speaks: it drains, then it stops."""

from __future__ import annotations

import signal
import sqlite3
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App
from tests.browser.scripted_model import PROBE, ScriptedModel

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot ask to end"),
]


def turns(app: App) -> list[tuple[str, str]]:
    with sqlite3.connect(app.data / "interviews.sqlite3") as raw:
        found = raw.execute("select kind, text from turns order by number").fetchall()
    raw.close()
    return found[1:]


def test_a_reply_that_is_being_spoken_is_finished_and_kept(
    page: Page, model: ScriptedModel, tmp_path: Path
) -> None:
    app = App(model.url, tmp_path / "data")
    app.start()
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.pause_seconds = 0.2
    candidate.says(ANSWER)
    expect(candidate.interviewer.last).to_contain_text("What did you")
    assert app.stop() == 0
    assert turns(app) == [("answer", ANSWER), ("probe", PROBE)]
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")


def test_a_model_that_is_silent_holds_the_end_up_for_seconds_only_and_no_turn_is_lost(
    page: Page, model: ScriptedModel, tmp_path: Path
) -> None:
    app = App(model.url, tmp_path / "data", MOCK_INTERVIEWER_FIRST_TOKEN_SECONDS="20")
    app.start()
    candidate = Candidate(page, app.url)
    candidate.begins()
    model.first_word_seconds = 20.0
    candidate.says(ANSWER)
    expect(candidate.status).to_contain_text("The interviewer is reading your answer")
    started = time.monotonic()
    assert app.stop() == 0
    assert time.monotonic() - started < 8  # five of them for the reply
    assert turns(app) == [("answer", ANSWER)]
    model.reset()
    app.start()
    page.reload()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages()[1:] == [ANSWER, PROBE]
    app.stop()
