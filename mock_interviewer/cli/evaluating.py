"""`eval`: how well grades agree with raters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from tqdm import tqdm

from mock_interviewer.core import datafile
from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.questions import Question, load_bank
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import ConfigurationError, ReplyMissingError
from mock_interviewer.evaluation import ablation, asked, baselines, probing, robustness
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.evaluation.fitting import load_training, read_sentences
from mock_interviewer.evaluation.recordings import RecordingChat, pack, recorded, remembering
from mock_interviewer.evaluation.runner import run
from mock_interviewer.evaluation.suite import SUITES, Suite, find_suites, suite_cases
from mock_interviewer.evaluation.tables import page
from mock_interviewer.llm.catalogue import load_catalogue
from mock_interviewer.llm.chat import ChatModel
from mock_interviewer.llm.connect import connect
from mock_interviewer.llm.recorded import RecordedChat
from mock_interviewer.settings import load_settings

EXIT_INCOMPLETE = 3
DIRECT = Path("evals/recordings/direct")
DIRECT_ANSWERS = 60


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
    parts = [page(suite, cases, load_cases(suite.dev), results, _others(suite, chat, cases))]
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


@evaluate.command("ablation")
@click.argument("part", type=click.Choice(["strong", "asked", "codes"]))
@click.option("--record", is_flag=True, help="Ask the embedded model for what is not recorded yet.")
def ablate(part: str, record: bool) -> None:
    """Print what each step of a way of grading buys, on the dev split.

    strong: the parts of a strong model's recorded replies. asked: levels and yes/no items asked of
    the embedded model. codes: what its states tell, cross-validated; hours of reading at first.
    """
    rubric = load_rubric()
    dev = load_cases([Path("evals/reference/dev.jsonl")])
    if part == "strong":
        suite = Suite(SUITES / "strong.yaml")
        grader = suite.grader(recorded(suite.model, suite.recordings))
        known = [result.case for result in run(dev, grader.model, suite.grader) if result.grade]
        rows = asked.structured_rows(rubric, known, grader)
    elif part == "asked":
        folder, chosen = Path("evals/ablation"), dev[:: len(dev) // DIRECT_ANSWERS]
        chat = _asked_chat(record)
        prompt = asked.load_direct(folder / "direct.yaml")
        rows = asked.direct_rows(rubric, chosen[:DIRECT_ANSWERS], chat, prompt)
        if record:
            pack(DIRECT, "replies")
        rows += asked.item_rows(rubric, dev, asked.load_odds(folder / "items.jsonl"))
    else:
        book, answers = load_training(Path("evals/training"))
        reader = remembering(_embedded())
        with tqdm(total=len(answers), unit="answer") as bar:
            read = read_sentences(reader, load_prompt("sentence"), book, answers, bar.update)
        judged = [answer.id in {case.id for case in dev} for answer in answers]
        rows = ablation.table(rubric, ablation.Material(answers, *read, judged))
    click.echo(ablation.text(rows))


def _asked_chat(record: bool) -> ChatModel:
    if not record:
        return recorded(load_catalogue().embedded.id, DIRECT)
    live = _embedded()
    return RecordingChat(live, DIRECT, live.name)


def _embedded() -> ChatModel:
    connection = connect(load_settings({}))
    if connection.embedded:
        connection.embedded.prepare()
        connection.embedded.wait()
    return connection.model


def _holed(suite: Suite) -> list[tuple[Case, Question]]:
    return probing.with_holes(load_cases(suite.probes), load_bank().questions, suite.rubric)


def _others(
    suite: Suite, chat: RecordedChat, cases: Sequence[Case]
) -> dict[str, dict[str, list[int]]]:
    if suite.embedding_baseline is None:
        return {}
    baseline = datafile.load(baselines.EmbeddingBaseline, suite.embedding_baseline)
    try:
        return {"embeddings": baselines.by_embeddings(baseline, suite.rubric, chat, cases)}
    except ReplyMissingError:
        return {}  # counted by the chat, and told at the end
