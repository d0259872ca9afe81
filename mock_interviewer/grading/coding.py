"""Sentence codes: how the embedded model grades.

It is never asked for a level. It reads each sentence of an answer by itself; a small fitted network
tells from its states how likely the sentence does each of some thirty things (says the goal, names
a feeling, tells a checkable outcome, ...). A linear head works the levels out from the likeliest
sentences for each code. Both are numbers in a file beside the rubric, fitted to answers whose
sentences and levels were judged, split by question.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np
from pydantic import Field

from mock_interviewer.core.datafile import Strict, validated
from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.resources import shared_file
from mock_interviewer.core.rubric import Criterion, Item, Rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.grading.calibration import slug
from mock_interviewer.grading.head import Numbers
from mock_interviewer.grading.network import Network
from mock_interviewer.llm.embedding import Frame

SUMMARIES = ("top", "two", "any")
"""Of a code over an answer: the likeliest sentence, the mean of the likeliest two, at least one."""

LIKELY = 0.5

FOUND = 0.4
"""If no sentence has any code with at least this likelihood, there is nothing that answers."""

SURELY = 1.5
"""Of the things then called missing, 96 % were missing by the raters' levels (training answers,
cross-validated by question), at half as many; without a margin it was 71 %."""


class Signal(StrEnum):
    """What code concludes from a sentence, beside the levels."""

    EXAMPLE = "example"
    """An occasion is told."""
    SCENE = "scene"
    """A probe can be worded from it."""
    ANSWER = "answer"
    """The question is answered, well or badly."""
    OFF_QUESTION = "off_question"


class Code(Strict):
    """Something that a sentence can do."""

    meaning: str
    evidence_for: tuple[str, ...] = ()
    """Criteria for which a sentence with this code is evidence."""
    signals: tuple[Signal, ...] = ()


class LevelHead(Strict):
    """How one criterion's level follows from the codes."""

    offset: float
    weights: dict[str, tuple[float, float, float]]
    """By code, for each of `SUMMARIES`."""
    spread: float = Field(ge=0)
    """Standard deviation of reference less prediction, on answers to questions not fitted on."""


class Coding(Strict):
    """A fitted grader of sentences, for one model, rubric and prompt."""

    model: str
    rubric: str
    prompt: str
    made: date
    fitted_on: str
    codes: dict[str, Code]
    levels: dict[str, LevelHead]
    network: Network
    """Reads the numbers of a sentence's embedding and its `places`; an output for each code."""

    @cached_property
    def name(self) -> str:
        """What stands in a grade's stamp."""
        digest = hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]
        return f"sentence codes {digest}, fitted on {self.fitted_on}"

    def shares(self, vectors: Sequence[Numbers]) -> Numbers:
        """For each sentence (rows) and code (columns), how likely it is, 0 to 1."""
        return self.network.predict(features(vectors))

    def value(self, criterion: str, shares: Numbers) -> float:
        """The criterion's level as an unrounded number."""
        head = self.levels[criterion]
        found = dict(zip(self.codes, summaries(shares), strict=True))
        return head.offset + sum(
            float(np.dot(weights, found[code])) for code, weights in head.weights.items()
        )

    def evidence(self, criterion: str, shares: Numbers, most: int = 3) -> tuple[int, ...]:
        """Places (from 0) of up to `most` sentences that bear on it, or of the likeliest one."""
        columns = [i for i, c in enumerate(self.codes.values()) if criterion in c.evidence_for]
        if not columns:
            return ()
        best = shares[:, columns].max(axis=1)
        order = [int(i) for i in np.argsort(-best, kind="stable")]
        sure = [i for i in order if best[i] >= LIKELY][:most]
        return tuple(sorted(sure or order[:1]))

    def top(self, code: str, shares: Numbers) -> float:
        """How likely the likeliest sentence has this code, 0 to 1."""
        return float(shares[:, list(self.codes).index(code)].max())

    def signs(self, signal: Signal, shares: Numbers) -> Numbers:
        """For each sentence how likely it gives the signal, 0 to 1."""
        columns = [i for i, code in enumerate(self.codes.values()) if signal in code.signals]
        found: Numbers = shares[:, columns].max(axis=1, initial=0.0)
        return found

    def gives(self, signal: Signal, shares: Numbers) -> bool:
        """Whether any sentence is likely to give the signal."""
        return bool(self.signs(signal, shares).max(initial=0.0) >= LIKELY)


def places(count: int) -> Numbers:
    """For each sentence: whether it is the first, the last, and how far along it stands, 0 to 1."""
    along = np.linspace(0.0, 1.0, count) if count > 1 else np.zeros(count)
    first, last = np.zeros(count), np.zeros(count)
    first[:1] = last[-1:] = 1.0
    return np.stack([first, last, along], axis=1)


def features(vectors: Sequence[Numbers]) -> Numbers:
    """What the network reads of an answer's sentences, a row each."""
    return np.hstack([np.stack(vectors), places(len(vectors))])


def summaries(shares: Numbers) -> Numbers:
    """For each code (rows) its `SUMMARIES` over all sentences."""
    ordered = np.sort(shares, axis=0)[::-1]
    none = np.prod(1.0 - shares, axis=0)
    return np.stack([ordered[0], ordered[:2].mean(axis=0), 1.0 - none], axis=1)


def frame(prompt: Prompt, sentence: str) -> Frame:
    """The sentence as the model reads it."""
    text = " ".join(sentence.split())
    before, after = prompt.around("sentence")
    return Frame(before, text, after)


def lacking(criterion: Criterion, value: float, spread: float) -> Item | None:
    """The first item that is missing almost surely: `SURELY` spreads below where it would round."""
    for item in sorted(criterion.items, key=lambda item: item.needed_for):
        if value + SURELY * spread < item.needed_for - 0.5:
            return item
    return None


def step_to(criterion: Criterion, item: Item, level: int) -> str:
    """The prepared advice that leads to an item: for the first one, that of the level."""
    before = item.needed_for - 1
    first = min(item.needed_for for item in criterion.items)
    return criterion.next_step[min(level, before) if item.needed_for == first else before]


def find(rubric: Rubric, prompt: Prompt, model: str) -> Coding | None:
    """The installed coding of just this rubric, prompt and model. Raises `DataFileError`."""
    path = coding_file(model)
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataFileError(f"{path}: not valid JSON: {error}") from error
    found = validated(Coding, data, str(path))
    fits = (found.model, found.rubric, found.prompt) == (model, rubric.digest, prompt.digest)
    return found if fits else None


def coding_file(model: str) -> Path:
    """Where a model's coding stands."""
    return shared_file("rubrics") / "calibrations" / f"{slug(model)}.json"


def write(coding: Coding, path: Path) -> None:
    """Write it, a code or level head a line, the network last."""
    data = coding.model_dump(mode="json")
    rows = []
    for key, value in data.items():
        if key in ("codes", "levels"):
            inner = ",\n  ".join(
                f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in value.items()
            )
            rows.append(f'"{key}": {{\n  {inner}\n }}')
        else:
            rows.append(f"{json.dumps(key)}: {json.dumps(value)}")
    path.write_text("{\n " + ",\n ".join(rows) + "\n}\n", encoding="utf-8")
