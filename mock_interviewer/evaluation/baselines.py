"""What a grade has to beat: figures that know nothing of the meaning of an answer.

Each baseline learns from cases of other questions and says a level for every rating of a case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mock_interviewer.core.rubric import Criterion
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.evaluation.fitting import STRETCH
from mock_interviewer.grading.head import Numbers, fit_ridge

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
