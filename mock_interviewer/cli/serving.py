"""`mock-interviewer serve`: the web app."""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from mock_interviewer.errors import ConfigurationError

if TYPE_CHECKING:
    from mock_interviewer.service.program import Program

DEFAULT_PORT = 7860
LAST_PORT = 65535
TRIED_PORTS = 20
BACKLOG = 2048

_NEEDS_ACCOUNTS = (
    "Without accounts this program answers this computer only, and {host} is not one of its own "
    "addresses (127.0.0.1, localhost, ::1). For other computers, make the first account, which is "
    "asked for a password, and start again: mock-interviewer user add NAME --role admin"
)

KEEP_ALIVE_SECONDS = 75
"""A connection without a request stays open longer than whoever asks keeps it: none is closed
while a request is on its way."""
SWITCH_SECONDS = 0.0005
"""How long a thread works while others want to. By Python's own 5 ms, whoever has a first word to
show waits that long behind each thread that is at work, and several times on the way."""
DRAIN_SECONDS = 5
"""How long a reply that is being spoken may go on once the program is told to end."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, LAST_PORT),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port; the next free one if it is taken.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the app in the browser.")
@click.option(
    "--model-file",
    type=click.Path(path_type=Path),
    help="A GGUF file for the embedded model server.",
)
def serve(host: str, port: int, open_browser: bool, model_file: Path | None) -> None:
    """Start the interviewer in the browser."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    signal.signal(signal.SIGTERM, _end)
    # These take a second or two to import, and no other command needs them.
    from mock_interviewer.service.program import Program
    from mock_interviewer.settings import load_settings

    program = Program(load_settings(model_file=model_file))  # which may say why it cannot start
    if not program.accounts_on and not _is_loopback(host):
        raise ConfigurationError(_NEEDS_ACCOUNTS.format(host=host))

    connection = program.connection
    listening, address = listen(host, port)
    click.echo(f"Open {address} in your browser. Ctrl+C stops the program.")
    click.echo(connection.where)
    click.echo(f"Interviews are kept in {program.settings.database_place}.")
    if program.accounts_on:
        click.echo("There are accounts: everybody has to log in.")
    if program.jobs is not None:
        running = program.jobs.workers()
        click.echo(f"Answers are graded by `mock-interviewer worker`; running now: {running}.")
    click.echo(f"Model: {connection.model.name}, because {connection.why}.")
    run(program, listening, address if open_browser else None)


def run(program: Program, listening: socket.socket, opened: str | None) -> None:
    """Serve the site until Ctrl+C. `opened`: address to be opened in the browser."""
    import uvicorn

    from mock_interviewer.web.site import make_site

    site = make_site(program)
    if program.connection.embedded is not None and program.prepares_model:
        threading.Thread(target=_tell_progress, args=(program,), daemon=True).start()
    if opened and _has_screen():
        threading.Timer(1.0, webbrowser.open, args=(opened,)).start()
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        site,
        log_level="warning",
        log_config=None,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        proxy_headers=program.accounts_on and bool(program.settings.proxies),
        forwarded_allow_ips=list(program.settings.proxies),
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    sys.setswitchinterval(SWITCH_SECONDS)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _end(_signal: int, _frame: object) -> None:
    """End with status 0: uvicorn gives the signal back once it has stopped the program.

    What counts is on disk by then. An orderly exit would wait for threads that wait for a model.
    """
    sys.stdout.flush()
    os._exit(0)


def _tell_progress(program: object) -> None:
    """Show the embedded model's way to ready as a bar in the terminal."""
    from tqdm import tqdm

    from mock_interviewer.llm.embedded import Stage
    from mock_interviewer.service.program import Program

    assert isinstance(program, Program)
    embedded = program.connection.embedded
    assert embedded is not None
    bar: tqdm[NoReturn] | None = None
    stage = Stage.WAITING
    while stage not in (Stage.READY, Stage.FAILED):
        status = embedded.status
        if status.stage is not stage:
            stage = status.stage
            if bar is not None:
                bar.close()
                bar = None
            if stage in (Stage.LOADING, Stage.READY, Stage.FAILED):
                click.echo(status.text)
            elif stage in (Stage.DOWNLOADING, Stage.CHECKING):
                layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}"
                bar = tqdm(total=1.0, desc=f"Model: {stage.value}", bar_format=layout)
        if bar is not None:
            bar.update(status.done - bar.n)
        time.sleep(0.2)


def _has_screen() -> bool:
    """Whether a browser window can be shown; elsewhere a text browser would take the terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> tuple[socket.socket, str]:
    """A socket that listens already, so that nobody else can take the port, and its address.

    Raises `ConfigurationError`.
    """
    listening = _listen(host, port)
    everywhere = ("127.0.0.1", "0.0.0.0")  # noqa: S104 - only to print a shorter address
    shown = "localhost" if host in everywhere else f"[{host}]" if ":" in host else host
    return listening, f"http://{shown}:{listening.getsockname()[1]}/"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = min(port + TRIED_PORTS - 1, LAST_PORT)
    for candidate in range(port, last + 1):
        try:
            return socket.create_server((host, candidate), family=family, backlog=BACKLOG)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ConfigurationError(
                    f"The program cannot listen on {host}: {error.strerror}."
                ) from error
    raise ConfigurationError(f"No free port from {port} to {last}; choose one with --port.")
