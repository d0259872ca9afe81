"""Reviews: what a coach may write, and how a fault in it is named."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.review import Review, load_reviews
from mock_interviewer.errors import DataFileError
from tests.toy_rubric import RUBRIC

WRITTEN = """
- reviewer: Ines Maier
  date: 2026-12-03
  ratings:
    story: 4
    end: {level: 2, reason: It stops.}
    heart: null
    care: 0
  comment: A good ear.
"""


def review(**changes: Any) -> dict[str, Any]:
    levels = {"story": 4, "end": 2, "heart": None, "care": 0}
    return {"reviewer": "Ines", "date": "2026-12-03", "ratings": levels, **changes}


def with_levels(**levels: Any) -> dict[str, Any]:
    return review(ratings=review()["ratings"] | levels)


def test_a_review_is_written_with_bare_levels_or_with_reasons(tmp_path: Path) -> None:
    path = tmp_path / "levels.yaml"
    path.write_text(WRITTEN)
    (found,) = load_reviews(path, RUBRIC)
    assert (found.reviewer, found.date) == ("Ines Maier", date(2026, 12, 3))
    assert {name: rating.level for name, rating in found.ratings.items()} == {
        "story": 4,
        "end": 2,
        "heart": None,
        "care": 0,
    }
    assert [rating.reason for rating in found.ratings.values()] == ["", "It stops.", "", ""]
    assert (found.not_an_answer, found.comment) == (False, "A good ear.")


def test_json_does_as_well_and_a_stored_review_reads_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "levels.json"
    path.write_text(json.dumps([review(), review(reviewer="Olu")], indent="\t"))
    found = load_reviews(path, RUBRIC)
    assert [one.reviewer for one in found] == ["Ines", "Olu"]
    assert Review.model_validate(found[0].model_dump(mode="json")) == found[0]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], ": expected a list of reviews"),
        (review(), ": expected a list of reviews"),
        ([review(reviewer=" ")], ": review 1: reviewer: "),
        ([review(date="soon")], ": review 1: date: "),
        ([review(grade=3)], ": review 1: grade: unknown key"),
        ([with_levels(story=6)], "review 1: ratings.story.level: expected a level from 1 to 5, or"),
        ([with_levels(care=-1)], "ratings.care.level: expected a level from 0 to 2, or null; got"),
        ([with_levels(story="4")], "review 1: ratings.story.level: .* got '4'"),
        ([with_levels(story=True)], "review 1: ratings.story.level: .* got True"),
        ([with_levels(story=2.5)], "review 1: ratings.story.level: .* got 2.5"),
        ([with_levels(soul=1)], "review 1: ratings.soul: the rubric toy has no such rating"),
        ([review(ratings={"story": 1, "end": 1, "heart": 1})], "ratings.care: .* it is missing"),
        ([review(), review()], "review 2: reviewer: 'Ines' has a review above"),
    ],
)
def test_a_fault_is_named_with_its_key(tmp_path: Path, entries: Any, expected: str) -> None:
    path = tmp_path / "levels.json"
    path.write_text(json.dumps(entries))
    with pytest.raises(DataFileError, match=expected) as told:
        load_reviews(path, RUBRIC)
    assert str(told.value).startswith(str(path))


def test_all_that_does_not_fit_the_rubric_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "levels.json"
    path.write_text(json.dumps([with_levels(story=9, end=0)]))
    with pytest.raises(DataFileError) as told:
        load_reviews(path, RUBRIC)
    assert len(str(told.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "text"), [("no.json", "{"), ("no.yaml", "- ["), ("gone.yaml", None)]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str | None) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataFileError, match=name):
        load_reviews(path, RUBRIC)
