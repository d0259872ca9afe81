"""`eval add-case`: a stored answer with coaches' levels becomes a case."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click

from mock_interviewer.core.datafile import validated
from mock_interviewer.core.jsonlines import Appender
from mock_interviewer.core.questions import Question
from mock_interviewer.core.review import Review, load_reviews
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Line, Span, sentences
from mock_interviewer.errors import (
    ConfigurationError,
    DataFileError,
    NotAllowedError,
    NotFoundError,
)
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.evaluation.names import in_small_letters
from mock_interviewer.evaluation.pseudonyms import Pseudonymised, pseudonymised
from mock_interviewer.service.practice import transcript
from mock_interviewer.settings import Settings, load_settings
from mock_interviewer.storage.store import Store

_SURE = (
    "You have read the text, and nothing in it tells who the candidate or anybody else is. "
    "Write the case?"
)


@click.command("add-case")
@click.argument("interview")
@click.argument("question", type=click.IntRange(min=1))
@click.option(
    "--levels",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="YAML or JSON file with one review or more of this answer.",
)
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of cases to add to.",
)
@click.option(
    "--attempt", default=1, show_default=True, type=click.IntRange(min=1), help="Which attempt."
)
@click.option("--id", "case_id", help="Id of the case; without it, a random one.")
@click.option(
    "--replace", "replacements", multiple=True, metavar="OLD=NEW", help="Replace this as well."
)
@click.option("--keep", multiple=True, metavar="WORD", help="Leave this word alone.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
def add_case(
    interview: str,
    question: int,
    levels: Path,
    target: Path,
    attempt: int,
    case_id: str | None,
    replacements: tuple[str, ...],
    keep: tuple[str, ...],
    yes: bool,
) -> None:
    """Make a case of the evals from an answer whose candidate agreed to that.

    INTERVIEW is the address of its report, or the id at the end of that; QUESTION is the
    question's number in the report. Names and identifying details are replaced; the whole text is
    shown before it is written, and the last look is yours: no program finds all of them.
    """
    rubric = load_rubric()
    reviews = load_reviews(levels, rubric)
    with closing(_store(load_settings())) as store:
        answer = _agreed_answer(store, _id(interview), question, attempt)
        replace = _pairs(replacements)
        texts = [answer.question.text, *(line.text for line in answer.lines)]
        new = pseudonymised(texts, replace=replace, keep=keep)
        lines = _with_texts(answer.lines, new)
        _check_replaced(new, replace)
        _check_sentences(len(sentences(answer.lines)), len(sentences(lines)))
        made = _case(answer.question, lines, new.texts[0], reviews)
        made["id"] = case_id or f"case-{secrets.token_hex(4)}"
        case = validated(Case, made, str(levels))
        _refuse_known(case, target)
        _show(case, new)
        if not yes and not click.confirm(_SURE):
            click.echo("Nothing is written. --replace and --keep change what is replaced.")
            raise SystemExit(1)
        # The candidate may have taken it back while the text was being read.
        _agreed_answer(store, _id(interview), question, attempt)
    with Appender(target) as file:
        file.add(case.model_dump(mode="json"))
    click.echo(
        f"Written to {target} as {case.id}. A suite with this file has other cases than its "
        "baseline now: get the replies with `eval record SUITE`, look at `eval run SUITE`, then "
        '`eval accept SUITE --why "..."`, and commit all of it together.'
    )


class _Answer(NamedTuple):
    question: Question
    lines: list[Line]


def _store(settings: Settings) -> Store:
    if settings.database is None and not settings.database_file.is_file():
        raise ConfigurationError(
            f"There are no interviews in {settings.data}. MOCK_INTERVIEWER_DATA names the folder "
            "of the program that held them."
        )
    return Store(settings.database_url)


def _id(interview: str) -> str:
    return urlsplit(interview).path.rstrip("/").rpartition("/")[2]


def _agreed_answer(store: Store, interview_id: str, number: int, attempt: int) -> _Answer:
    interview = store.interview(interview_id)
    if not interview.may_become_case:
        raise NotAllowedError(
            "The candidate has not agreed that answers of this interview be used as cases, or has "
            "taken it back. Only they can, at the end of their report, in the browser in which "
            "the interview was held."
        )
    if number > len(interview.questions):
        raise NotFoundError(f"This interview has {len(interview.questions)} questions.")
    place = (number - 1, attempt - 1)
    answers = [(answer.question, answer.attempt) for answer in store.answers(interview_id)]
    if place not in answers:
        tries = sum(1 for other, _ in answers if other == place[0])
        found = f"; finished attempts: {tries}" if tries else ""
        raise NotFoundError(f"Attempt {attempt} of question {number} is not answered{found}.")
    return _Answer(interview.questions[place[0]], transcript(interview, *place))


def _pairs(replacements: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in replacements:
        old, equals, new = (part.strip() for part in text.partition("="))
        if not (old and equals and new):
            raise ConfigurationError(f"--replace: expected OLD=NEW, got {text!r}.")
        pairs[old] = new
    return pairs


def _check_replaced(new: Pseudonymised, replace: Mapping[str, str]) -> None:
    done = {replacement.old for replacement in new.replaced}
    if missed := [old for old, other in replace.items() if old not in done and old != other]:
        raise ConfigurationError(
            f"--replace: {', '.join(map(repr, missed))} stands nowhere in the answer as a whole "
            "word; capitals count."
        )


def _check_sentences(before: int, after: int) -> None:
    if before != after:
        raise ConfigurationError(
            f"--replace: the answer would fall into {after} sentences instead of {before}, and "
            "its levels are for it as it was said. Choose words with as many full stops as before."
        )


def _with_texts(lines: Sequence[Line], new: Pseudonymised) -> list[Line]:
    return [
        Line(role=line.role, text=text) for line, text in zip(lines, new.texts[1:], strict=True)
    ]


def _case(
    question: Question, lines: Sequence[Line], text: str, reviews: Sequence[Review]
) -> dict[str, Any]:
    return {
        "question_id": question.id,
        "question": text,
        "kind": question.kind,
        "transcript": [line.model_dump(mode="json") for line in lines],
        # Without coaches' names, and without their reasons, which may name people.
        "raters": {
            f"coach {number}": {
                "not_an_answer": review.not_an_answer,
                "ratings": {name: rating.level for name, rating in review.ratings.items()},
            }
            for number, review in enumerate(reviews, start=1)
        },
    }


def _refuse_known(case: Case, target: Path) -> None:
    if not target.is_file():
        return
    content = target.read_bytes()
    if content and not content.endswith(b"\n"):
        raise DataFileError(
            f"{target}: its last line has no end, so it may be cut short, and nothing reads it. "
            "Mend it first, or add a line break."
        )
    for known in load_cases([target]):
        if known.id == case.id:
            raise ConfigurationError(f"{target}: there is a case {case.id!r} already.")
        if known.text == case.text:
            raise ConfigurationError(f"{target}: the case {known.id!r} has the same answer.")


def _show(case: Case, new: Pseudonymised) -> None:
    click.echo("Replaced:" if new.replaced else "Nothing was found that has to be replaced.")
    for found in new.replaced:
        click.echo(f"  {found.old} -> {found.new}{_times(found.times)}: {found.sentence}")
    if new.left:
        click.echo("Left alone; --replace what tells of somebody:")
    for left in new.left:
        click.echo(f"  {left.word}{_times(left.times)}: {left.sentence}")
    if any(in_small_letters(line.text) for line in case.transcript):
        click.echo(
            "Some of it has hardly any capitals, by which names are found. Read it word by word."
        )
    click.echo("\nThe case as it would be written, what was replaced in brackets:\n")
    speakers = ["question", *(line.role.value for line in case.transcript)]
    for speaker, text, marks in zip(speakers, new.texts, new.marks, strict=True):
        click.echo(f"{speaker.capitalize()}: {_marked(text, marks)}\n")


def _times(times: int) -> str:
    return f" ({times} times)" if times > 1 else ""


def _marked(text: str, marks: Sequence[Span]) -> str:
    for mark in reversed(marks):
        text = f"{text[: mark.start]}[{text[mark.start : mark.end]}]{text[mark.end :]}"
    return text
