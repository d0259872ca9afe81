"""The real embedded model in its real child process: `make test-model`.

The tests share one server and run in the order of the file: the last two take it away.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import httpx2
import pytest

from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.grading.checklist import log_odds
from mock_interviewer.llm.chat import Request
from mock_interviewer.llm.connect import connect
from mock_interviewer.llm.doctor import examine
from mock_interviewer.llm.embedded import EmbeddedChat, Stage
from mock_interviewer.llm.model_files import installed, models_dir
from mock_interviewer.settings import load_settings

pytestmark = pytest.mark.model

ELSEWHERE = "http://elsewhere.example"


@pytest.fixture(scope="module")
def model() -> Iterator[EmbeddedChat]:
    """The embedded model, ready."""
    settings = load_settings()
    connection = connect(settings)
    if settings.model_file is None and not installed(connection.entry.model_file, models_dir()):
        pytest.skip("the model is not installed: run `mock-interviewer model download`")
    assert connection.embedded is not None
    connection.embedded.prepare()
    connection.embedded.wait()
    yield connection.embedded
    connection.embedded.close()


@pytest.fixture
def server(model: EmbeddedChat) -> Iterator[httpx2.Client]:
    """The model's server as any other program on this machine finds it: without the key."""
    assert model._chat is not None
    address = str(model._chat._client.base_url).removesuffix("/v1/")
    with httpx2.Client(base_url=address, trust_env=False) as client:
        yield client


@pytest.fixture
def key(model: EmbeddedChat) -> dict[str, str]:
    """The header that opens the server."""
    assert model._chat is not None
    return {"Authorization": f"Bearer {model._chat._client.api_key}"}


def is_gone(process_id: int) -> bool:
    for _ in range(200):
        try:
            os.kill(process_id, 0)
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_the_model_is_ready(model: EmbeddedChat) -> None:
    assert model.status.stage is Stage.READY
    assert model.process_id is not None


def test_it_streams_keeps_to_a_schema_and_gives_log_probabilities(model: EmbeddedChat) -> None:
    findings = list(examine(model))
    assert all(finding.works for finding in findings), findings


def test_a_stream_comes_in_pieces(model: EmbeddedChat) -> None:
    pieces = list(model.stream(Request(load_prompt("doctor_stream").render(), max_tokens=20)))
    assert len(pieces) > 1
    assert "".join(pieces).strip()


def test_its_log_probabilities_hold_an_opinion(model: EmbeddedChat) -> None:
    request = Request(load_prompt("doctor_logprobs").render(), max_tokens=1, top_logprobs=10)
    assert log_odds(model.ask(request)) > 0  # one is smaller than two


def test_tokens_are_counted(model: EmbeddedChat) -> None:
    usage = model.ask(Request(load_prompt("doctor_schema").render(), max_tokens=40)).usage
    assert 10 < usage.prompt < 100
    assert 0 < usage.completion <= 40


@pytest.mark.parametrize("path", ["/v1/models", "/props", "/metrics", "/slots", "/tokenize"])
def test_nothing_is_told_without_the_key(server: httpx2.Client, path: str) -> None:
    assert server.get(path).status_code == 401


def test_a_question_without_the_key_is_refused(server: httpx2.Client) -> None:
    body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
    assert server.post("/v1/chat/completions", json=body).status_code == 401
    wrong = {"Authorization": "Bearer none"}
    assert server.post("/v1/chat/completions", json=body, headers=wrong).status_code == 401
    assert server.post("/completion", json={"prompt": "x", "n_predict": 1}).status_code == 401


def test_the_page_of_slots_is_off(server: httpx2.Client, key: dict[str, str]) -> None:
    assert server.get("/slots", headers=key).status_code in (404, 501)


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_web_page_from_elsewhere_is_allowed_nothing(
    server: httpx2.Client, key: dict[str, str], method: str
) -> None:
    asks = {"Origin": ELSEWHERE, "Access-Control-Request-Method": "POST"}
    answer = server.request(method, "/v1/chat/completions", headers={**key, **asks})
    assert answer.headers.get("access-control-allow-origin") in (None, "")


def test_there_is_no_page_to_look_at(server: httpx2.Client) -> None:
    assert server.get("/").status_code == 404


def test_a_model_that_is_killed_is_started_again_and_answers(model: EmbeddedChat) -> None:
    killed = model.process_id
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    reply = model.ask(Request(load_prompt("doctor_logprobs").render(), max_tokens=5))
    assert reply.text
    assert model.status.stage is Stage.READY
    assert model.process_id not in (None, killed)


def test_closing_takes_the_process_away(model: EmbeddedChat) -> None:
    child = model.process_id
    assert child is not None
    started = time.monotonic()
    model.close()
    assert time.monotonic() - started < 4  # orderly, without a kill after 5 s
    assert is_gone(child)
