"""Parameters that a server does not know are left out."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import pytest

from mock_interviewer.errors import ModelRefusedError
from tests.llm.openai_asking import HELLO, KEY, SHAPED, asked, connected
from tests.model_server import (
    Answer,
    Received,
    Script,
    completion,
    error,
    json_answer,
    serving,
    spoken,
)


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
