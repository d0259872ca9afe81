"""`eval`: how well grades agree with raters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from tqdm import tqdm

from mock_interviewer.errors import ConfigurationError
from mock_interviewer.evaluation import probing, robustness
from mock_interviewer.evaluation.comparing import comparison
from mock_interviewer.evaluation.gates import check
from mock_interviewer.evaluation.recordings import RecordingChat, pack, recorded, take
from mock_interviewer.evaluation.results import load, write
from mock_interviewer.evaluation.runner import run
from mock_interviewer.evaluation.suite import Suite, find_suites, suite_cases
from mock_interviewer.evaluation.whole import Whole, run_recorded
from mock_interviewer.llm.connect import connect
from mock_interviewer.settings import load_settings

EXIT_INCOMPLETE = 3
EXIT_GATE = 1


@click.group("eval")
def evaluate() -> None:
    """Measure how well grades agree with raters."""


@evaluate.command("run")
@click.argument("suite", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Write the tables here as well.")
@click.option(
    "--results", type=click.Path(path_type=Path), help="Folder for the results, a file a suite."
)
def run_suites(suite: str | None, out: Path | None, results: Path | None) -> None:
    """Grade a suite's cases from recorded replies, print the tables and check the gates.

    SUITE is a name in evals/suites or a YAML file; without it all suites are run.
    Exit status: 0 all gates pass; 1 one fails; 2 usage; 3 recorded replies are missing.
    """
    wholes = []
    for path in find_suites(suite):
        wanted = Suite(path)
        wholes.append(run_recorded(wanted, recorded(wanted.model, wanted.recordings)))
        click.echo(wholes[-1].text)
        if results:
            write(wholes[-1].results, results / f"{wanted.id}.jsonl")
    if out:
        out.write_text("\n".join(whole.text for whole in wholes), encoding="utf-8")
    _leave(wholes)


def _leave(wholes: Sequence[Whole]) -> None:
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
def accept(suite: str, why: str) -> None:
    """Make today's results of a suite the baseline that later runs are held against."""
    (path,) = find_suites(suite)
    wanted = Suite(path)
    if not why.strip():
        raise ConfigurationError("--why is empty: say what changed, and why it is to stay.")
    chat = recorded(wanted.model, wanted.recordings)
    found = run_recorded(wanted, chat)
    if chat.missed:
        click.echo(found.text)
        raise SystemExit(EXIT_INCOMPLETE)
    if wanted.baseline.is_file():
        before = load(wanted.baseline)
        click.echo(comparison(wanted.rubric, before, found.results, ("accepted", "now")))
    earlier: tuple[str, ...] = ()
    if wanted.baseline.is_file():
        old = load(wanted.baseline).head
        earlier = (*old.earlier, f"{old.made}: {old.why}")
    head = found.results.head.model_copy(update={"why": why.strip(), "earlier": earlier})
    accepted = replace(found.results, head=head)
    write(accepted, wanted.baseline)
    click.echo(f"Written to {wanted.baseline}; commit it with the change.")
    if wanted.gates:
        verdicts = check(wanted.gates, wanted.rubric, accepted, accepted)
        for verdict in verdicts:
            if not verdict.passed:
                click.echo(f"Still failing: {verdict.gate}: {verdict.figure}, {verdict.bound}")


@evaluate.command("compare")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
def compare(runs: tuple[Path, ...]) -> None:
    """Compare two or more results files: the first with each of the others.

    Results files are those of `eval run --results` and of evals/baselines.
    """
    if len(runs) < 2:
        raise ConfigurationError("Name two results files at least.")
    first, *others = [load(path) for path in runs]
    suite = Suite(find_suites(first.head.suite)[0])
    for path, other in zip(runs[1:], others, strict=True):
        click.echo(comparison(suite.rubric, first, other, (str(runs[0]), str(path))))


@evaluate.command("record")
@click.argument("suite")
@click.option(
    "--requests",
    type=click.Path(path_type=Path),
    help="Write what is missing as OpenAI batch input lines instead of asking for it.",
)
@click.option(
    "--replies",
    type=click.Path(path_type=Path, exists=True),
    help="Take batch output lines in as recordings; more rounds may follow.",
)
def record(suite: str, requests: Path | None, replies: Path | None) -> None:
    """Get a suite's missing replies, and keep them: from the configured model, or by batch files.

    Stopped and run again, it goes on where it stopped.
    """
    (path,) = find_suites(suite)
    wanted = Suite(path)
    wanted.recordings.mkdir(parents=True, exist_ok=True)
    if replies:
        taken = take(replies, wanted.recordings, wanted.id)
        click.echo(f"{taken} replies taken in.")
    if requests or replies:
        chat = recorded(wanted.model, wanted.recordings)
        run_recorded(wanted, chat)
        click.echo(f"{len(chat.missing)} replies are missing.")
        if requests:
            chat.write_missing(requests)
        return
    connection = connect(load_settings())
    if connection.model.name != wanted.model:
        raise ConfigurationError(
            f"The suite {wanted.id} is for {wanted.model}, and the model in use is "
            f"{connection.model.name}."
        )
    if connection.embedded:
        connection.embedded.prepare()
        connection.embedded.wait()
    _record_live(wanted, RecordingChat(connection.model, wanted.recordings, wanted.model))


def _record_live(wanted: Suite, chat: RecordingChat) -> None:
    cases = suite_cases(wanted)
    with tqdm(total=len(cases) * wanted.trials, unit="case") as bar:
        results = run(cases, chat, wanted.grader, trials=wanted.trials, progress=bar.update)
    if made := wanted.variants(cases):
        with tqdm(total=len(made), unit="variant") as bar:
            robustness.run(made, wanted.grader(chat), bar.update)
    if wanted.probes:
        holed = wanted.holed()
        with tqdm(total=len(holed), unit="probe") as bar:
            probing.run(holed, wanted.prober(chat), progress=bar.update)
    if chat.asked:
        click.echo(f"{chat.asked} replies recorded in {pack(wanted.recordings, wanted.id)}.")
    for result in results:
        if result.grade is None:
            click.echo(f"{result.case.id}: {result.reason}")
