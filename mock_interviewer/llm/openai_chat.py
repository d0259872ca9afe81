"""Any OpenAI-compatible server, through the `openai` client.

What a server cannot do is found out here, once, and worked around; nothing else in the program
knows about it. The client sends and tells errors apart. Bodies are read here, because the client
hands on what is no chat completion as if it were one; and what may be tried again is decided here,
because the client would try an empty account again and wait for minutes where a server asks for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx2
import openai

from mock_interviewer.errors import (
    ModelAccessError,
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
)
from mock_interviewer.llm import bodies
from mock_interviewer.llm.arriving import Deadline, arriving
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

CONNECT_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.5
"""Before the second try; doubled before each further one."""

_FAULTS = (openai.OpenAIError, httpx2.HTTPError, ValueError, RecursionError)
"""What sending and reading raise; the last two are bodies that are not JSON."""

_NO_QUOTA = "insufficient_quota"


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
        # Requests that nobody waits for may be given more time.
        self._background_seconds = background_seconds or turn_seconds
        self._max_retries = max_retries
        longest = max(self._turn_seconds, self._background_seconds)
        self._client = openai.OpenAI(
            api_key=api_key,
            base_url=base_url,
            timeout=httpx2.Timeout(longest, connect=CONNECT_SECONDS),
            max_retries=0,
            # Candidates are told to which host their answers go, so they go to no other.
            http_client=http_client or openai.DefaultHttpxClient(follow_redirects=False),
        )
        # Between two chunks of a stream the first-token limit holds.
        self._streaming = self._client.with_options(
            timeout=httpx2.Timeout(first_token_seconds, connect=CONNECT_SECONDS)
        )
        self._unsupported: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The model's id."""
        return self._model

    def ask(
        self, request: Request, *, urgent: bool = False, extra: Mapping[str, Any] | None = None
    ) -> Reply:
        """Answer in one piece; `extra` are fields only this server knows. Raises `ModelError`.

        What may succeed is tried again, all in the time of one turn.
        """
        seconds = self._turn_seconds if urgent else self._background_seconds
        deadline = Deadline(seconds, request.done_by)
        body = request.body(self._model)

        def once() -> Reply:
            return read_completion(bodies.whole(self._pieces(self._client, body, extra, deadline)))

        return self._retried(once, deadline)

    def stream(self, request: Request, *, extra: Mapping[str, Any] | None = None) -> Iterator[str]:
        """Answer in pieces of text. Raises `ModelError`; a cut stream is an error, not an end.

        It is never tried again.
        """
        body = request.body(self._model)
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        deadline = Deadline(self._first_token_seconds, request.begun_by)
        finished = False
        with _in_our_words():
            for line in bodies.lines(self._pieces(self._streaming, body, extra, deadline)):
                for choice in bodies.mappings(bodies.chunk(line).get("choices")):
                    finished = finished or choice.get("finish_reason") is not None
                    words = bodies.text(choice)
                    if words:
                        deadline.put(self._turn_seconds, request.done_by)
                        yield words
        if not finished:
            raise ModelUnavailableError(bodies.BROKEN_OFF)

    def models(self) -> list[str]:
        """The ids that the server lists. Raises `ModelError`."""
        deadline = Deadline(self._turn_seconds)

        def read() -> Generator[bytes]:
            with self._client.models.with_streaming_response.list() as response:
                yield from response.iter_bytes()

        listed = self._retried(lambda: bodies.whole(arriving(read, deadline)), deadline)
        if not isinstance(listed, Mapping):
            raise ModelAccessError(bodies.NOT_A_MODEL_SERVER)
        ids = (model.get("id") for model in bodies.mappings(listed.get("data")))
        return [name for name in ids if isinstance(name, str)]

    def _pieces(
        self,
        client: openai.OpenAI,
        body: dict[str, Any],
        extra: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> Iterator[bytes]:
        """Send, and give the reply's bytes as they come."""
        send = client.chat.completions.with_streaming_response.create

        def read() -> Generator[bytes]:
            with ExitStack() as stack:
                response = self._adapted(
                    body, lambda body: stack.enter_context(send(**body, extra_body=extra))
                )
                yield from response.iter_bytes()

        return arriving(read, deadline)

    def _retried(self, once: Callable[[], T], deadline: Deadline) -> T:
        """Do it, and again where that may help and there is time."""
        for number in range(self._max_retries):
            try:
                with _in_our_words():
                    return once()
            except ModelUnavailableError as error:
                pause = max(FIRST_PAUSE_SECONDS * 2**number, error.retry_after)
                if pause >= deadline.left:
                    raise
                time.sleep(pause)
        with _in_our_words():
            return once()

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


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What the client raises inside becomes a `ModelError`."""
    try:
        yield
    except _FAULTS as error:
        raise _translated(error) from error


def _translated(error: Exception) -> ModelError:
    """The client's error as one of ours, worded for the person who waits."""
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return ModelUnavailableError("the model took too long to answer")
    if isinstance(error, httpx2.DecodingError):
        return ModelAccessError(bodies.NOT_A_MODEL_SERVER)
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
        return ModelUnavailableError("the model's server cannot be reached")
    if isinstance(error, openai.APIStatusError):
        return _status_error(error)
    return ModelAccessError(bodies.NOT_A_MODEL_SERVER)


def _status_error(error: openai.APIStatusError) -> ModelError:
    status = error.status_code
    if _NO_QUOTA in (error.code, error.type):
        return ModelAccessError("the account at the model's server has no quota left")
    if 300 <= status < 400:
        return ModelAccessError(
            "the model's server sends requests on to another address (check OPENAI_BASE_URL)"
        )
    if status in (401, 403):
        return ModelAccessError("the model's server refuses the key (check OPENAI_API_KEY)")
    if status == 404:
        return ModelAccessError("the model's server does not know this model or address")
    if status in (408, 409, 429) or (status >= 500 and status != 501):
        return ModelUnavailableError(
            f"the model's server is busy or failing (status {status})",
            retry_after=_retry_after(error.response.headers),
        )
    return ModelRefusedError(f"the model's server rejects the request (status {status})")


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the server asks to be left alone; 0 if it does not say."""
    text = headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
    return seconds if 0 < seconds < float("inf") else 0.0
