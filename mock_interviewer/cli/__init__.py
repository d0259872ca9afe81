"""The command line: `mock-interviewer`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from mock_interviewer.cli import logs, terminal
from mock_interviewer.cli.ablating import ablate
from mock_interviewer.cli.accounts import group, user
from mock_interviewer.cli.adding import add_case
from mock_interviewer.cli.demonstrating import demo
from mock_interviewer.cli.evaluating import evaluate
from mock_interviewer.cli.exporting import delete, export
from mock_interviewer.cli.grading import calibrate, grade
from mock_interviewer.cli.importing import import_interviews
from mock_interviewer.cli.keeping import backup, restore
from mock_interviewer.cli.looking import check, prompts, questions
from mock_interviewer.cli.models import model
from mock_interviewer.cli.reporting import report
from mock_interviewer.cli.role_playing import role_play
from mock_interviewer.cli.serving import serve
from mock_interviewer.cli.working import worker
from mock_interviewer.errors import MockInterviewerError

EXIT_USAGE = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", is_flag=True, help="Say more about what is done.")
@click.version_option(package_name="mock-interviewer")
def cli(verbose: bool) -> None:
    """Practise customer-service interviews, and grade answers for empathy and STAR structure."""
    logs.set_up(verbose)


evaluate.add_command(ablate)
evaluate.add_command(add_case)
evaluate.add_command(report)
for command in (
    serve,
    demo,
    worker,
    user,
    group,
    backup,
    restore,
    import_interviews,
    export,
    delete,
    questions,
    role_play,
    check,
    model,
    grade,
    calibrate,
    evaluate,
    prompts,
):
    cli.add_command(command)


def main(args: Sequence[str] | None = None) -> None:
    """Run a command; an error of ours is shown as its message, without a traceback."""
    terminal.make_safe()
    try:
        cli(args)
    except MockInterviewerError as error:
        click.echo(f"mock-interviewer: {error}", err=True)
        sys.exit(EXIT_USAGE)
