"""Results of a run, kept: a line for each case, trial and rating, after one that says what ran."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, Field

from mock_interviewer.core import datafile, jsonlines
from mock_interviewer.core.datafile import Strict, validated
from mock_interviewer.core.rubric import Rubric, load_rubric
from mock_interviewer.errors import DataFileError


class Head(Strict):
    """What ran, and on what."""

    suite: str
    model: str
    strategy: str
    rubric: str
    prompts: dict[str, str]
    calibration: str
    cases: str
    """Digest of the cases with the raters' levels: another one means another yardstick."""
    made: date
    texts: dict[str, str] = Field(default_factory=dict)
    """Prompts and rubric by the names of their files, for runs that are held together later."""
    yardstick: str = ""
    """The suite's gates and how much of it is looked at, as JSON; a looser one is told."""
    rubric_file: str = ""
    """Which of `texts` is the rubric."""
    why: str = ""
    """Why this became the baseline."""
    earlier: tuple[str, ...] = ()
    """When and why each baseline before it was accepted, the oldest first."""


class Line(Strict):
    """One rating of one case. `level` None: `reason` says why."""

    case: str
    trial: int
    rating: str
    level: int | None
    reason: str | None = None
    reference: int | None
    """What the raters say; null for variants of answers, which have none."""
    likely: tuple[int, int] | None = None
    evidence: tuple[int, ...] = ()
    """Numbers of the sentences it rests on."""
    missing: bool = False
    """Whether no reply was recorded."""


@dataclass(frozen=True)
class Results:
    """One run."""

    head: Head
    lines: Sequence[Line]

    def rubric_used(self) -> Rubric:
        """The rubric as it was; of older files, which do not hold it, the project's own.

        Raises `DataFileError`.
        """
        if self.head.rubric_file not in self.head.texts:
            return load_rubric()
        text = self.head.texts[self.head.rubric_file]
        return datafile.validated(Rubric, yaml.safe_load(text), self.head.rubric_file)

    def levels(self, rating: str, trial: int = 0) -> dict[str, Line]:
        """The lines of one rating and trial by case."""
        return {x.case: x for x in self.lines if (x.rating, x.trial) == (rating, trial)}


def cases_digest(cases: Iterable[BaseModel]) -> str:
    """Of what is graded and of what the raters said."""
    text = json.dumps([case.model_dump(mode="json") for case in cases], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write(results: Results, path: Path) -> None:
    """Write them, replacing what is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [results.head.model_dump_json(), *(x.model_dump_json() for x in results.lines)]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")


def load(path: Path) -> Results:
    """Read them. Raises `DataFileError`, naming file and line."""
    if not path.is_file():
        raise DataFileError(f"{path}: there are no results here")
    rows = list(jsonlines.read(path))
    if not rows:
        raise DataFileError(f"{path}: line 1: expected what ran, found nothing")
    (first, head), *rest = rows
    return Results(
        validated(Head, head, f"{path}: line {first}"),
        [validated(Line, data, f"{path}: line {number}") for number, data in rest],
    )
