"""Completing a draft: nothing of a model's is believed that code can check."""

from __future__ import annotations

from typing import Any

import pytest

from mock_interviewer.core.grade import NOT_APPLICABLE, Evidence, Rating
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import Criterion
from mock_interviewer.core.transcript import sentences
from mock_interviewer.grading.draft import (
    NO_EVIDENCE,
    NO_LEVELS,
    Draft,
    Finding,
    applies,
    lowest,
    ratings,
)
from tests.toy_rubric import ANSWER, RUBRIC

NUMBERED = sentences(ANSWER)  # four sentences
STORY, HEART = RUBRIC.criterion("story"), RUBRIC.criterion("heart")


def drafted(story: Finding, kind: Kind = Kind.BEHAVIOURAL, **more: Any) -> dict[str, Rating]:
    """The ratings of a draft with this finding for the story."""
    findings = {c.id: Finding(level=c.lowest) for c in RUBRIC.criteria} | {"story": story}
    draft = Draft(**{"not_an_answer": False, "tells_example": True, "findings": findings, **more})
    return ratings(draft, RUBRIC, kind, NUMBERED)


@pytest.mark.parametrize(
    ("criterion", "kind", "tells_example", "expected"),
    [
        (STORY, Kind.BEHAVIOURAL, False, True),
        (STORY, Kind.HYPOTHETICAL, False, True),
        (STORY, Kind.OPINION, True, True),
        (STORY, Kind.OPINION, False, False),
        (STORY, Kind.ROLE_PLAY, True, False),
        (HEART, Kind.OPINION, False, True),
        (HEART, Kind.ROLE_PLAY, False, True),
    ],
)
def test_a_rating_is_made_where_the_rubric_says_that_it_applies(
    criterion: Criterion, kind: Kind, tells_example: bool, expected: bool
) -> None:
    assert applies(criterion, kind, tells_example) is expected


def test_a_rating_that_does_not_apply_is_null_whatever_the_model_found() -> None:
    found = drafted(Finding(level=5, sentences=(1,), missing="x"), Kind.ROLE_PLAY)
    assert found["story"] == Rating(level=None, reason=NOT_APPLICABLE)
    assert found["heart"].level == 1


def test_an_opinion_without_an_example_has_no_story_and_with_one_it_has() -> None:
    finding = Finding(level=3, sentences=(1,))
    without = drafted(finding, Kind.OPINION, tells_example=False)
    assert without["story"].reason == NOT_APPLICABLE
    assert drafted(finding, Kind.OPINION, tells_example=True)["story"].level == 3


def test_evidence_is_quoted_from_the_answer_in_its_order_and_once() -> None:
    found = drafted(Finding(level=3, sentences=(4, 1, 4)))["story"]
    assert found.evidence == (
        Evidence(sentence=1, quote="In May a guest lost her key."),
        Evidence(sentence=4, quote="She went home happy."),
    )


@pytest.mark.parametrize("sentences", [(0,), (5,), (-1,), (99, 100)])
def test_sentences_that_do_not_exist_are_no_evidence(sentences: tuple[int, ...]) -> None:
    found = drafted(Finding(level=3, sentences=sentences))["story"]
    assert (found.level, found.reason, found.evidence) == (None, NO_EVIDENCE, ())


def test_of_the_sentences_those_that_exist_are_kept() -> None:
    found = drafted(Finding(level=3, sentences=(2, 9)))["story"]
    assert [evidence.sentence for evidence in found.evidence] == [2]
    assert found.level == 3


def test_a_level_above_the_lowest_needs_evidence_and_the_lowest_does_not() -> None:
    assert drafted(Finding(level=1))["story"].level == 1
    assert drafted(Finding(level=2))["story"].reason == NO_EVIDENCE
    assert drafted(Finding(level=2))["story"].level is None


@pytest.mark.parametrize("level", [0, 6, -1, 100])
def test_a_level_outside_the_scale_is_ungraded_with_the_reason_and_never_moved_into_it(
    level: int,
) -> None:
    found = drafted(Finding(level=level, sentences=(1,), missing="where", next_step="Say."))
    story = found["story"]
    assert story.level is None
    assert story.reason == f"ungraded: the model gave level {level}, which does not exist"
    assert (story.missing, story.next_step) == ("where", "Say.")


def test_without_levels_evidence_and_advice_are_kept() -> None:
    found = drafted(Finding(level=None, sentences=(1,), missing="where", next_step="Say where."))
    story = found["story"]
    assert (story.level, story.reason) == (None, NO_LEVELS)
    assert [evidence.sentence for evidence in story.evidence] == [1]
    assert (story.missing, story.next_step) == ("where", "Say where.")


@pytest.mark.parametrize(
    ("level", "given", "expected"),
    [
        (1, None, "Tell one."),
        (4, None, "Add why."),
        (5, None, ""),  # nothing is above it
        (4, "", ""),  # there is none to be sure of
        (4, "Say why it mattered.", "Say why it mattered."),
    ],
)
def test_the_next_step_is_the_models_or_the_prepared_one_of_the_level(
    level: int, given: str | None, expected: str
) -> None:
    finding = Finding(level=level, sentences=(1,), next_step=given)
    assert drafted(finding)["story"].next_step == expected


def test_what_was_found_of_the_items_is_kept() -> None:
    finding = Finding(level=3, sentences=(1,), items={"occasion": 0.9})
    assert drafted(finding)["story"].items == {"occasion": 0.9}


def test_what_is_no_answer_has_the_lowest_level_in_all_that_applies() -> None:
    def levels(kind: Kind) -> dict[str, int | None]:
        rated = ratings(lowest(RUBRIC, kind), RUBRIC, kind, ())
        return {name: rating.level for name, rating in rated.items()}

    assert lowest(RUBRIC, Kind.BEHAVIOURAL).not_an_answer
    assert levels(Kind.BEHAVIOURAL) == {"story": 1, "end": 1, "heart": 1, "care": 0}
    assert levels(Kind.OPINION) == {"story": None, "end": None, "heart": 1, "care": 0}
    assert levels(Kind.ROLE_PLAY) == {"story": None, "end": None, "heart": 1, "care": 0}
