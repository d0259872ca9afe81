"""The CI files: what they run exists, and their scripts do what docs/howto-ci.md says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mock_interviewer.cli import cli

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
HOWTO = (ROOT / "docs" / "howto-ci.md").read_text(encoding="utf-8")


def parsed(text: str) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as a boolean.
    data = yaml.safe_load(text)
    return {("on" if key is True else key): value for key, value in data.items()}


def workflow(name: str) -> dict[str, Any]:
    return parsed((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))


def snippets() -> list[dict[str, Any]]:
    return [parsed(text) for text in re.findall(r"```yaml\n(.*?)```", HOWTO, re.DOTALL)]


def scripts() -> dict[str, str]:
    """Every script of the workflows and of the GitLab snippet, by where it stands."""
    found = {}
    for path in WORKFLOWS:
        for job, body in workflow(path.name)["jobs"].items():
            for number, step in enumerate(body.get("steps", ())):
                if "run" in step:
                    found[f"{path.name} {job} {number}"] = step["run"]
    for snippet in snippets():
        for job, body in snippet.items():
            if isinstance(body, dict) and "script" in body:
                found[f"gitlab {job}"] = "\n".join(body["script"])
    return found


SCRIPTS = scripts()


def step(name: str) -> dict[str, Any]:
    (found,) = [
        step
        for step in workflow("evals.yml")["jobs"]["evals"]["steps"]
        if step.get("name", "") == name
    ]
    return found


def test_there_are_scripts_to_look_at() -> None:
    assert len(SCRIPTS) == 4


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_script_is_shell(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_what_a_script_calls_exists(script: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", script)) <= targets
    for line in re.findall(r"mock-interviewer (.*)", script):
        command: click.Command = cli
        words = [word for word in shlex.split(line) if re.fullmatch(r"[a-z-]+", word)]
        while isinstance(command, click.Group):
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        options = {option for param in command.params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read(path: Path) -> None:
    data = workflow(path.name)
    assert data["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in data["jobs"].values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_value_from_outside_is_put_into_a_script(path: Path) -> None:
    # `${{ }}` in a script is pasted before the shell reads it; by the environment it is data.
    for job in workflow(path.name)["jobs"].values():
        for one in job.get("steps", ()):
            assert "${{" not in one.get("run", "")


def test_every_call_gives_inputs_that_the_workflow_has() -> None:
    inputs = workflow("evals.yml")["on"]["workflow_call"]["inputs"]
    calls = [job for job in workflow("ci.yml")["jobs"].values() if "uses" in job]
    calls += [
        job
        for snippet in snippets()
        for job in snippet.get("jobs", {}).values()
        if job["uses"].endswith("/.github/workflows/evals.yml@main")
    ]
    assert len(calls) == 3
    for call in calls:
        assert set(call.get("with", {})) <= set(inputs)
    assert set(re.findall(r"^\| `([a-z-]+)` \|", HOWTO, re.MULTILINE)) == set(inputs)


def test_the_suites_that_ci_names_are_there() -> None:
    for job in workflow("ci.yml")["jobs"].values():
        suite = job.get("with", {}).get("suite")
        assert suite is None or (ROOT / suite).is_file()


def test_what_moves_grades_starts_the_evals() -> None:
    watched = workflow("ci.yml")["on"]["pull_request"]["paths"]
    for path in (*watched, *snippets()[1]["evals"]["rules"][0]["changes"]):
        assert (ROOT / path.split("/*")[0]).is_dir(), path
    assert {"prompts/**", "rubrics/**", "evals/**", "mock_interviewer/**"} <= set(watched)


STAND_IN = """#!/usr/bin/env bash
printf '%s\\n' "$@" > arguments
[ -z "$WRITES" ] || { mkdir -p eval-report; echo "12 of 12 graded" > eval-report/summary.md; }
exit "$STATUS"
"""


@pytest.mark.parametrize("status", [0, 1, 2, 3])
@pytest.mark.parametrize("suite", ["", "examples/a suite.yaml"])
def test_the_job_ends_with_the_programs_status_and_shows_its_summary(
    tmp_path: Path, status: int, suite: str
) -> None:
    program = tmp_path / ".venv" / "bin" / "mock-interviewer"
    program.parent.mkdir(parents=True)
    program.write_text(STAND_IN)
    program.chmod(0o755)
    page = tmp_path / "page.md"
    page.write_text("What other steps wrote\n")
    wrong_use = status == 2  # then there is no report to show
    done = subprocess.run(
        # The shell as GitHub starts it for a `run` without a `shell`.
        ["bash", "-e", "-c", step("Grade from recordings and check the gates")["run"]],
        cwd=tmp_path,
        env={
            **os.environ,
            "SUITE": suite,
            "STATUS": str(status),
            "WRITES": "" if wrong_use else "yes",
            "GITHUB_STEP_SUMMARY": str(page),
        },
        check=False,
    )
    assert done.returncode == status
    told = "" if wrong_use else "12 of 12 graded\n"
    assert page.read_text() == f"What other steps wrote\n{told}"
    named = [suite] if suite else []
    assert (tmp_path / "arguments").read_text().splitlines() == [
        "eval", "report", *named, "--out", "eval-report",
    ]  # fmt: skip


def test_the_report_is_kept_whatever_the_gates_say() -> None:
    kept = step("Keep the report")
    assert kept["if"] == "${{ !cancelled() }}"
    assert kept["with"]["path"] == "eval-report"
    gitlab = snippets()[1]["evals"]["artifacts"]
    assert gitlab["when"] == "always"
    assert gitlab["reports"] == {"junit": "eval-report/junit.xml"}
