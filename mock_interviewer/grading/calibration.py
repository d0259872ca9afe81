"""Calibrations: what a model's answers to the items mean, in a readable file beside the rubric.

A calibration belongs to one rubric, one pair of prompts and one model, and is not used with others.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import yaml

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.grade import mean
from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.resources import shared_file
from mock_interviewer.core.rubric import Item, Rubric

NULL_QUESTION = "Tell me about a time you helped a customer."


class Calibration(Strict):
    """Each item's mean log-odds on answers that hold nothing, and on answers that hold it all."""

    model: str
    rubric: str
    prompts: str
    made: date
    nulls: dict[str, float]
    fulls: dict[str, float]

    @property
    def name(self) -> str:
        """What stands in a grade's stamp."""
        text = json.dumps([self.nulls, self.fulls], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        return f"two-point {digest}, not fitted to raters"


class NullAnswers(Strict):
    """Answers that hold nothing an item could be met by."""

    answers: tuple[str, ...]


Ask = Callable[[str, str, Item], float]
"""Log-odds of an item for a question and an answer."""


def measure(
    rubric: Rubric,
    prompts: str,
    model: str,
    nulls: Sequence[tuple[str, str]],
    fulls: Sequence[tuple[str, str]],
    ask: Ask,
) -> Calibration:
    """Ask every item of every (question, answer) that holds nothing, and that holds everything."""
    items = [item for criterion in rubric.criteria for item in criterion.items]

    def means(answers: Sequence[tuple[str, str]]) -> dict[str, float]:
        # All items of one answer in a row: the server has to read each answer only once.
        asked = [{item.id: ask(*answer, item) for item in items} for answer in answers]
        return {item.id: round(mean([found[item.id] for found in asked]), 3) for item in items}

    return Calibration(
        model=model,
        rubric=rubric.digest,
        prompts=prompts,
        made=date.today(),
        nulls=means(nulls),
        fulls=means(fulls),
    )


def find(rubric: Rubric, prompts: str, model: str) -> Calibration | None:
    """The installed calibration of just this rubric, these prompts and this model, if any.

    Raises `DataFileError` if the file is there and is not of its form.
    """
    path = calibration_file(model)
    if not path.is_file():
        return None
    found = datafile.load(Calibration, path)
    fits = (found.model, found.rubric, found.prompts) == (model, rubric.digest, prompts)
    return found if fits else None


def calibration_file(model: str) -> Path:
    """Where a model's calibration stands."""
    return shared_file("rubrics") / "calibrations" / f"{slug(model)}.yaml"


def load_nulls() -> NullAnswers:
    """The null answers. Raises `DataFileError`."""
    return datafile.load(NullAnswers, shared_file("rubrics") / "calibrations" / "nulls.yaml")


def prompts_digest(prompts: Mapping[str, Prompt]) -> str:
    """One digest for several prompts."""
    text = json.dumps({name: prompt.digest for name, prompt in sorted(prompts.items())})
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write(calibration: Calibration, path: Path) -> None:
    """Write a calibration as YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = calibration.model_dump(mode="json")
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def slug(model: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", model.lower()).strip("-")
