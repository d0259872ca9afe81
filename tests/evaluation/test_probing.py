"""Probes measured against what the raters say is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mock_interviewer.core.questions import Aim, Question, load_bank
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Line
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation import probing
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.evaluation.probing import HOLE, THIN
from mock_interviewer.interviewing.prober import Found, ProbeStep, Words

RUBRIC = load_rubric()
BANK = load_bank().questions
DEV = load_cases([Path(__file__).resolve().parents[2] / "evals/reference/dev.jsonl"])
STORY = next(c for c in DEV if c.kind.value == "behavioural" and len(c.transcript) == 1)
FULL = {criterion.id: criterion.highest for criterion in RUBRIC.criteria}


def told(**levels: int) -> Case:
    """A story of one turn with full marks but for these levels."""
    ratings = {"not_an_answer": False, "ratings": FULL | levels}
    return STORY.model_validate(STORY.model_dump() | {"raters": {"a": ratings, "b": ratings}})


class AskingFor:
    """Asks everybody for the same thing."""

    def __init__(self, aim: Aim | None, prepared: bool = False) -> None:
        self._aim = aim
        self._prepared = prepared

    def probe(
        self, question: Question, lines: Sequence[Line], aims: Sequence[Aim]
    ) -> Iterator[ProbeStep]:
        yield Found(self._aim)
        if self._aim:
            yield Words("How")
            yield Words("How did it end?", self._prepared)


@pytest.mark.parametrize(
    ("levels", "holes", "thin"),
    [
        ({}, set(), set()),
        ({"result": 1}, {Aim.RESULT, Aim.HOW_KNOWN}, {Aim.RESULT, Aim.HOW_KNOWN}),
        ({"result": 3}, set(), {Aim.RESULT, Aim.HOW_KNOWN}),
        ({"result": 4}, set(), set()),
        ({"empathy": 2, "task": 3}, {Aim.FEELINGS}, {Aim.FEELINGS, Aim.TASK}),
    ],
)
def test_what_is_missing_follows_from_the_raters_levels(
    levels: dict[str, int], holes: set[Aim], thin: set[Aim]
) -> None:
    case = told(**levels)
    assert probing.lacking(case, RUBRIC, HOLE) == holes
    assert probing.lacking(case, RUBRIC, THIN) == thin


def test_only_stories_of_one_turn_with_something_missing_are_probed() -> None:
    lacks = told(result=1)
    replied = lacks.model_copy(update={"transcript": lacks.transcript * 3})
    cases = [lacks, replied, told(result=4), told(result=3)]
    assert [case for case, _ in probing.with_holes(cases, BANK, RUBRIC)] == [lacks]


def test_a_question_that_is_not_in_the_bank_is_told() -> None:
    case = told(result=1).model_copy(update={"question_id": "nowhere"})
    with pytest.raises(DataFileError, match="'nowhere' is not in the bank"):
        probing.with_holes([case], BANK, RUBRIC)


@pytest.mark.parametrize(
    ("aim", "hole", "thin"),
    [
        (Aim.RESULT, "100% for something missing,", "100% for something missing or thin"),
        (Aim.TASK, "0% for something missing,", "100% for something missing or thin"),
        (Aim.SITUATION, "0% for something missing,", "0% for something missing or thin"),
        (None, "0% for something missing,", "0% for something missing or thin"),
    ],
)
def test_the_share_of_probes_that_ask_for_what_is_missing_is_told(
    aim: Aim | None, hole: str, thin: str
) -> None:
    cases = probing.with_holes([told(result=1, task=3)], BANK, RUBRIC)
    text = probing.text(probing.run(cases, AskingFor(aim)), RUBRIC)
    assert hole in text
    assert thin in text


def test_asking_for_ones_own_part_is_asking_for_the_action() -> None:
    cases = probing.with_holes([told(action=1)], BANK, RUBRIC)
    text = probing.text(probing.run(cases, AskingFor(Aim.OWN_PART)), RUBRIC)
    assert "100% for something missing," in text


def test_prepared_words_are_not_counted_as_the_models() -> None:
    cases = probing.with_holes([told(result=1)], BANK, RUBRIC)
    own = probing.text(probing.run(cases, AskingFor(Aim.RESULT)), RUBRIC)
    prepared = probing.text(probing.run(cases, AskingFor(Aim.RESULT, True)), RUBRIC)
    assert "1 in the model's own words" in own
    assert "How did it end?" in own
    assert "0 in the model's own words" in prepared


def test_answers_that_wait_for_replies_are_told_and_not_counted() -> None:
    counts = iter([0, 1, 1, 1])  # before and after each of two answers
    cases = probing.with_holes([told(result=1), told(task=1)], BANK, RUBRIC)
    probed = probing.run(cases, AskingFor(Aim.TASK), lambda: next(counts))
    assert [probe.missing for probe in probed] == [True, False]
    text = probing.text(probed, RUBRIC)
    assert "(1 wait for replies)" in text
    assert "100% for something missing," in text
