from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_interviewer.core.mood import Band, band_of
from mock_interviewer.core.observation import Behaviour
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.scenario import Channel, EndingKind, Scenario
from mock_interviewer.core.scenario_bank import find_scenario, load_scenario, load_scenarios
from mock_interviewer.core.transcript import split
from mock_interviewer.errors import DataFileError, NotFoundError
from mock_interviewer.interviewing.in_role import checked
from tests.toy_scenario import ending, scenario_data

SCENARIOS = load_scenarios()
by_id = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)


def written(folder: Path, data: dict[str, Any]) -> Path:
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def fault(folder: Path, data: dict[str, Any]) -> str:
    path = written(folder, data)
    with pytest.raises(DataFileError) as caught:
        load_scenario(path)
    return str(caught.value).removeprefix(f"{path}: ")


def spoken(scenario: Scenario) -> list[str]:
    """Everything that the customer may say before the need is told."""
    lines = scenario.lines
    said = [lines.opening, scenario.need.evaded, *lines.retorts.values()]
    said += [answer.says for answer in lines.answers]
    said += [line for band in lines.bands.values() for line in (*band.warmed, *band.same)]
    return [*said, *(act.said for act in scenario.acts)]


def test_there_are_at_least_eight_scenarios_and_chris_is_one() -> None:
    assert len(SCENARIOS) >= 8
    assert any(scenario.customer.name.startswith("Chris") for scenario in SCENARIOS)


def test_every_channel_is_there_and_no_two_have_the_same_state() -> None:
    assert {scenario.channel for scenario in SCENARIOS} == set(Channel)
    assert len({scenario.state for scenario in SCENARIOS}) == len(SCENARIOS)


def test_they_are_of_different_trades() -> None:
    assert len({scenario.trade for scenario in SCENARIOS}) >= 7


def test_in_two_the_right_end_is_a_boundary_or_an_ended_conversation() -> None:
    kinds = {EndingKind.KEPT_BOUNDARY, EndingKind.ENDED}
    bounded = [s for s in SCENARIOS if {e.kind for e in s.endings if e.right} <= kinds]
    assert len(bounded) >= 2


@by_id
def test_a_scenario_can_end_well_and_badly_and_in_at_least_five_ways(scenario: Scenario) -> None:
    assert {ending.right for ending in scenario.endings} == {True, False}
    assert len(scenario.endings) >= 5


@by_id
def test_no_prepared_line_is_written_twice(scenario: Scenario) -> None:
    assert [line for line, count in Counter(spoken(scenario)).items() if count > 1] == []


@by_id
def test_the_prepared_lines_are_such_as_a_model_might_say(scenario: Scenario) -> None:
    for line in spoken(scenario):
        checked(line, scenario, told=False, before="")
    checked(scenario.need.said, scenario, told=True, before="")


@by_id
def test_the_model_would_be_stopped_from_telling_the_need(scenario: Scenario) -> None:
    assert any(phrase in scenario.need.said.lower() for phrase in scenario.need.key_phrases)


@by_id
def test_what_could_be_said_is_short_enough_to_say(scenario: Scenario) -> None:
    for texts in scenario.could_say.values():
        assert all(len(split(text)) <= 4 for text in texts)


def test_no_two_scenarios_share_a_line() -> None:
    counted = Counter(line for scenario in SCENARIOS for line in set(spoken(scenario)))
    assert [line for line, count in counted.items() if count > 1] == []


def test_the_behaviours_are_the_rubrics() -> None:
    assert {behaviour.value for behaviour in Behaviour} <= {c.id for c in load_rubric().criteria}


@pytest.mark.parametrize(
    ("mood", "band"),
    [
        (0, Band.SHUT),
        (2, Band.SHUT),
        (3, Band.WARY),
        (5, Band.WARY),
        (6, Band.OPEN),
        (8, Band.OPEN),
        (9, Band.SETTLED),
        (10, Band.SETTLED),
    ],
)
def test_a_mood_lies_in_one_band(mood: int, band: Band) -> None:
    assert band_of(mood) is band


def test_a_users_own_file_is_added_after_the_packages(tmp_path: Path) -> None:
    own = written(tmp_path, scenario_data())
    found = load_scenarios([own])
    assert found[-1].id == "lost-umbrella"
    assert len(found) == len(SCENARIOS) + 1


def test_an_id_that_is_taken_is_refused(tmp_path: Path) -> None:
    own = written(tmp_path, scenario_data(id=SCENARIOS[0].id))
    with pytest.raises(DataFileError, match="already used"):
        load_scenarios([own])


def test_an_unknown_id_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="chris-and-the-fifth-call"):
        find_scenario(SCENARIOS, "chris")


def test_the_example_of_the_documentation_can_be_loaded(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "role-play.md"
    example = page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "lost-parcel.yaml"
    path.write_text(example, encoding="utf-8")
    assert load_scenario(path).id == "lost-parcel"
    assert load_scenarios([path])[-1].customer.name == "Tam Reed"


def changed(key: str, **changes: Any) -> dict[str, Any]:
    data = scenario_data()
    return {**data, key: {**data[key], **changes}}


def without(key: str, name: str) -> dict[str, Any]:
    data = scenario_data()
    return {**data, key: {n: v for n, v in data[key].items() if n != name}}


TIME = ending("time", "time", after=6)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (scenario_data(mood=3), "mood: unknown key; remove it or correct its spelling"),
        (scenario_data(brief=None), "brief: this key is required and is missing"),
        (scenario_data(start_mood=11), "start_mood: Input should be less than or equal to 10"),
        (changed("need", hint="x"), "need.hint: unknown key"),
        (changed("need", uncovered_by=["gossip"]), "need.uncovered_by.0: Input should be"),
        (without("moods", "shut"), "moods: expected exactly the keys shut, wary, open, settled"),
        (without("missteps", "arguing"), "missteps: expected exactly the keys blaming, arguing"),
        (without("could_say", "listening"), "could_say: expected exactly the keys listening"),
        (without("behaviours", "advocacy"), "behaviours: expected exactly the keys listening"),
        (changed("missteps", blaming=1), "missteps.blaming: Input should be less than or equal"),
        (
            changed("behaviours", listening={"some": 2, "shown": 1}),
            "behaviours.listening: shown: expected at least what `some` adds, 2",
        ),
        (changed("lines", retorts={}), "lines: retorts: expected exactly the keys blaming"),
        (
            scenario_data(endings=[ending("bad", "hung_up", done=["sings"]), TIME]),
            "endings: bad: no such acts: sings",
        ),
        (
            scenario_data(endings=[ending("bad", "hung_up"), TIME]),
            "endings.0: bad: expected a rule, such as at_most or done",
        ),
        (scenario_data(endings=[TIME]), "endings: expected at least one that is right"),
        (
            scenario_data(endings=[ending("good", "satisfied", right=True, at_least=8)]),
            "endings: expected the last to be of the kind time",
        ),
        (
            scenario_data(endings=[ending("good", "satisfied", right=True, after=8)]),
            "endings: expected the last to be of the kind time",
        ),
        (
            scenario_data(
                endings=[
                    ending("good", "satisfied", right=True, at_least=8),
                    ending("time", "time", after=6, at_most=5),
                ]
            ),
            "endings: expected the last to be of the kind time",
        ),
        (
            scenario_data(
                endings=[
                    ending("time", "satisfied", right=True, at_least=8),
                    TIME,
                ]
            ),
            "endings: used more than once: time",
        ),
        (changed("lines", opening="My husband's umbrella."), "need: key_phrases: 'husband' stands"),
        (changed("customer", story="Her husband is dead."), "need: key_phrases: 'husband' stands"),
    ],
)
def test_a_scenario_that_could_not_be_played_is_refused(
    tmp_path: Path, data: dict[str, Any], said: str
) -> None:
    assert said in fault(tmp_path, data)
