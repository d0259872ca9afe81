"""`eval`: how well grades agree with raters."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm import tqdm

from mock_interviewer.errors import ConfigurationError
from mock_interviewer.evaluation import robustness
from mock_interviewer.evaluation.cases import load_cases
from mock_interviewer.evaluation.recordings import RecordingChat, pack, recorded
from mock_interviewer.evaluation.runner import Result, run
from mock_interviewer.evaluation.suite import Suite, find_suites, suite_cases
from mock_interviewer.evaluation.tables import page
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.chat import ChatModel
from mock_interviewer.llm.connect import connect
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
    incomplete = False
    texts = []
    for path in find_suites(suite):
        wanted = Suite(path)
        cases = suite_cases(wanted)
        chat = recorded(wanted.model, wanted.recordings)
        results = run(cases, chat, _maker(wanted), trials=wanted.trials)
        text = page(wanted, cases, load_cases(wanted.dev), results)
        if wanted.robustness:
            made = robustness.make(wanted.robustness, cases)
            grades = robustness.run(made, _maker(wanted)(chat))
            rows = robustness.table(wanted.rubric, made, grades, results)
            text += f"\n{robustness.text(rows)}\n"
        click.echo(text)
        texts.append(text)
        incomplete = incomplete or any(result.missing for result in results)
    if out:
        out.write_text("\n".join(texts), encoding="utf-8")
    if incomplete:
        click.echo("Recorded replies are missing; `mock-interviewer eval record` gets them.")
        raise SystemExit(EXIT_INCOMPLETE)


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
        results: list[Result] = run(
            cases, chat, _maker(wanted), trials=wanted.trials, progress=bar.update
        )
    if wanted.robustness:
        made = robustness.make(wanted.robustness, cases)
        with tqdm(total=len(made), unit="variant") as bar:
            robustness.run(made, _maker(wanted)(chat), bar.update)
    if chat.asked:
        click.echo(f"{chat.asked} replies recorded in {pack(wanted.recordings, wanted.id)}.")
    for result in results:
        if result.grade is None:
            click.echo(f"{result.case.id}: {result.reason}")


class _maker:
    """Makes a suite's graders."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    def __call__(self, chat: ChatModel) -> Grader:
        suite = self._suite
        return Grader(chat, suite.rubric, suite.strategy, suite.context)
