"""The gates of every suite as tests, for those who live in pytest: `pytest evals/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_interviewer.cli.evaluating import run_suite
from mock_interviewer.cli.recording import opened

ROOT = Path(__file__).resolve().parent.parent
SUITES = sorted([*ROOT.glob("evals/suites/*.yaml"), *ROOT.glob("examples/*/suites/*.yaml")])


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_every_gate_of_the_suite_passes(path: Path) -> None:
    found = run_suite(opened(path, smoke=False))
    assert not found.missed, f"{found.missed} recorded replies are missing"
    assert [v for v in found.verdicts if not v.passed] == []
