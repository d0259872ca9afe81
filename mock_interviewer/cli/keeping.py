"""`mock-interviewer backup` and `restore`: copies of the SQLite database."""

from __future__ import annotations

from pathlib import Path

import click

from mock_interviewer.errors import ConfigurationError
from mock_interviewer.settings import load_settings
from mock_interviewer.storage import backup as copies

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Copy all interviews and grades to FILE, while the program runs or not."""
    copies.back_up(_database("pg_dump"), file)
    click.echo(f"All interviews are in {file}, and the file has been checked.")


@click.command()
@click.argument("file", type=FILE)
def restore(file: Path) -> None:
    """Put the interviews and grades of a backup in the place of the present ones.

    The program has to be stopped; the present ones are kept in a file beside.
    """
    kept = copies.restore(_database("pg_restore"), file)
    click.echo(f"The interviews are those of {file}.")
    if kept:
        click.echo(f"Those from before are kept in {kept}.")


def _database(tool: str) -> Path:
    settings = load_settings()
    if settings.database:
        raise ConfigurationError(
            "The interviews are in a PostgreSQL database (MOCK_INTERVIEWER_DATABASE_URL is set). "
            f"Use its own {tool} for this."
        )
    return settings.database_file
