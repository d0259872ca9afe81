"""Rubrics: criteria with anchored levels and checklist items, read from YAML and checked.

A rubric is data from end to end: another file of the same form, with its own criteria, ranges and
graded side, grades with no change in the program.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.questions import Aim, Kind, Name
from mock_interviewer.core.resources import shared_file
from mock_interviewer.core.transcript import Role

Text = Annotated[str, StringConstraints(min_length=1)]


class Item(Strict):
    """A yes/no statement about an answer.

    `needed_for` is the lowest level that an answer cannot have without it. The text stands in a
    strong model's checklist.
    """

    id: Name
    text: Text
    ask: str = ""
    """The same, as short as can be: what a small model is asked. Left out: the text."""
    lack: str = ""
    """What is missing where it is not met, as said to the candidate. Left out: nothing is said."""
    needed_for: int
    aim: Aim | None = None
    """What a probe asks for if this item is not met; at most one item of a rubric per aim."""

    @property
    def question(self) -> str:
        """What a small model is asked."""
        return self.ask or self.text


class Criterion(Strict):
    """One rating: what it is about, its anchored levels and its checklist."""

    id: Name
    name: Text
    about: Text
    levels: dict[int, Text] = Field(min_length=2)
    """Anchor by level; levels between two anchors may be left out and lie between them."""
    words: dict[int, Text]
    """One or two words for every level, as shown beside its number."""
    next_step: dict[int, Text]
    """For every level but the highest: what the next one would take, said to the candidate."""
    items: tuple[Item, ...] = Field(min_length=1)
    labels: tuple[Name, ...] = ()
    """Sentence labels (of the `labels` prompt) that are evidence for it, the best first; a model
    that names its evidence itself needs none."""
    applies: dict[Kind, Literal["always", "if_example", "never"]] = Field(default_factory=dict)
    """Kinds of question in which this rating is made; a kind that is not listed: always."""

    @property
    def lowest(self) -> int:
        """The lowest level."""
        return min(self.levels)

    @property
    def highest(self) -> int:
        """The highest level."""
        return max(self.levels)

    @property
    def scale(self) -> range:
        """All levels."""
        return range(self.lowest, self.highest + 1)

    def nearest(self, value: float) -> int:
        """The level nearest to a number, the even one of two."""
        return max(self.lowest, min(self.highest, round(value)))

    def next_anchor(self, level: int) -> str:
        """The text of the first anchor above this level; empty at the highest."""
        above = [anchored for anchored in self.levels if anchored > level]
        return self.levels[min(above)] if above else ""

    def told(self, level: int) -> str:
        """The level with its word, such as "4 clear"; without one if it is off the scale."""
        return f"{level} {self.words.get(level, '')}".strip()

    def anchor(self, level: int) -> str:
        """The text of this level, or of the two anchors that it lies between."""
        if level in self.levels:
            return self.levels[level]
        below = max(number for number in self.levels if number < level)
        above = min(number for number in self.levels if number > level)
        return (
            f"Between level {below} ({_quoted(self.levels[below])}) "
            f"and level {above} ({_quoted(self.levels[above])})."
        )

    @model_validator(mode="after")
    def _scale_is_complete(self) -> Criterion:
        if set(self.words) != set(self.scale):
            raise ValueError(
                f"{self.id}: words: expected one for each of {list(self.scale)}, "
                f"got {sorted(self.words)}"
            )
        if set(self.next_step) != set(self.scale) - {self.highest}:
            raise ValueError(
                f"{self.id}: next_step: expected one for each of {list(self.scale)[:-1]}, "
                f"got {sorted(self.next_step)}"
            )
        for item in self.items:
            if not self.lowest < item.needed_for <= self.highest:
                raise ValueError(
                    f"{self.id}: items: {item.id}: needed_for: expected a level above "
                    f"{self.lowest} and up to {self.highest}, got {item.needed_for}"
                )
        return self


class Score(Strict):
    """A figure worked out in code: the mean of some ratings."""

    id: Name
    name: Text
    mean_of: tuple[Name, ...] = Field(min_length=1)
    with_it: tuple[Name, ...] = ()
    """Criteria that are shown with this score and are not part of its mean."""


class Example(Strict):
    """An answer with its levels, for strong models to hold others against; in no evaluation."""

    question: Text
    answer: Text
    levels: dict[Name, int]
    why: Text
    """What decides the levels that are easily mistaken."""


class Rubric(Strict):
    """Everything a grader needs to know about what the levels mean."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    version: int = Field(ge=1)
    title: Text
    graded_role: Role = Role.CANDIDATE
    rules: tuple[Text, ...] = Field(min_length=1)
    """What holds for every criterion, one sentence or two each."""
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    aims: dict[Aim, Text] = Field(default_factory=dict)
    """What a probe with this aim is about, to go on from "ask about ..."."""
    scores: tuple[Score, ...] = ()
    """The overall figure is the mean of the scores that the question calls for."""
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _names_fit_together(self) -> Rubric:
        ids = [criterion.id for criterion in self.criteria]
        items = [item.id for criterion in self.criteria for item in criterion.items]
        aims = [str(i.aim) for criterion in self.criteria for i in criterion.items if i.aim]
        unworded = sorted(set(aims) - set(self.aims))
        if unworded:
            raise ValueError(f"aims: say what a probe is about for: {', '.join(unworded)}")
        named: tuple[tuple[str, list[str]], ...] = (
            ("criteria", ids),
            ("items", items),
            ("items' aims", aims),
        )
        for what, names in named:
            repeated = sorted({name for name in names if names.count(name) > 1})
            if repeated:
                raise ValueError(f"{what}: used more than once: {', '.join(repeated)}")
        for score in self.scores:
            unknown = sorted({*score.mean_of, *score.with_it} - set(ids))
            if unknown:
                raise ValueError(f"scores: {score.id}: no such criteria: {', '.join(unknown)}")
        scales = {
            score.id: {(c.lowest, c.highest) for c in self.criteria if c.id in score.mean_of}
            for score in self.scores
        }
        if len(set().union(*scales.values())) > 1:
            raise ValueError(
                "scores: expected all criteria under mean_of to have one scale, as the overall "
                "figure is the mean of the scores; show a criterion on another scale under with_it"
            )
        for number, example in enumerate(self.examples):
            if different := sorted(set(example.levels) ^ set(ids)):
                raise ValueError(
                    f"examples: {number}: levels: expected one for each criterion; missing or "
                    f"unknown: {', '.join(different)}"
                )
            for criterion in self.criteria:
                if example.levels[criterion.id] not in criterion.scale:
                    raise ValueError(
                        f"examples: {number}: levels: {criterion.id}: expected one of "
                        f"{list(criterion.scale)}"
                    )
        return self

    @cached_property
    def _by_id(self) -> Mapping[str, Criterion]:
        return {criterion.id: criterion for criterion in self.criteria}

    def criterion(self, criterion_id: str) -> Criterion:
        """The criterion with this id. Raises `KeyError`."""
        return self._by_id[criterion_id]

    @cached_property
    def digest(self) -> str:
        """Twelve hex digits that change with anything in the rubric."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


RUBRIC = shared_file("rubrics", "customer-service.yaml")


def load_rubric(path: Path | None = None) -> Rubric:
    """Load a rubric file, by default the project's own. Raises `DataFileError`."""
    return datafile.load(Rubric, path or RUBRIC)


def _quoted(text: str) -> str:
    return text.rstrip(".")
