"""The audit believes pip-audit only where it has looked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.audit import LOCKED, NO_PROGRAM, NOT_LOOKED, WEAK, WELL

AUDIT = Path(__file__).parent / "audit.py"
WEAKNESS = {"id": "PYSEC-1", "fix_versions": ["1.3"], "aliases": [], "description": "bad"}
SAFE: dict[str, Any] = {"name": "safe", "version": "1.0", "vulns": []}
BAD: dict[str, Any] = {"name": "bad", "version": "1.2", "vulns": [WEAKNESS]}
SKIPPED = {"name": "skipped", "skip_reason": "Dependency not found and could not be audited"}


def audited(folder: Path, program: str) -> tuple[int, str]:
    """The audit's status and words, where pip-audit is this program."""
    package = folder / "pip_audit"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(program)
    done = subprocess.run(
        [sys.executable, str(AUDIT)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def saying(*packages: dict[str, Any], status: int = 0) -> str:
    report = json.dumps({"dependencies": packages, "fixes": []})
    return f"import sys\nprint({report!r})\nsys.exit({status})"


@pytest.mark.parametrize(
    ("program", "status", "words"),
    [
        (saying(SAFE), WELL, "1 packages looked up; no weakness of theirs is known."),
        (saying(SAFE, BAD, status=1), WEAK, "bad 1.2: PYSEC-1, mended in 1.3"),
        (saying(SAFE, SKIPPED), NOT_LOOKED, "nothing is known of 1 of 2 packages (skipped)"),
        (saying(SKIPPED, BAD, status=1), WEAK, "Could not look: nothing is known of 1 of 2"),
        (saying(), NOT_LOOKED, "Could not look"),
        ("raise ConnectionError('no such host')", NOT_LOOKED, "ConnectionError: no such host"),
        ("print('[]')", NOT_LOOKED, "Could not look"),
    ],
)
def test_the_status_says_whether_it_has_looked(
    program: str, status: int, words: str, tmp_path: Path
) -> None:
    found, told = audited(tmp_path, program)
    assert (found, words in told) == (status, True), told


def test_without_pip_audit_it_says_how_to_have_it() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(AUDIT)], capture_output=True, text=True, check=False
    )
    assert done.returncode == NO_PROGRAM
    assert "make audit" in done.stdout


def test_every_locked_file_is_audited(tmp_path: Path) -> None:
    program = "import json, sys\nraise SystemExit(' '.join(sys.argv))"
    _status, told = audited(tmp_path, program)
    for file in LOCKED.glob("*.txt"):
        assert file.name in told


def test_pip_audit_is_no_dependency_of_the_program() -> None:
    for file in LOCKED.glob("*.txt"):
        assert "pip-audit" not in file.read_text(encoding="utf-8")
