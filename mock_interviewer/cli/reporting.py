"""`eval report`: what a run found, as a page, as a summary and for CI."""

from __future__ import annotations

import os
from pathlib import Path

import click

from mock_interviewer.cli import terminal
from mock_interviewer.cli.evaluating import leave, run_suite
from mock_interviewer.cli.recording import opened
from mock_interviewer.evaluation.annotations import annotate
from mock_interviewer.evaluation.reply_run import ReplyRun
from mock_interviewer.evaluation.report import write_report
from mock_interviewer.evaluation.suite import find_suites
from mock_interviewer.evaluation.whole import Whole


@click.command("report")
@click.argument("suite", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for report.html, summary.md and junit.xml.",
)
@click.option(
    "--annotations/--no-annotations",
    "annotated",
    default=None,
    help="Print annotations of files as GitHub shows them; without it, where GITHUB_ACTIONS=true.",
)
def report(suite: str | None, out: Path, annotated: bool | None) -> None:
    """Grade a suite's cases from recorded replies and write a report of it.

    SUITE is a name in evals/suites or a YAML file; without it all suites are run.
    Exit status: 0 all gates pass; 1 one fails; 2 usage; 3 recorded replies are missing.
    """
    runs = [run_suite(opened(path, smoke=False)) for path in find_suites(suite)]
    wholes = [run for run in runs if isinstance(run, Whole)]
    write_report(wholes, out, [run for run in runs if isinstance(run, ReplyRun)])
    click.echo(f"Written to {out}: report.html, summary.md, junit.xml.")
    if annotated is None:
        annotated = os.environ.get("GITHUB_ACTIONS") == "true"
    if annotated:
        for line in annotate(wholes, Path.cwd()):
            terminal.command(line)
    leave(runs)
