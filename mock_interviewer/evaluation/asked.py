"""What a model says when it is simply asked: for a level, or yes and no.

For the ablation table: the ways of grading that the program's own are compared with.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from mock_interviewer.core import datafile, jsonlines
from mock_interviewer.core.datafile import Strict, validated
from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.errors import DataFileError, ModelRefusedError
from mock_interviewer.evaluation.ablation import Row, levels_by_ridge, score
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.evaluation.fitting import FOLDS
from mock_interviewer.grading import layout
from mock_interviewer.grading.grader import Grader
from mock_interviewer.grading.head import Numbers, folds
from mock_interviewer.llm.chat import ChatModel, Reply, Request

TOP_LOGPROBS = 10


class Odds(Strict):
    """Log-odds of yes against no, for each item asked about an answer."""

    id: str
    log_odds: dict[str, float] = Field(min_length=1)


def load_odds(path: Path) -> list[Odds]:
    """Raises `DataFileError`."""
    found = [validated(Odds, data, f"{path}: line {n}") for n, data in jsonlines.read(path)]
    if any(odds.log_odds.keys() != found[0].log_odds.keys() for odds in found):
        raise DataFileError(f"{path}: log_odds: expected the same items in every line")
    return found


def load_direct(path: Path) -> Prompt:
    """The prompt that asks for a level. Raises `DataFileError`."""
    return datafile.load(Prompt, path)


def item_rows(rubric: Rubric, cases: Sequence[Case], odds: Sequence[Odds]) -> list[Row]:
    """Levels by ridge regression from yes/no items, cross-validated by question."""
    given = {entry.id: list(entry.log_odds.values()) for entry in odds}
    kept = [case for case in cases if case.id in given]
    values = np.array([given[case.id] for case in kept])
    designs = {"yes or no": (values > 0).astype(float), "P(yes)": 1 / (1 + np.exp(-values))}
    designs["log-odds"] = values
    fold = folds([case.question_id for case in kept], FOLDS)
    reference = references(rubric, kept)
    everyone = np.ones(len(kept), dtype=bool)
    rows = []
    for name, features in designs.items():
        levels = {
            criterion: levels_by_ridge(features, wanted, fold, everyone)
            for criterion, wanted in reference.items()
        }
        title = f"{values.shape[1]} items, {name}, head, {len(kept)} answers"
        rows.append(score(title, rubric, levels, reference, everyone))
    return rows


def direct_request(prompt: Prompt, case: Case, criterion: Criterion) -> Request:
    """Ask for one level of one answer."""
    return Request(
        messages=prompt.render(
            question=case.question,
            answer=layout.plain(case.transcript),
            name=criterion.name,
            about=criterion.about,
            lowest=str(criterion.lowest),
            lowest_text=criterion.levels[criterion.lowest],
            highest=str(criterion.highest),
            highest_text=criterion.levels[criterion.highest],
        ),
        max_tokens=1,
        top_logprobs=TOP_LOGPROBS,
    )


def direct_rows(
    rubric: Rubric, cases: Sequence[Case], chat: ChatModel, prompt: Prompt
) -> list[Row]:
    """Levels asked for outright: the likeliest number, and the expected one.

    Raises `ModelError`; `ModelRefusedError` if a reply gives no level at all.
    """
    reference = references(rubric, cases)
    likeliest = {name: np.full(len(cases), np.nan) for name in reference}
    expected = {name: np.full(len(cases), np.nan) for name in reference}
    for criterion in rubric.criteria:
        for place, case in enumerate(cases):
            if case.reference[criterion.id] is not None:
                shares = _level_shares(chat.ask(direct_request(prompt, case, criterion)), criterion)
                likeliest[criterion.id][place] = max(shares, key=shares.__getitem__)
                expected[criterion.id][place] = sum(n * share for n, share in shares.items())
    everyone = np.ones(len(cases), dtype=bool)
    count = f"{len(cases)} answers"
    return [
        score(f"level asked for, likeliest, {count}", rubric, likeliest, reference, everyone),
        score(f"level asked for, expected, {count}", rubric, expected, reference, everyone),
    ]


def _level_shares(reply: Reply, criterion: Criterion) -> dict[int, float]:
    found = dict.fromkeys(criterion.scale, 0.0)
    for token, value in reply.tokens[0].alternatives.items() if reply.tokens else ():
        if token.strip().isdecimal() and int(token) in found:
            found[int(token)] += math.exp(value)
    total = sum(found.values())
    if not total:
        raise ModelRefusedError("the model gave no level")
    return {level: share / total for level, share in found.items()}


def structured_rows(rubric: Rubric, cases: Sequence[Case], grader: Grader) -> list[Row]:
    """What the parts of a strong model's reply are worth. Raises `ModelError`."""
    reference = references(rubric, cases)
    own, listed, capped = (
        {name: np.full(len(cases), np.nan) for name in reference} for _ in range(3)
    )
    for place, case in enumerate(cases):
        (request,) = grader.requests(case.question, case.kind, case.transcript)
        given = json.loads(grader.model.ask(request).text)["ratings"]
        grade = grader.grade(case.question, case.kind, case.transcript)
        for criterion in rubric.criteria:
            level = grade.ratings[criterion.id].level
            if level is None:
                continue
            items = given[criterion.id]["items"]
            met = [item.needed_for for item in criterion.items if items[item.id]]
            capped[criterion.id][place] = level
            own[criterion.id][place] = given[criterion.id]["level"]
            listed[criterion.id][place] = max(met, default=criterion.lowest)
    everyone = np.ones(len(cases), dtype=bool)
    designs = {
        "the model's own level": own,
        "its checklist alone": listed,
        "its level, capped by its checklist (kept)": capped,
    }
    return [
        score(f"{name}, {len(cases)} answers", rubric, levels, reference, everyone)
        for name, levels in designs.items()
    ]


def references(rubric: Rubric, cases: Iterable[Case]) -> dict[str, Numbers]:
    """The raters' levels by criterion, NaN where it does not apply."""
    known = list(cases)
    return {
        criterion.id: np.array(
            [
                math.nan if (level := case.reference[criterion.id]) is None else float(level)
                for case in known
            ]
        )
        for criterion in rubric.criteria
    }
