"""What a grade has to beat: baselines that learn from other questions only."""

from __future__ import annotations

import numpy as np
import pytest

from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation import baselines
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.llm.embedding import Embedding, Frame, packed
from tests.evaluation.test_fitting import Told, answers
from tests.toy_rubric import RUBRIC

PROMPT = load_prompt("sentence")


def case(text: str, level: int) -> Case:
    judgement = {"not_an_answer": False, "ratings": {c.id: level for c in RUBRIC.criteria}}
    return Case.model_validate(
        {
            "id": text[:5],
            "question_id": "q",
            "question": "Q?",
            "kind": "behavioural",
            "transcript": [{"role": "candidate", "text": text}],
            "raters": {"a": judgement, "b": judgement},
        }
    )


class Numbered:
    """The mean state of a sentence is its digit, the last state something else."""

    def embed(self, frame: Frame, *, urgent: bool = False) -> Embedding:
        return packed(np.array([float(frame.text[0]), -8.0]), tokens=1)


def test_an_answers_embedding_is_the_mean_of_its_sentences_mean_states() -> None:
    lines = [Line(role=Role.CANDIDATE, text="2 guests came. 6 guests left.")]
    found = baselines.answer_embedding(Numbered(), PROMPT, lines)
    assert found == pytest.approx([4.0], abs=0.1)


def test_what_embeddings_tell_is_learned_and_kept_in_a_file() -> None:
    fitted = baselines.fit_baseline(Told(), "toy", RUBRIC, PROMPT, answers(80))
    fitted = baselines.EmbeddingBaseline.model_validate_json(fitted.model_dump_json())
    cases = [case("Once a guest came. I like work.", 5), case("I like work. I do it well.", 1)]
    levels = baselines.by_embeddings(fitted, RUBRIC, Told(), cases)
    assert levels["story"] == [5, 1]
    assert levels["care"] == [2, 0]


def test_a_baseline_of_another_prompt_is_refused() -> None:
    fitted = baselines.fit_baseline(Told(), "toy", RUBRIC, PROMPT, answers(20))
    other = fitted.model_copy(update={"prompt": "another"})
    with pytest.raises(DataFileError, match="another sentence prompt"):
        baselines.by_embeddings(other, RUBRIC, Told(), [case("Once.", 5)])


def test_the_majority_is_that_of_dev_whatever_the_cases_are() -> None:
    dev = [case("a", 2), case("b", 2), case("c", 5)]
    criterion = RUBRIC.criterion("story")
    assert baselines.majority(dev, [case("d", 5)] * 3, criterion) == [2, 2, 2]


def test_length_and_keywords_are_of_what_the_candidate_said() -> None:
    told = case("I was sorry and I helped her.", 3)
    assert baselines.length(told) == pytest.approx([np.log1p(7)])
    counts = dict(zip(baselines.KEYWORDS, baselines.keywords(told), strict=False))
    # By the hundred words, of 7: "I" twice, "sorry" once, "helped" once.
    assert counts["action"] == pytest.approx(200 / 7)
    assert counts["kindness"] == counts["help"] == pytest.approx(100 / 7)
    assert counts["result"] == 0
