"""The one protocol by which the program talks to a model, and its requests and replies.

A request and a reply are, to the letter, the bodies of OpenAI's chat completions; so a live
server, a batch file and a recording all go through the same two functions, `Request.body` and
`read_completion`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from mock_interviewer.core.content import whole_characters
from mock_interviewer.core.grade import Usage
from mock_interviewer.core.prompts import Message
from mock_interviewer.errors import ModelAccessError, ModelRefusedError


@dataclass(frozen=True)
class Schema:
    """A JSON schema that the reply has to fit."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One question to a model. `trial` tells repeats of the same question apart."""

    messages: tuple[Message, ...]
    max_tokens: int
    schema: Schema | None = None
    top_logprobs: int = 0
    temperature: float | None = 0.0
    trial: int = 0
    begun_by: float | None = field(default=None, compare=False)
    done_by: float | None = field(default=None, compare=False)
    """When a person stops waiting, by `time.monotonic()`: for the first word, and for the last.
    None: the model's own limits hold alone."""

    def body(self, model: str) -> dict[str, Any]:
        """The request as a chat completions body."""
        body: dict[str, Any] = {
            "model": model,
            "messages": [message.model_dump() for message in self.messages],
            "max_completion_tokens": self.max_tokens,
        }
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.schema is not None:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {
                    "name": self.schema.name,
                    "strict": True,
                    "schema": dict(self.schema.schema),
                },
            }
        if self.top_logprobs:
            body |= {"logprobs": True, "top_logprobs": self.top_logprobs}
        return body

    def key(self, model: str) -> str:
        """Hash of model, messages, schema, parameters and trial: what recordings are found by."""
        text = json.dumps([self.body(model), self.trial], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def with_trial(self, trial: int) -> Request:
        """The same question as another trial."""
        return replace(self, trial=trial)


@dataclass(frozen=True)
class Token:
    """One generated token, and the natural log-probabilities of what could have stood there."""

    text: str
    alternatives: Mapping[str, float]


@dataclass(frozen=True)
class Reply:
    """What came back: the text, and its tokens' log-probabilities if they were asked for."""

    text: str
    tokens: tuple[Token, ...] = ()
    usage: Usage = Usage()

    def data(self) -> Any:
        """The reply read as JSON. Raises `ModelRefusedError` if it is not."""
        text = self.text.strip()
        if text.startswith("```"):
            text = text.strip("`").removeprefix("json")
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ModelRefusedError("the model's reply is not valid JSON") from error


class ChatModel(Protocol):
    """Something that answers requests."""

    @property
    def name(self) -> str:
        """The model's id, as it stands in a stamp."""
        ...

    def ask(self, request: Request, *, urgent: bool = False) -> Reply:
        """Answer in one piece. `urgent`: a person is waiting. Raises `ModelError`."""
        ...

    def stream(self, request: Request) -> Iterator[str]:
        """Answer in pieces of text, as they come. Raises `ModelError`, also in the middle."""
        ...


_NO_MESSAGE = "the model's reply has no message in it"

MAX_REPLY_CHARACTERS = 200_000
"""Far above anything a prompt of ours asks for; more is a broken server."""


def read_completion(body: Any) -> Reply:
    """Read a chat completion's body. Raises `ModelRefusedError` saying what is wrong with it."""
    try:
        choice = body["choices"][0]
        message = choice["message"]
    except (KeyError, IndexError, TypeError) as error:
        raise ModelAccessError(_NO_MESSAGE) from error
    if not isinstance(message, Mapping):
        raise ModelAccessError(_NO_MESSAGE)
    if message.get("refusal"):
        raise ModelRefusedError("the model declined to answer")
    reason = choice.get("finish_reason")
    if reason == "content_filter":
        raise ModelRefusedError("the model's content filter stopped the reply")
    text = message.get("content") or ""
    if not isinstance(text, str) or len(text) > MAX_REPLY_CHARACTERS:
        raise ModelRefusedError("the model's reply is not a text of reasonable length")
    try:
        tokens = _tokens(choice.get("logprobs"))
    except (AttributeError, TypeError, OverflowError) as error:
        raise ModelRefusedError("the reply's log-probabilities are not of their form") from error
    if not tokens:
        if not text.strip():
            raise ModelRefusedError("the model's reply is empty")
        if reason == "length":
            raise ModelRefusedError("the model's reply was cut off before its end")
    return Reply(text=whole_characters(text), tokens=tokens, usage=read_usage(body.get("usage")))


def read_usage(usage: Any) -> Usage:
    """Read a `usage` object; what a server does not tell is 0."""
    if not isinstance(usage, Mapping):
        return Usage()
    details = usage.get("prompt_tokens_details")
    return Usage(
        prompt=_whole(usage.get("prompt_tokens")),
        cached=_whole(details.get("cached_tokens")) if isinstance(details, Mapping) else 0,
        completion=_whole(usage.get("completion_tokens")),
    )


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 10**12 else 0


def _tokens(logprobs: Any) -> tuple[Token, ...]:
    return tuple(
        Token(str(position.get("token", "")), _alternatives(position.get("top_logprobs") or []))
        for position in (logprobs or {}).get("content") or []
    )


def _alternatives(entries: list[dict[str, Any]]) -> dict[str, float]:
    return {
        # No probability is above 1; rounding, and broken servers, say so sometimes.
        str(entry.get("token", "")): min(0.0, float(entry["logprob"]))
        for entry in entries
        if isinstance(entry.get("logprob"), int | float) and math.isfinite(entry["logprob"])
    }
