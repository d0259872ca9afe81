from __future__ import annotations

from pathlib import Path

import yaml
from click.testing import CliRunner

from mock_interviewer.cli import cli
from tests.toy_scenario import scenario_data


def run(*args: str, typed: str = "") -> str:
    result = CliRunner().invoke(cli, args, input=typed)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_scenarios_are_listed() -> None:
    assert "chris-and-the-fifth-call\tcall\t2\t" in run("role-play")


def test_a_conversation_is_held_and_told_again() -> None:
    shown = run("role-play", "chris-and-the-fifth-call", typed="Calm down.\n\n")
    assert "Chris Marlow: Five! This is the fifth time" in shown
    assert "I've paid your wages for eleven years" in shown
    assert "Mood, 0 to 10: 2 0" in shown
    assert "-3 Rudeness: Calm down." in shown
    assert "At this point you could have said: Five calls" in shown
    assert "Not found: The upgrade was Chris's own idea." in shown


def test_a_scenario_of_ones_own_is_played_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(scenario_data()), encoding="utf-8")
    assert "My umbrella. Have you got it?" in run(
        "role-play", "lost-umbrella", "--file", str(path), typed="\n"
    )
    assert "ok     scenarios: 9 scenarios" in run("check", "--scenario", str(path))


def test_a_faulty_scenario_is_found_by_the_check(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(scenario_data(start_mood=12)), encoding="utf-8")
    result = CliRunner().invoke(cli, ["check", "--scenario", str(path)])
    assert result.exit_code == 1
    assert f"{path}: start_mood: Input should be less than or equal to 10" in result.output


def test_an_unknown_scenario_is_answered_with_the_known_ones() -> None:
    result = CliRunner().invoke(cli, ["role-play", "nobody"])
    assert "There is no scenario 'nobody'" in str(result.exception)
