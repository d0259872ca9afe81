"""A server's stream: its pieces, how it ends badly, and how long it is waited for."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from email.utils import formatdate

import pytest

from mock_interviewer.errors import (
    ModelAccessError,
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
)
from tests.llm.openai_asking import HELLO, HTML, KEY, asked, broken, connected, streamed
from tests.model_server import CUT, DONE, Answer, chunk, error, event, serving, stream


def test_a_stream_gives_its_pieces_as_they_come() -> None:
    with serving(stream(chunk("Hello"), 30.0)) as server:
        pieces = connected(server).stream(HELLO)
        assert next(pieces) == "Hello"
        pieces.close()


def test_a_stream_is_asked_for_with_its_usage_which_comes_without_choices() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 2}
    without = {"id": "c1", "usage": usage}
    for last in (chunk(choices=[], usage=usage), event(without)):
        with serving(stream(chunk("Hi"), chunk(finish_reason="stop"), last, DONE)) as server:
            chat = connected(server)
            assert list(chat.stream(HELLO)) == ["Hi"]
        assert server.requests[0].body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    "odd",
    [
        event({}),
        event({"choices": None}),
        event({"choices": ["text"]}),
        event({"choices": [{"index": 0}]}),
        event({"choices": [{"delta": None}]}),
        event({"choices": [{"delta": {"content": 5}}]}),
        event({"choices": [{"delta": {"role": "assistant", "content": ""}}]}),
        b": comment\n\n",
        b"event: ping\n\n",
        b"\r\n",
    ],
)
def test_a_piece_without_words_is_passed_over(odd: bytes) -> None:
    words = stream(odd, chunk("Hello"), odd, chunk(" you", "stop"), odd, DONE)
    assert streamed(words) == ["Hello", " you"]


def test_a_piece_may_hold_every_line_break_of_unicode_and_come_byte_by_byte() -> None:
    text = "naïve\u2028\x85\x0b\u3042\n"
    body = {"choices": [{"delta": {"content": text}, "finish_reason": "stop"}]}
    raw = b"data:" + json.dumps(body, ensure_ascii=False).encode() + b"\r\n\r\n"
    assert streamed(stream(*[bytes([byte]) for byte in raw])) == [text]


def test_the_last_line_needs_no_line_feed() -> None:
    assert streamed(stream(chunk("Hello", "stop").rstrip(b"\n"))) == ["Hello"]


@pytest.mark.parametrize(
    ("answer", "before", "kind", "message"),
    [
        (stream(CUT), [], ModelUnavailableError, "cannot be reached"),
        (stream(chunk("So"), CUT), ["So"], ModelUnavailableError, "cannot be reached"),
        (stream(chunk("So")), ["So"], ModelUnavailableError, "broke off"),
        (stream(chunk("So"), DONE), ["So"], ModelUnavailableError, "broke off"),
        (stream(), [], ModelUnavailableError, "broke off"),
        (HTML, [], ModelUnavailableError, "broke off"),
        (
            stream(chunk("So"), event({"error": {"message": "overloaded"}})),
            ["So"],
            ModelUnavailableError,
            "failed in the middle",
        ),
        (stream(chunk("So"), b"data: {nope\n\n"), ["So"], ModelAccessError, "not of an OpenAI"),
        (stream(b"data: \xff\xfe\n\n"), [], ModelAccessError, "not of an OpenAI"),
        (stream(event(["text"])), [], ModelAccessError, "not of an OpenAI"),
        (
            stream(chunk("So"), chunk(finish_reason="content_filter")),
            ["So"],
            ModelRefusedError,
            "content filter",
        ),
        (
            stream(event({"choices": [{"delta": {"refusal": "I can't"}}]})),
            [],
            ModelRefusedError,
            "declined",
        ),
        (error(401, f"Incorrect key {KEY}"), [], ModelAccessError, "check OPENAI_API_KEY"),
        (error(429, "x", code="insufficient_quota"), [], ModelAccessError, "no quota left"),
        (error(503, "loading"), [], ModelUnavailableError, "busy or failing (status 503)"),
    ],
)
def test_a_stream_that_ends_badly_is_an_error_after_what_came(
    answer: Answer, before: list[str], kind: type[ModelError], message: str
) -> None:
    pieces, caught = broken(answer)
    assert pieces == before
    assert type(caught) is kind
    assert message in str(caught)
    assert KEY not in f"{caught} {caught!r}"


@pytest.mark.parametrize(
    "waiting",
    [
        [30.0],
        [b": still here\n\n", 0.1] * 100,
        [event({"choices": [{"delta": {"reasoning_content": "hm"}}]}), 0.1] * 100,
    ],
    ids=["silence", "comments", "thoughts"],
)
def test_the_first_word_is_waited_for_only_so_long_whatever_else_comes(
    waiting: list[bytes | float],
) -> None:
    started = time.monotonic()
    pieces, caught = broken(stream(*waiting, chunk("late", "stop")), first_token_seconds=0.3)
    assert pieces == []
    assert type(caught) is ModelUnavailableError
    assert "took too long" in str(caught)
    assert time.monotonic() - started < 3


def test_a_person_who_has_waited_before_waits_so_much_less_for_the_first_word() -> None:
    started = time.monotonic()
    waiting = replace(HELLO, begun_by=started + 0.3)
    with serving(stream(30.0)) as server, pytest.raises(ModelUnavailableError, match="too long"):
        list(connected(server).stream(waiting))
    assert time.monotonic() - started < 4


def test_a_person_who_has_waited_before_waits_so_much_less_for_the_last_word() -> None:
    endless = [part for _ in range(300) for part in (chunk("so "), 0.05)]
    started = time.monotonic()
    waiting = replace(HELLO, done_by=started + 0.4)
    with serving(stream(*endless)) as server, pytest.raises(ModelUnavailableError):
        list(connected(server).stream(waiting))
    with serving(Answer([30.0])) as server, pytest.raises(ModelUnavailableError):
        connected(server).ask(waiting, urgent=True)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("drip", [b" ", b"{", b"\n"])
def test_a_body_that_drips_is_not_waited_for(drip: bytes) -> None:
    started = time.monotonic()
    with serving(Answer([drip, 0.05] * 400)) as server:
        chat = connected(server, first_token_seconds=0.3, turn_seconds=0.3)
        for act in (lambda: chat.ask(HELLO), lambda: list(chat.stream(HELLO)), chat.models):
            with pytest.raises(ModelUnavailableError, match="too long"):
                act()
    assert time.monotonic() - started < 6


@pytest.mark.parametrize(
    ("asked_for", "expected"),
    [("7", 7), ("0.5", 0.5), ("-3", 0), ("inf", 0), ("nan", 0), ("soon", 0), ("", 0)],
)
def test_how_long_a_busy_server_asks_to_be_left_alone_is_told(
    asked_for: str, expected: float
) -> None:
    with pytest.raises(ModelUnavailableError) as caught:
        asked(Answer(b"", 429, {"Retry-After": asked_for}))
    assert caught.value.retry_after == expected


def test_a_busy_server_may_name_the_time() -> None:
    later = formatdate(time.time() + 90, usegmt=True)
    with pytest.raises(ModelUnavailableError) as caught:
        asked(Answer(b"", 503, {"Retry-After": later}))
    assert 80 < caught.value.retry_after <= 90


def test_once_words_come_the_whole_reply_may_take_longer_than_its_first_word() -> None:
    words = [part for _ in range(4) for part in (chunk("so "), 0.25)]
    said = streamed(stream(*words, chunk("on", "stop")), first_token_seconds=0.8)
    assert said == ["so ", "so ", "so ", "so ", "on"]


def test_a_reply_that_does_not_end_is_broken_off_after_the_seconds_of_a_turn() -> None:
    endless = [part for _ in range(200) for part in (chunk("so "), 0.05)]
    pieces, caught = broken(stream(*endless), turn_seconds=0.4)
    assert 1 <= len(pieces) <= 9  # 0.4 s at a word each 0.05 s, and one more
    assert type(caught) is ModelUnavailableError


def test_a_stream_is_never_tried_again() -> None:
    with serving(error(503, "loading")) as server, pytest.raises(ModelUnavailableError):
        list(connected(server, max_retries=2).stream(HELLO))
    assert len(server.requests) == 1


def test_a_stream_that_nobody_reads_on_is_hung_up() -> None:
    endless = [part for _ in range(500) for part in (chunk("so "), 0.01)]
    with serving(stream(*endless)) as server:
        pieces = connected(server).stream(HELLO)
        next(pieces)
        pieces.close()
        assert server.hung_up.wait(4)
