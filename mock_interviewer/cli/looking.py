"""`questions list`, `check` and `prompts show`: looking at what is there, and checking it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from mock_interviewer.core.drill_bank import load_drills
from mock_interviewer.core.drill_guide import load_guide
from mock_interviewer.core.phrases import load_phrases
from mock_interviewer.core.prompts import check_folder, load_prompt, prompt_names
from mock_interviewer.core.questions import load_bank
from mock_interviewer.core.resources import shared_file
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.scenario_bank import load_scenarios
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation.reply_suite import ReplySuite, is_reply_suite
from mock_interviewer.evaluation.suite import SUITES, Suite, suite_cases
from mock_interviewer.grading import calibration, levels
from mock_interviewer.grading.answers import Answer, read_answers
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.lines import load_lines
from mock_interviewer.llm.catalogue import Strategy, load_catalogue
from mock_interviewer.llm.chat import Request
from mock_interviewer.llm.recorded import RecordedChat
from mock_interviewer.service.posting import load_lexicon
from mock_interviewer.settings import load_settings

EXIT_FAULTS = 1


@click.group()
def questions() -> None:
    """The question bank."""


@questions.command("list")
@click.option("--bank", multiple=True, type=click.Path(path_type=Path), help="A further bank file.")
def list_questions(bank: tuple[Path, ...]) -> None:
    """List the questions, one a line: id, kind, difficulty, competencies, text."""
    settings = load_settings()
    scores = [score.id for score in load_rubric(settings.rubric).scores]
    for question in load_bank([*settings.banks, *bank], scores).questions:
        competencies = ",".join(question.competencies)
        click.echo(
            f"{question.id}\t{question.kind.value}\t{question.difficulty}\t{competencies}\t"
            f"{question.text}"
        )


@click.command()
@click.option("--bank", multiple=True, type=click.Path(path_type=Path), help="A further bank file.")
@click.option("--rubric", type=click.Path(path_type=Path), help="Another rubric file.")
@click.option("--prompts", type=click.Path(path_type=Path), help="A folder of other prompts.")
@click.option("--suite", type=click.Path(path_type=Path), help="A further suite file.")
@click.option(
    "--scenario", multiple=True, type=click.Path(path_type=Path), help="A further scenario file."
)
@click.option("--drills", multiple=True, type=click.Path(path_type=Path), help="A file of drills.")
def check(
    bank: tuple[Path, ...],
    rubric: Path | None,
    prompts: Path | None,
    suite: Path | None,
    scenario: tuple[Path, ...],
    drills: tuple[Path, ...],
) -> None:
    """Check all banks, scenarios, drills, rubrics, prompts and suites; exit 1 if anything is wrong.

    Banks and drills are checked against the rubric that is named, or set.
    """
    settings = load_settings()
    banks = [*settings.banks, *bank]
    rubric, prompts = rubric or settings.rubric, prompts or settings.prompts
    rubrics = sorted(shared_file("rubrics").glob("*.yaml"))
    checks: list[tuple[str, Callable[[], object]]] = [
        ("questions", lambda: f"{len(load_bank(banks, _scores(rubric)))} questions"),
        ("scenarios", lambda: f"{len(load_scenarios(scenario))} scenarios"),
        ("drills", lambda: f"{len(load_drills(_criteria(rubric), drills))} drills"),
        ("kinds of drills", lambda: f"{len(load_guide().kinds)} kinds"),
        ("noticed phrases", lambda: f"{len(load_phrases())} groups"),
        ("words of postings", lambda: f"{len(load_lexicon().competencies)} competencies"),
        *((f"rubric {path.name}", _rubric_check(path)) for path in rubrics),
        *((f"prompt {name}", _prompt_check(name)) for name in prompt_names()),
        ("null answers", lambda: f"{len(calibration.load_nulls().answers)} answers"),
        ("written lines", lambda: load_lines() and "complete"),
        ("model catalogue", lambda: f"{len(load_catalogue().models)} models"),
        *((f"suite {path.stem}", _suite_check(path)) for path in sorted(SUITES.glob("*.yaml"))),
    ]
    if rubric is not None:
        checks.append((f"rubric {rubric}", _rubric_check(rubric)))
    if prompts is not None:
        checks.append((f"prompts {prompts}", lambda: ", ".join(check_folder(prompts))))
    if suite is not None:
        checks.append((f"suite {suite}", _suite_check(suite)))
    faults: dict[str, str] = {}
    for name, run in checks:
        try:
            click.echo(f"ok     {name}: {run()}")
        except DataFileError as error:
            text = str(error)
            told = f" the same as in {faults[text]}" if text in faults else f"\n{text}"
            faults.setdefault(text, name)
            click.echo(f"FAULT  {name}:{told}", err=True)
    if faults:
        raise SystemExit(EXIT_FAULTS)


def _scores(rubric: Path | None) -> list[str]:
    return [score.id for score in load_rubric(rubric).scores]


def _criteria(rubric: Path | None) -> list[str]:
    return [criterion.id for criterion in load_rubric(rubric).criteria]


def _rubric_check(path: Path) -> Callable[[], str]:
    def run() -> str:
        rubric = load_rubric(path)
        levels.schema(rubric)
        return f"{len(rubric.criteria)} criteria"

    return run


def _suite_check(path: Path) -> Callable[[], object]:
    if is_reply_suite(path):
        return lambda: f"{len(ReplySuite(path).rated())} replies"
    return lambda: f"{len(suite_cases(Suite(path)))} cases"


def _prompt_check(name: str) -> Callable[[], str]:
    def run() -> str:
        prompt = load_prompt(name)
        prompt.render(**dict.fromkeys(prompt.variables, "x"))
        return f"version {prompt.version}"

    return run


@click.group()
def prompts() -> None:
    """The prompts that are sent to a model."""


@prompts.command("list")
def list_prompts() -> None:
    """List the prompts, one a line: name, version, variables."""
    for name in prompt_names():
        prompt = load_prompt(name)
        click.echo(f"{name}\t{prompt.version}\t{','.join(prompt.variables)}")


@prompts.command("show")
@click.argument("name")
@click.option("--answer", "answer_id", help="Fill it in for the answer with this id.")
@click.option(
    "--answers",
    "path",
    type=click.Path(path_type=Path),
    help="The file with the answer (default: evals/samples/answers.jsonl of the checkout).",
)
def show_prompt(name: str, answer_id: str | None, path: Path | None) -> None:
    """Print a prompt; with --answer, exactly the messages that would be sent for it."""
    prompt = load_prompt(name, load_settings().prompts)
    if answer_id is None:
        for message in prompt.messages:
            click.echo(f"--- {message.role}\n{message.text}")
        return
    answer = _find_answer(answer_id, path or Path("evals", "samples", "answers.jsonl"))
    for number, request in enumerate(_requests(name, answer), start=1):
        click.echo(f"=== request {number}")
        for sent in request.messages:
            click.echo(f"--- {sent.role}\n{sent.content}")


def _requests(name: str, answer: Answer) -> list[Request]:
    settings = load_settings()
    for strategy in (Strategy.LEVELS, Strategy.CHECKLIST):
        rubric, chat = load_rubric(settings.rubric), RecordedChat("none")
        grader = Grader(chat, rubric, strategy, prompt_folder=settings.prompts)
        if name in grader.prompts:
            beginning = grader.prompts[name].messages[0].text.split("$")[0][:60]
            return [
                request
                for request in grader.requests(answer.question, answer.kind, answer.transcript)
                if request.messages[0].content.startswith(beginning.strip())
            ]
    raise DataFileError(
        "No request for a finished answer is made from this prompt; it is from these: levels, "
        "checklist, labels."
    )


def _find_answer(answer_id: str, path: Path) -> Answer:
    for line in read_answers(path):
        if isinstance(line, Answer) and line.id == answer_id:
            return line
    raise DataFileError(f"{path}: there is no answer with the id {answer_id!r}")
