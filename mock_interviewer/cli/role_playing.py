"""`role-play`: a conversation with one of the scenarios' customers, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mock_interviewer.core.observation import Exchange
from mock_interviewer.core.questions import label
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.core.scenario_bank import find_scenario, load_scenarios
from mock_interviewer.interviewing.debrief import debrief
from mock_interviewer.interviewing.scene import Scene, make_scene
from mock_interviewer.llm.connect import connect
from mock_interviewer.service.graders import Graders
from mock_interviewer.settings import load_settings


@click.command("role-play")
@click.argument("scenario_id", metavar="[SCENARIO]", required=False)
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), help="A file.")
@click.option("--with-model", is_flag=True, help="Let the model in use observe and speak.")
def role_play(scenario_id: str | None, files: tuple[Path, ...], with_model: bool) -> None:
    """Talk to the customer of a scenario; without SCENARIO, list them.

    An empty line ends the conversation. Nothing is stored. Without --with-model code observes by
    cues, and the customer says the scenario's lines.
    """
    scenarios = load_scenarios(files)
    if scenario_id is None:
        for one in scenarios:
            click.echo(f"{one.id}\t{one.channel.value}\t{one.difficulty}\t{one.state}")
        return
    scenario = find_scenario(scenarios, scenario_id)
    _introduce(scenario)
    exchanges = _talk(_scene(scenario, with_model))
    _tell(scenario, exchanges)


def _scene(scenario: Scenario, with_model: bool) -> Scene:
    if not with_model:
        return make_scene(scenario, None, 0)
    settings = load_settings()
    connection = connect(settings)
    click.echo(f"Model: {connection.model.name}, because {connection.why}.", err=True)
    if connection.embedded is not None:
        connection.embedded.prepare()
        connection.embedded.wait()
    grader = Graders(connection, load_rubric(settings.rubric), settings).grader()
    return make_scene(scenario, grader, connection.entry.context)


def _introduce(scenario: Scenario) -> None:
    click.echo(f"{scenario.title}\n\n{scenario.brief}\n")
    for fact in scenario.facts:
        click.echo(f"  {fact.label}: {fact.value}")
    for text in scenario.policy.may:
        click.echo(f"  You may: {text}")
    for text in scenario.policy.must_not:
        click.echo(f"  You may not: {text}")


def _talk(scene: Scene) -> list[Exchange]:
    name = scene.scenario.customer.name
    click.echo(f"\n{name}: {scene.opening}")
    exchanges: list[Exchange] = []
    while scene.standing(exchanges).ending is None:
        reply = click.prompt("You", default="", show_default=False).strip()
        if not reply:
            break
        answered = scene.answer(exchanges, reply)
        exchanges.append(answered.exchange)
        click.echo(f"\n{name}: {answered.exchange.said}")
    return exchanges


def _tell(scenario: Scenario, exchanges: Sequence[Exchange]) -> None:
    told = debrief(scenario, exchanges)
    if told.ending:
        click.echo(f"\n{told.ending.title}. {told.ending.meaning}")
    click.echo(f"\nMood, 0 to 10: {' '.join(str(mood) for mood in told.moods)}")
    for moment in told.moments:
        step = moment.step
        click.echo(f"\n{step.number}. {step.before} to {step.after}")
        if step.unread:
            click.echo(f"   not read: {step.unread}")
        for moved in moment.moved:
            quotes = " ".join(evidence.quote for evidence in moved.evidence)
            name = label(moved.movement.name)
            click.echo(f"   {moved.movement.by:+d} {name}: {quotes}")
        if moment.could_say:
            click.echo(f"   At this point you could have said: {moment.could_say.text}")
    if told.found_at is None:
        click.echo(f"\nNot found: {scenario.need.what}")
    else:
        click.echo(f"\nFound with reply {told.found_at}: {scenario.need.what}")
