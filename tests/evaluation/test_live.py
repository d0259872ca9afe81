"""Live runs: several cases at once, limits, faults, and what they would cost."""

from __future__ import annotations

import json
import re
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.core.grade import Usage
from mock_interviewer.core.price import Price
from mock_interviewer.errors import (
    ModelAccessError,
    ModelRefusedError,
    ModelUnavailableError,
    RecordingStoppedError,
)
from mock_interviewer.evaluation.recordings import STOPS_AFTER, RecordingChat, recorded
from mock_interviewer.llm.chat import Message, Reply, Request
from mock_interviewer.llm.pace import Pace
from tests.evaluation import small_suite
from tests.model_server import Answer, Received, completion, error, json_answer, serving
from tests.scripted import ScriptedChat

ASKED = Request((Message(role="user", content="Hello"),), 5)


def known(received: Received) -> Answer:
    """What the strong model said to this request."""
    if received.method == "GET":
        return json_answer({"data": [{"id": small_suite.MODEL}]})
    return json_answer(small_suite.reply_to(received.body))


def invoke(*command: str, url: str, model: str = small_suite.MODEL, **env: str) -> Result:
    settings = {"OPENAI_BASE_URL": url, "MOCK_INTERVIEWER_MODEL": model, **env}
    return CliRunner().invoke(cli, ["eval", *command], env=settings)


def test_a_live_run_asks_for_what_is_missing_and_measures_it(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    with serving(known) as server:
        done = invoke("run", str(suite), "--live", url=server.url)
        assert done.exit_code == 0, done.output
        assert "Coverage: 6 of 6 graded" in done.output
        assert len(server.requests) == 6
        again = invoke("run", str(suite), "--live", url=server.url)
        assert again.exit_code == 0
        assert len(server.requests) == 6


def test_several_cases_are_asked_for_at_once(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    together = threading.Barrier(3, timeout=20)

    def only_in_threes(received: Received) -> Answer:
        together.wait()
        return known(received)

    with serving(only_in_threes) as server:
        done = invoke("record", str(suite), "--concurrency", "3", url=server.url)
    assert done.exit_code == 0, done.output
    assert "6 replies recorded" in done.output


def test_a_busy_server_is_tried_again(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    seen: set[str] = set()

    def busy_at_first(received: Received) -> Answer:
        text = json.dumps(received.body)
        if text not in seen:
            seen.add(text)
            return error(429, "slow down")
        return known(received)

    with serving(busy_at_first) as server:
        done = invoke("record", str(suite), url=server.url)
        assert done.exit_code == 0, done.output
        assert len(server.requests) == 12


def test_a_server_that_is_away_ends_the_run_incomplete_and_what_came_is_kept(
    tmp_path: Path,
) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    replies = iter([known, known])

    def two_and_no_more(received: Received) -> Answer:
        return next(replies, lambda _: error(503, "gone"))(received)

    command = ("run", str(suite), "--live", "--concurrency", "1", "--retries", "0")
    with serving(two_and_no_more) as server:
        done = invoke(*command, url=server.url)
        assert done.exit_code == 3
        assert "Recording stops" in done.output
        assert "2 replies recorded" in done.output
        assert len(server.requests) == 2 + STOPS_AFTER
    with serving(known) as server:
        assert invoke(*command, url=server.url).exit_code == 0
        assert len(server.requests) == 4


def test_a_reply_that_gives_no_grade_is_told_with_its_case(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    first = iter([json_answer(completion("I would rather not."))])
    with serving(lambda received: next(first, None) or known(received)) as server:
        done = invoke("record", str(suite), "--concurrency", "1", url=server.url)
    assert done.exit_code == 0, done.output
    assert "6 replies recorded" in done.output
    assert done.output.count("has no grade: ") == 1
    assert "a001 has no grade: " in done.output


def test_a_request_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    slow = Answer([10.0, b"{}"])
    with serving(lambda _: slow) as server:
        began = time.monotonic()
        done = invoke("record", str(suite), "--timeout", "0.2", "--retries", "0", url=server.url)
    assert done.exit_code == 3
    assert "took too long" in done.output
    assert time.monotonic() - began < 8


def test_another_model_is_measured_with_the_same_suite_and_leaves_its_recordings_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = small_suite.make(tmp_path)
    before = sorted((tmp_path / "recordings").iterdir())
    monkeypatch.chdir(tmp_path)
    with serving(known) as server:
        done = invoke("run", str(suite), "--live", url=server.url, model="My Model")
    assert done.exit_code == 0, done.output
    assert "# small: My Model, strategy levels" in done.output
    assert sorted((tmp_path / "recordings").iterdir()) == before
    assert (tmp_path / "runs/small/my-model/small.jsonl.gz").exists()


def test_recordings_are_not_made_with_a_model_that_the_suite_is_not_for(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path)
    with serving(known) as server:
        done = invoke("record", str(suite), url=server.url, model="other")
    assert "The suite small is for frontier-stand-in" in str(done.exception)
    assert "MOCK_INTERVIEWER_MODEL=frontier-stand-in" in str(done.exception)


def test_a_dry_run_tells_requests_tokens_and_cost_and_asks_nothing(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    with serving(known) as server:
        dry = ("record", str(suite), "--dry-run")
        done = invoke(*dry, url=server.url, MOCK_INTERVIEWER_PRICE="1,0.1,10")
        assert server.requests == []
    assert done.output.startswith("6 requests are missing: about ")
    # six replies of at most 4,096 tokens at $10 a million are $0.25, what is read comes on top
    assert "at most $0." in done.output
    assert "to see what that costs" in invoke(*dry, url="http://127.0.0.1:9").output


def test_a_smoke_run_takes_dev_answers_and_gates_coverage_alone(tmp_path: Path) -> None:
    dev = str(small_suite.ROOT / "evals/reference/dev.jsonl")
    suite = small_suite.make(tmp_path, dev=[dev], smoke=["a017", "a024"], gates={"mean": 0.999})
    done = CliRunner().invoke(cli, ["eval", "run", str(suite), "--smoke"])
    assert done.exit_code == 0, done.output
    assert "Coverage: 2 of 2 graded" in done.output
    assert "small-smoke: 1 gate passes. A first look checks coverage alone." in done.output


def test_a_smoke_run_without_named_cases_takes_24_of_dev(tmp_path: Path) -> None:
    dev = str(small_suite.ROOT / "evals/reference/dev.jsonl")
    suite = small_suite.make(tmp_path, dev=[dev])
    done = CliRunner().invoke(cli, ["eval", "run", str(suite), "--smoke"])
    assert done.exit_code == 3
    assert "of 24 graded" in done.output


def test_a_smoke_run_needs_dev_cases(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["eval", "run", str(small_suite.make(tmp_path)), "--smoke"])
    assert "dev: --smoke takes its cases from there" in str(done.exception)


def test_recording_stops_at_once_at_a_refused_key(tmp_path: Path) -> None:
    chat = RecordingChat(ScriptedChat(ModelAccessError("the key is refused")), tmp_path, "toy")
    with pytest.raises(RecordingStoppedError, match="the key is refused"):
        chat.ask(ASKED)


def test_recording_stops_after_some_failures_in_a_row(tmp_path: Path) -> None:
    away = ModelUnavailableError("nobody there")
    replies: list[Reply | Exception] = [away, away, Reply("Yes"), away, away, away]
    chat = RecordingChat(ScriptedChat(lambda _: replies.pop(0)), tmp_path, "toy")
    said = []
    for trial in range(6):
        try:
            said.append(chat.ask(ASKED.with_trial(trial)).text)
        except ModelUnavailableError:
            said.append("away")
        except RecordingStoppedError:
            said.append("stopped")
    assert said == ["away", "away", "Yes", "away", "away", "stopped"]


def test_a_refusal_is_the_models_reply_and_is_recorded(tmp_path: Path) -> None:
    live = ScriptedChat(ModelRefusedError("the model declined to answer"))
    chat = RecordingChat(live, tmp_path, "toy")
    for _ in range(2):
        with pytest.raises(ModelRefusedError, match="declined"):
            chat.ask(ASKED)
    assert len(live.requests) == 1
    with pytest.raises(ModelRefusedError, match="declined"):
        recorded("toy", tmp_path).ask(ASKED)


def test_what_is_spent_is_counted(tmp_path: Path) -> None:
    reply = Reply("Yes", usage=Usage(prompt=100, cached=40, completion=3))
    chat = RecordingChat(ScriptedChat(reply), tmp_path, "toy")
    chat.ask(ASKED)
    chat.ask(ASKED.with_trial(1))
    assert (chat.spent.replies, chat.spent.usage.prompt) == (2, 200)
    # 120 computed at $1, 80 cached at $.10 and 6 written at $10 a million
    assert Price(1, 0.1, 10).cost(chat.spent.usage) == pytest.approx(188e-6)


def test_requests_are_spread_over_the_minute() -> None:
    slept: list[float] = []
    pace = Pace(30, clock=lambda: 0.0, sleep=slept.append)
    for _ in range(3):
        pace.spend()
    # thirty a minute are one each two seconds
    assert slept == [0.0, 2.0, 4.0]


def test_a_pause_frees_no_more_than_one_request() -> None:
    now, slept = [0.0], list[float]()
    pace = Pace(60, clock=lambda: now[0], sleep=slept.append)
    pace.spend(10)
    now[0] = 100.0
    pace.spend()
    pace.spend()
    assert slept == [0.0, 0.0, 1.0]


def test_without_a_limit_nobody_waits() -> None:
    Pace(None, sleep=lambda _: pytest.fail("waited")).spend(1000)


def test_a_completion_of_the_wrong_shape_leaves_its_case_ungraded(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    with serving(lambda _: json_answer(completion("no json"))) as server:
        done = invoke("run", str(suite), "--live", url=server.url)
    assert done.exit_code == 3
    assert "Coverage: 0 of 6 graded (0 wait for replies)" in done.output
    assert "Gates that fail: small: coverage" in done.output


def test_a_dry_run_of_another_model_counts_what_that_one_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = small_suite.make(tmp_path)
    monkeypatch.chdir(tmp_path)
    with serving(known) as server:
        done = invoke("run", str(suite), "--live", "--dry-run", url=server.url, model="other")
        assert server.requests == []
    assert done.output.startswith("small, other: 6 requests are missing")


def test_what_an_answer_costs_and_how_long_it_took_is_printed(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)

    def known_with_usage(received: Received) -> Answer:
        usage = {"prompt_tokens": 5000, "completion_tokens": 900}
        return json_answer(small_suite.reply_to(received.body) | {"usage": usage})

    with serving(known_with_usage) as server:
        # 5,000 tokens at $2 and 900 at $10 a million are $.01 and $.009
        done = invoke(
            "run", str(suite), "--live", url=server.url, MOCK_INTERVIEWER_PRICE="2,0.2,10"
        )
    assert "Tokens an answer: 5,000 asked, 5,000 computed, 900 written." in done.output
    assert re.search(r"Cost: \$0\.0190 an answer\. Latency of a reply: median 0\.\d s", done.output)
