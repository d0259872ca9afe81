"""Any OpenAI-compatible server, through the `openai` client.

What a server cannot do is found out here, once, and worked around; nothing else in the program
knows about it. The client sends, tries again and tells errors apart; bodies are read here, because
the client hands on what is no chat completion as if it were one, and cannot bound the wait for the
first word of a server that sends comments meanwhile.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import ExitStack
from typing import Any, TypeVar

import httpx2
import openai

from mock_interviewer.errors import (
    ModelAccessError,
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
)
from mock_interviewer.llm.chat import Reply, Request, read_completion

log = logging.getLogger(__name__)

T = TypeVar("T")

_OPTIONAL = (
    ("stream_options", ("stream_options",)),
    ("temperature", ("temperature",)),
    ("max_completion_tokens", ("max_completion_tokens",)),
    ("response_format", ("response_format", "json_schema", "strict")),
)
"""Parameters a server may not know, with the words by which its error tells so."""

_NO_USE_TRYING_AGAIN = "insufficient_quota"

_FAULTS = (openai.OpenAIError, httpx2.HTTPError, ValueError, RecursionError)
"""What sending and reading raise; the last two are bodies that are not JSON."""


class OpenAIChat:
    """A chat model behind a URL. One instance serves any number of threads."""

    def __init__(
        self,
        *,
        model: str,
        api_key: str,
        base_url: str | None = None,
        first_token_seconds: float = 20.0,
        turn_seconds: float = 60.0,
        background_seconds: float | None = None,
        max_retries: int = 2,
        http_client: httpx2.Client | None = None,
    ) -> None:
        self._model = model
        self._first_token_seconds = first_token_seconds
        self._turn_seconds = turn_seconds
        self._client = openai.OpenAI(
            api_key=api_key,
            base_url=base_url,
            timeout=httpx2.Timeout(turn_seconds, connect=5.0),
            max_retries=max_retries,
            http_client=http_client,
        )
        # Requests that nobody waits for may be given more time.
        self._background = self._client.with_options(
            timeout=httpx2.Timeout(background_seconds or turn_seconds, connect=5.0)
        )
        # A started stream is never tried again; between two chunks the first-token limit holds.
        self._streaming = self._client.with_options(
            timeout=httpx2.Timeout(first_token_seconds, connect=5.0), max_retries=0
        )
        self._unsupported: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The model's id."""
        return self._model

    def ask(
        self, request: Request, *, urgent: bool = False, extra: Mapping[str, Any] | None = None
    ) -> Reply:
        """Answer in one piece; `extra` are fields only this server knows. Raises `ModelError`."""
        client = self._client if urgent else self._background
        send = client.chat.completions.with_raw_response.create
        try:
            response = self._adapted(
                request.body(self._model), lambda body: send(**body, extra_body=extra)
            )
            return read_completion(json.loads(response.content))
        except _FAULTS as error:
            raise _translated(error) from error

    def stream(self, request: Request, *, extra: Mapping[str, Any] | None = None) -> Iterator[str]:
        """Answer in pieces of text. Raises `ModelError`; a cut stream is an error, not an end."""
        body = request.body(self._model)
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        send = self._streaming.chat.completions.with_streaming_response.create
        started = time.monotonic()
        limit, finished = self._first_token_seconds, False
        try:
            with ExitStack() as stack:
                response = self._adapted(
                    body, lambda body: stack.enter_context(send(**body, extra_body=extra))
                )
                for line in _lines(response.iter_bytes()):
                    # A comment or an empty piece keeps the connection alive, and nobody's patience.
                    if time.monotonic() - started > limit:
                        raise ModelUnavailableError("the model took too long to answer")
                    chunk = _chunk(line)
                    for choice in _mappings(chunk.get("choices")):
                        finished = finished or choice.get("finish_reason") is not None
                        text = _text(choice)
                        if text:
                            limit = self._turn_seconds
                            yield text
        except _FAULTS as error:
            raise _translated(error) from error
        if not finished:
            raise ModelUnavailableError("the model's reply broke off in the middle")

    def models(self) -> list[str]:
        """The ids that the server lists. Raises `ModelError`."""
        try:
            listed = json.loads(self._client.models.with_raw_response.list().content)
        except _FAULTS as error:
            raise _translated(error) from error
        if not isinstance(listed, Mapping):
            raise ModelRefusedError(_NOT_A_MODEL_SERVER)
        ids = (model.get("id") for model in _mappings(listed.get("data")))
        return [name for name in ids if isinstance(name, str)]

    def _adapted(self, body: dict[str, Any], send: Callable[[dict[str, Any]], T]) -> T:
        """Send, leaving out each optional parameter that the server turns out not to know."""
        unsupported = self._unsupported
        while True:
            try:
                sent = send(_without(body, unsupported))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                name = _complained_of(error, body.keys() - unsupported)
                if name is None:
                    raise
                unsupported |= {name}
                continue
            # What a request that was refused all the same had complained of proves nothing.
            if unsupported - self._unsupported:
                names = ", ".join(sorted(unsupported - self._unsupported))
                log.warning("%s does not take %s; going on without it", self._model, names)
                self._unsupported |= unsupported
            return sent


def _without(body: dict[str, Any], unsupported: frozenset[str]) -> dict[str, Any]:
    kept = {key: value for key, value in body.items() if key not in unsupported}
    if "max_completion_tokens" in unsupported:
        kept["max_tokens"] = body["max_completion_tokens"]
    return kept


def _complained_of(error: openai.APIStatusError, sent: Set[str]) -> str | None:
    """The optional parameter that is to blame, among those sent; None if it is none of them."""
    text = f"{error.message} {error.body}".lower()
    for name, words in _OPTIONAL:
        if name in sent and any(word in text for word in words):
            return name
    return None


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of an event stream, cut at line feeds alone: JSON may hold all other breaks."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
    yield rest


def _chunk(line: bytes) -> Mapping[str, Any]:
    """The chunk in this line; empty if it holds none. Raises `ModelError` for an error in it."""
    if not line.startswith(b"data:") or line[5:].strip() == b"[DONE]":
        return {}
    chunk = json.loads(line[5:])
    if not isinstance(chunk, Mapping):
        raise ModelRefusedError(_NOT_A_MODEL_SERVER)
    if chunk.get("error"):
        raise ModelUnavailableError("the model's server failed in the middle of its reply")
    return chunk


def _text(choice: Mapping[str, Any]) -> str:
    """The text that a chunk's choice adds. Raises `ModelRefusedError`."""
    if choice.get("finish_reason") == "content_filter":
        raise ModelRefusedError("the model's content filter stopped the reply")
    delta = choice.get("delta")
    if not isinstance(delta, Mapping):
        return ""
    if delta.get("refusal"):
        raise ModelRefusedError("the model declined to answer")
    content = delta.get("content")
    return content if isinstance(content, str) else ""


def _mappings(values: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON array; none if it is no array."""
    found = values if isinstance(values, list) else []
    return [value for value in found if isinstance(value, Mapping)]


_NOT_A_MODEL_SERVER = (
    "the server's reply is not of an OpenAI-compatible model server "
    "(check OPENAI_BASE_URL; it usually ends in /v1)"
)


def _translated(error: Exception) -> ModelError:
    """The client's error as one of ours, worded for the person who waits."""
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return ModelUnavailableError("the model took too long to answer")
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
        return ModelUnavailableError("the model's server cannot be reached")
    if isinstance(error, openai.APIStatusError):
        return _status_error(error)
    return ModelRefusedError(_NOT_A_MODEL_SERVER)


def _status_error(error: openai.APIStatusError) -> ModelError:
    status = error.status_code
    if error.code == _NO_USE_TRYING_AGAIN:
        return ModelAccessError("the account at the model's server has no quota left")
    if status in (401, 403):
        return ModelAccessError("the model's server refuses the key (check OPENAI_API_KEY)")
    if status == 404:
        return ModelAccessError("the model's server does not know this model or address")
    if status in (408, 409, 429) or status >= 500:
        return ModelUnavailableError(f"the model's server is busy or failing (status {status})")
    return ModelRefusedError(f"the model's server rejects the request (status {status})")
