"""Recorded replies: OpenAI batch files in the place of a server.

A request is a line of the Batch API's input format, a reply a line of its output format; both
carry the request's key as `custom_id`.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mock_interviewer.errors import DataFileError, ModelRefusedError, ReplyMissingError
from mock_interviewer.llm.chat import Reply, Request, read_completion
from mock_interviewer.llm.embedding import Embedding, Frame


class RecordedChat:
    """Answers from recorded replies, and keeps the requests for which there is none."""

    def __init__(self, model: str, replies: Iterable[Path] = ()) -> None:
        self._model = model
        self._replies: dict[str, dict[str, Any]] = {}
        for path in replies:
            self._replies |= read_replies(path)
        self.missing: dict[str, Request] = {}
        """Requests asked for and not recorded, by key, in the order in which they came."""
        self.missing_texts: set[str] = set()
        """Keys of the texts that were to be read and whose embeddings are not recorded."""
        self.seconds: list[float] = []
        """How long each reply that was given out had taken, where its source told so."""
        self.missed = 0
        """How often nothing was recorded for what was asked or read."""

    @property
    def name(self) -> str:
        """The model's id."""
        return self._model

    def ask(self, request: Request, *, urgent: bool = False) -> Reply:
        """The recorded reply. Raises `ReplyMissingError`, or `ModelRefusedError` if it failed."""
        key = request.key(self._model)
        line = self._replies.get(key)
        if line is None:
            self.missing[key] = request
            self.missed += 1
            raise ReplyMissingError(f"no reply is recorded for request {key}")
        if why := failure(line):
            raise ModelRefusedError(why)
        self._note_seconds(line)
        return read_completion(line["response"].get("body"))

    def embed(self, frame: Frame, *, urgent: bool = False) -> Embedding:
        """The recorded embedding. Raises `ReplyMissingError`."""
        key = frame.key(self._model)
        if key not in self._replies:
            self.missing_texts.add(key)
            self.missed += 1
            raise ReplyMissingError(f"no embedding is recorded for text {key}")
        line = self._replies[key]
        self._note_seconds(line)
        return Embedding.of_line(line)

    def _note_seconds(self, line: Mapping[str, Any]) -> None:
        if isinstance(line.get("seconds"), int | float):
            self.seconds.append(float(line["seconds"]))

    def add(self, line: dict[str, Any]) -> None:
        """Take a batch output line in."""
        self._replies[line["custom_id"]] = line

    def stream(self, request: Request) -> Iterator[str]:
        """The recorded reply as one piece."""
        yield self.ask(request).text

    def write_missing(self, path: Path) -> int:
        """Write the missing requests as batch input lines; returns how many."""
        lines = (request_line(request, self._model) for request in self.missing.values())
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        path.write_text(text, encoding="utf-8")
        return len(self.missing)


def failure(line: Mapping[str, Any]) -> str | None:
    """Why the request of a batch output line failed at the model's server; None if it did not."""
    response, error = line.get("response"), line.get("error")
    if isinstance(response, dict) and response.get("status_code") == 200:
        return None
    told = error.get("message") if isinstance(error, dict) else None
    return str(told or "the recorded request failed at the model's server")


def request_line(request: Request, model: str) -> dict[str, Any]:
    """One line of a batch input file."""
    return {
        "custom_id": request.key(model),
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": request.body(model),
    }


def read_replies(path: Path) -> dict[str, dict[str, Any]]:
    """Read a batch output file by `custom_id`. Raises `DataFileError`, naming file and line."""
    found: dict[str, dict[str, Any]] = {}
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        lines = content.decode().split("\n")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise DataFileError(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            found[entry["custom_id"]] = entry
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DataFileError(
                f"{path}: line {number}: expected a batch output line with a `custom_id`"
            ) from error
    return found
