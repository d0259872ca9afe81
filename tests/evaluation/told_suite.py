"""A suite of seven cases of its own, for tests of what is told about a run."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from mock_interviewer.cli import cli
from mock_interviewer.core.transcript import Line
from mock_interviewer.evaluation.recordings import RecordingChat, pack, recorded
from mock_interviewer.evaluation.runner import run
from mock_interviewer.evaluation.suite import Suite, suite_cases
from mock_interviewer.evaluation.whole import Whole, run_recorded
from mock_interviewer.llm.chat import Request
from tests.scripted import ScriptedChat

ROOT = Path(__file__).resolve().parents[2]
CASES = ("a001", "a002", "a005", "a016", "a031", "a033")
MARKUP = "</script><script>alert(1)</script> I <b>bold</b>ly said & {{7*7}} ]]>."
ADDED = " Be quick."
WORSE = ("task", "action", "result", "empathy")
SPARED = "Mr Oduya"
"""Who stands in a002, which keeps its levels."""


def make(folder: Path) -> Path:
    """Six cases of the test split and `x1`, which says markup, with recordings and a baseline."""
    lines = (ROOT / "evals/reference/test.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [data for data in map(json.loads, lines) if data["id"] in CASES]
    other = json.loads(json.dumps(cases[0]))
    other["id"] = "x1"
    other["transcript"][0]["text"] += " " + MARKUP
    (folder / "cases.jsonl").write_text(
        "".join(json.dumps(data, ensure_ascii=False) + "\n" for data in [*cases, other]),
        encoding="utf-8",
    )
    shutil.copytree(ROOT / "evals/recordings/strong", folder / "recordings")
    path = folder / "suites" / "small.yaml"
    path.parent.mkdir()
    path.write_text(
        "id: small\ncases: [../cases.jsonl]\nmodel: frontier-stand-in\nstrategy: levels\n"
        "recordings: ../recordings\ngates: {mean: 0.5, each: 0.2}\n"
    )
    suite = Suite(path)
    first, *_, last = suite_cases(suite)
    known = recorded(suite.model, suite.recordings)
    (asked,) = suite.grader(known).requests(first.question, first.kind, first.transcript)
    assert isinstance(last.transcript[0], Line)
    record(suite, ScriptedChat(known.ask(asked).text))
    done = CliRunner().invoke(cli, ["eval", "accept", str(path), "--why", "first"])
    assert done.exit_code == 0, done.output
    return path


def change_prompt(path: Path) -> None:
    """Give the suite a prompt of its own, for which nothing is recorded."""
    folder = path.parent.parent / "prompts"
    folder.mkdir()
    text = (ROOT / "prompts/levels.yaml").read_text(encoding="utf-8")
    end = "as a careful rater"
    assert text.count(end) == 1
    (folder / "levels.yaml").write_text(text.replace(end, end + ADDED), encoding="utf-8")
    path.write_text(path.read_text() + "prompts: ../prompts\n")


def record_worse(path: Path) -> None:
    """Record replies to the changed prompt that put some ratings at their lowest level."""
    suite = Suite(path)
    before = recorded(suite.model, suite.recordings)

    def careless(request: Request) -> str:
        system, *rest = request.messages
        old = system.model_copy(update={"content": system.content.replace(ADDED, "")})
        reply = json.loads(before.ask(replace(request, messages=(old, *rest))).text)
        for name in WORSE if SPARED not in rest[-1].content else ():
            reply["ratings"][name]["level"] = 1
        return json.dumps(reply)

    record(suite, ScriptedChat(careless))


def record(suite: Suite, model: ScriptedChat) -> None:
    """Record what this model says to everything that is missing."""
    chat = RecordingChat(model, suite.recordings, suite.model)
    run(suite_cases(suite), chat, suite.grader)
    pack(suite.recordings, f"new-{len(list(suite.recordings.iterdir()))}")


def whole(path: Path) -> Whole:
    """Run it from its recordings."""
    suite = Suite(path)
    return run_recorded(suite, recorded(suite.model, suite.recordings))
