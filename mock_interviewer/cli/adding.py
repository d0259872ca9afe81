"""`eval add-case`: a stored answer with coaches' levels becomes a case."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import click

from mock_interviewer.core.review import load_reviews
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Span
from mock_interviewer.errors import ConfigurationError
from mock_interviewer.service.case_making import (
    AnswerPlace,
    DraftCase,
    check_new,
    draft_case,
    write_case,
)
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
    reviews = load_reviews(levels, load_rubric())
    place = AnswerPlace(_id(interview), question, attempt)
    with closing(_store(load_settings())) as store:
        draft = draft_case(
            store,
            place,
            reviews,
            source=str(levels),
            replace=_pairs(replacements),
            keep=keep,
            case_id=case_id,
        )
        check_new(draft.case, target)
        _show(draft)
        if not yes and not click.confirm(_SURE):
            click.echo("Nothing is written. --replace and --keep change what is replaced.")
            raise SystemExit(1)
        write_case(store, draft, target)
    click.echo(
        f"Written to {target} as {draft.case.id}. A suite with this file has other cases than its "
        "baseline now: get the replies with `eval record SUITE`, look at `eval run SUITE`, then "
        '`eval accept SUITE --why "..."`, and commit all of it together.'
    )


def _store(settings: Settings) -> Store:
    if settings.database is None and not settings.database_file.is_file():
        raise ConfigurationError(
            f"There are no interviews in {settings.data}. MOCK_INTERVIEWER_DATA names the folder "
            "of the program that held them."
        )
    return Store(settings.database_url)


def _id(interview: str) -> str:
    return urlsplit(interview).path.rstrip("/").rpartition("/")[2]


def _pairs(replacements: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in replacements:
        old, equals, new = (part.strip() for part in text.partition("="))
        if not (old and equals and new):
            raise ConfigurationError(f"--replace: expected OLD=NEW, got {text!r}.")
        pairs[old] = new
    return pairs


def _show(draft: DraftCase) -> None:
    new = draft.replaced
    click.echo("Replaced:" if new.replaced else "Nothing was found that has to be replaced.")
    for found in new.replaced:
        click.echo(f"  {found.old} -> {found.new}{_times(found.times)}: {found.sentence}")
    if new.left:
        click.echo("Left alone; --replace what tells of somebody:")
    for left in new.left:
        click.echo(f"  {left.word}{_times(left.times)}: {left.sentence}")
    if draft.few_capitals:
        click.echo(
            "Some of it has hardly any capitals, by which names are found. Read it word by word."
        )
    click.echo("\nThe case as it would be written, what was replaced in brackets:\n")
    speakers = ["question", *(line.role.value for line in draft.case.transcript)]
    for speaker, text, marks in zip(speakers, new.texts, new.marks, strict=True):
        click.echo(f"{speaker.capitalize()}: {_marked(text, marks)}\n")


def _times(times: int) -> str:
    return f" ({times} times)" if times > 1 else ""


def _marked(text: str, marks: Sequence[Span]) -> str:
    for mark in reversed(marks):
        text = f"{text[: mark.start]}[{text[mark.start : mark.end]}]{text[mark.end :]}"
    return text
