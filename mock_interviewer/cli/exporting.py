"""`mock-interviewer export` and `delete`: interviews handed over, and deleted for good."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import click

from mock_interviewer.core.rubric import Rubric, load_rubric
from mock_interviewer.errors import ConfigurationError, DataFileError
from mock_interviewer.service import reports
from mock_interviewer.service.exports.archive import has_report, zipped
from mock_interviewer.service.exports.markdown import report_markdown
from mock_interviewer.service.exports.other_levels import others_of_whole
from mock_interviewer.service.exports.pdf import report_pdf
from mock_interviewer.service.exports.record import interview_json
from mock_interviewer.service.exports.table import csv_rows
from mock_interviewer.service.jobs import Jobs
from mock_interviewer.service.own_data import existing
from mock_interviewer.settings import Settings, load_settings
from mock_interviewer.storage.deletion import delete_interviews, empty_the_log
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.whole import WholeInterview, ids_of, whole

OF_ONE = ("json", "markdown", "pdf")
OF_MANY = ("csv", "zip")


@click.command("export")
@click.argument("interview", required=False)
@click.option("--all", "everything", is_flag=True, help="All interviews of everybody.")
@click.option(
    "--format",
    "form",
    required=True,
    type=click.Choice([*OF_ONE, *OF_MANY]),
    help="csv and zip take one interview or all.",
)
@click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; one that is there already is left alone.",
)
def export(interview: str | None, everything: bool, form: str, target: Path) -> None:
    """Write an interview, or all of them, to a file.

    INTERVIEW is the address of its report, or the id at the end of that.
    """
    if everything == (interview is not None):
        raise ConfigurationError("Name one interview, or ask for all of them with --all.")
    if everything and form in OF_ONE:
        raise ConfigurationError(
            f"--format {form} is of one interview; --all takes {' or '.join(OF_MANY)}."
        )
    settings = load_settings()
    with _opened(settings) as store:
        ids = ids_of(store.sessions, None) if interview is None else [_id(interview)]
        if interview is not None:
            store.interview(ids[0])  # or it is told that there is none
        count = _write(target, _pieces(store, ids, form, settings))
    told = "1 interview" if len(ids) == 1 else f"{len(ids)} interviews"
    click.echo(f"Written to {target}: {told}, {count:,} bytes.")


@click.command("delete")
@click.argument("interview")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
def delete(interview: str, yes: bool) -> None:
    """Delete an interview for good: turns, answers, grades and all that hangs on them.

    INTERVIEW is the address of its report, or the id at the end of that.
    """
    settings = load_settings()
    with _opened(settings) as store:
        found = store.interview(_id(interview))
        click.echo(
            f"The interview of {found.created_at:%Y-%m-%d, %H:%M} UTC; questions: "
            f"{len(found.questions)}, finished answers: {len(store.answers(found.id))}."
        )
        if found.may_become_case:
            click.echo(
                "Its candidate has agreed that answers be used as cases. Those that "
                "`eval add-case` has copied have no link to it, and stay."
            )
        if not yes and not click.confirm("Nobody can bring it back. Delete it?"):
            click.echo("Nothing is deleted.")
            raise SystemExit(1)
        jobs = Jobs(settings.database_url) if settings.database else None
        if jobs is None:
            delete_interviews(store.sessions, [found.id])
        else:
            jobs.prepare()
            delete_interviews(store.sessions, [found.id], on_gone=jobs.cancel)
        left = not empty_the_log(store.sessions)
    click.echo("It is deleted. Backups from before still have it.")
    if left:
        click.echo("Its text is in the database's log until the program is started again.")


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    if settings.database is None and not settings.database_file.is_file():
        raise ConfigurationError(
            f"There are no interviews in {settings.data}. MOCK_INTERVIEWER_DATA names the folder "
            "of the program that held them."
        )
    store = Store(settings.database_url)
    try:
        yield store
    finally:
        store.close()


def _id(interview: str) -> str:
    return urlsplit(interview).path.rstrip("/").rpartition("/")[2]


def _pieces(store: Store, ids: Sequence[str], form: str, settings: Settings) -> Iterable[bytes]:
    rubric = load_rubric(settings.rubric)
    if form == "zip":
        return zipped(lambda: existing(store, ids), rubric, settings.price)
    if form == "csv":
        return csv_rows(existing(store, ids), rubric)
    return [_one(whole(store.sessions, ids[0]), form, rubric, settings)]


def _one(found: WholeInterview, form: str, rubric: Rubric, settings: Settings) -> bytes:
    if form == "json":
        return interview_json(found, rubric).encode()
    if not has_report(found, rubric):
        raise DataFileError(
            "This interview was graded by another rubric than the one in use, so that there is no "
            "report of it; --format json has its grades. MOCK_INTERVIEWER_RUBRIC names a rubric."
        )
    report = reports.make(found.interview, found.stored_answers, rubric, settings.price)
    others = others_of_whole(found)
    return report_pdf(report, others) if form == "pdf" else report_markdown(report, others).encode()


def _write(target: Path, pieces: Iterable[bytes]) -> int:
    """Write a new file that only its owner can read; returns its size. None is left half."""
    try:
        # Nobody but its owner is to read what candidates wrote.
        number = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise ConfigurationError(f"There is a file {target} already; name another one.") from error
    except OSError as error:
        raise ConfigurationError(f"{target} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(number, "wb") as file:
            file.writelines(pieces)
        return target.stat().st_size
    except BaseException as error:
        with suppress(OSError):
            target.unlink()
        if isinstance(error, OSError):
            raise ConfigurationError(f"{target} cannot be written: {error.strerror}.") from error
        raise
