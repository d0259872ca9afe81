"""Talking to OpenAI-compatible servers: a real one on loopback that misbehaves in every way."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import openai
import pytest

from mock_interviewer.core.prompts import Message
from mock_interviewer.errors import (
    ModelAccessError,
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
)
from mock_interviewer.llm.chat import Request, Schema
from mock_interviewer.llm.openai_chat import OpenAIChat
from tests.model_server import (
    CUT,
    DONE,
    Answer,
    ModelServer,
    Received,
    Script,
    chunk,
    completion,
    error,
    event,
    json_answer,
    logprobs,
    serving,
    spoken,
    stream,
)

KEY = "sk-very-secret"
HELLO = Request((Message(role="user", content="Hello"),), max_tokens=5)
SHAPED = replace(HELLO, schema=Schema("shape", {"type": "object"}))

HTML = Answer(b"<html>Welcome</html>", headers={"Content-Type": "text/html"})


CLIENT = openai.DefaultHttpxClient(follow_redirects=False)
"""Shared, because making one takes longer than a test does."""


def connected(server: ModelServer, **options: Any) -> OpenAIChat:
    options = {"max_retries": 0, "http_client": CLIENT, **options}
    return OpenAIChat(model="toy", api_key=KEY, base_url=server.url, **options)


def asked(script: Script | Answer, request: Request = HELLO, **options: Any) -> Any:
    with serving(script) as server:
        return connected(server, **options).ask(request)


def streamed(script: Script | Answer, **options: Any) -> list[str]:
    """The pieces of a stream that ends well."""
    with serving(script) as server:
        return list(connected(server, **options).stream(HELLO))


def broken(script: Script | Answer, **options: Any) -> tuple[list[str], ModelError]:
    """The pieces that came before a stream's error, and the error."""
    pieces: list[str] = []
    with serving(script) as server, pytest.raises(ModelError) as caught:
        pieces.extend(connected(server, **options).stream(HELLO))
    return pieces, caught.value


# Asking


def test_asking_sends_the_requests_own_body_with_the_key() -> None:
    with serving(json_answer(completion("Hello you"))) as server:
        assert connected(server).ask(SHAPED).text == "Hello you"
    (received,) = server.requests
    assert received.path == "/v1/chat/completions"
    assert received.body == SHAPED.body("toy")
    assert received.headers["authorization"] == f"Bearer {KEY}"


def test_log_probabilities_come_back() -> None:
    body = completion("Yes", logprobs=logprobs(("Yes", {"Yes": -0.1, "No": -3.0})))
    reply = asked(json_answer(body), replace(HELLO, top_logprobs=2))
    assert reply.tokens[0].alternatives == {"Yes": -0.1, "No": -3.0}


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (error(400, "no"), ModelRefusedError, "rejects the request (status 400)"),
        (error(401, f"Incorrect key {KEY}"), ModelAccessError, "check OPENAI_API_KEY"),
        (error(403, "not for you"), ModelAccessError, "check OPENAI_API_KEY"),
        (error(404, "what model?"), ModelAccessError, "does not know this model or address"),
        (error(408, "slow"), ModelUnavailableError, "busy or failing (status 408)"),
        (error(409, "locked"), ModelUnavailableError, "busy or failing (status 409)"),
        (error(413, "too large"), ModelRefusedError, "rejects the request (status 413)"),
        (error(422, "no"), ModelRefusedError, "rejects the request (status 422)"),
        (error(429, "slow down"), ModelUnavailableError, "busy or failing (status 429)"),
        (error(429, "pay", code="insufficient_quota"), ModelAccessError, "no quota left"),
        (error(500, "oops"), ModelUnavailableError, "busy or failing (status 500)"),
        (error(503, "loading"), ModelUnavailableError, "busy or failing (status 503)"),
        (Answer(b"<html>", 502), ModelUnavailableError, "busy or failing (status 502)"),
        (HTML, ModelAccessError, "usually ends in /v1"),
        (Answer(b""), ModelAccessError, "usually ends in /v1"),
        (Answer(b'{"choices": ['), ModelUnavailableError, "broke off in the middle"),
        (Answer(bytes(range(256))), ModelAccessError, "usually ends in /v1"),
        (Answer(b"[" * 100_000), ModelAccessError, "usually ends in /v1"),
        (Answer(b"x", headers={"Content-Encoding": "gzip"}), ModelAccessError, "in /v1"),
        (Answer([b'{"choices"', CUT]), ModelUnavailableError, "cannot be reached"),
        (Answer([CUT]), ModelUnavailableError, "cannot be reached"),
        (json_answer(completion("")), ModelRefusedError, "empty"),
        (json_answer(completion(None, refusal="no")), ModelRefusedError, "declined"),
        (json_answer(completion("x", "content_filter")), ModelRefusedError, "content filter"),
        (json_answer(completion("x", "length")), ModelRefusedError, "cut off"),
        (json_answer([1]), ModelAccessError, "no message"),
        (json_answer({"choices": []}), ModelAccessError, "no message"),
        (json_answer({"error": {"message": "x"}}), ModelUnavailableError, "failed to reply"),
        (Answer(b"", 307, {"Location": "/"}), ModelAccessError, "another address"),
        (error(501, "no"), ModelRefusedError, "rejects the request (status 501)"),
    ],
)
def test_each_fault_is_told_apart_and_none_tells_the_key(
    answer: Answer, kind: type[ModelError], message: str
) -> None:
    with pytest.raises(ModelError) as caught:
        asked(answer)
    assert type(caught.value) is kind
    assert message in str(caught.value)
    assert KEY not in f"{caught.value} {caught.value!r}"


def test_a_server_that_is_not_there_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    chat = OpenAIChat(
        model="toy", api_key=KEY, base_url=f"http://127.0.0.1:{port}/v1", max_retries=0
    )
    with pytest.raises(ModelUnavailableError, match="cannot be reached"):
        chat.ask(HELLO)


@pytest.mark.parametrize("urgent", [True, False])
def test_asking_ends_after_the_seconds_of_a_turn(urgent: bool) -> None:
    started = time.monotonic()
    with (
        serving(Answer([30.0])) as server,
        pytest.raises(ModelUnavailableError, match="took too long"),
    ):
        connected(server, turn_seconds=0.2).ask(HELLO, urgent=urgent)
    assert time.monotonic() - started < 5


def test_what_nobody_waits_for_may_take_longer_than_a_turn_where_that_is_allowed() -> None:
    slow = Answer([0.5, json.dumps(completion("Hello")).encode()])
    with serving(slow) as server:
        chat = connected(server, turn_seconds=0.2, background_seconds=30.0)
        assert chat.ask(HELLO).text == "Hello"
        with pytest.raises(ModelUnavailableError, match="took too long"):
            chat.ask(HELLO, urgent=True)


def test_asking_is_tried_again_where_that_may_help() -> None:
    answers = iter([error(503, "loading"), json_answer(completion("Hello"))])
    with serving(lambda _: replace(next(answers), headers={"retry-after-ms": "1"})) as server:
        assert connected(server, max_retries=1).ask(HELLO).text == "Hello"
    assert len(server.requests) == 2


def test_the_key_stands_in_no_representation() -> None:
    chat = OpenAIChat(model="toy", api_key=KEY, base_url="http://127.0.0.1:9/v1")
    assert KEY not in repr(chat)


# Streaming


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


# Parameters that a server does not know


def refusing(*parameters: str, status: int = 400) -> Script:
    """A server that complains of each of these parameters, one at a time."""

    def script(received: Received) -> Answer:
        for name in parameters:
            if name in received.body:
                return error(status, f"Unsupported parameter: '{name}' is not supported")
        return spoken("Hi") if received.body.get("stream") else json_answer(completion("Hi"))

    return script


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("name", ["temperature", "max_completion_tokens", "response_format"])
def test_a_parameter_that_the_server_refuses_is_left_out_from_then_on(
    name: str, status: int
) -> None:
    with serving(refusing(name, status=status)) as server:
        chat = connected(server)
        assert chat.ask(SHAPED).text == "Hi"
        assert chat.ask(SHAPED).text == "Hi"
    assert [name in received.body for received in server.requests] == [True, False, False]


def test_stream_options_are_left_out_where_they_are_refused() -> None:
    with serving(refusing("stream_options")) as server:
        chat = connected(server)
        assert list(chat.stream(HELLO)) == ["Hi"]
        assert list(chat.stream(HELLO)) == ["Hi"]
    assert ["stream_options" in r.body for r in server.requests] == [True, False, False]
    assert all(received.body["stream"] for received in server.requests)


def test_the_tokens_of_a_reply_are_limited_under_the_old_name_where_the_new_one_is_refused() -> (
    None
):
    with serving(refusing("max_completion_tokens")) as server:
        connected(server).ask(HELLO)
    assert server.requests[-1].body["max_tokens"] == 5


def test_several_refused_parameters_are_left_out_one_after_the_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = refusing("temperature", "max_completion_tokens", "response_format")
    with serving(script) as server, caplog.at_level(logging.WARNING):
        assert connected(server).ask(SHAPED).text == "Hi"
    assert len(server.requests) == 4
    assert "does not take max_completion_tokens, response_format, temperature" in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "refusal",
    [
        json_answer({"error": {"message": "Unknown value.", "param": "temperature"}}, 400),
        json_answer({"detail": [{"loc": ["body", "temperature"], "msg": "Extra inputs"}]}, 422),
        Answer(b"temperature?", 400, {"Content-Type": "text/plain"}),
    ],
)
def test_servers_complain_of_a_parameter_in_several_forms(refusal: Answer) -> None:
    def script(received: Received) -> Answer:
        return refusal if "temperature" in received.body else json_answer(completion("Hi"))

    assert asked(script).text == "Hi"


def test_a_request_that_is_refused_all_the_same_teaches_nothing() -> None:
    def script(received: Received) -> Answer:
        if len(received.body["messages"]) > 1:
            return error(
                400,
                "This model's maximum context length is 10 tokens; you asked for "
                "12 and a max_completion_tokens of 5",
            )
        return json_answer(completion("Hi"))

    with serving(script) as server:
        chat = connected(server)
        with pytest.raises(ModelRefusedError, match="status 400"):
            chat.ask(replace(HELLO, messages=HELLO.messages * 2))
        chat.ask(HELLO)
    assert server.requests[-1].body["max_completion_tokens"] == 5


def test_requests_that_meet_the_same_refusal_at_once_are_all_answered() -> None:
    together = threading.Barrier(3)

    def script(received: Received) -> Answer:
        if "temperature" not in received.body:
            return json_answer(completion("Hi"))
        together.wait(5)
        return error(400, "Unsupported parameter: 'temperature'")

    texts: list[str] = []
    with serving(script) as server:
        chat = connected(server)
        threads = [
            threading.Thread(target=lambda: texts.append(chat.ask(HELLO).text)) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert texts == ["Hi", "Hi", "Hi"]


# Which models there are


def test_the_models_of_a_server_are_listed() -> None:
    with serving(json_answer({"data": [{"id": "a"}, {"id": "b"}, {"id": 5}, "c"]})) as server:
        assert connected(server).models() == ["a", "b"]
    assert server.requests[0].path == "/v1/models"


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (HTML, ModelAccessError, "usually ends in /v1"),
        (json_answer(["a"]), ModelAccessError, "usually ends in /v1"),
        (error(401, f"Incorrect key {KEY}"), ModelAccessError, "check OPENAI_API_KEY"),
        (error(503, "loading"), ModelUnavailableError, "busy or failing"),
    ],
)
def test_a_server_that_lists_no_models_is_told_apart(
    answer: Answer, kind: type[ModelError], message: str
) -> None:
    with serving(answer) as server, pytest.raises(ModelError) as caught:
        connected(server).models()
    assert type(caught.value) is kind
    assert message in str(caught.value)


def test_an_empty_list_of_models_is_empty() -> None:
    with serving(json_answer({"object": "list", "data": None})) as server:
        assert connected(server).models() == []
