"""Any OpenAI-compatible server, through the `openai` client.

What a server cannot do is found out here, once, and worked around; nothing else in the program
knows about it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import openai

from mock_interviewer.core.grade import Usage
from mock_interviewer.errors import ModelError, ModelRefusedError, ModelUnavailableError
from mock_interviewer.llm.chat import Reply, Request, read_completion, read_usage

log = logging.getLogger(__name__)

_OPTIONAL = (
    ("stream_options", ("stream_options",)),
    ("temperature", ("temperature",)),
    ("max_completion_tokens", ("max_completion_tokens",)),
    ("response_format", ("response_format", "json_schema", "strict")),
)
"""Parameters a server may not know, with the words by which its error tells so."""

_NO_USE_TRYING_AGAIN = "insufficient_quota"


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
        max_retries: int = 2,
        http_client: httpx2.Client | None = None,
    ) -> None:
        self._model = model
        self._turn_seconds = turn_seconds
        self._client = openai.OpenAI(
            api_key=api_key,
            base_url=base_url,
            timeout=httpx2.Timeout(turn_seconds, connect=5.0),
            max_retries=max_retries,
            http_client=http_client,
        )
        # A started stream is never tried again; between two chunks the first-token limit holds.
        self._streaming = self._client.with_options(
            timeout=httpx2.Timeout(first_token_seconds, connect=5.0), max_retries=0
        )
        self._unsupported: set[str] = set()
        self.last_stream_usage = Usage()

    @property
    def name(self) -> str:
        """The model's id."""
        return self._model

    def ask(self, request: Request, *, urgent: bool = False) -> Reply:
        """Answer in one piece. Raises `ModelError`."""
        completion = self._create(self._client, request.body(self._model))
        return read_completion(completion.model_dump())

    def stream(self, request: Request) -> Iterator[str]:
        """Answer in pieces of text. Raises `ModelError`; a cut stream is an error, not an end."""
        body = request.body(self._model)
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        deadline = time.monotonic() + self._turn_seconds
        finished = False
        try:
            with self._create(self._streaming, body) as stream:
                for chunk in stream:
                    if time.monotonic() > deadline:
                        raise ModelUnavailableError("the model took too long to finish its reply")
                    if chunk.usage is not None:
                        self.last_stream_usage = read_usage(chunk.usage.model_dump())
                    if not chunk.choices:
                        continue
                    choice = chunk.choices[0]
                    if choice.finish_reason == "content_filter":
                        raise ModelRefusedError("the model's content filter stopped the reply")
                    finished = finished or choice.finish_reason is not None
                    if choice.delta.content:
                        yield choice.delta.content
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise _translated(error) from error
        if not finished:
            raise ModelUnavailableError("the model's reply broke off in the middle")

    def models(self) -> list[str]:
        """The ids that the server lists. Raises `ModelError`."""
        try:
            return [model.id for model in self._client.models.list()]
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise _translated(error) from error

    def _create(self, client: openai.OpenAI, body: dict[str, Any]) -> Any:
        """Send, dropping each optional parameter that the server turns out not to know."""
        while True:
            try:
                return client.chat.completions.create(**self._adapted(body))
            except openai.BadRequestError as error:
                name = self._complained_of(error, body)
                if name is None:
                    raise _translated(error) from error
                self._unsupported.add(name)
                log.warning("%s does not take %s; going on without it", self._model, name)
            except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
                raise _translated(error) from error

    def _adapted(self, body: dict[str, Any]) -> dict[str, Any]:
        adapted = {key: value for key, value in body.items() if key not in self._unsupported}
        if "max_completion_tokens" in self._unsupported:
            adapted["max_tokens"] = body["max_completion_tokens"]
        return adapted

    def _complained_of(self, error: openai.BadRequestError, body: dict[str, Any]) -> str | None:
        text = f"{error.message} {error.param or ''}".lower()
        for name, words in _OPTIONAL:
            known = name in body and name not in self._unsupported
            if known and any(word in text for word in words):
                return name
        return None


def _translated(error: Exception) -> ModelError:
    """The openai client's error as one of ours, worded for the person who waits."""
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return ModelUnavailableError("the model took too long to answer")
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
        return ModelUnavailableError("the model's server cannot be reached")
    if isinstance(error, openai.APIStatusError):
        return _status_error(error)
    if isinstance(error, openai.LengthFinishReasonError | openai.ContentFilterFinishReasonError):
        return ModelRefusedError("the model's reply was cut off or filtered")
    return ModelRefusedError("the model's server sent something that is not a chat completion")


def _status_error(error: openai.APIStatusError) -> ModelError:
    status = error.status_code
    if error.code == _NO_USE_TRYING_AGAIN:
        return ModelRefusedError("the account at the model's server has no quota left")
    if status in (401, 403):
        return ModelRefusedError("the model's server refuses the key (check OPENAI_API_KEY)")
    if status == 404:
        return ModelRefusedError("the model's server does not know this model or address")
    if status in (408, 409, 429) or status >= 500:
        return ModelUnavailableError(f"the model's server is busy or failing (status {status})")
    return ModelRefusedError(f"the model's server rejects the request (status {status})")
