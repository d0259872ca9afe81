"""`grade` and `calibrate`: grading without the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from tqdm import tqdm

from mock_interviewer.core import jsonlines
from mock_interviewer.core.grade import Usage
from mock_interviewer.core.prompts import check_folder, load_prompt
from mock_interviewer.core.questions import Kind, load_bank
from mock_interviewer.core.rubric import Rubric, load_rubric
from mock_interviewer.errors import (
    ConfigurationError,
    ModelRefusedError,
    ModelUnavailableError,
    ReplyMissingError,
)
from mock_interviewer.evaluation.baselines import fit_baseline
from mock_interviewer.evaluation.fitting import fit, load_training
from mock_interviewer.evaluation.recordings import remembering
from mock_interviewer.grading import calibration, coding
from mock_interviewer.grading.answers import Answer, grade_line, graded_ids, read_answers
from mock_interviewer.grading.asker import Asker
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy, load_catalogue
from mock_interviewer.llm.connect import Connection, connect
from mock_interviewer.llm.recorded import RecordedChat
from mock_interviewer.service.graders import Graders
from mock_interviewer.settings import load_settings

EXIT_INCOMPLETE = 3
FULL_ANSWERS = 12
"""Model answers that a calibration reads; each costs some 15 s on two cores."""


@click.command()
@click.argument("answers", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File for the grades.")
@click.option("--requests", type=click.Path(path_type=Path), help="Write batch requests only.")
@click.option(
    "--replies", multiple=True, type=click.Path(path_type=Path), help="Read batch replies."
)
@click.option("--model", "model_id", help="With --requests or --replies: the model's id.")
@click.option(
    "--strategy", type=click.Choice([s.value for s in Strategy]), help="How the model grades."
)
@click.option("--rubric", "rubric_path", type=click.Path(path_type=Path), help="Another rubric.")
@click.option("--prompts", type=click.Path(path_type=Path), help="Folder of prompts of your own.")
@click.option("--model-file", type=click.Path(path_type=Path), help="Another GGUF file.")
def grade(
    answers: Path,
    out: Path,
    requests: Path | None,
    replies: tuple[Path, ...],
    model_id: str | None,
    strategy: str | None,
    rubric_path: Path | None,
    prompts: Path | None,
    model_file: Path | None,
) -> None:
    """Grade a file of answers, a grade a line. Run again, it goes on where it stopped.

    Exit status: 0 all graded; 2 usage; 3 incomplete: bad lines, missing replies, or the model
    was away.
    """
    settings = load_settings(model_file=model_file)
    rubric = load_rubric(rubric_path or settings.rubric)
    settings = replace(settings, strategy=strategy or settings.strategy)
    settings = replace(settings, prompts=prompts or settings.prompts)
    if settings.prompts:
        check_folder(settings.prompts)
    recorded = None
    if requests or replies:
        model = model_id or settings.model or load_catalogue().default_hosted
        recorded = RecordedChat(model, replies)
        entry = load_catalogue().find(model)
        chosen = Strategy(settings.strategy) if settings.strategy else entry.strategy
        how = chosen or Strategy.LEVELS
        grader = Grader(recorded, rubric, how, entry.context, settings.prompts)
    else:
        if model_id:
            raise ConfigurationError(
                "--model goes with --requests or --replies; a live model is chosen with "
                "MOCK_INTERVIEWER_MODEL."
            )
        connection = connect(settings)
        click.echo(f"Model: {connection.model.name}, because {connection.why}.", err=True)
        graders = Graders(connection, rubric, settings)
        if connection.embedded is not None:
            connection.embedded.prepare()
            connection.embedded.wait()
        grader = graders.grader()
    incomplete = _grade_all(grader, answers, out)
    if recorded is not None and requests is not None:
        count = recorded.write_missing(requests)
        click.echo(f"{count} requests written to {requests}.", err=True)
    if incomplete:
        raise SystemExit(EXIT_INCOMPLETE)


def _grade_all(grader: Grader, answers: Path, out: Path) -> bool:
    """Grade what is not graded yet; returns whether anything is left or was wrong."""
    lines = list(read_answers(answers))
    bad = [line for line in lines if not isinstance(line, Answer)]
    for line in bad:
        click.echo(line.message, err=True)
    done = graded_ids(out, grader.key)
    todo = [line for line in lines if isinstance(line, Answer) and line.id not in done]
    if done:
        click.echo(f"{len(done)} answers are graded already.", err=True)
    missing = away = ungraded = 0
    usage = Usage()
    with jsonlines.Appender(out) as file, tqdm(todo, unit="answer") as bar:
        for answer in bar:
            try:
                found = grader.grade(answer.question, answer.kind, answer.transcript)
            except ReplyMissingError:
                missing += 1
                continue
            except ModelUnavailableError as error:
                away += 1
                bar.write(f"{answer.id}: {error}")
                continue
            except ModelRefusedError as error:
                ungraded += 1
                found = grader.ungraded(str(error))
                bar.write(f"{answer.id}: ungraded: {error}")
            usage = usage + found.stamp.usage
            file.add(grade_line(answer.id, found))
    click.echo(
        f"{len(todo) - missing - away - ungraded} graded, {ungraded} ungraded, "
        f"{missing} wait for replies, {away} not reached, {len(bad)} bad lines; tokens: "
        f"{usage.prompt} read, {usage.cached} of them cached, {usage.completion} written.",
        err=True,
    )
    return bool(bad or missing or away)


@click.command()
@click.option("--rubric", "rubric_path", type=click.Path(path_type=Path), help="Another rubric.")
@click.option("--model-file", type=click.Path(path_type=Path), help="Another GGUF file.")
@click.option(
    "--dev",
    "training",
    type=click.Path(path_type=Path),
    help="Fit sentence codes to the coded answers in this folder. Takes hours on two cores; "
    "stopped and run again, it goes on where it stopped.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Default: beside the rubric.")
def calibrate(
    rubric_path: Path | None, model_file: Path | None, training: Path | None, out: Path | None
) -> None:
    """Fit what the model in use needs for grading, and write it beside the rubric.

    With --dev: sentence codes, for the embedded server. Without: each checklist item's figures on
    answers that hold nothing and on the bank's model answers, for servers with log-probabilities.
    """
    settings = load_settings(model_file=model_file)
    connection = connect(settings)
    rubric = load_rubric(rubric_path or settings.rubric)
    if connection.embedded is not None:
        connection.embedded.prepare()
        connection.embedded.wait()
    if training is not None:
        _fit_codes(connection, rubric, training, out)
        return
    names = ("checklist", "labels")
    prompts = {name: load_prompt(name, settings.prompts) for name in names}
    asker = Asker(connection.model, rubric, prompts, connection.entry.context)
    path = out or calibration.calibration_file(connection.model.name)
    scores = [score.id for score in rubric.scores]
    fulls = [
        (question.text, question.model_answer)
        for question in load_bank(settings.banks, scores).questions
        if question.kind is Kind.BEHAVIOURAL and set(question.calls_for) == set(scores)
    ]
    with tqdm(unit="item") as bar:
        found = asker.measure(fulls[:FULL_ANSWERS], bar.update)
    calibration.write(found, path)
    click.echo(f"Written to {path}.")


def _fit_codes(connection: Connection, rubric: Rubric, training: Path, out: Path | None) -> None:
    book, answers = load_training(training)
    if connection.embedded is None:
        raise ConfigurationError(
            "Sentence codes are for the embedded server; unset OPENAI_BASE_URL and OPENAI_API_KEY."
        )
    name, prompt = connection.model.name, load_prompt("sentence")
    reader = remembering(connection.model)
    with tqdm(total=len(answers), unit="answer") as bar:
        found = fit(reader, name, rubric, prompt, book, answers, bar.update)
    path = out or coding.coding_file(name)
    coding.write(found, path)
    click.echo(f"Written to {path}.")
    baseline = training / "embeddings.json"
    compared = fit_baseline(reader, name, rubric, prompt, answers)
    baseline.write_text(compared.model_dump_json() + "\n", encoding="utf-8")
    click.echo(f"What it has to beat is in {baseline}.")
