"""The documentation is true: its commands run, its settings are all there are."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
NEEDS_MODEL = ("grade", "model doctor")
RUN_BY_THEMSELVES = ("serve",)


def documented_commands() -> list[str]:
    """The `mock-interviewer` lines of the README's shell blocks."""
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    found = [
        line.removeprefix("mock-interviewer ") for line in lines if "mock-interviewer " in line
    ]
    return [line for line in found if not line.startswith(RUN_BY_THEMSELVES)]


def run(command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mock_interviewer", *shlex.split(command)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_readme_shows_commands() -> None:
    assert len(documented_commands()) >= 5


@pytest.mark.parametrize(
    "command", [c for c in documented_commands() if not c.startswith(NEEDS_MODEL)]
)
def test_a_command_of_the_readme_runs(command: str) -> None:
    done = run(command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.model
@pytest.mark.parametrize("command", [c for c in documented_commands() if c.startswith(NEEDS_MODEL)])
def test_a_command_of_the_readme_runs_on_the_embedded_model(command: str, tmp_path: Path) -> None:
    answers = (REPOSITORY / "evals/samples/answers.jsonl").read_text(encoding="utf-8")
    shorter = tmp_path / "answers.jsonl"
    shorter.write_text("".join(answers.splitlines(keepends=True)[:2]), encoding="utf-8")
    command = command.replace("evals/samples/answers.jsonl", str(shorter))
    command = command.replace("grades.jsonl", str(tmp_path / "grades.jsonl"))
    done = run(command, timeout=300)
    assert done.returncode == 0, done.stderr


def test_every_setting_is_documented_and_no_other() -> None:
    sources = (REPOSITORY / "mock_interviewer").rglob("*.py")
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    read = set(re.findall(r"\bMOCK_INTERVIEWER_[A-Z_]+\b", text))
    page = (REPOSITORY / "docs/settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"\bMOCK_INTERVIEWER_[A-Z_]+\b", page))
    assert read == documented


@pytest.mark.parametrize("page", [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")])
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_dependency_is_justified_and_no_other() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + project["optional-dependencies"]["postgres"]
    wanted = {re.split(r"[\[<>=; ]", line, maxsplit=1)[0] for line in lines}
    page = (REPOSITORY / "docs/dependencies.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| ([A-Za-z][A-Za-z0-9_-]*) \|", page, re.MULTILINE)) - {"dependency"}
    assert told == wanted
