"""What a coach finds: what fits, what changed, and the form in which it becomes a case."""

from __future__ import annotations

from datetime import date

import pytest

from mock_interviewer.core.findings import Change, Findings, changes
from mock_interviewer.errors import DataFileError
from tests.desk import findings
from tests.toy_rubric import RUBRIC


def test_a_level_off_the_scale_an_unknown_rating_and_a_missing_sentence_are_named() -> None:
    wrong = findings(story=6, care=0, heart=None, charm=2).model_copy(
        update={"sentences": {4: "Yes.", 5: "No."}}
    )
    assert list(wrong.faults(RUBRIC, sentences=4)) == [
        "ratings.story.level: expected a level from 1 to 5, or null; got 6",
        "ratings.charm: the rubric toy has no such rating",
        "sentences.5: there is no such sentence; there are 4",
    ]


def test_changes_say_from_to_and_why() -> None:
    before = findings(story=3, heart=2).model_copy(update={"comment": "Thin."})
    after = findings(story=(4, "The key is named."), end=None).model_copy(
        update={"note": "Well told.", "sentences": {2: "Here."}}
    )
    assert changes(before, after) == [
        Change(what="ratings.story", before="3", after="4", why="The key is named."),
        Change(what="ratings.end", before=None, after="no opportunity"),
        Change(what="sentences.2", before=None, after="Here."),
        Change(what="note", before=None, after="Well told."),
        Change(what="ratings.heart", before="2", after=None),
        Change(what="comment", before="Thin.", after=None),
    ]


def test_another_reason_for_the_same_level_is_a_change_and_the_same_again_is_none() -> None:
    before, after = findings(story=(3, "Thin.")), findings(story=(3, "No place."))
    assert [change.why for change in changes(before, after)] == ["No place."]
    assert changes(after, after) == []


def test_it_becomes_a_case_only_with_every_rating() -> None:
    whole = findings(story=(4, "Told."), end=2, heart=None, care=1)
    review = whole.as_review("Ines", date(2026, 12, 3), RUBRIC)
    assert {name: r.level for name, r in review.ratings.items()} == whole.levels
    with pytest.raises(DataFileError, match=r"by Ines: ratings\.care: .* missing"):
        findings(story=4, end=2, heart=None).as_review("Ines", date(2026, 12, 3), RUBRIC)
    with pytest.raises(DataFileError, match="ratings"):
        Findings().as_review("Ines", date(2026, 12, 3), RUBRIC)
