"""A Batch API: a file of requests handed in, and its replies fetched when they are there.

What was handed in is written down before anything else, so that a restart goes on waiting for it
instead of paying for it twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
import openai

from mock_interviewer.core import jsonlines
from mock_interviewer.errors import ConfigurationError, RecordingStoppedError
from mock_interviewer.settings import Settings

HANDED_IN = "batches.jsonl"
"""Beside the recordings: each batch by its id, and whether its replies were taken in."""

_ENDED = ("completed", "expired", "cancelled", "failed")


@dataclass(frozen=True)
class Progress:
    """Where a batch stands."""

    batch: str
    status: str
    done: int
    failed: int
    total: int


class Batches:
    """The batches of one folder of recordings. Raises `RecordingStoppedError` if the server fails
    or refuses: run again, it goes on with what was handed in."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Raises `ConfigurationError` without a key or URL."""
        if not (settings.api_key or settings.base_url):
            raise ConfigurationError(
                "--submit needs a Batch API: set OPENAI_API_KEY, or OPENAI_BASE_URL to a server "
                "that has one; --requests FILE writes the batch for any other way."
            )
        self._client = openai.OpenAI(
            api_key=settings.api_key or "none", base_url=settings.base_url, timeout=120.0
        )
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / HANDED_IN

    def waiting(self) -> str | None:
        """The batch that was handed in and whose replies are not taken in yet."""
        known: dict[str, bool] = {}
        for _, line in jsonlines.read(self._path):
            known[str(line.get("batch"))] = bool(line.get("taken"))
        return next((batch for batch, taken in known.items() if not taken), None)

    def hand_in(self, requests: Path) -> str:
        """Send a file of batch input lines; returns the batch's id."""
        try:
            file = self._client.files.create(file=requests, purpose="batch")
            batch = self._client.batches.create(
                input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
            )
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise _stopped("The batch was not accepted", error) from error
        self._note(batch.id, taken=False)
        return batch.id

    def wait(
        self,
        batch_id: str,
        every_seconds: float,
        progress: Callable[[Progress], object],
        sleep: Callable[[float], None] = time.sleep,
    ) -> bytes:
        """Ask every so often until the batch has ended; returns its output lines, failures too.

        A server that is away meanwhile is asked again.
        """
        while True:
            try:
                batch = self._client.batches.retrieve(batch_id)
            except (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError):
                sleep(every_seconds)
                continue
            except openai.OpenAIError as error:
                raise _stopped(f"Batch {batch_id} cannot be asked for", error) from error
            counts = batch.request_counts
            done, failed, total = (
                (counts.completed, counts.failed, counts.total) if counts else (0, 0, 0)
            )
            progress(Progress(batch_id, batch.status, done, failed, total))
            if batch.status in _ENDED:
                break
            sleep(every_seconds)
        if batch.status == "failed":
            self._note(batch_id, taken=True)
            reasons = "; ".join(str(e.message) for e in (batch.errors and batch.errors.data) or [])
            raise RecordingStoppedError(
                f"The server refused batch {batch_id}: {reasons or 'it does not say why'}."
            )
        try:
            files = [f for f in (batch.output_file_id, batch.error_file_id) if f]
            return b"\n".join(self._client.files.content(file).content for file in files)
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise _stopped(f"The replies of batch {batch_id} cannot be fetched", error) from error

    def taken(self, batch_id: str) -> None:
        """Its replies are kept now."""
        self._note(batch_id, taken=True)

    def _note(self, batch_id: str, *, taken: bool) -> None:
        with jsonlines.Appender(self._path) as file:
            file.add({"batch": batch_id, "taken": taken})


def _stopped(what: str, error: Exception) -> RecordingStoppedError:
    return RecordingStoppedError(f"{what}: {error}. Nothing is lost; run it again to go on.")
