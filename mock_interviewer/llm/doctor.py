"""What a model's server can do, found out with one tiny request of each kind the program needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.errors import ModelError, ModelRefusedError
from mock_interviewer.llm.chat import ChatModel, Request, Schema

_SMALLER = Schema(
    name="comparison",
    schema={
        "type": "object",
        "properties": {"smaller": {"type": "boolean"}},
        "required": ["smaller"],
        "additionalProperties": False,
    },
)


@dataclass(frozen=True)
class Finding:
    """One ability: whether it is there, what was seen, and what it is for."""

    ability: str
    works: bool
    seen: str
    used_for: str


def examine(model: ChatModel) -> Iterator[Finding]:
    """Yield a finding for each ability as it is known."""
    yield _try("stream", "the interviewer's words", lambda: _stream(model))
    yield _try("schema", "grading by levels", lambda: _schema(model))
    yield _try("log-probabilities", "grading by checklist", lambda: _logprobs(model))


def _try(ability: str, used_for: str, attempt: Callable[[], str]) -> Finding:
    try:
        return Finding(ability, True, attempt(), used_for)
    except ModelError as error:
        return Finding(ability, False, str(error), used_for)


def _stream(model: ChatModel) -> str:
    request = Request(load_prompt("doctor_stream").render(), max_tokens=20)
    pieces = list(model.stream(request))
    if not "".join(pieces).strip():
        raise ModelRefusedError("the stream holds no words")
    return f"{len(pieces)} pieces"


def _schema(model: ChatModel) -> str:
    request = Request(load_prompt("doctor_schema").render(), max_tokens=40, schema=_SMALLER)
    data = model.ask(request, urgent=True).data()
    if not isinstance(data, dict) or not isinstance(data.get("smaller"), bool):
        raise ModelRefusedError("the reply does not keep to the schema")
    return "kept to"


def _logprobs(model: ChatModel) -> str:
    request = Request(load_prompt("doctor_logprobs").render(), max_tokens=5, top_logprobs=5)
    reply = model.ask(request, urgent=True)
    if not reply.tokens or len(reply.tokens[0].alternatives) < 2:
        raise ModelRefusedError("the server gives none")
    return f"{len(reply.tokens[0].alternatives)} alternatives for a token"
