"""Recorded replies: batch files in the place of a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.prompts import Message
from mock_interviewer.errors import DataFileError, ModelRefusedError, ReplyMissingError
from mock_interviewer.llm.chat import Request
from mock_interviewer.llm.recorded import RecordedChat, read_replies, request_line
from tests.model_server import completion

HELLO = Request((Message(role="user", content="Grüße"),), max_tokens=5)
AGAIN = HELLO.with_trial(1)


def reply_line(request: Request, body: Any, **more: Any) -> dict[str, Any]:
    """One line of a batch output file."""
    response = {"status_code": 200, "request_id": "r1", "body": body}
    return {
        "id": "b1",
        "custom_id": request.key("toy"),
        "response": response,
        "error": None,
        **more,
    }


def recorded(folder: Path, *lines: Any, name: str = "replies.jsonl") -> Path:
    path = folder / name
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_a_recorded_reply_is_found_by_its_request(tmp_path: Path) -> None:
    replies = recorded(
        tmp_path, reply_line(HELLO, completion("Hi")), reply_line(AGAIN, completion("Hi again"))
    )
    chat = RecordedChat("toy", [replies])
    assert chat.ask(HELLO).text == "Hi"
    assert list(chat.stream(AGAIN)) == ["Hi again"]
    assert chat.missing == {}


def test_what_is_not_recorded_is_kept_and_written_as_batch_input(tmp_path: Path) -> None:
    chat = RecordedChat("toy")
    for request in (AGAIN, HELLO, AGAIN):
        with pytest.raises(ReplyMissingError):
            chat.ask(request)
    assert chat.write_missing(tmp_path / "requests.jsonl") == 2
    text = (tmp_path / "requests.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == [
        {
            "custom_id": request.key("toy"),
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": request.body("toy"),
        }
        for request in (AGAIN, HELLO)
    ]
    assert "Grüße" in text  # readable, as the candidate wrote it


def test_a_batch_file_comes_back_as_replies_to_the_requests_that_were_written(
    tmp_path: Path,
) -> None:
    asking = RecordedChat("toy")
    for request in (HELLO, AGAIN):
        with pytest.raises(ReplyMissingError):
            asking.ask(request)
    asking.write_missing(tmp_path / "requests.jsonl")

    # What a batch server does: answer each line under its custom_id, in any order.
    written = (tmp_path / "requests.jsonl").read_text(encoding="utf-8").splitlines()
    answered = [
        {
            "custom_id": line["custom_id"],
            "response": {"status_code": 200, "body": completion(str(number))},
        }
        for number, line in enumerate(map(json.loads, written))
    ]
    answering = RecordedChat("toy", [recorded(tmp_path, *reversed(answered))])
    assert [answering.ask(request).text for request in (HELLO, AGAIN)] == ["0", "1"]


def test_another_model_finds_no_replies_of_this_one(tmp_path: Path) -> None:
    replies = recorded(tmp_path, reply_line(HELLO, completion("Hi")))
    with pytest.raises(ReplyMissingError):
        RecordedChat("other", [replies]).ask(HELLO)


def test_of_two_files_the_later_ones_reply_stands(tmp_path: Path) -> None:
    first = recorded(tmp_path, reply_line(HELLO, completion("Hi")), name="1.jsonl")
    second = recorded(tmp_path, reply_line(HELLO, completion("Hello")), name="2.jsonl")
    assert RecordedChat("toy", [first, second]).ask(HELLO).text == "Hello"


@pytest.mark.parametrize(
    "more",
    [
        {"error": {"code": "batch_expired", "message": "late"}, "response": None},
        {"response": {"status_code": 500, "body": {"error": {"message": "oops"}}}},
        {"response": {"body": completion("Hi")}},
        {"response": "Hi"},
        {"response": None},
        {"response": {"status_code": 200, "body": "Hi"}},
        {"response": {"status_code": 200}},
    ],
)
def test_a_request_that_failed_at_the_server_is_refused(tmp_path: Path, more: Any) -> None:
    chat = RecordedChat("toy", [recorded(tmp_path, reply_line(HELLO, {}, **more))])
    with pytest.raises(ModelRefusedError):
        chat.ask(HELLO)


def test_empty_lines_are_passed_over(tmp_path: Path) -> None:
    path = recorded(tmp_path, "", reply_line(HELLO, completion("Hi")), " ", "")
    assert list(read_replies(path)) == [HELLO.key("toy")]


def test_a_line_may_hold_every_line_break_of_unicode(tmp_path: Path) -> None:
    line = json.dumps(reply_line(HELLO, completion("a\u2028b\x85c")), ensure_ascii=False)
    assert RecordedChat("toy", [recorded(tmp_path, line)]).ask(HELLO).text == "a\u2028b\x85c"


@pytest.mark.parametrize(
    "bad", ["{nope", "[1]", '"text"', "3", "null", "{}", '{"custom_id": []}', "[" * 100_000]
)
def test_a_line_that_is_no_batch_output_is_named_by_file_and_number(
    tmp_path: Path, bad: str
) -> None:
    path = recorded(tmp_path, reply_line(HELLO, completion("Hi")), bad)
    with pytest.raises(DataFileError, match=r"replies\.jsonl: line 2: expected a batch output"):
        RecordedChat("toy", [path])


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("binary", "nowhere"):
        with pytest.raises(DataFileError, match=f"{name}: cannot be read"):
            read_replies(tmp_path / name)


def test_a_request_line_carries_no_trial_in_its_body() -> None:
    assert request_line(AGAIN, "toy")["body"] == request_line(HELLO, "toy")["body"]
    assert request_line(AGAIN, "toy")["custom_id"] != request_line(HELLO, "toy")["custom_id"]
