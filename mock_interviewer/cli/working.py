"""`mock-interviewer worker`: grading in a process of its own, on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import click

from mock_interviewer.settings import load_settings


@click.command()
@click.option(
    "--at-once",
    type=click.IntRange(1, 64),
    help="Answers graded at the same time; without it 4, or 1 on the embedded model.",
)
@click.option(
    "--heartbeat",
    type=click.FloatRange(0.2, 20),
    default=5.0,
    show_default=True,
    help="Seconds between two signs of life; after three missing ones others take its answers.",
)
@click.option(
    "--model-file",
    type=click.Path(path_type=Path),
    help="A GGUF file for the embedded model server.",
)
def worker(at_once: int | None, heartbeat: float, model_file: Path | None) -> None:
    """Grade the answers that wait in a PostgreSQL database, together with other workers."""
    from mock_interviewer.service.program import Program

    program = Program(load_settings(model_file=model_file))
    click.echo(f"Model: {program.connection.model.name}, because {program.connection.why}.")
    click.echo(f"Grading the answers in {program.settings.database_place}. Ctrl+C stops it.")
    try:
        program.grade(at_once, heartbeat)
    finally:
        program.stop()
