"""`eval record`: replies that a suite still lacks, from a live model, a Batch API or files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mock_interviewer.errors import ConfigurationError, RecordingStoppedError
from mock_interviewer.evaluation import batched
from mock_interviewer.evaluation.batched import missing
from mock_interviewer.evaluation.live import estimate, record, record_read
from mock_interviewer.evaluation.recordings import RecordingChat, pack, take
from mock_interviewer.evaluation.reply_suite import ReplySuite, is_reply_suite
from mock_interviewer.evaluation.suite import Suite, find_suites
from mock_interviewer.grading.calibration import slug
from mock_interviewer.llm.batches import Batches
from mock_interviewer.llm.connect import Connection, Patience, connect
from mock_interviewer.llm.pace import Paces
from mock_interviewer.settings import load_settings

EXIT_INCOMPLETE = 3
RUNS = Path("runs")
"""Replies of models that a suite is not for; not committed."""


def live_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a live model is asked."""
    for option in (
        click.option(
            "--concurrency",
            type=click.IntRange(1, 64),
            default=4,
            show_default=True,
            help="How many cases at once; the embedded model takes one.",
        ),
        click.option("--requests-per-minute", type=click.FloatRange(0, min_open=True)),
        click.option("--tokens-per-minute", type=click.FloatRange(0, min_open=True)),
        click.option(
            "--timeout",
            type=click.FloatRange(0, min_open=True),
            default=120.0,
            show_default=True,
            help="Seconds that one request may take, all its tries included.",
        ),
        click.option(
            "--retries",
            type=click.IntRange(0, 20),
            default=4,
            show_default=True,
            help="How often a busy or failing server is tried again, each time later.",
        ),
    ):
        command = option(command)
    return command


@click.command("record")
@click.argument("suite")
@click.option("--smoke", is_flag=True, help="Only the suite's 24 dev answers of a first look.")
@click.option("--dry-run", is_flag=True, help="Say how much would be asked, and ask nothing.")
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
@click.option(
    "--submit", is_flag=True, help="Hand what is missing in at a Batch API, and wait for it."
)
@click.option(
    "--every",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds between two looks at a batch.",
)
@live_options
def record_replies(
    suite: str,
    smoke: bool,
    dry_run: bool,
    requests: Path | None,
    replies: Path | None,
    submit: bool,
    every: float,
    **how: Any,
) -> None:
    """Get a suite's missing replies, and keep them with the others.

    They come from the configured model, which has to be the suite's, from a Batch API, or by files.
    Stopped and run again, it goes on where it stopped.
    """
    wanted = chosen(suite, smoke)
    wanted.recordings.mkdir(parents=True, exist_ok=True)
    if replies:
        click.echo(take(replies, wanted.recordings, wanted.file_name, wanted.model).text())
    if submit:
        _submit(wanted, every)
    elif dry_run:
        click.echo(told_missing(wanted))
    elif requests or replies:
        chat = missing(wanted)
        click.echo(f"{len(chat.missing)} replies are missing.")
        if requests:
            chat.write_missing(requests)
    else:
        connection = connected(how)
        if connection.model.name != wanted.model:
            raise ConfigurationError(
                f"The suite {wanted.id} is for {wanted.model}, and the model in use is "
                f"{connection.model.name}. Set OPENAI_BASE_URL or OPENAI_API_KEY, and "
                f"MOCK_INTERVIEWER_MODEL={wanted.model}; or measure the one in use with "
                f"`eval run {suite} --live`."
            )
        ask(wanted, connection, how)


def chosen(name: str, smoke: bool) -> Suite | ReplySuite:
    """The suite of this name. Raises `DataFileError`."""
    (path,) = find_suites(name)
    return opened(path, smoke)


def opened(path: Path, smoke: bool) -> Suite | ReplySuite:
    """The suite in this file, of answers or of replies. Raises `DataFileError`."""
    found = ReplySuite(path) if is_reply_suite(path) else Suite(path)
    return found.smoked() if smoke else found


def by_configured_model(
    wanted: Suite | ReplySuite, how: dict[str, Any]
) -> tuple[Suite | ReplySuite, Connection]:
    """The suite by the configured model, with replies of its own if it is for another one."""
    connection = connected(how)
    if connection.model.name != wanted.model:
        folder = RUNS / wanted.file_name / slug(connection.model.name)
        wanted = wanted.by(connection.model.name, folder)
    return wanted, connection


def told_missing(wanted: Suite | ReplySuite) -> str:
    """How much would be asked, as a sentence."""
    return estimate(missing(wanted)).text(load_settings().price)


def ask(wanted: Suite | ReplySuite, connection: Connection, how: dict[str, Any]) -> None:
    """Ask a live model for what is missing, and pack it. Leaves with status 3 if it is away."""
    if connection.embedded:
        connection.embedded.prepare()
        connection.embedded.wait()
    chat = RecordingChat(
        connection.model,
        wanted.recordings,
        wanted.model,
        Paces(how["requests_per_minute"], how["tokens_per_minute"]),
    )
    at_once = 1 if connection.embedded else how["concurrency"]
    stopped: RecordingStoppedError | None = None
    ungraded: list[tuple[str, str]] = []
    price = load_settings().price
    try:
        if isinstance(wanted, ReplySuite):
            read = record_read(wanted, chat, at_once=at_once, price=price)
            ungraded = [(r.judged.id, r.read.reason) for r in read]
        else:
            results = record(wanted, chat, at_once=at_once, price=price)
            ungraded = [(r.case.id, r.reason) for r in results]
    except RecordingStoppedError as error:
        stopped = error
    if chat.spent.replies:
        file = pack(wanted.recordings, wanted.file_name)
        click.echo(f"{chat.spent.replies} replies recorded in {file}.")
    for case, reason in ungraded:
        if reason:
            click.echo(f"{case} has no grade: {reason}")
    if stopped:
        click.echo(str(stopped), err=True)
        raise SystemExit(EXIT_INCOMPLETE)


def _submit(wanted: Suite | ReplySuite, every: float) -> None:
    try:
        left = batched.submit(
            wanted, Batches(load_settings(), wanted.recordings), every, click.echo
        )
    except RecordingStoppedError as error:
        click.echo(str(error), err=True)
        raise SystemExit(EXIT_INCOMPLETE) from error
    if left:
        click.echo(f"{left} replies are missing still; the server gave none for them.")
        raise SystemExit(EXIT_INCOMPLETE)
    click.echo("No replies are missing.")


def connected(how: dict[str, Any]) -> Connection:
    """The configured model, with the patience that was asked for. Raises `ConfigurationError`."""
    return connect(load_settings(), Patience(how["timeout"], how["retries"]))
