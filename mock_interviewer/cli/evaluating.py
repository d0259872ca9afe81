"""`eval`: how well grades agree with raters."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm import tqdm

from mock_interviewer.core.questions import Question, load_bank
from mock_interviewer.errors import ConfigurationError
from mock_interviewer.evaluation import probing, robustness
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.evaluation.recordings import RecordingChat, pack, recorded
from mock_interviewer.evaluation.runner import run
from mock_interviewer.evaluation.suite import Suite, find_suites, suite_cases
from mock_interviewer.evaluation.tables import page
from mock_interviewer.llm.connect import connect
from mock_interviewer.llm.recorded import RecordedChat
from mock_interviewer.settings import load_settings

EXIT_INCOMPLETE = 3


@click.group("eval")
def evaluate() -> None:
    """Measure how well grades agree with raters."""


@evaluate.command("run")
@click.argument("suite", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Write the tables here as well.")
def run_suites(suite: str | None, out: Path | None) -> None:
    """Grade a suite's cases from recorded replies and print the tables.

    SUITE is a name in evals/suites or a YAML file; without it all suites are run.
    Exit status: 0 every case has a grade or a reason; 2 usage; 3 recorded replies are missing.
    """
    missed = 0
    texts = []
    for path in find_suites(suite):
        wanted = Suite(path)
        chat = recorded(wanted.model, wanted.recordings)
        texts.append(_tables(wanted, chat))
        click.echo(texts[-1])
        missed += chat.missed
    if out:
        out.write_text("\n".join(texts), encoding="utf-8")
    if missed:
        click.echo(f"{missed} recorded replies are missing; get them with `eval record`.")
        raise SystemExit(EXIT_INCOMPLETE)


def _tables(suite: Suite, chat: RecordedChat) -> str:
    cases = suite_cases(suite)
    results = run(cases, chat, suite.grader, trials=suite.trials)
    parts = [page(suite, cases, load_cases(suite.dev), results)]
    if made := suite.variants(cases):
        grades = robustness.run(made, suite.grader(chat))
        parts.append(robustness.text(robustness.table(suite.rubric, made, grades, results)))
    if suite.probes:
        probed = probing.run(_holed(suite), suite.prober(chat), lambda: chat.missed)
        parts.append(probing.text(probed, suite.rubric))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


@evaluate.command("record")
@click.argument("suite")
def record(suite: str) -> None:
    """Ask the configured model for a suite's missing replies, and keep them.

    Stopped and run again, it goes on where it stopped.
    """
    (path,) = find_suites(suite)
    wanted = Suite(path)
    connection = connect(load_settings())
    if connection.model.name != wanted.model:
        raise ConfigurationError(
            f"The suite {wanted.id} is for {wanted.model}, and the model in use is "
            f"{connection.model.name}."
        )
    if connection.embedded:
        connection.embedded.prepare()
        connection.embedded.wait()
    chat = RecordingChat(connection.model, wanted.recordings, wanted.model)
    cases = suite_cases(wanted)
    with tqdm(total=len(cases) * wanted.trials, unit="case") as bar:
        results = run(cases, chat, wanted.grader, trials=wanted.trials, progress=bar.update)
    if made := wanted.variants(cases):
        with tqdm(total=len(made), unit="variant") as bar:
            robustness.run(made, wanted.grader(chat), bar.update)
    if wanted.probes:
        holed = _holed(wanted)
        with tqdm(total=len(holed), unit="probe") as bar:
            probing.run(holed, wanted.prober(chat), progress=bar.update)
    if chat.asked:
        click.echo(f"{chat.asked} replies recorded in {pack(wanted.recordings, wanted.id)}.")
    for result in results:
        if result.grade is None:
            click.echo(f"{result.case.id}: {result.reason}")


def _holed(suite: Suite) -> list[tuple[Case, Question]]:
    return probing.with_holes(load_cases(suite.probes), load_bank().questions, suite.rubric)
