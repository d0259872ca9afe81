"""Marking attempts at drills that have a key."""

from __future__ import annotations

from typing import Any

import pytest

from mock_interviewer.core import spacing
from mock_interviewer.core.drill_marks import (
    NEIGHBOUR_SCORE,
    Feedback,
    MarkedBy,
    mark,
    marked_by_oneself,
    read_attempt,
)
from mock_interviewer.core.drills import Drill
from mock_interviewer.errors import ConfigurationError
from tests.core.toy_drills import BEST, FEELING, LINE, STANCES, STAR


def marked(drill: Drill, **attempt: Any) -> Feedback:
    return mark(drill, read_attempt(drill, {"kind": drill.kind, **attempt}))


# The best reply is half of the score, each of the three faults a sixth.
@pytest.mark.parametrize(
    ("best", "faults", "score"),
    [
        (2, {1: "stock_phrase", 3: "blames", 4: "passes_on"}, 1.0),
        (2, {}, 0.5),
        (2, {1: "stock_phrase"}, 0.5 + 1 / 6),
        (2, {1: "pities", 3: "blames", 4: "passes_on"}, 0.5 + 2 / 6),
        (2, {1: "blames", 3: "passes_on", 4: "stock_phrase"}, 0.5),
        (1, {3: "blames", 4: "passes_on"}, 2 / 6),
        (1, {2: "pities", 3: "blames", 4: "passes_on"}, 2 / 6),
        (3, {}, 0.0),
        # A reply cannot be the best and have its fault named as well.
        (1, {1: "stock_phrase"}, 0.0),
        (2, {2: "pities"}, 0.5),
    ],
)
def test_half_is_for_the_best_reply_and_half_for_the_others_faults(
    best: int, faults: dict[int, str], score: float
) -> None:
    assert marked(BEST, best=best, faults=faults).score == pytest.approx(score)


def test_each_reply_is_told_its_fault_and_what_was_said_of_it() -> None:
    feedback = marked(BEST, best=3, faults={1: "stock_phrase", 4: "pities"})
    assert [note.right for note in feedback.notes] == [True, False, False, False]
    assert [note.text for note in feedback.notes] == [
        "Stock phrase. For all.",
        "The best of the four. It sees the way.",
        "Blames. His fault, it says.",
        "Passes it on. Sent away. You said: pities.",
    ]
    assert feedback.summary == "The best reply is number 2; 1 of the 3 faults are named."


def test_a_fault_that_was_not_named_is_neither_right_nor_wrong() -> None:
    notes = marked(BEST, best=2).notes
    assert [note.right for note in notes] == [None, True, None, None]


# Two lines of four are empathy: one answer for all of them gains just its share.
@pytest.mark.parametrize(
    ("stances", "score"),
    [
        ({1: "sympathy", 2: "empathy", 3: "neither", 4: "empathy"}, 1.0),
        ({1: "empathy", 2: "empathy", 3: "empathy", 4: "empathy"}, 0.5),
        ({1: "sympathy", 2: "sympathy", 3: "sympathy", 4: "sympathy"}, 0.25),
        ({1: "sympathy", 2: "empathy"}, 0.5),
        ({}, 0.0),
    ],
)
def test_the_score_for_stances_is_the_share_of_lines_as_in_the_key(
    stances: dict[int, str], score: float
) -> None:
    assert marked(STANCES, stances=stances).score == pytest.approx(score)


def test_each_line_is_told_where_it_stands_and_why() -> None:
    feedback = marked(STANCES, stances={1: "empathy", 2: "empathy", 3: "neither"})
    assert [note.right for note in feedback.notes] == [False, True, True, None]
    assert feedback.notes[0].text == "Sympathy. From outside."
    assert feedback.summary == "2 of 4 lines as in the key."


@pytest.mark.parametrize(
    ("feeling", "score", "summary"),
    [
        ("weary", 1.0, "Weary: that is the closest word. It shows in “all the way back”."),
        ("tired", 0.8, "Tired fits; the closest word is weary. It shows in “all the way back”."),
        ("glad", 0.0, "The closest word is weary. It shows in “all the way back”."),
    ],
)
def test_an_accepted_neighbour_gets_most_and_another_feeling_nothing(
    feeling: str, score: float, summary: str
) -> None:
    feedback = marked(FEELING, feeling=feeling)
    assert feedback.score == pytest.approx(score)
    assert feedback.summary == summary


def test_an_accepted_neighbour_counts_as_known() -> None:
    assert NEIGHBOUR_SCORE >= spacing.KNOWN


def test_the_chosen_feelings_shade_comes_first() -> None:
    notes = marked(FEELING, feeling="proud").notes
    assert [note.text for note in notes][:2] == ["Proud: Not even so.", "Glad: Not at all."]
    assert [note.right for note in notes] == [False, None, None, None]


# Four sentences of five are to be marked. Score: twice the right marks over marks made and four.
@pytest.mark.parametrize(
    ("parts", "score"),
    [
        ({1: "situation", 3: "task", 4: "action", 5: "action"}, 1.0),
        ({1: "situation", 2: "none", 3: "task", 4: "action", 5: "action"}, 1.0),
        ({}, 0.0),  # to leave everything unmarked earns nothing for the one that belongs to none
        ({1: "situation"}, 2 / 5),
        ({4: "action", 5: "action"}, 4 / 6),
        (dict.fromkeys(range(1, 6), "action"), 4 / 9),
        (dict.fromkeys(range(1, 6), "result"), 0.0),
        ({1: "situation", 2: "situation", 3: "task", 4: "action", 5: "action"}, 8 / 9),
        ({1: "task", 3: "situation", 4: "action", 5: "action"}, 4 / 8),
    ],
)
def test_marks_of_sentences_are_scored_by_f1(parts: dict[int, str], score: float) -> None:
    assert marked(STAR, parts=parts).score == pytest.approx(score)


def test_each_sentence_is_told_its_part_and_a_missing_part_is_said() -> None:
    feedback = marked(STAR, parts={1: "situation", 2: "result", 3: "task", 4: "task"})
    assert [note.text for note in feedback.notes] == [
        "Situation.",
        "None of the four. You marked it as result. True of any day.",
        "Task.",
        "Action. You marked it as task.",
        "Action. You left it unmarked.",
    ]
    assert [note.right for note in feedback.notes] == [True, False, True, False, False]
    assert feedback.summary == "2 of 5 sentences as in the key. The story has no result."


@pytest.mark.parametrize("drill", [BEST, STANCES, FEELING, STAR], ids=lambda drill: drill.id)
def test_every_feedback_says_who_marked_it_and_teaches(drill: Drill) -> None:
    attempt: dict[str, Any] = {"best": 1} if drill is BEST else {}
    if drill is FEELING:
        attempt = {"feeling": "glad"}
    feedback = marked(drill, **attempt)
    assert feedback.marked_by is MarkedBy.KEY
    assert feedback.explanation == drill.explanation


@pytest.mark.parametrize(
    ("drill", "data"),
    [
        (BEST, {"kind": "name_feeling", "feeling": "weary"}),
        (BEST, {"best": 5}),
        (BEST, {"best": 0}),
        (BEST, {"best": 2, "faults": {"9": "pities"}}),
        (BEST, {"best": 2, "faults": {"1": "rude"}}),
        (BEST, {"best": 2, "score": 1.0}),
        (BEST, "2"),
        (BEST, None),
        (STANCES, {"stances": {"5": "empathy"}}),
        (FEELING, {"feeling": "happy"}),
        (STAR, {"parts": {"0": "task"}}),
        (STAR, {"parts": {"1": "STAR"}}),
        (LINE, {"best": 1}),
    ],
)
def test_what_does_not_fit_the_drill_is_refused_in_plain_words(drill: Drill, data: Any) -> None:
    with pytest.raises(ConfigurationError, match="does not fit this drill"):
        mark(drill, read_attempt(drill, data))


def test_an_attempt_at_another_drill_is_not_marked() -> None:
    attempt = read_attempt(FEELING, {"feeling": "weary"})
    with pytest.raises(ConfigurationError, match="does not fit this drill"):
        mark(STAR, attempt)


def test_a_person_can_mark_a_line_by_comparing_it_with_the_points() -> None:
    feedback = marked_by_oneself(LINE, 3, 4)
    assert (feedback.score, feedback.marked_by) == (0.75, MarkedBy.SELF)
    assert feedback.summary == "You found 3 of 4 points in your line."
    assert feedback.examples[0] == (LINE.examples[0].line, LINE.examples[0].why)


@pytest.mark.parametrize(("met", "points"), [(5, 4), (-1, 4), (0, 0)])
def test_there_are_no_more_points_to_find_than_there_are(met: int, points: int) -> None:
    with pytest.raises(ConfigurationError):
        marked_by_oneself(LINE, met, points)
