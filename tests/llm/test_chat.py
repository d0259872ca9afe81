"""Requests and replies: the bodies of OpenAI's chat completions, read from servers of all sorts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.prompts import Message
from mock_interviewer.errors import ModelRefusedError
from mock_interviewer.llm.chat import (
    MAX_REPLY_CHARACTERS,
    Reply,
    Request,
    Schema,
    read_completion,
    read_usage,
)
from tests.model_server import completion, logprobs

HELLO = Request((Message(role="user", content="Hello"),), max_tokens=5)
SHAPE = Schema("shape", {"type": "object"})


# The request


def test_a_request_is_a_chat_completions_body_and_leaves_out_what_was_not_asked_for() -> None:
    assert HELLO.body("toy") == {
        "model": "toy",
        "messages": [{"role": "user", "content": "Hello"}],
        "max_completion_tokens": 5,
        "temperature": 0.0,
    }
    assert "temperature" not in replace(HELLO, temperature=None).body("toy")


def test_a_schema_is_asked_for_strictly() -> None:
    assert replace(HELLO, schema=SHAPE).body("toy")["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "shape", "strict": True, "schema": {"type": "object"}},
    }


def test_log_probabilities_are_asked_for_by_number() -> None:
    body = replace(HELLO, top_logprobs=7).body("toy")
    assert (body["logprobs"], body["top_logprobs"]) == (True, 7)


def test_the_trial_is_in_the_key_and_not_in_the_body() -> None:
    again = HELLO.with_trial(1)
    assert again.body("toy") == HELLO.body("toy")
    assert again.key("toy") != HELLO.key("toy")


@pytest.mark.parametrize(
    "other",
    [
        replace(HELLO, messages=(Message(role="system", content="Hello"),)),
        replace(HELLO, messages=(*HELLO.messages, *HELLO.messages)),
        replace(HELLO, max_tokens=6),
        replace(HELLO, schema=SHAPE),
        replace(HELLO, top_logprobs=1),
        replace(HELLO, temperature=0.5),
    ],
)
def test_the_key_changes_with_everything_that_is_sent(other: Request) -> None:
    assert other.key("toy") != HELLO.key("toy")


def test_the_key_changes_with_the_model() -> None:
    assert HELLO.key("toy") != HELLO.key("other")


def test_the_key_is_the_same_in_every_run_so_that_recordings_are_found() -> None:
    # sha256 of [body, 0] as JSON with sorted keys, its first 32 hex digits.
    assert HELLO.key("toy") == "c5cdca6947cdb31d1f77aab41668a0a4"


# The reply


def test_a_completion_gives_its_text_and_tokens() -> None:
    usage = {
        "prompt_tokens": 30,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 20},
    }
    reply = read_completion(completion("Hello you", usage=usage))
    assert reply == Reply("Hello you", (), Usage(prompt=30, cached=20, completion=4))


def test_log_probabilities_are_kept_by_token() -> None:
    body = completion("Yes", logprobs=logprobs((" Yes", {" Yes": -0.5, "No": -2})))
    (token,) = read_completion(body).tokens
    assert token.text == " Yes"
    assert token.alternatives == {" Yes": -0.5, "No": -2.0}


@pytest.mark.parametrize("odd", [float("inf"), float("-inf"), float("nan"), None, "-1"])
def test_an_alternative_without_a_finite_log_probability_is_left_out(odd: Any) -> None:
    body = completion("Yes", logprobs=logprobs(("Yes", {"Yes": -1.0, "No": odd})))
    assert read_completion(body).tokens[0].alternatives == {"Yes": -1.0}


def test_no_probability_is_above_one() -> None:
    body = completion("Yes", logprobs=logprobs(("Yes", {"Yes": 1000.0})))
    assert read_completion(body).tokens[0].alternatives == {"Yes": 0.0}


def test_with_log_probabilities_a_reply_may_be_cut_off_or_without_text() -> None:
    asked = logprobs(("Yes", {"Yes": -0.1}))
    assert read_completion(completion("Yes", "length", logprobs=asked)).text == "Yes"
    assert read_completion(completion(None, "length", logprobs=asked)).tokens[0].text == "Yes"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "no message"),
        ("text", "no message"),
        ([], "no message"),
        ({}, "no message"),
        ({"choices": None}, "no message"),
        ({"choices": []}, "no message"),
        ({"choices": ["text"]}, "no message"),
        ({"choices": [{"message": None}]}, "no message"),
        ({"choices": [{"message": "text"}]}, "no message"),
        (completion(None), "empty"),
        (completion(" \n"), "empty"),
        (completion("", "length"), "empty"),
        (completion("So then I", "length"), "cut off"),
        (completion("So then I", "content_filter"), "content filter"),
        (completion(None, refusal="I can't help with that."), "declined"),
        (completion("Sure", refusal="I can't help with that."), "declined"),
        (completion("x" * (MAX_REPLY_CHARACTERS + 1)), "reasonable length"),
        ({"choices": [{"message": {"content": ["text"]}}]}, "reasonable length"),
        (completion("Yes", logprobs=["odd"]), "log-probabilities"),
        (completion("Yes", logprobs={"content": [None]}), "log-probabilities"),
        (completion("Yes", logprobs={"content": [{"top_logprobs": 5}]}), "log-probabilities"),
        (completion("Yes", logprobs=logprobs(("Yes", {"No": 10**400}))), "log-probabilities"),
    ],
)
def test_what_is_no_usable_reply_is_refused_with_the_reason(body: Any, message: str) -> None:
    with pytest.raises(ModelRefusedError, match=message):
        read_completion(body)


def test_the_longest_reply_is_still_read() -> None:
    assert len(read_completion(completion("x" * MAX_REPLY_CHARACTERS)).text) == 200_000


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, Usage()),
        ("many", Usage()),
        ({}, Usage()),
        ({"prompt_tokens": 3, "completion_tokens": None}, Usage(prompt=3)),
        ({"prompt_tokens": 1.5, "completion_tokens": "4"}, Usage()),
        ({"prompt_tokens": 3, "prompt_tokens_details": None}, Usage(prompt=3)),
        ({"prompt_tokens": 3, "prompt_tokens_details": "none"}, Usage(prompt=3)),
        (
            {"completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1}},
            Usage(cached=1, completion=2),
        ),
    ],
)
def test_usage_that_a_server_does_not_tell_is_none(usage: Any, expected: Usage) -> None:
    assert read_usage(usage) == expected


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                "choices message content refusal finish_reason logprobs top_logprobs token "
                "logprob usage prompt_tokens prompt_tokens_details".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_json, _json, _json, _json)
@settings(deadline=None, max_examples=100)
def test_whatever_a_server_sends_is_a_reply_or_refused(
    body: Any, content: Any, probabilities: Any, usage: Any
) -> None:
    whole = {
        "choices": [{"message": {"content": content}, "logprobs": probabilities}],
        "usage": usage,
    }
    for sent in (body, whole, completion("Yes", logprobs={"content": [probabilities]})):
        try:
            reply = read_completion(sent)
        except ModelRefusedError:
            continue
        assert all(value <= 0 for token in reply.tokens for value in token.alternatives.values())


# A reply read as JSON


@pytest.mark.parametrize(
    "text",
    ['{"level": 3}', ' {"level": 3}\n', '```json\n{"level": 3}\n```', '```\n{"level": 3}\n```'],
)
def test_a_reply_is_read_as_json_also_out_of_a_code_block(text: str) -> None:
    assert Reply(text).data() == {"level": 3}


@pytest.mark.parametrize("text", ["", "level 3", '{"level": 3', "[" * 100_000])
def test_a_reply_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ModelRefusedError, match="not valid JSON"):
        Reply(text).data()
