"""`eval ablation`: what each step of a way of grading buys."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm import tqdm

from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.evaluation import ablation, asked
from mock_interviewer.evaluation.cases import load_cases
from mock_interviewer.evaluation.fitting import load_training, read_sentences
from mock_interviewer.evaluation.recordings import RecordingChat, pack, recorded, remembering
from mock_interviewer.evaluation.runner import run
from mock_interviewer.evaluation.suite import SUITES, Suite
from mock_interviewer.llm.catalogue import load_catalogue
from mock_interviewer.llm.chat import ChatModel
from mock_interviewer.llm.connect import connect
from mock_interviewer.settings import load_settings

EXIT_INCOMPLETE = 3
DIRECT = Path("evals/recordings/direct")
DIRECT_ANSWERS = 60


@click.command("ablation")
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
        if not known:
            click.echo("No replies are recorded for this prompt; get them with `eval record`.")
            raise SystemExit(EXIT_INCOMPLETE)
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
