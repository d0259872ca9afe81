"""Talking to OpenAI-compatible servers: a real one on loopback that misbehaves in every way."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace

import pytest

from mock_interviewer.errors import (
    ModelAccessError,
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
)
from mock_interviewer.llm.openai_chat import OpenAIChat
from tests.llm.openai_asking import HELLO, HTML, KEY, SHAPED, asked, connected
from tests.model_server import CUT, Answer, completion, error, json_answer, logprobs, serving

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
