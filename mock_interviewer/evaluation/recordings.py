"""Recorded replies of a suite: compressed batch output lines, one file or more in a folder.

A recording made live keeps what grades are read from (text, first tokens' log-probabilities, usage
and latency) and goes on where it stopped.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mock_interviewer.core import jsonlines
from mock_interviewer.core.grade import Usage
from mock_interviewer.errors import (
    DataFileError,
    ModelAccessError,
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
    RecordingStoppedError,
    ReplyMissingError,
)
from mock_interviewer.grading.calibration import slug
from mock_interviewer.llm.chat import ChatModel, Reply, Request
from mock_interviewer.llm.embedding import Embedder, Embedding, Frame
from mock_interviewer.llm.model_files import models_dir
from mock_interviewer.llm.pace import NO_LIMITS, Paces
from mock_interviewer.llm.recorded import RecordedChat, failure, read_replies
from mock_interviewer.llm.tokens import count_messages

FRESH = "fresh.jsonl"
"""What was recorded since the last `pack`; not committed."""


def recorded(model: str, folder: Path) -> RecordedChat:
    """Everything that is recorded in the folder. Raises `DataFileError`."""
    if not folder.is_dir():
        raise DataFileError(
            f"{folder}: recordings: there is no such folder; `eval record` makes it"
        )
    fresh = folder / FRESH
    files = sorted(folder.glob("*.jsonl.gz"))
    return RecordedChat(model, [*files, fresh] if fresh.exists() else files)


STOPS_AFTER = 3
"""So many requests in a row that the server did not answer, however often tried, end a recording:
it is away, and every further case would only wait for it."""

Given = TypeVar("Given")


@dataclass
class Spent:
    """What was asked of a live model."""

    replies: int = 0
    usage: Usage = Usage()


class RecordingChat:
    """Answers from the recordings; what is missing is asked live and recorded.

    May be used from several threads. Raises `RecordingStoppedError` once the server is away or
    refuses the key: what was recorded until then is kept.
    """

    def __init__(self, live: ChatModel, folder: Path, model: str, pace: Paces = NO_LIMITS) -> None:
        self._live = live
        self._model = model
        folder.mkdir(parents=True, exist_ok=True)
        self._recorded = recorded(model, folder)
        self._file = jsonlines.Appender(folder / FRESH)
        self._pace = pace
        self._lock = threading.Lock()
        self._unanswered = 0
        self._stopped: RecordingStoppedError | None = None
        self.spent = Spent()

    @property
    def name(self) -> str:
        """The model's id."""
        return self._model

    def ask(self, request: Request, *, urgent: bool = False) -> Reply:
        """The recorded reply, or a live one. Raises `ModelError`."""
        try:
            return self._recorded.ask(request)
        except ReplyMissingError:
            self._pace.wait(count_messages(request.messages) + request.max_tokens)
        began = time.monotonic()
        try:
            reply = self._reached(lambda: self._live.ask(request, urgent=urgent))
        except ModelRefusedError as error:
            self._keep(refusal_line(request.key(self._model), error))
            raise
        self._keep(reply_line(request.key(self._model), reply, time.monotonic() - began))
        with self._lock:
            self.spent.usage += reply.usage
        return reply

    def embed(self, frame: Frame, *, urgent: bool = False) -> Embedding:
        """The recorded embedding, or a live one. Raises `ModelError`."""
        try:
            return self._recorded.embed(frame)
        except ReplyMissingError:
            if not isinstance(self._live, Embedder):
                raise
        live = self._live
        began = time.monotonic()
        found = self._reached(lambda: live.embed(frame, urgent=urgent))
        took = {"seconds": round(time.monotonic() - began, 3)}
        self._keep(found.line(frame.key(self._model)) | took)
        with self._lock:
            self.spent.usage += Usage(prompt=found.tokens)
        return found

    def stream(self, request: Request) -> Iterator[str]:
        """The reply as one piece."""
        yield self.ask(request).text

    def _reached(self, ask: Callable[[], Given]) -> Given:
        if self._stopped:  # other threads may have begun a case meanwhile
            raise self._stopped
        try:
            found = ask()
        except (ModelAccessError, ModelUnavailableError) as error:
            with self._lock:
                self._unanswered += 1
                if isinstance(error, ModelAccessError) or self._unanswered >= STOPS_AFTER:
                    self._stopped = _told(error)
            if self._stopped:
                raise self._stopped from error
            raise
        with self._lock:
            self._unanswered = 0
        return found

    def _keep(self, line: dict[str, Any]) -> None:
        with self._lock:
            self._recorded.add(line)
            self._file.add(line)
            self.spent.replies += 1


def _told(error: ModelError) -> RecordingStoppedError:
    return RecordingStoppedError(
        f"Recording stops: {error}. What was recorded is kept; run it again to go on."
    )


def reply_line(key: str, reply: Reply, seconds: float | None) -> dict[str, Any]:
    """A reply as a batch output line, log-probabilities to three decimals."""
    tokens = [
        {
            "token": token.text,
            "logprob": 0.0,
            "top_logprobs": [
                {"token": text, "logprob": round(value, 3)}
                for text, value in token.alternatives.items()
            ],
        }
        for token in reply.tokens
    ]
    choice: dict[str, Any] = {
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": reply.text},
    }
    if tokens:
        choice["logprobs"] = {"content": tokens}
    usage = {
        "prompt_tokens": reply.usage.prompt,
        "completion_tokens": reply.usage.completion,
        "prompt_tokens_details": {"cached_tokens": reply.usage.cached},
    }
    return {
        "custom_id": key,
        "response": {"status_code": 200, "body": {"choices": [choice], "usage": usage}},
        "error": None,
        "seconds": None if seconds is None else round(seconds, 3),
    }


def refusal_line(key: str, error: ModelRefusedError) -> dict[str, Any]:
    """A batch output line of a request that got no usable reply."""
    return {
        "custom_id": key,
        "response": {"status_code": 422, "body": None},
        "error": {"message": str(error)},
    }


def pack(folder: Path, name: str) -> Path:
    """Move what is fresh into a compressed file of this name; returns its path."""
    fresh, packed = folder / FRESH, folder / f"{name}.jsonl.gz"
    lines = fresh.read_bytes()
    if packed.exists():
        lines = gzip.decompress(packed.read_bytes()) + lines
    # Without a time stamp, the same recordings make the same file.
    packed.write_bytes(gzip.compress(lines, mtime=0))
    fresh.unlink()
    return packed


def _model_of(line: Mapping[str, Any]) -> str:
    response = line.get("response")
    body = response.get("body") if isinstance(response, Mapping) else None
    said = body.get("model") if isinstance(body, Mapping) else None
    return said if isinstance(said, str) else ""


@dataclass(frozen=True)
class Taken:
    """What a batch output file held."""

    replies: int
    failures: tuple[str, ...]
    """Why requests failed at the server, one for each; they are missing still."""

    def text(self) -> str:
        """As a line."""
        told = f"{self.replies} replies taken in."
        if self.failures:
            told += f" {len(self.failures)} requests failed: {self.failures[0]}"
        return told


def take(replies: Path, folder: Path, name: str, model: str) -> Taken:
    """Keep the replies of a batch output file.

    Raises `DataFileError`, also where a reply says that it is of another model: a dated name that
    begins with this one's is the same.
    """
    lines = read_replies(replies).values()
    for line in lines:
        said = _model_of(line)
        if said and not said.startswith(model):
            raise DataFileError(
                f"{replies}: {line['custom_id']}: the reply is of {said}, the suite is for {model}"
            )
    good = [line for line in lines if failure(line) is None]
    file = jsonlines.Appender(folder / FRESH)
    for line in good:
        file.add(line)
    if good:
        pack(folder, name)
    return Taken(len(good), tuple(why for line in lines if (why := failure(line))))


def remembering(live: ChatModel) -> RecordingChat:
    """Keeps what the model reads in the cache, so that hours of reading can be stopped."""
    folder = models_dir().parent / "states" / slug(live.name)
    return RecordingChat(live, folder, live.name)
