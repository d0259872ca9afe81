from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mock_interviewer.core.grade import (
    Evidence,
    Grade,
    Rating,
    Stamp,
    Usage,
    mean,
    overall,
    scores,
)
from mock_interviewer.core.rubric import load_rubric

RUBRIC = load_rubric()
STAMP = Stamp(
    grader_key="k",
    rubric="r",
    prompts={},
    model="m",
    strategy="levels",
    calibration="none needed",
    package_version="0",
    graded_at=datetime(2026, 11, 1, tzinfo=UTC),
)


def grade(**levels: int | None) -> Grade:
    """A grade with level 5 in all that is not named."""
    rated = dict.fromkeys((c.id for c in RUBRIC.criteria), 5) | levels
    return Grade(
        not_an_answer=False,
        ratings={name: Rating(level=level) for name, level in rated.items()},
        stamp=STAMP,
    )


def test_the_star_score_is_the_mean_of_its_four_ratings() -> None:
    # (4 + 3 + 5 + 2) / 4 = 3.5
    found = scores(grade(situation=4, task=3, action=5, result=2, empathy=1), RUBRIC)
    assert found["star"] == 3.5


def test_the_empathy_score_leaves_the_behaviours_out() -> None:
    found = scores(grade(empathy=4, listening=0, validation=0), RUBRIC)
    assert found["empathy"] == 4


def test_a_score_with_a_missing_rating_is_left_out() -> None:
    assert scores(grade(result=None, empathy=2), RUBRIC) == {"empathy": 2}


def test_a_level_of_nought_is_not_missing() -> None:
    rubric = RUBRIC.model_copy(
        update={"scores": (RUBRIC.scores[0].model_copy(update={"mean_of": ("listening",)}),)}
    )
    assert scores(grade(listening=0), rubric) == {"star": 0}


@pytest.mark.parametrize(
    ("scored", "calls_for", "expected"),
    [
        ({"star": 3.5, "empathy": 2.0}, ["star", "empathy"], 2.75),
        ({"star": 3.5, "empathy": 2.0}, ["empathy"], 2.0),
        ({"star": 3.5, "empathy": 2.0}, ["star"], 3.5),
        ({"empathy": 2.0}, ["star", "empathy"], None),
        ({"empathy": 2.0}, ["empathy"], 2.0),
        ({}, ["star"], None),
        ({"star": 3.5}, [], None),
    ],
)
def test_overall_is_the_mean_of_the_scores_that_are_called_for(
    scored: dict[str, float], calls_for: list[str], expected: float | None
) -> None:
    assert overall(scored, calls_for) == expected


def test_overall_takes_what_is_called_for_only_once_through() -> None:
    assert overall({"star": 3.0, "empathy": 4.0}, iter(["star", "empathy"])) == 3.5


def test_the_mean_of_nothing_is_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        mean([])


def test_tokens_add_up_part_by_part() -> None:
    total = Usage(prompt=100, cached=80, completion=3) + Usage(prompt=20, cached=1, completion=4)
    assert total == Usage(prompt=120, cached=81, completion=7)


@pytest.mark.parametrize(
    "data",
    [
        {"level": 3, "mark": "good"},
        {"level": 3, "evidence": [{"sentence": 0, "quote": "x"}]},
        {"level": "high"},
        {},
    ],
)
def test_a_stored_rating_of_another_form_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Rating.model_validate(data)


def test_a_grade_is_the_same_after_storing() -> None:
    stored = Grade(
        not_an_answer=False,
        ratings={
            "task": Rating(
                level=4,
                evidence=(Evidence(sentence=2, quote="It was mine – “all” of it."),),
                items={"goal_said": 0.5},
            ),
            "result": Rating(level=None, reason="not_applicable"),
        },
        next_time="At noon …",
        stamp=STAMP,
    )
    assert Grade.model_validate_json(stored.model_dump_json()) == stored
