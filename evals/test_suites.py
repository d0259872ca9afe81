"""The gates of every suite as tests, for those who live in pytest: `pytest evals/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_interviewer.evaluation.recordings import recorded
from mock_interviewer.evaluation.suite import Suite
from mock_interviewer.evaluation.whole import run_recorded

ROOT = Path(__file__).resolve().parent.parent
SUITES = sorted([*ROOT.glob("evals/suites/*.yaml"), *ROOT.glob("examples/*/suites/*.yaml")])


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_every_gate_of_the_suite_passes(path: Path) -> None:
    suite = Suite(path)
    chat = recorded(suite.model, suite.recordings)
    found = run_recorded(suite, chat)
    assert not chat.missed, f"{chat.missed} recorded replies are missing"
    assert [v for v in found.verdicts if not v.passed] == []
