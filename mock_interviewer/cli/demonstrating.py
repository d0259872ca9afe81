"""`mock-interviewer demo`: the app with made-up people, so that every page can be seen full."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mock_interviewer.cli.serving import DEFAULT_PORT, LAST_PORT, listen, run
from mock_interviewer.errors import ConfigurationError

if TYPE_CHECKING:
    from mock_interviewer.service.demo_data import Demo

IT_IS_A_DEMO = "This is a demo: the people in it and their interviews are made up."
NO_MODEL = "No model is started: the interviewer asks prepared questions, and new answers wait."


@click.command()
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for its database, empty or new; without it a temporary one, which is removed.",
)
@click.option(
    "--port",
    type=click.IntRange(0, LAST_PORT),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port; the next free one if it is taken.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the app in the browser.")
def demo(folder: Path | None, port: int, open_browser: bool) -> None:
    """Start the interviewer with two coaches, eight candidates and forty graded interviews.

    Interviews of your own are neither shown nor touched. The answers are reference answers of the
    evals, the grades come from recorded replies; no model is called. It needs the folder `evals`,
    so run it in a checkout of the project.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    # These take a second or two to import, and no other command needs them.
    from mock_interviewer.service import passwords
    from mock_interviewer.service.demo_data import check_evals, fill
    from mock_interviewer.service.program import Program
    from mock_interviewer.settings import load_settings

    check_evals()
    with _folder_for(folder) as data:
        settings = replace(
            load_settings(),
            data=data,
            database=None,
            banks=(),
            rubric=None,
            prompts=None,
            retention_days=None,
        )
        program = Program(settings, prepares_model=False)
        connection = program.connection
        told = NO_MODEL if connection.embedded else connection.where
        program.connection = replace(connection, where=f"{IT_IS_A_DEMO} {told}")
        click.echo("Making the demo, which takes some seconds ...")
        password = passwords.make_one()
        made = fill(program, password, datetime.now(UTC))
        listening, address = listen("127.0.0.1", port)
        click.echo(_said(made, address, password))
        click.echo(f"{program.connection.where} Its database is in {data}. Ctrl+C ends it.")
        run(program, listening, address if open_browser else None)


@contextmanager
def _folder_for(given: Path | None) -> Iterator[Path]:
    """An empty folder for the demo. Raises `ConfigurationError` if the one that is given is not."""
    if given is not None:
        if given.is_dir() and any(given.iterdir()):
            raise ConfigurationError(
                f"The folder {given} is not empty, and the demo is made in one of its own. Name "
                "another one, or none."
            )
        signal.signal(signal.SIGTERM, lambda _signal, _frame: _end(None))
        yield given
        return
    made = Path(tempfile.mkdtemp(prefix="mock-interviewer-demo-"))
    signal.signal(signal.SIGTERM, lambda _signal, _frame: _end(made))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _end(temporary: Path | None) -> None:
    """As `serve` ends when it is told to, with the demo gone."""
    if temporary is not None:
        shutil.rmtree(temporary, ignore_errors=True)
    sys.stdout.flush()
    os._exit(0)


def _said(made: Demo, address: str, password: str) -> str:
    """Who can log in, and what is worth seeing."""
    from mock_interviewer.service.demo_plan import CANDIDATES, COACHES

    pages = [(COACHES[0], "desk", "the queue of what the candidates of a coach's group share")]
    if reviewed := made.interviews.get((0, 1)):
        pages.append((COACHES[0], f"desk/interviews/{reviewed}", "reviewed blind by both coaches"))
    for who, key, what in (  # keys: the candidate's place, and the interview's
        (COACHES[0], (0, 1), "the report of the same interview"),
        (COACHES[1], (5, 1), "one with an answer that could not be graded"),
        (CANDIDATES[0], (0, 3), "the candidate's own report of practice that was assigned"),
        (CANDIDATES[2], (2, 4), "one whose candidate is asked what they allow"),
        (CANDIDATES[6], (6, 4), "one that asks for own levels before it shows its grades"),
    ):
        if key in made.interviews:
            pages.append((who, f"report/{made.interviews[key]}", what))
    pages.append((CANDIDATES[0], "progress", "levels over time, and own levels beside them"))
    pages.append((COACHES[1], "people", "groups and candidates, each with their progress"))
    pages.append((COACHES[1], "agreement", "how far coaches and machine agree"))
    pages.append((COACHES[0], "calibration", "reference answers to grade, before the raters"))
    pages.append((COACHES[0], "desk/export.zip", "what is shared, with reviews, to download"))
    pages.append((CANDIDATES[0], "your-data", "a candidate's own data, to download or delete"))
    return "\n".join(
        [
            f"Open {address} and log in with the name of any of them:",
            f"  coaches     {', '.join(COACHES)}",
            f"  candidates  {', '.join(CANDIDATES[:4])},",
            f"              {', '.join(CANDIDATES[4:])}",
            f"  password    {password}   for all of them, until the demo ends",
            f"Interviews: {len(made.interviews)}. Answers graded: {made.graded}, not graded: "
            f"{made.ungraded}.",
            "Worth seeing:",
            *(f"  {address}{path}\n      as {who}: {what}" for who, path, what in pages),
        ]
    )
