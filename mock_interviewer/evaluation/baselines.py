"""What a grade has to beat: figures that know nothing of the meaning of an answer.

Each baseline learns from cases of other questions and says a level for every rating of a case. The
strongest reads the same model's states, without codes: the mean of an answer's sentence embeddings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.prompts import Prompt, load_prompt
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.core.transcript import Line, sentences
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.evaluation.fitting import STRETCH, CodedAnswer
from mock_interviewer.grading import coding
from mock_interviewer.grading.head import Numbers, fit_ridge
from mock_interviewer.llm.embedding import Embedder

Features = Callable[[Case], Numbers]

KEYWORDS: Mapping[str, str] = {
    "situation": r"once|last|when|day|year|month|morning|customer|worked|shop|desk|call",
    "task": r"job|task|goal|had to|responsib\w*|needed to|deadline|supposed|decide\w*",
    "action": r"i|i'd|first|then|next|called|rang|asked|told|offered|checked|because|so that",
    "result": r"result|finally|in the end|later|after that|since then|thank\w*|happy|week|still",
    "feeling": r"feel\w*|felt|upset|angry|worried|afraid|scared|sad|frustrat\w*|understand\w*",
    "kindness": r"sorry|apolog\w*|empath\w*|listen\w*|care\w*|patien\w*|kind\w*",
    "help": r"help\w*|offer\w*|solution|solve\w*|follow\w*|check\w*|refund|instead|choice",
}


def majority(dev: Sequence[Case], cases: Sequence[Case], criterion: Criterion) -> list[int]:
    """The commonest level of dev."""
    levels = [level for case in dev if (level := case.reference[criterion.id]) is not None]
    return [max(criterion.scale, key=levels.count)] * len(cases)


def length(case: Case) -> Numbers:
    """The logarithm of the number of words."""
    return np.array([np.log1p(case.words)])


def keywords(case: Case) -> Numbers:
    """How often words of each kind occur, by the hundred words."""
    text, words = case.text.lower(), max(case.words, 1)
    counts = [len(re.findall(rf"\b(?:{pattern})\b", text)) for pattern in KEYWORDS.values()]
    return np.array([*(100 * count / words for count in counts), *map(np.log1p, counts)])


def learned(
    features: Features, dev: Sequence[Case], cases: Sequence[Case], criterion: Criterion
) -> list[int]:
    """Levels by ridge regression from features, with a penalty chosen on dev by question."""
    known = [case for case in dev if case.reference[criterion.id] is not None]
    levels = np.array([float(case.reference[criterion.id] or 0) for case in known])
    groups = [case.question_id for case in known]
    head = fit_ridge(np.stack([features(case) for case in known]), levels, groups)
    predicted = head.predict(np.stack([features(case) for case in cases]))
    # Stretched as the grader's own heads are, or a weak baseline would say the middle to all.
    middle = levels.mean()
    return [criterion.nearest(middle + STRETCH * (value - middle)) for value in predicted]


class EmbeddingHead(Strict):
    """One criterion's level as a weighted sum of an answer's embedding."""

    offset: float
    weights: tuple[float, ...]


class EmbeddingBaseline(Strict):
    """Ridge regression from the mean of an answer's sentence embeddings, for one model."""

    model: str
    prompt: str
    fitted_on: str
    heads: dict[str, EmbeddingHead]


def answer_embedding(model: Embedder, prompt: Prompt, lines: Sequence[Line]) -> Numbers:
    """The mean over an answer's sentences of each one's mean state. Raises `ModelError`."""
    vectors = [
        model.embed(coding.frame(prompt, sentence.text)).vector for sentence in sentences(lines)
    ]
    table = np.stack(vectors)
    found: Numbers = table[:, : table.shape[1] // 2].mean(axis=0)
    return found


def fit_baseline(
    model: Embedder,
    model_name: str,
    rubric: Rubric,
    prompt: Prompt,
    answers: Sequence[CodedAnswer],
) -> EmbeddingBaseline:
    """Fit it to judged answers, with penalties chosen by question. Raises `ModelError`."""
    features = np.stack([answer_embedding(model, prompt, a.transcript) for a in answers])
    heads = {}
    for criterion in rubric.criteria:
        known = [p for p, answer in enumerate(answers) if answer.ratings[criterion.id] is not None]
        levels = np.array([float(answers[p].ratings[criterion.id] or 0) for p in known])
        groups = [answers[p].question_id for p in known]
        head, middle = fit_ridge(features[known], levels, groups), levels.mean()
        heads[criterion.id] = EmbeddingHead(
            offset=float(f"{middle + STRETCH * (float(head.offset) - middle):.5g}"),
            weights=tuple(float(f"{STRETCH * weight:.4g}") for weight in head.weights),
        )
    return EmbeddingBaseline(
        model=model_name, prompt=prompt.digest, fitted_on=f"{len(answers)} answers", heads=heads
    )


def by_embeddings(
    baseline: EmbeddingBaseline, rubric: Rubric, chat: Embedder, cases: Sequence[Case]
) -> dict[str, list[int]]:
    """Levels of every case by criterion. Raises `ModelError` if a sentence cannot be read."""
    prompt = load_prompt("sentence")
    if baseline.prompt != prompt.digest:
        raise DataFileError("the baseline of embeddings was fitted to another sentence prompt")
    features = np.stack([answer_embedding(chat, prompt, case.transcript) for case in cases])
    return {
        criterion.id: [
            criterion.nearest(value) for value in features @ np.array(head.weights) + head.offset
        ]
        for criterion in rubric.criteria
        if (head := baseline.heads[criterion.id])
    }
