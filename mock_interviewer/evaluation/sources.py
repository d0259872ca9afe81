"""Where results to compare come from: a file, a suite as it is now, or a suite at a commit."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from mock_interviewer.errors import ConfigurationError, RecordingStoppedError
from mock_interviewer.evaluation.recordings import recorded
from mock_interviewer.evaluation.reply_suite import is_reply_suite
from mock_interviewer.evaluation.results import Results, load
from mock_interviewer.evaluation.suite import Suite, find_suites
from mock_interviewer.evaluation.whole import run_recorded
from mock_interviewer.llm.catalogue import Strategy


def results_of(name: str) -> Results:
    """Results by a file's path, by `SUITE` or by `SUITE@COMMIT`.

    Raises `DataFileError`, `ConfigurationError`, or `RecordingStoppedError` if replies are missing.
    """
    suite, at, commit = name.rpartition("@")
    if name.endswith(".jsonl"):
        found = load(Path(name))
    else:
        found = _at_commit(suite, commit) if at else _now(name)
    if found.head.strategy not in set(Strategy):
        raise _of_replies(name)
    return found


def _of_replies(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} is of replies, and only runs of answers are compared. `eval run` with the name of "
        "its suite says what moved since the baseline."
    )


def _now(name: str) -> Results:
    path = find_suites(name)[0]
    if is_reply_suite(path):
        raise _of_replies(name)
    suite = Suite(path)
    chat = recorded(suite.model, suite.recordings)
    found = run_recorded(suite, chat)
    if found.missed:
        raise RecordingStoppedError(found.text)
    return found.results


def _at_commit(suite: str, commit: str) -> Results:
    """The suite run by that commit's own code, in a work tree that is removed again."""
    with tempfile.TemporaryDirectory() as folder:
        tree, results = Path(folder) / "tree", Path(folder) / "results"
        _git("worktree", "add", "--detach", str(tree), commit)
        try:
            command = ["-m", "mock_interviewer", "eval", "run", suite, "--results", str(results)]
            ran = subprocess.run(
                [sys.executable, *command], cwd=tree, capture_output=True, text=True, check=False
            )
        finally:
            _git("worktree", "remove", "--force", str(tree))
        files = list(results.glob("*.jsonl"))
        if ran.returncode not in (0, 1) or not files:
            told = (ran.stderr or ran.stdout).strip()[-1500:]
            raise RecordingStoppedError(f"{suite} cannot be run at {commit}:\n{told}")
        return load(files[0])


def _git(*arguments: str) -> None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except OSError as error:
        raise ConfigurationError(f"Comparing commits needs git: {error}") from error
    if done.returncode:
        raise ConfigurationError(f"git {arguments[0]}: {done.stderr.strip()}")
