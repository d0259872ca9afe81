"""Cases: reference levels from raters, and faults in files named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation import tables
from mock_interviewer.evaluation.cases import Case, load_cases
from tests.toy_rubric import RUBRIC

RATINGS = [criterion.id for criterion in RUBRIC.criteria]
EVALS = Path(__file__).resolve().parents[2] / "evals"


def case(*levels: int | None, flags: Sequence[bool] | None = None) -> dict[str, Any]:
    flags = flags or [False] * len(levels)
    return {
        "id": "a1",
        "question_id": "q",
        "question": "Q?",
        "kind": "behavioural",
        "transcript": [
            {"role": "candidate", "text": "One two."},
            {"role": "interviewer", "text": "And then?"},
            {"role": "candidate", "text": "Three."},
        ],
        "raters": {
            name: {"not_an_answer": flag, "ratings": {"task": level}}
            for name, level, flag in zip("abc", levels, flags, strict=False)
        },
    }


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((4,), 4),  # one rater is the reference
        ((None,), None),
        ((3, 3), 3),
        ((3, 4), 3),  # the lower one of two
        ((4, 3), 3),
        ((2, 5, 4), 4),
        ((2, 3, 3), 3),
        ((None, None), None),
        ((None, 3, 4), 3),  # two of three found that it applies
        ((None, None, 4), None),
    ],
)
def test_the_reference_is_the_median_of_the_raters(
    levels: tuple[int | None, ...], expected: int | None
) -> None:
    assert Case.model_validate(case(*levels)).reference == {"task": expected}


@pytest.mark.parametrize("levels", [(2, 4), (None, 3)])
def test_two_raters_who_are_far_apart_need_a_third(levels: tuple[int | None, ...]) -> None:
    with pytest.raises(ValueError, match="differ by more than one level"):
        Case.model_validate(case(*levels))


def test_most_raters_decide_what_is_no_answer() -> None:
    assert Case.model_validate(case(1, 1, 1, flags=[True, False, True])).not_an_answer
    assert not Case.model_validate(case(1, 1, flags=[True, False])).not_an_answer
    assert Case.model_validate(case(1, flags=[True])).not_an_answer


def test_a_case_without_any_rater_is_refused() -> None:
    with pytest.raises(ValueError, match="raters"):
        Case.model_validate(case())


def test_a_case_with_one_rater_is_left_out_where_raters_are_compared() -> None:
    def rated(name: str, *levels: int) -> Case:
        judgements = {
            rater: {"not_an_answer": False, "ratings": dict.fromkeys(RATINGS, level)}
            for rater, level in zip("ab", levels, strict=False)
        }
        return Case.model_validate(case(3) | {"id": name, "raters": judgements})

    twice = [rated("a1", 1, 1), rated("a2", 2, 1)]
    table = tables.raters(RUBRIC, twice)
    assert "story             2" in table
    assert tables.raters(RUBRIC, [rated("a3", 2), *twice]) == table
    assert tables.raters(RUBRIC, [rated("a3", 2)]) == ""


def test_only_the_candidates_words_count() -> None:
    found = Case.model_validate(case(3, 3))
    assert (found.text, found.words) == ("One two. Three.", 3)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["{nope"], "line 1: not valid JSON"),
        ([json.dumps(case(3, 3) | {"extra": 1})], "line 1: extra: unknown key"),
        ([json.dumps(case(3, 3))] * 2, "line 2: id: 'a1' is there twice"),
    ],
)
def test_a_fault_in_a_file_is_named_by_line(
    tmp_path: Path, lines: list[str], expected: str
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataFileError, match=expected):
        load_cases([path])


def test_dev_and_test_share_no_question_and_no_answer() -> None:
    dev, test = (load_cases([EVALS / "reference" / f"{split}.jsonl"]) for split in ("dev", "test"))
    assert not {c.question_id for c in dev} & {c.question_id for c in test}
    assert not {c.text for c in dev} & {c.text for c in test}


def test_the_reference_set_is_as_large_and_balanced_as_promised() -> None:
    cases = load_cases([EVALS / "reference" / f"{split}.jsonl" for split in ("dev", "test")])
    assert len(cases) >= 240
    assert len({c.question_id for c in cases}) >= 40
    assert len({c.kind for c in cases}) == 4
    replied = sum(len(c.transcript) > 1 for c in cases)
    assert 0.4 <= replied / len(cases) <= 0.6
    for criterion in load_rubric().criteria:
        levels = [c.reference[criterion.id] for c in cases]
        counts = {level: levels.count(level) for level in criterion.scale}
        assert min(counts.values()) >= 15, (criterion.id, counts)


def test_nothing_of_the_test_split_stands_in_what_is_fitted_on() -> None:
    test = load_cases([EVALS / "reference" / "test.jsonl"])
    lines = (EVALS / "training" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    training = [json.loads(line) for line in lines]
    assert not {c.question_id for c in test} & {entry["question_id"] for entry in training}
    said = {turn["text"] for entry in training for turn in entry["transcript"]}
    assert not {line.text for c in test for line in c.transcript if line.role == "candidate"} & said
