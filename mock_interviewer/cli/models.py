"""`model list|download|verify|doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click
from tqdm import tqdm

from mock_interviewer.llm import doctor as examination
from mock_interviewer.llm.catalogue import load_catalogue
from mock_interviewer.llm.connect import connect
from mock_interviewer.llm.model_files import fetch, installed, models_dir, verify
from mock_interviewer.settings import load_settings

EXIT_UNFIT = 1


@click.group()
def model() -> None:
    """The models: which are known, the embedded one's file, what a server can do."""


@model.command("list")
def list_models() -> None:
    """List the known models, how they grade, and which one would be used."""
    settings = load_settings()
    for entry in load_catalogue().models:
        how = entry.strategy.value if entry.strategy else "placed at first use"
        place = ""
        if entry.file is not None:
            here = installed(entry.model_file, models_dir())
            place = f"\t{here}" if here else "\tnot downloaded"
        click.echo(f"{entry.id}\t{how}\tcontext {entry.context}{place}")
    connection = connect(settings)
    click.echo(f"In use: {connection.model.name}, because {connection.why}.")


@model.command()
def download() -> None:
    """Fetch the embedded model's file, or go on with it where it stopped."""
    file = load_catalogue().embedded.model_file
    with _Bar() as bar:
        path = fetch(file, models_dir(), bar)
    click.echo(str(path))


@model.command("verify")
@click.argument("path", required=False, type=click.Path(path_type=Path))
def verify_file(path: Path | None) -> None:
    """Check the size and digest of the embedded model's file."""
    file = load_catalogue().embedded.model_file
    with _Bar() as bar:
        verify(path or models_dir() / file.name, file, bar)
    click.echo("The file is complete and unchanged.")


@model.command("doctor")
@click.option("--model-file", type=click.Path(path_type=Path), help="Another GGUF file.")
def examine(model_file: Path | None) -> None:
    """Send one tiny request of each kind that is needed, and say what the server can do."""
    connection = connect(load_settings(model_file=model_file))
    click.echo(f"Model: {connection.model.name}, because {connection.why}.")
    if connection.embedded is not None:
        with _Bar() as bar:
            fetch_ahead = model_file is None
            if fetch_ahead:
                fetch(load_catalogue().embedded.model_file, models_dir(), bar)
        connection.embedded.prepare()
        connection.embedded.wait()
    works = {}
    for finding in examination.examine(connection.model):
        works[finding.ability] = finding.works
        mark = "yes" if finding.works else "NO "
        click.echo(f"{mark}  {finding.ability} (for {finding.used_for}): {finding.seen}")
    if not works["stream"] or not (works["schema"] or works["log-probabilities"]):
        click.echo("This model can hold no full interview: see the lines with NO.")
        raise SystemExit(EXIT_UNFIT)
    click.echo("Good enough for an interview with grades.")


class _Bar:
    """A progress bar in the terminal that only shows once there is something to show."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._stage = ""

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, done: int, total: int, stage: str) -> None:
        """Show the bytes done; a new stage begins a new bar."""
        if self._bar is None or stage != self._stage:
            if self._bar is not None:
                self._bar.close()
            self._stage = stage
            self._bar = tqdm(total=total, unit="B", unit_scale=True, desc=stage.capitalize())
        self._bar.update(done - self._bar.n)
