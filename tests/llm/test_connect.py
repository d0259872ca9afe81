"""Which model is used: every way of choosing one, and what is said of it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from mock_interviewer.core.prompts import Message
from mock_interviewer.errors import ConfigurationError
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Request
from mock_interviewer.llm.connect import Connection, connect
from mock_interviewer.llm.embedded import Stage
from mock_interviewer.settings import load_settings
from tests.model_server import Answer, completion, error, json_answer, serving

KEY = "sk-very-secret"
HELLO = Request((Message(role="user", content="Hello"),), max_tokens=5)


def chosen(model_file: Path | None = None, **environ: str) -> Connection:
    return connect(load_settings(environ, model_file=model_file))


def listing(*names: str) -> Answer:
    return json_answer({"data": [{"id": name} for name in names]})


def test_without_settings_the_embedded_model_is_used_and_nothing_is_started() -> None:
    connection = chosen()
    assert connection.model is connection.embedded
    assert connection.model.name == "qwen2.5-coder-1.5b-instruct-q4_k_m"
    assert connection.entry.strategy is Strategy.SENTENCES
    assert connection.embedded is not None
    assert connection.embedded.status.stage is Stage.WAITING
    assert connection.embedded.process_id is None
    assert connection.why == (
        "neither OPENAI_BASE_URL nor OPENAI_API_KEY is set; set one of them to use another "
        "model, or --model-file for another GGUF file"
    )
    assert "are sent nowhere" in connection.where


def test_a_model_file_goes_before_every_server(tmp_path: Path) -> None:
    file = tmp_path / "Other-Model.gguf"
    file.touch()
    connection = chosen(file, OPENAI_API_KEY=KEY, OPENAI_BASE_URL="http://localhost:9/v1")
    assert connection.embedded is not None
    assert connection.model.name == "other-model"
    assert connection.entry.strategy is None  # nobody has measured it
    assert connection.why.startswith(f"the model file {file} was given; --model-file")


def test_a_known_model_file_keeps_what_is_known_of_it(tmp_path: Path) -> None:
    file = tmp_path / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    file.touch()
    assert chosen(file).entry.strategy is Strategy.SENTENCES


def test_a_key_alone_chooses_the_default_hosted_model() -> None:
    connection = chosen(OPENAI_API_KEY=KEY)
    assert connection.embedded is None
    assert connection.model.name == "gpt-5.4-mini"
    assert connection.why == "OPENAI_API_KEY is set; MOCK_INTERVIEWER_MODEL can name another"
    assert connection.where == "Your answers are sent to the model server at OpenAI."


def test_a_named_model_is_used_without_asking_the_server() -> None:
    with serving(listing("a", "b")) as server:
        connection = chosen(OPENAI_BASE_URL=server.url, MOCK_INTERVIEWER_MODEL="named")
        assert server.requests == []
    assert connection.model.name == "named"
    assert connection.why == "MOCK_INTERVIEWER_MODEL names it; set it to another id, or unset it"


def test_a_named_model_at_openai_needs_only_the_key() -> None:
    connection = chosen(OPENAI_API_KEY=KEY, MOCK_INTERVIEWER_MODEL="named")
    assert (connection.model.name, connection.embedded) == ("named", None)


def test_the_only_model_that_a_server_lists_is_used_and_needs_no_key() -> None:
    def script(received: object) -> Answer:
        return replies.pop(0)

    replies = [listing("toy"), json_answer(completion("Hi"))]
    with serving(script) as server:
        connection = chosen(OPENAI_BASE_URL=server.url)
        assert connection.model.ask(HELLO).text == "Hi"
        host = server.url.removeprefix("http://").removesuffix("/v1")
    assert connection.model.name == "toy"
    assert connection.why == (
        "it is the only one that the server at OPENAI_BASE_URL lists; "
        "set OPENAI_BASE_URL to another server, or unset it for the embedded model"
    )
    assert connection.where == f"Your answers are sent to the model server at {host}."


def test_the_key_goes_to_the_server_and_into_nothing_that_is_shown() -> None:
    with serving(listing("toy")) as server:
        connection = chosen(OPENAI_BASE_URL=server.url, OPENAI_API_KEY=KEY)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(connection)
    assert KEY not in connection.why + connection.where


def test_a_password_in_the_address_is_not_shown() -> None:
    connection = chosen(
        OPENAI_BASE_URL="http://ada:pass-word@localhost:9/v1", MOCK_INTERVIEWER_MODEL="toy"
    )
    assert connection.where.endswith("at localhost:9.")
    assert "pass-word" not in repr(connection)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a", "b"], "lists 2 models; set MOCK_INTERVIEWER_MODEL to one of: a, b."),
        ([], "lists 0 models; set MOCK_INTERVIEWER_MODEL to one of: (none)."),
    ],
)
def test_where_a_server_lists_not_just_one_model_the_error_lists_them(
    names: list[str], told: str
) -> None:
    with serving(listing(*names)) as server, pytest.raises(ConfigurationError) as caught:
        chosen(OPENAI_BASE_URL=server.url)
    assert str(caught.value) == f"The server at OPENAI_BASE_URL {told}"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error(401, f"Incorrect key {KEY}"), "refuses the key (check OPENAI_API_KEY)"),
        (error(404, "what?"), "does not know this model or address"),
        (Answer(b"<html>"), "it usually ends in /v1"),
    ],
)
def test_a_server_that_cannot_be_asked_for_its_models_is_an_error_with_ways_out(
    answer: Answer, reason: str
) -> None:
    with serving(answer) as server, pytest.raises(ConfigurationError) as caught:
        chosen(OPENAI_BASE_URL=server.url, OPENAI_API_KEY=KEY)
    message = str(caught.value)
    assert message.startswith("OPENAI_BASE_URL is set, and the server there cannot be asked")
    assert reason in message
    assert "Start it, correct the address, or name the model with MOCK_INTERVIEWER_MODEL" in message
    assert KEY not in message


def test_a_server_that_is_not_running_is_an_error_with_ways_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConfigurationError, match=r"cannot be reached\. Start it"):
        chosen(OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1")
