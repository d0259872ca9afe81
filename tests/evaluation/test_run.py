"""Running suites from recordings: complete, incomplete, and by graders broken on purpose."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from mock_interviewer.cli import cli
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import (
    DataFileError,
    ReplyMissingError,
)
from mock_interviewer.evaluation import tables
from mock_interviewer.evaluation.cases import load_cases
from mock_interviewer.evaluation.leads import mean_kappa
from mock_interviewer.evaluation.recordings import FRESH, RecordingChat, pack, recorded
from mock_interviewer.evaluation.runner import TrialChat, run
from mock_interviewer.evaluation.suite import find_suites
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Message, Reply, Request, Token
from tests.scripted import ScriptedChat

ROOT = Path(__file__).resolve().parents[2]
RUBRIC = load_rubric()
ASKED = Request((Message(role="user", content="Hello"),), 5)


def suite(folder: Path, **changes: object) -> Path:
    data = {
        "id": "toy",
        "cases": [str(ROOT / "evals/reference/test.jsonl")],
        "only": ["a001"],
        "model": "frontier-stand-in",
        "strategy": "levels",
        "recordings": str(ROOT / "evals/recordings/strong"),
    }
    path = folder / "toy.yaml"
    path.write_text(json.dumps(data | changes))
    return path


def test_a_recorded_suite_is_graded_offline_and_printed(tmp_path: Path) -> None:
    out = tmp_path / "tables.txt"
    done = CliRunner().invoke(cli, ["eval", "run", str(suite(tmp_path)), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "Coverage: 1 of 1 graded (0 wait for replies)" in done.output
    assert out.read_text() in done.output


def test_a_missing_reply_is_told_and_never_fetched(tmp_path: Path) -> None:
    path = suite(tmp_path, model="another")
    done = CliRunner().invoke(cli, ["eval", "run", str(path)])
    assert done.exit_code == 3
    assert "Coverage: 0 of 1 graded (1 wait for replies)" in done.output
    assert "get them with `eval record`" in done.output


def test_a_suite_that_does_not_exist_is_told_with_those_that_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(DataFileError, match="there are: drills, embedded, role-play, strong"):
        find_suites("nope")


def test_a_case_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = suite(tmp_path, only=["a001", "zzz"])
    with pytest.raises(DataFileError, match="no such cases: zzz"):
        CliRunner().invoke(cli, ["eval", "run", str(path)], catch_exceptions=False)


def test_trials_are_asked_anew() -> None:
    asked: list[int] = []

    def script(request: Request) -> str:
        asked.append(request.trial)
        return "x"

    for trial in range(3):
        TrialChat(ScriptedChat(script), trial).ask(ASKED)
    assert asked == [0, 1, 2]


def test_a_recording_goes_on_where_it_stopped_and_can_be_packed(tmp_path: Path) -> None:
    live = ScriptedChat("Yes")
    first = RecordingChat(live, tmp_path, "toy")
    first.ask(ASKED)
    again = RecordingChat(ScriptedChat(AssertionError("asked again")), tmp_path, "toy")
    assert (again.ask(ASKED).text, again.spent.replies) == ("Yes", 0)
    pack(tmp_path, "replies")
    assert not (tmp_path / FRESH).exists()
    assert recorded("toy", tmp_path).ask(ASKED).text == "Yes"
    with pytest.raises(ReplyMissingError):
        recorded("toy", tmp_path).ask(ASKED.with_trial(1))


def test_packing_twice_keeps_both_and_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        chat = RecordingChat(ScriptedChat("Yes"), folder, "toy")
        for trial in range(2):
            chat.ask(ASKED.with_trial(trial))
            pack(folder, "replies") if trial == 1 else None
    one, two = ((tmp_path / n / "replies.jsonl.gz").read_bytes() for n in ("one", "two"))
    assert len(recorded("toy", tmp_path / "one")._replies) == 2
    assert len(one) == len(two)


def test_log_probabilities_survive_a_recording(tmp_path: Path) -> None:
    reply = Reply("Yes", (Token("Yes", {"Yes": -0.1236, "No": -2.5}),))
    RecordingChat(ScriptedChat(reply), tmp_path, "toy").ask(ASKED)
    (token,) = recorded("toy", tmp_path).ask(ASKED).tokens
    assert token.alternatives == {"Yes": -0.124, "No": -2.5}


Level = Callable[[int, range], int]


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("always the middle", lambda given, scale: scale[len(scale) // 2]),
        ("random", lambda given, scale: random.Random(given).choice(scale)),  # noqa: S311
        ("inverted", lambda given, scale: scale.start + scale.stop - 1 - given),
    ],
)
def test_a_broken_grader_does_not_agree(name: str, level: Level) -> None:
    cases = load_cases([ROOT / "evals/reference/test.jsonl"])
    levels = {
        c.id: [
            None
            if (given := case.reference[c.id]) is None
            else level(
                given if name != "random" else zlib.crc32(f"{case.id} {c.id}".encode()), c.scale
            )
            for case in cases
        ]
        for c in RUBRIC.criteria
    }
    assert mean_kappa(RUBRIC, cases, levels) < 0.15


def test_replies_that_cannot_be_read_are_ungraded_and_lower_the_coverage() -> None:
    cases = load_cases([ROOT / "evals/reference/test.jsonl"])[:2]
    results = run(
        cases, ScriptedChat("no json"), lambda chat: Grader(chat, RUBRIC, Strategy.LEVELS)
    )
    text = tables.coverage(RUBRIC, results)
    assert text.startswith("Coverage: 0 of 2 graded (0 wait for replies), 0 of")
    assert "not valid JSON" in results[0].reason
