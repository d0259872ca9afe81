"""Fitting the sentence codes and levels of a model to judged answers, split by question."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mock_interviewer.core import datafile, jsonlines
from mock_interviewer.core.datafile import Strict, validated
from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.core.transcript import Line, sentences
from mock_interviewer.errors import DataFileError
from mock_interviewer.grading import coding
from mock_interviewer.grading.coding import Code, Coding, LevelHead
from mock_interviewer.grading.head import Numbers, folds, ridge
from mock_interviewer.grading.network import fit_network
from mock_interviewer.llm.embedding import Embedder

FOLDS = 5
LEVEL_PENALTY = 20.0
STRETCH = 1.5
"""Ridge regression crowds levels in the middle; this much wider, the agreement was best on dev."""


class Codebook(Strict):
    """What sentences can do."""

    codes: dict[str, Code]


class CodedAnswer(Strict):
    """An answer with the codes of its sentences, by number, and its levels."""

    id: str
    question_id: str
    question: str
    kind: Kind
    transcript: tuple[Line, ...] = Field(min_length=1)
    codes: dict[int, tuple[str, ...]]
    ratings: dict[str, int | None]


def load_training(folder: Path) -> tuple[Codebook, list[CodedAnswer]]:
    """`codes.yaml` and `answers.jsonl` of a folder. Raises `DataFileError`."""
    book = datafile.load(Codebook, folder / "codes.yaml")
    path = folder / "answers.jsonl"
    answers = [validated(CodedAnswer, d, f"{path}: line {n}") for n, d in jsonlines.read(path)]
    if not answers:
        raise DataFileError(f"{path}: no answers here")
    for answer in answers:
        numbers = {sentence.number for sentence in sentences(answer.transcript)}
        unknown = {code for codes in answer.codes.values() for code in codes} - set(book.codes)
        if unknown or set(answer.codes) != numbers:
            raise DataFileError(f"{path}: {answer.id}: codes: expected one entry a sentence")
    return book, answers


def fit(
    model: Embedder,
    model_name: str,
    rubric: Rubric,
    prompt: Prompt,
    book: Codebook,
    answers: Sequence[CodedAnswer],
    progress: Callable[[], object] = lambda: None,
) -> Coding:
    """Fit everything. Raises `ModelError` if a sentence cannot be read."""
    features, marks, owner = read_sentences(model, prompt, book, answers, progress)
    groups = [answer.question_id for answer in answers]
    seen_by = folds(groups, FOLDS)
    shares = np.zeros_like(marks)
    for fold in range(FOLDS):
        inside = seen_by[owner] == fold
        shares[inside] = fit_network(features[~inside], marks[~inside]).predict(features[inside])
    found = np.stack(
        [coding.summaries(shares[owner == place]).ravel() for place in range(len(answers))]
    )
    text = "\n".join(answer.model_dump_json() for answer in answers)
    return Coding(
        model=model_name,
        rubric=rubric.digest,
        prompt=prompt.digest,
        made=date.today(),
        fitted_on=f"{len(answers)} answers {hashlib.sha256(text.encode()).hexdigest()[:8]}",
        codes=book.codes,
        levels={
            criterion.id: _level_head(criterion, list(book.codes), found, answers, seen_by)
            for criterion in rubric.criteria
        },
        network=fit_network(features, marks),
    )


def read_sentences(
    model: Embedder,
    prompt: Prompt,
    book: Codebook,
    answers: Sequence[CodedAnswer],
    progress: Callable[[], object] = lambda: None,
) -> tuple[Numbers, Numbers, NDArray[np.int64]]:
    """Features and codes of every sentence, and the place of its answer. Raises `ModelError`."""
    rows, marks, owner = [], [], []
    for place, answer in enumerate(answers):
        numbered = sentences(answer.transcript)
        read = [model.embed(coding.frame(prompt, sentence.text)).vector for sentence in numbered]
        rows.append(coding.features(read))
        for sentence in numbered:
            marks.append([float(code in answer.codes[sentence.number]) for code in book.codes])
            owner.append(place)
        progress()
    return np.concatenate(rows), np.array(marks), np.array(owner, dtype=np.int64)


def _level_head(
    criterion: Criterion,
    names: Sequence[str],
    found: Numbers,
    answers: Sequence[CodedAnswer],
    seen_by: NDArray[np.int64],
) -> LevelHead:
    known = [p for p, answer in enumerate(answers) if answer.ratings[criterion.id] is not None]
    levels = np.array([float(answers[p].ratings[criterion.id] or 0) for p in known])
    features, fold = found[known], seen_by[known]
    unseen_levels = np.zeros_like(levels)
    for number in range(int(fold.max()) + 1):
        inside = fold == number
        if inside.any():
            unseen_levels[inside] = _stretched(features[~inside], levels[~inside])(features[inside])
    head = ridge(features, levels, LEVEL_PENALTY)
    weights = head.weights * STRETCH
    offset = levels.mean() + STRETCH * (float(head.offset) - levels.mean())
    table = weights.reshape(len(names), len(coding.SUMMARIES))
    return LevelHead(
        offset=_short(offset),
        weights={
            name: (_short(row[0]), _short(row[1]), _short(row[2]))
            for name, row in zip(names, table, strict=True)
        },
        spread=_short((levels - unseen_levels).std()),
    )


def _stretched(features: Numbers, levels: Numbers) -> Callable[[Numbers], Numbers]:
    head, middle = ridge(features, levels, LEVEL_PENALTY), levels.mean()
    return lambda rows: middle + STRETCH * (head.predict(rows) - middle)


def _short(value: float) -> float:
    return float(f"{value:.4g}")
