"""Reading the bodies of a model server's replies, whole or line by line as they come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mock_interviewer.core.content import whole_characters
from mock_interviewer.errors import ModelAccessError, ModelRefusedError, ModelUnavailableError

BROKEN_OFF = "the model's reply broke off in the middle"
NOT_A_MODEL_SERVER = (
    "the server's reply is not of an OpenAI-compatible model server "
    "(check OPENAI_BASE_URL; it usually ends in /v1)"
)


def whole(pieces: Iterable[bytes]) -> Any:
    """The JSON that all pieces make. Raises `ModelUnavailableError` if it lacks its end, or is
    an error in the place of a reply, as gateways send it.
    """
    content = b"".join(pieces).strip()
    if content.startswith(b"{") and not content.endswith(b"}"):
        raise ModelUnavailableError(BROKEN_OFF)
    found = json.loads(content)
    if isinstance(found, Mapping) and found.get("error") and not found.get("choices"):
        raise ModelUnavailableError("the model's server failed to reply")
    return found


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of an event stream, cut at line feeds alone: JSON may hold all other breaks."""
    rest = b""
    for piece in pieces:
        *ended, rest = (rest + piece).split(b"\n")
        yield from ended
    yield rest


def chunk(line: bytes) -> Mapping[str, Any]:
    """The chunk in this line; empty if it holds none. Raises `ModelError` for an error in it."""
    if not line.startswith(b"data:") or line[5:].strip() == b"[DONE]":
        return {}
    found = json.loads(line[5:])
    if not isinstance(found, Mapping):
        raise ModelAccessError(NOT_A_MODEL_SERVER)
    if found.get("error"):
        raise ModelUnavailableError("the model's server failed in the middle of its reply")
    return found


def text(choice: Mapping[str, Any]) -> str:
    """The text that a chunk's choice adds. Raises `ModelRefusedError`."""
    if choice.get("finish_reason") == "content_filter":
        raise ModelRefusedError("the model's content filter stopped the reply")
    delta = choice.get("delta")
    if not isinstance(delta, Mapping):
        return ""
    if delta.get("refusal"):
        raise ModelRefusedError("the model declined to answer")
    content = delta.get("content")
    return whole_characters(content) if isinstance(content, str) else ""


def mappings(values: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON array; none if it is no array."""
    found = values if isinstance(values, list) else []
    return [value for value in found if isinstance(value, Mapping)]
