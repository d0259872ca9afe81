"""Suites: which cases are graded by what, in YAML under `evals/suites/`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.rubric import Rubric, load_rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.llm.catalogue import Strategy, load_catalogue

SUITES = Path("evals") / "suites"


class _SuiteFile(Strict):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    cases: tuple[str, ...] = Field(min_length=1)
    dev: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    rubric: str | None = None
    model: str = Field(min_length=1)
    strategy: Strategy
    trials: int = Field(default=1, ge=1)
    recordings: str
    robustness: str | None = None


class Suite:
    """A suite with its paths, which in the file are relative to the file."""

    def __init__(self, path: Path) -> None:
        """Raises `DataFileError`."""
        file = datafile.load(_SuiteFile, path)

        def beside(name: str) -> Path:
            return (path.parent / name).resolve()

        self.id = file.id
        self.cases = [beside(name) for name in file.cases]
        self.dev = [beside(name) for name in file.dev]
        """What baselines may learn from: never the cases themselves."""
        self.only = file.only
        """Ids of the cases that are graded; none named: all."""
        self.rubric: Rubric = load_rubric(beside(file.rubric) if file.rubric else None)
        self.model = file.model
        self.strategy = file.strategy
        self.trials = file.trials
        self.recordings = beside(file.recordings)
        self.robustness = beside(file.robustness) if file.robustness else None
        """Folder of bases and attacks."""
        self.context = load_catalogue().find(file.model).context


def suite_cases(suite: Suite) -> list[Case]:
    """The suite's cases. Raises `DataFileError`."""
    cases = load_cases(suite.cases)
    if not suite.only:
        return cases
    unknown = set(suite.only) - {case.id for case in cases}
    if unknown:
        raise DataFileError(f"suite {suite.id}: only: no such cases: {', '.join(sorted(unknown))}")
    return [case for case in cases if case.id in suite.only]


def find_suites(name: str | None) -> list[Path]:
    """The file of this name or path, or all suites. Raises `DataFileError`."""
    if name is None:
        found = sorted(SUITES.glob("*.yaml"))
        if not found:
            raise DataFileError(f"{SUITES}: no suites here; run this in the project's folder")
        return found
    path = Path(name) if name.endswith((".yaml", ".yml")) else SUITES / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(file.stem for file in sorted(SUITES.glob("*.yaml"))) or "none"
        raise DataFileError(f"{path}: no such suite; there are: {known}")
    return [path]
