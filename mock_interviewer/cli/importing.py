"""`mock-interviewer import`: interviews held elsewhere, to be graded and reviewed here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from mock_interviewer.core.questions import load_bank
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import NotFoundError
from mock_interviewer.service import importing
from mock_interviewer.service.directory import Directory
from mock_interviewer.service.opening import open_store
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.importing import bring_in


@click.command("import")
@click.argument("answers", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--candidate", help="Account of whoever is not named in the file.")
def import_interviews(answers: Path, candidate: str | None) -> None:
    """Bring in interviews held elsewhere from ANSWERS, a file with one answer a line.

    They are graded as soon as the program, or a worker, has time, and are in the queue of the
    coaches of their candidates' groups. Nothing is brought in unless all of it can be; what was
    brought in before is left as it is, so that a file can be given again.
    """
    settings = load_settings()
    rubric = load_rubric(settings.rubric)
    bank = load_bank(settings.banks, [score.id for score in rubric.scores])
    store = open_store(settings)
    try:
        people = Directory(store, settings.login_hours)

        def owner(name: str | None) -> str:
            wanted = name or candidate
            if not people.accounts.any():
                return importing.LOCAL
            if wanted is None:
                raise NotFoundError(
                    "name the candidate's account under this key, or for the whole file with "
                    "--candidate"
                )
            return people.accounts.named(wanted).id

        found = importing.read(answers, bank, rubric, owner, datetime.now(UTC))
        new = bring_in(store.sessions, found)
    finally:
        store.close()
    old = len(found) - len(new)
    click.echo(f"Brought in: {len(new)}. Here already: {old}.")
