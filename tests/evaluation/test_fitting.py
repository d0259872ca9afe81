"""Fitting heads: what can be learned is learned, from answers of other questions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation import fitting
from mock_interviewer.evaluation.fitting import Codebook, CodedAnswer
from mock_interviewer.grading.head import folds, ridge
from mock_interviewer.llm.embedding import Embedding, Frame, packed
from tests.toy_rubric import RUBRIC

BOOK = Codebook.model_validate(
    {"codes": {"occasion": {"meaning": "an occasion", "evidence_for": ["story"]}}}
)


class Told:
    """Its state is whether a sentence says "Once"."""

    def embed(self, frame: Frame, *, urgent: bool = False) -> Embedding:
        return packed(np.array([float("Once" in frame.text), 0.5]), tokens=4)


def answers(count: int = 600) -> list[CodedAnswer]:
    """Half of them tell an occasion, and are at the highest level of everything for it."""
    made = []
    for number in range(count):
        told = number % 2
        text = "Once a guest came. I like work." if told else "I like work. I do it well."
        made.append(
            CodedAnswer.model_validate(
                {
                    "id": f"x{number}",
                    "question_id": f"q{number // 2}",
                    "question": "Q?",
                    "kind": "behavioural",
                    "transcript": [{"role": "candidate", "text": text}],
                    "codes": {1: ["occasion"] if told else [], 2: []},
                    "ratings": {c.id: c.highest if told else c.lowest for c in RUBRIC.criteria},
                }
            )
        )
    return made


def test_what_the_states_tell_is_learned() -> None:
    prompt = load_prompt("sentence")
    found = fitting.fit(Told(), "toy", RUBRIC, prompt, BOOK, answers())
    vectors = [np.array([1.0, 0.5]), np.array([0.0, 0.5])]
    shares = found.shares(vectors)
    assert shares[0, 0] > 0.6
    assert shares[1, 0] < 0.35
    assert found.value("story", shares) > 4
    assert found.value("story", found.shares([vectors[1]] * 2)) < 2
    assert found.levels["story"].spread < 1.2
    assert (found.model, found.rubric, found.prompt) == ("toy", RUBRIC.digest, prompt.digest)
    assert found.fitted_on.startswith("600 answers")


def test_progress_is_told_for_each_answer() -> None:
    told: list[int] = []
    fitting.fit(
        Told(), "toy", RUBRIC, load_prompt("sentence"), BOOK, answers(), lambda: told.append(1)
    )
    assert len(told) == 600


@pytest.mark.parametrize("codes", [{1: ["nope"], 2: []}, {1: []}, {1: [], 2: [], 3: []}])
def test_an_answer_that_is_not_coded_by_the_book_is_named(
    tmp_path: Path, codes: dict[int, list[str]]
) -> None:
    (tmp_path / "codes.yaml").write_text(json.dumps(BOOK.model_dump(mode="json")))
    line = answers(1)[0].model_dump(mode="json") | {"codes": codes}
    (tmp_path / "answers.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(DataFileError, match="x0: codes: expected one entry a sentence"):
        fitting.load_training(tmp_path)


def test_ridge_with_hardly_a_penalty_finds_the_line() -> None:
    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    head = ridge(x, np.array([1.0, 3.0, 5.0, 7.0]), penalty=1e-9)
    # y = 1 + 2 x.
    assert head.predict(np.array([[10.0]])) == pytest.approx([21.0], abs=1e-4)


def test_a_penalty_draws_predictions_to_the_middle() -> None:
    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    y = np.array([1.0, 3.0, 5.0, 7.0])
    # z has squares summing to 4; a penalty of 100 per hundred rows is 4: half of the slope is left.
    assert ridge(x, y, penalty=100.0).predict(np.array([[3.0]])) == pytest.approx([5.5], abs=1e-6)


def test_more_features_than_rows_give_the_same_as_fewer() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(6, 9)), rng.normal(size=6)
    wide = ridge(x, y, penalty=50.0).predict(x)
    z = (x - x.mean(0)) / x.std(0)
    weights = np.linalg.solve(z.T @ z + 3.0 * np.eye(9), z.T @ (y - y.mean()))
    assert wide == pytest.approx(z @ weights + y.mean(), abs=1e-5)


def test_a_group_is_never_on_both_sides() -> None:
    fold = folds(["a", "b", "a", "c"], count=2)
    assert fold.tolist() == [0, 1, 0, 0]
