"""What the doctor finds out about a server."""

from __future__ import annotations

import pytest

from mock_interviewer.llm.doctor import Finding, examine
from mock_interviewer.llm.openai_chat import OpenAIChat
from tests.model_server import (
    Answer,
    Received,
    Script,
    chunk,
    completion,
    error,
    json_answer,
    logprobs,
    serving,
    spoken,
    stream,
)

YES = completion("Yes", "length", logprobs=logprobs(("Yes", {"Yes": -0.1, "No": -2.0})))


def able(received: Received) -> Answer:
    """A server that can do everything."""
    if received.body.get("stream"):
        return spoken("Hello", " there", " you")
    if "response_format" in received.body:
        return json_answer(completion('{"smaller": true}'))
    return json_answer(YES)


def found(script: Script | Answer) -> dict[str, Finding]:
    with serving(script) as server:
        chat = OpenAIChat(model="toy", api_key="none", base_url=server.url, max_retries=0)
        return {finding.ability: finding for finding in examine(chat)}


def test_an_able_server_can_do_all_that_the_program_needs() -> None:
    assert list(found(able).values()) == [
        Finding("stream", True, "3 pieces", "the interviewer's words"),
        Finding("schema", True, "kept to", "grading by levels"),
        Finding("log-probabilities", True, "2 alternatives for a token", "grading by checklist"),
    ]


def test_each_ability_costs_one_small_request() -> None:
    with serving(able) as server:
        chat = OpenAIChat(model="toy", api_key="none", base_url=server.url)
        list(examine(chat))
    assert len(server.requests) == 3
    assert all(received.body["max_completion_tokens"] <= 40 for received in server.requests)


@pytest.mark.parametrize(
    "said", ['{"smaller": "yes"}', '{"bigger": true}', "[true]", "Yes, it is.", "null"]
)
def test_a_reply_outside_the_schema_is_no_schema(said: str) -> None:
    finding = found(json_answer(completion(said)))["schema"]
    assert not finding.works
    assert "schema" in finding.seen or "JSON" in finding.seen


@pytest.mark.parametrize(
    "body",
    [
        completion("Yes"),
        completion("Yes", logprobs={"content": []}),
        completion("Yes", logprobs=logprobs(("Yes", {"Yes": -0.1}))),
    ],
)
def test_a_server_that_gives_no_alternatives_has_no_log_probabilities(body: object) -> None:
    finding = found(json_answer(body))["log-probabilities"]
    assert (finding.works, finding.seen) == (False, "the server gives none")


@pytest.mark.parametrize("words", [[], [""], ["\n"]])
def test_a_stream_without_words_is_none(words: list[str]) -> None:
    empty = stream(*[chunk(word) for word in words], chunk(finish_reason="stop"))
    finding = found(empty)["stream"]
    assert (finding.works, finding.seen) == (False, "the stream holds no words")


def test_what_fails_is_found_to_fail_and_the_rest_is_still_tried() -> None:
    def script(received: Received) -> Answer:
        return error(503, "busy") if received.body.get("stream") else able(received)

    findings = found(script)
    assert {name: finding.works for name, finding in findings.items()} == {
        "stream": False,
        "schema": True,
        "log-probabilities": True,
    }
    assert "status 503" in findings["stream"].seen
