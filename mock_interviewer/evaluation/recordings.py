"""Recorded replies of a suite: compressed batch output lines, one file or more in a folder.

A recording made live keeps what grades are read from (text, first tokens' log-probabilities, usage
and latency) and goes on where it stopped.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from mock_interviewer.core import jsonlines
from mock_interviewer.errors import (
    ConfigurationError,
    DataFileError,
    ModelUnavailableError,
    ReplyMissingError,
)
from mock_interviewer.grading.calibration import slug
from mock_interviewer.llm.chat import ChatModel, Reply, Request
from mock_interviewer.llm.embedding import Embedder, Embedding, Frame
from mock_interviewer.llm.model_files import models_dir
from mock_interviewer.llm.recorded import RecordedChat, read_replies

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


Given = TypeVar("Given")


class RecordingChat:
    """Answers from the recordings; what is missing is asked live and recorded."""

    def __init__(self, live: ChatModel, folder: Path, model: str) -> None:
        self._live = live
        self._model = model
        folder.mkdir(parents=True, exist_ok=True)
        self._recorded = recorded(model, folder)
        self._file = jsonlines.Appender(folder / FRESH)
        self.asked = 0
        """Requests that were not recorded yet."""

    @property
    def name(self) -> str:
        """The model's id."""
        return self._model

    def ask(self, request: Request, *, urgent: bool = False) -> Reply:
        """The recorded reply, or a live one. Raises `ModelError`."""
        try:
            return self._recorded.ask(request)
        except ReplyMissingError:
            began = time.monotonic()
            reply = self._reached(lambda: self._live.ask(request, urgent=urgent))
        self.asked += 1
        line = reply_line(request.key(self._model), reply, time.monotonic() - began)
        self._recorded.add(line)
        self._file.add(line)
        return reply

    def embed(self, frame: Frame, *, urgent: bool = False) -> Embedding:
        """The recorded embedding, or a live one. Raises `ModelError`."""
        try:
            return self._recorded.embed(frame)
        except ReplyMissingError:
            if not isinstance(self._live, Embedder):
                raise
        live = self._live
        found = self._reached(lambda: live.embed(frame, urgent=urgent))
        self.asked += 1
        line = found.line(frame.key(self._model))
        self._recorded.add(line)
        self._file.add(line)
        return found

    @staticmethod
    def _reached(ask: Callable[[], Given]) -> Given:
        try:
            return ask()
        except ModelUnavailableError as error:
            raise ConfigurationError(
                f"Recording stops, and what was recorded is kept: {error}."
            ) from error

    def stream(self, request: Request) -> Iterator[str]:
        """The reply as one piece."""
        yield self.ask(request).text


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


def take(replies: Path, folder: Path, name: str) -> int:
    """Keep the lines of a batch output file; returns how many. Raises `DataFileError`."""
    lines = read_replies(replies)
    file = jsonlines.Appender(folder / FRESH)
    for line in lines.values():
        file.add(line)
    if lines:
        pack(folder, name)
    return len(lines)


def remembering(live: ChatModel) -> RecordingChat:
    """Keeps what the model reads in the cache, so that hours of reading can be stopped."""
    folder = models_dir().parent / "states" / slug(live.name)
    return RecordingChat(live, folder, live.name)
