"""`eval`: how well grades agree with raters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from mock_interviewer.cli.recording import (
    EXIT_INCOMPLETE,
    ask,
    by_configured_model,
    chosen,
    live_options,
    opened,
    record_replies,
    told_missing,
)
from mock_interviewer.core.price import Price
from mock_interviewer.core.resources import shared_file
from mock_interviewer.errors import ConfigurationError, RecordingStoppedError
from mock_interviewer.evaluation.comparing import comparison, overview
from mock_interviewer.evaluation.recordings import recorded
from mock_interviewer.evaluation.reply_run import ReplyRun, run_replies
from mock_interviewer.evaluation.reply_suite import ReplySuite
from mock_interviewer.evaluation.results import load, write
from mock_interviewer.evaluation.sources import results_of
from mock_interviewer.evaluation.suite import Suite, find_suites
from mock_interviewer.evaluation.whole import Whole, run_recorded
from mock_interviewer.settings import load_settings

EXIT_GATE = 1


@click.group("eval")
def evaluate() -> None:
    """Measure how well grades agree with raters."""


@evaluate.command("run")
@click.argument("suite", required=False)
@click.option("--smoke", is_flag=True, help="Only 24 dev answers, for a first look.")
@click.option("--live", is_flag=True, help="First ask the configured model for what is missing.")
@click.option("--dry-run", is_flag=True, help="Say how much would be asked, and ask nothing.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the tables here as well.")
@click.option(
    "--results", type=click.Path(path_type=Path), help="Folder for the results, a file a suite."
)
@live_options
def run_suites(
    suite: str | None,
    smoke: bool,
    live: bool,
    dry_run: bool,
    out: Path | None,
    results: Path | None,
    **how: Any,
) -> None:
    """Grade a suite's cases, print the tables and check the gates.

    SUITE is a name in evals/suites or a YAML file; without it all suites are run. Replies come from
    recordings, and nothing is asked of a model but with --live: of any that is configured, also of
    one that the suite is not for.
    Exit status: 0 all gates pass; 1 one fails; 2 usage; 3 replies are missing, too much is
    ungraded, or the model is away.
    """
    if suite is None and (live or smoke):
        raise ConfigurationError("Name the suite that --live or --smoke is for.")
    _tell_of_other_prompts()
    wholes: list[Whole | ReplyRun] = []
    for path in find_suites(suite):
        wanted = opened(path, smoke)
        connection = None
        if live:
            wanted, connection = by_configured_model(wanted, how)
        if dry_run:
            click.echo(f"{wanted.id}, {wanted.model}: {told_missing(wanted)}")
            continue
        if connection:
            ask(wanted, connection, how)
        wholes.append(run_suite(wanted, load_settings().price))
        click.echo(wholes[-1].text)
        if results:
            write(wholes[-1].results, results / f"{wanted.id}.jsonl")
    if out:
        out.write_text("\n".join(whole.text for whole in wholes), encoding="utf-8")
    leave(wholes)


def run_suite(suite: Suite | ReplySuite, price: Price | None = None) -> Whole | ReplyRun:
    """A suite of answers or of replies, from its recordings. Raises `DataFileError`."""
    chat = recorded(suite.model, suite.recordings)
    if isinstance(suite, ReplySuite):
        return run_replies(suite, chat)
    return run_recorded(suite, chat, price)


def _tell_of_other_prompts() -> None:
    """An installed program run in another checkout asks with its own prompts, not with those."""
    used, here = shared_file("prompts"), Path("prompts").resolve()
    if here.is_dir() and used.resolve() != here:
        click.echo(f"The prompts are those of {used}, not of this folder.", err=True)


def leave(wholes: Sequence[Whole | ReplyRun]) -> None:
    """End with the status that these runs come to."""
    missed = sum(whole.missed for whole in wholes)
    failed = [gate for whole in wholes for gate in whole.failed]
    if missed:
        click.echo(f"{missed} recorded replies are missing; get them with `eval record`.")
    if failed:
        click.echo("Gates that fail: " + "; ".join(failed))
    if any(whole.incomplete for whole in wholes):
        raise SystemExit(EXIT_INCOMPLETE)
    if failed:
        raise SystemExit(EXIT_GATE)


@evaluate.command("accept")
@click.argument("suite")
@click.option("--why", required=True, help="What changed, and why it is to stay.")
@click.option("--smoke", is_flag=True, help="The results of the first look with --smoke.")
def accept(suite: str, why: str, smoke: bool) -> None:
    """Make today's results of a suite the baseline that later runs are held against."""
    wanted = chosen(suite, smoke)
    if not why.strip():
        raise ConfigurationError("--why is empty: say what changed, and why it is to stay.")
    found = run_suite(wanted)
    if found.missed:
        click.echo(found.text)
        raise SystemExit(EXIT_INCOMPLETE)
    if wanted.baseline.is_file():
        before = load(wanted.baseline)
        click.echo(comparison(found.rated, before, found.results, ("accepted", "now")))
    earlier: tuple[str, ...] = ()
    if wanted.baseline.is_file():
        old = load(wanted.baseline).head
        earlier = (*old.earlier, f"{old.made}: {old.why}")
    head = found.results.head.model_copy(update={"why": why.strip(), "earlier": earlier})
    accepted = replace(found.results, head=head)
    write(accepted, wanted.baseline)
    click.echo(f"Written to {wanted.baseline}; commit it with the change.")
    if wanted.gates:
        for verdict in found.judged_by(accepted):
            if not verdict.passed:
                click.echo(f"Still failing: {verdict.gate}: {verdict.figure}, {verdict.bound}")


@evaluate.command("compare")
@click.argument("runs", nargs=-1, required=True)
def compare(runs: tuple[str, ...]) -> None:
    """Compare runs: the first with each of the others. A suite alone: its baseline with today.

    A run is a results file (`eval run --results`, evals/baselines), a suite's name or file, or
    SUITE@COMMIT, which is run by that commit's own code. Two prompts or models are two suites that
    differ in `prompts` or `model`.
    """
    if len(runs) == 1:
        runs = (str(Suite(find_suites(runs[0])[0]).baseline), runs[0])
    try:
        first, *others = found = [results_of(run) for run in runs]
    except RecordingStoppedError as error:
        click.echo(str(error), err=True)
        raise SystemExit(EXIT_INCOMPLETE) from error
    rubric = first.rubric_used()
    if others[1:]:
        click.echo(overview(rubric, found, runs))
    for name, other in zip(runs[1:], others, strict=True):
        click.echo(comparison(rubric, first, other, (runs[0], name)))


evaluate.add_command(record_replies)
