"""A Batch API: handed in once, waited for through restarts, fetched, and in rounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.errors import ConfigurationError, RecordingStoppedError
from mock_interviewer.llm.batches import Batches, Progress
from mock_interviewer.settings import load_settings
from tests.batch_server import BatchServer, serving_batches
from tests.evaluation import small_suite


def good(line: dict[str, Any]) -> dict[str, Any]:
    body = small_suite.reply_to(line["body"])
    return {"custom_id": line["custom_id"], "response": {"status_code": 200, "body": body}}


def submit(suite: Path, server: BatchServer) -> Result:
    command = ["eval", "record", str(suite), "--submit", "--every", "0.01"]
    return CliRunner().invoke(cli, command, env={"OPENAI_BASE_URL": server.url})


def test_what_is_missing_is_handed_in_and_taken_in(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    with serving_batches(good) as server:
        done = submit(suite, server)
        assert done.exit_code == 0, done.output
        assert "6 requests handed in as batch batch-0" in done.output
        assert "6 replies taken in" in done.output
        assert CliRunner().invoke(cli, ["eval", "run", str(suite)]).exit_code == 0
        assert "No replies are missing" in submit(suite, server).output
        assert len(server.batches) == 1


def test_a_restart_goes_on_waiting_for_what_was_handed_in(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    with serving_batches(good) as server:
        server.faults = [401]  # stops the command as a kill would, with the batch at the server
        first = submit(suite, server)
        assert first.exit_code == 3
        assert "Nothing is lost; run it again to go on" in first.output
        done = submit(suite, server)
        assert done.exit_code == 0, done.output
        assert len(server.batches) == 1


def test_a_server_that_is_away_for_a_while_is_asked_again(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    with serving_batches(good) as server:
        server.faults = [503] * 4
        assert submit(suite, server).exit_code == 0


def test_requests_that_failed_are_told_and_handed_in_again(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    failed: list[str] = []

    def one_fails_at_first(line: dict[str, Any]) -> dict[str, Any]:
        if not failed:
            failed.append(line["custom_id"])
            told = {"message": "overloaded"}
            return {
                "custom_id": line["custom_id"],
                "response": {"status_code": 500, "body": {}},
                "error": told,
            }
        return good(line)

    with serving_batches(one_fails_at_first) as server:
        done = submit(suite, server)
        assert done.exit_code == 0, done.output
        assert "5 replies taken in. 1 requests failed: overloaded" in done.output
        assert "1 requests handed in as batch batch-1" in done.output


def test_requests_that_always_fail_end_incomplete(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)

    def fails(line: dict[str, Any]) -> dict[str, Any]:
        return {"custom_id": line["custom_id"], "response": None, "error": {"message": "expired"}}

    with serving_batches(fails) as server:
        done = submit(suite, server)
        assert done.exit_code == 3
        assert "6 replies are missing still" in done.output
        assert len(server.batches) == 1


def test_a_batch_that_the_server_refuses_is_told_and_not_waited_for_again(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    with serving_batches(good) as server:
        server.states = ["validating", "failed"]
        done = submit(suite, server)
        assert done.exit_code == 3
        assert "refused batch batch-0: line 1 is too long" in done.output
        server.states = ["completed"]
        assert submit(suite, server).exit_code == 0
        assert len(server.batches) == 2


def test_where_a_batch_stands_is_told(tmp_path: Path) -> None:
    seen: list[Progress] = []
    requests = tmp_path / "requests.jsonl"
    requests.write_text('{"custom_id": "a", "body": {}}\n')
    with serving_batches(lambda line: {"custom_id": line["custom_id"]}) as server:
        batches = Batches(load_settings({"OPENAI_BASE_URL": server.url}), tmp_path)
        batch = batches.hand_in(requests)
        assert batches.waiting() == batch
        output = batches.wait(batch, 0, seen.append, sleep=lambda _: None)
        batches.taken(batch)
        assert batches.waiting() is None
    assert output == b'{"custom_id": "a"}\n'
    assert [p.status for p in seen] == ["validating", "in_progress", "completed"]
    assert (seen[-1].done, seen[-1].total) == (1, 1)


def test_a_server_without_a_batch_api_is_told(tmp_path: Path) -> None:
    batches = Batches(load_settings({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}), tmp_path)
    (tmp_path / "requests.jsonl").write_text("{}\n")
    with pytest.raises(RecordingStoppedError, match="The batch was not accepted"):
        batches.hand_in(tmp_path / "requests.jsonl")


def test_without_a_server_the_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--requests FILE writes the batch"):
        Batches(load_settings({}), tmp_path)
