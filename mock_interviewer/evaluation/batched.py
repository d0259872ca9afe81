"""A suite's missing replies from a Batch API, in as many rounds as they build on each other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from mock_interviewer.evaluation.recordings import recorded, take
from mock_interviewer.evaluation.reply_run import read_replies
from mock_interviewer.evaluation.reply_suite import ReplySuite
from mock_interviewer.evaluation.suite import Suite
from mock_interviewer.evaluation.whole import run_recorded
from mock_interviewer.llm.batches import Batches, Progress
from mock_interviewer.llm.recorded import RecordedChat

ROUNDS = 5
"""Grades that build on earlier replies need a further batch for each; none needs more."""


def missing(suite: Suite | ReplySuite) -> RecordedChat:
    """The suite's recordings, with what a run asked of them in vain. Raises `DataFileError`."""
    suite.recordings.mkdir(parents=True, exist_ok=True)
    chat = recorded(suite.model, suite.recordings)
    if isinstance(suite, ReplySuite):
        read_replies(suite, chat)
    else:
        run_recorded(suite, chat)
    return chat


def submit(
    suite: Suite | ReplySuite, batches: Batches, every_seconds: float, say: Callable[[str], object]
) -> int:
    """Hand in what is missing, wait for it and take it in; returns how many are missing still.

    It goes on with a batch that was handed in before. Raises `RecordingStoppedError`.
    """
    for _ in range(ROUNDS):
        batch = batches.waiting()
        if batch is None:
            chat = missing(suite)
            if not chat.missing:
                return 0
            batch = _handed_in(batches, chat, say)
        output = batches.wait(batch, every_seconds, lambda progress: say(_told(progress)))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "output.jsonl"
            file.write_bytes(output)
            taken = take(file, suite.recordings, suite.file_name, suite.model)
        batches.taken(batch)
        say(taken.text())
        if not taken.replies:
            break
    return len(missing(suite).missing)


def _handed_in(batches: Batches, chat: RecordedChat, say: Callable[[str], object]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requests.jsonl"
        count = chat.write_missing(file)
        batch = batches.hand_in(file)
    say(f"{count} requests handed in as batch {batch}; stop whenever you like, it is noted.")
    return batch


def _told(progress: Progress) -> str:
    failed = f", {progress.failed} failed" if progress.failed else ""
    return f"Batch {progress.batch}: {progress.status}, {progress.done} of {progress.total}{failed}"
