"""Comparing runs: files, suites, prompts and commits."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.evaluation.comparing import overview, text_changes
from mock_interviewer.evaluation.recordings import RecordingChat, pack
from mock_interviewer.evaluation.results import load
from mock_interviewer.evaluation.runner import run
from mock_interviewer.evaluation.suite import Suite, suite_cases
from mock_interviewer.llm.chat import Request
from mock_interviewer.llm.recorded import read_replies
from tests.evaluation import small_suite
from tests.scripted import ScriptedChat

ROOT = small_suite.ROOT
OLD_WORDS = "Grade this answer."
ACCEPTED = load(ROOT / "evals/baselines/strong.jsonl")


def compare(*runs: object) -> Result:
    return CliRunner().invoke(cli, ["eval", "compare", *map(str, runs)])


def with_other_prompt(suite: Path) -> Path:
    """A second suite with a changed prompt, and replies to it that give nobody a Result."""
    folder = suite.parent.parent / "prompts-b"
    folder.mkdir()
    prompt = (ROOT / "prompts/levels.yaml").read_text()
    assert OLD_WORDS in prompt
    (folder / "levels.yaml").write_text(prompt.replace(OLD_WORDS, "Mark this answer."))
    path = suite.with_name("other.yaml")
    changes = {"id": "other", "prompts": "../prompts-b", "recordings": "../recordings-b"}
    path.write_text(json.dumps(json.loads(suite.read_text()) | changes))
    wanted, old = Suite(path), Suite(suite)
    known = read_replies(ROOT / "evals/recordings/strong/replies.jsonl.gz")
    keys: dict[str, str] = {}
    for case in suite_cases(old):
        (before,) = old.grader(ScriptedChat("")).requests(case.question, case.kind, case.transcript)
        (after,) = wanted.grader(ScriptedChat("")).requests(
            case.question, case.kind, case.transcript
        )
        keys[after.key(wanted.model)] = before.key(wanted.model)

    def careless(request: Request) -> str:
        line = known[keys[request.key(wanted.model)]]
        reply = json.loads(line["response"]["body"]["choices"][0]["message"]["content"])
        reply["ratings"]["result"]["level"] = 1
        return json.dumps(reply)

    chat = RecordingChat(ScriptedChat(careless), wanted.recordings, wanted.model)
    run(suite_cases(wanted), chat, wanted.grader)
    pack(wanted.recordings, "other")
    return path


def test_two_prompts_are_compared_as_two_suites(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path)
    done = compare(suite, with_other_prompt(suite))
    assert done.exit_code == 0, done.output
    assert "prompt levels: " in done.output
    assert f"-      {OLD_WORDS}\n+      Mark this answer.\n" in done.output
    assert "worse: a" in done.output


def test_a_suite_alone_is_held_against_its_baseline(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path)
    CliRunner().invoke(cli, ["eval", "accept", str(suite), "--why", "first"])
    done = compare(suite)
    assert done.exit_code == 0, done.output
    assert "baselines/small.jsonl and " in done.output
    assert "0 grades changed" in done.output


def test_a_run_with_replies_missing_cannot_be_compared(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path, recorded=False)
    (tmp_path / "recordings").mkdir()
    done = compare(suite, suite)
    assert done.exit_code == 3
    assert "Coverage: 0 of 6" in done.output


def test_a_commit_is_run_by_its_own_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mock_interviewer", "prompts", "rubrics"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.gguf")
        )
    suite = small_suite.make(tmp_path).relative_to(tmp_path)
    # The code of the commit gives everything a 1.
    code = tmp_path / "mock_interviewer/evaluation/whole.py"
    right = "level=found.level if found else None"
    assert right in code.read_text()
    code.write_text(code.read_text().replace(right, "level=1"))

    def git(*arguments: str) -> None:
        settings = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *settings, *arguments], cwd=tmp_path, check=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    monkeypatch.chdir(tmp_path)
    done = compare(f"{suite}@HEAD", suite)
    assert done.exit_code == 0, done.output
    assert ": 1 -> 5, raters 5" in done.output
    trees = subprocess.run(["git", "worktree", "list"], capture_output=True, text=True, check=True)
    assert len(trees.stdout.splitlines()) == 1


def test_a_commit_that_does_not_exist_is_told() -> None:
    done = compare("strong@no-such-commit", "strong")
    assert "git worktree: " in str(done.exception)


def test_more_than_two_runs_stand_side_by_side() -> None:
    embedded = load(ROOT / "evals/baselines/embedded.jsonl")
    told = overview(ACCEPTED.rubric_used(), [ACCEPTED, embedded, ACCEPTED], ["a", "b", "c"])
    (mean,) = [line for line in told.splitlines() if line.startswith("mean")]
    # docs/grading.md: .949 and .741
    assert mean.split() == ["mean", "0.949", "0.741", "0.949"]
    assert told.startswith("1: a\n2: b\n3: c\n")


def test_changed_words_are_shown_and_unchanged_ones_are_not() -> None:
    texts = {**ACCEPTED.head.texts, "prompts/levels.yaml": "one\ntwo\n"}
    before = replace(ACCEPTED, head=ACCEPTED.head.model_copy(update={"texts": texts}))
    new = {
        "texts": {**texts, "prompts/levels.yaml": "one\n2\n"},
        "prompts": {**ACCEPTED.head.prompts, "levels": "2 (another)"},
    }
    after = replace(ACCEPTED, head=ACCEPTED.head.model_copy(update=new))
    assert text_changes(before, after) == [
        "",
        "--- before/prompts/levels.yaml",
        "+++ after/prompts/levels.yaml",
        "@@ -1,2 +1,2 @@",
        " one",
        "-two",
        "+2",
    ]
    assert text_changes(before, before) == []


def test_an_incomplete_run_shows_the_changed_words(tmp_path: Path) -> None:
    suite = small_suite.make(tmp_path)
    CliRunner().invoke(cli, ["eval", "accept", str(suite), "--why", "first"])
    folder = tmp_path / "changed"
    folder.mkdir()
    prompt = (ROOT / "prompts/levels.yaml").read_text()
    (folder / "levels.yaml").write_text(prompt.replace(OLD_WORDS, "Mark this answer."))
    suite.write_text(json.dumps(json.loads(suite.read_text()) | {"prompts": "../changed"}))
    done = CliRunner().invoke(cli, ["eval", "run", str(suite)])
    assert done.exit_code == 3
    assert "prompt levels: " in done.output
    assert f"-      {OLD_WORDS}\n+      Mark this answer.\n" in done.output
