"""The scenarios that there are, read from their files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mock_interviewer.core import datafile
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.errors import DataFileError, NotFoundError


def load_scenarios(extra: Sequence[Path] = ()) -> tuple[Scenario, ...]:
    """The package's scenarios by id, then the user's own files. Raises `DataFileError`."""
    installed = sorted(package_file("scenarios").glob("*.yaml"))
    if not installed:
        raise DataFileError("No scenario files are installed; reinstall the package.")
    home: dict[str, Path] = {}
    found = []
    for path in (*installed, *extra):
        scenario = load_scenario(path)
        if scenario.id in home:
            raise DataFileError(
                f"{path}: id: {scenario.id} is already used in {home[scenario.id]}; "
                "give the scenario another one"
            )
        home[scenario.id] = path
        found.append(scenario)
    return tuple(found)


def load_scenario(path: Path) -> Scenario:
    """Load one scenario file on its own. Raises `DataFileError`."""
    return datafile.load(Scenario, path)


def find_scenario(scenarios: Iterable[Scenario], scenario_id: str) -> Scenario:
    """The scenario with this id. Raises `NotFoundError`."""
    known = {scenario.id: scenario for scenario in scenarios}
    try:
        return known[scenario_id]
    except KeyError:
        raise NotFoundError(
            f"There is no scenario {scenario_id!r}. There are: {', '.join(known)}."
        ) from None
