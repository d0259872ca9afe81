"""Progress over time, every figure worked out by hand, and whose may be seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.errors import DataFileError, NotAllowedError, NotFoundError
from mock_interviewer.service.access import Access
from mock_interviewer.service.progress import Closeness, Line, Rated, closeness, progress
from mock_interviewer.service.progressing import Progressing
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.service.self_rating import SelfRating
from mock_interviewer.storage.store import Store
from tests.desk import (
    ADA,
    BEN,
    COACH,
    GROUP,
    MACHINE,
    OTHER_GROUP,
    ZOE,
    findings,
    graded,
    with_people,
)
from tests.toy_rubric import RUBRIC

START = datetime(2026, 11, 1, tzinfo=UTC)


def rated(interview: str, number: int, day: int = 0, **views: Any) -> Rated:
    return Rated(
        case=f"{interview}/{number}/1",
        interview_id=interview,
        candidate_id="ada",
        at=START + timedelta(days=day, minutes=number),
        question="Tell me.",
        machine=views.get("machine"),
        coach=views.get("coach"),
        own=views.get("own"),
        calls_for=views.get("calls_for", ("star", "empathy")),
    )


def line(answers: list[Rated], name: str) -> Line:
    (found,) = [each for each in progress(answers, RUBRIC).lines if each.criterion.id == name]
    return found


def test_each_interview_is_a_point_at_its_mean_with_the_answers_behind_it() -> None:
    answers = [
        rated("b", 1, day=3, machine={"story": 5}),
        rated("a", 1, machine={"story": 2}),
        rated("a", 2, machine={"story": 3}),
        rated("a", 3, machine={"story": None}),
    ]
    first, second = line(answers, "story").points
    assert (first.level, first.answers) == (2.5, (("a/1/1", 2), ("a/2/1", 3)))
    assert (second.level, second.at) == (5.0, START + timedelta(days=3, minutes=1))
    # (2 + 3 + 5) / 3, on a scale from 1 to 5.
    assert line(answers, "story").mean == pytest.approx(10 / 3)
    assert line(answers, "story").share == pytest.approx((10 / 3 - 1) / 4)


def test_a_coachs_level_counts_before_the_machines_and_their_no_opportunity_too() -> None:
    answers = [
        rated("a", 1, machine={"story": 2, "end": 2}, coach={"story": 4}),
        rated("a", 2, machine={"story": 2}, coach={"story": None}),
    ]
    assert [p.answers for p in line(answers, "story").points] == [(("a/1/1", 4),)]
    assert [p.level for p in line(answers, "end").points] == [2.0]
    assert progress(answers, RUBRIC).reviewed == 2


def test_an_ungraded_answer_and_one_without_an_opportunity_count_in_no_mean() -> None:
    answers = [
        rated("a", 1),
        rated("a", 2, machine={"story": 1, "heart": 5}, calls_for=("empathy",)),
    ]
    found = progress(answers, RUBRIC)
    assert line(answers, "story").points == ()
    assert line(answers, "heart").mean == 5.0
    assert (found.interviews, found.answers) == (1, 2)


def test_strongest_and_weakest_are_by_share_of_the_scale_and_want_enough_answers() -> None:
    # story .5 of 1-5, care 1/2 of 0-2 at 1... and end higher; heart has too few to be called.
    levels = {"story": 2, "end": 4, "care": 1}
    answers = [rated("a", n, machine=levels | ({"heart": 5} if n < 3 else {})) for n in range(4)]
    found = progress(answers, RUBRIC)
    assert found.strongest is not None
    assert found.weakest is not None
    # end (4 - 1) / 4 = .75; care 1 / 2 = .5; story (2 - 1) / 4 = .25
    assert (found.strongest.criterion.id, found.weakest.criterion.id) == ("end", "story")
    few = progress(answers[:3], RUBRIC)
    assert (few.strongest, few.weakest) == (None, None)
    level = progress([rated("a", n, machine={"story": 3, "end": 3}) for n in range(4)], RUBRIC)
    assert (level.strongest, level.weakest) == (None, None)


@pytest.mark.parametrize(
    ("off", "word"),
    [
        ([2, 2, 2, 2, 1, 1, 1, 1], "closer"),
        ([1, 1, 1, 1, 2, 2, 2, 2], "wider"),
        ([1, 1, 1, 1, 1, 1, 1, 1], "about the same"),
        ([2, 2, 2, 2, 1, 1, 1], "too few to say"),
    ],
)
def test_own_levels_come_closer_to_the_machines_or_not(off: list[int], word: str) -> None:
    pairs = [({"story": 3 - each}, {"story": 3, "end": 1}) for each in off]
    found = closeness(pairs)
    assert (found.n, found.word) == (len(off), word)
    if word == "closer":
        assert found == Closeness(8, 2.0, 1.0)


def test_what_only_one_gave_a_level_for_says_nothing_of_closeness() -> None:
    pairs = [({"story": None}, {"story": 3}), ({"story": 3}, {}), (None, {"story": 3})]
    assert closeness(pairs * 9).n == 0


# Read from the store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield store
    store.close()


@pytest.fixture
def access(store: Store) -> Access:
    return with_people(store)


@pytest.fixture
def progressing(store: Store, access: Access) -> Progressing:
    return Progressing(store, RUBRIC)


@pytest.fixture
def self_rating(store: Store, access: Access) -> SelfRating:
    return SelfRating(store, access, RUBRIC)


def test_a_candidate_sees_all_of_theirs_and_a_coach_what_is_shared(
    store: Store, progressing: Progressing
) -> None:
    graded(store)
    graded(store, shared=False)
    graded(store, BEN.id)
    graded(store, ZOE.id)
    assert progressing.own(ADA).interviews == 2
    assert progressing.of_candidate(COACH, ADA.id).interviews == 1
    assert progressing.of_group(COACH, GROUP).interviews == 2
    for call in (
        lambda: progressing.of_candidate(COACH, ZOE.id),
        lambda: progressing.of_group(COACH, OTHER_GROUP),
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(NotAllowedError):
        progressing.of_group(ADA, GROUP)


def test_what_a_coach_grades_blind_is_in_no_progress_that_they_see(
    store: Store, access: Access, progressing: Progressing
) -> None:
    interview = graded(store)
    Reviewing(store, RUBRIC, access).open(COACH, interview, blind=True)
    assert progressing.of_candidate(COACH, ADA.id).answers == 0
    assert progressing.own(ADA).answers == 1


# Self-assessment


def test_the_three_views_stand_side_by_side(
    store: Store, access: Access, progressing: Progressing, self_rating: SelfRating
) -> None:
    interview = graded(store)
    (answer,) = self_rating.to_rate(ADA, interview)
    assert answer.grade is None
    self_rating.rate(ADA, interview, answer.id, {"story": 5, "heart": None})
    assert self_rating.to_rate(ADA, interview) == []
    reviewing = Reviewing(store, RUBRIC, access)
    review = reviewing.open(COACH, interview, blind=False).answers[0].review
    reviewing.save(COACH, review.id, 0, findings(story=(4, "She is named.")))
    reviewing.finish(COACH, review.id, 1)
    for person in (ADA, COACH):
        (views,) = self_rating.views(person, interview)
        assert views.own == {"story": 5, "heart": None}
        assert views.machine == MACHINE
        assert [(each.coach, each.content.levels) for each in views.coaches] == [
            ("Ines", {"story": 4})
        ]
    found = progressing.own(ADA)
    assert (found.to_machine.n, found.to_coach.n, found.reviewed) == (1, 1, 1)


def test_own_levels_are_given_once_and_not_after_the_grade_was_seen(
    store: Store, self_rating: SelfRating
) -> None:
    interview = graded(store, answers=2)
    first, second = self_rating.to_rate(ADA, interview)
    self_rating.rate(ADA, interview, first.id, {"story": 5})
    self_rating.see_grades(ADA, interview)
    for answer in (first, second):
        with pytest.raises(NotAllowedError, match="rated this answer before, or have seen"):
            self_rating.rate(ADA, interview, answer.id, {"story": 1})
    assert [views.own for views in self_rating.views(ADA, interview)] == [{"story": 5}, None]


def test_only_the_candidate_rates_and_only_on_the_scale(
    store: Store, self_rating: SelfRating
) -> None:
    interview, other = graded(store), graded(store)
    (answer,) = store.answers(interview)
    for person in (COACH, BEN):
        with pytest.raises((NotAllowedError, NotFoundError)):
            self_rating.rate(person, interview, answer.id, {"story": 3})
    with pytest.raises(NotFoundError):
        self_rating.rate(ADA, other, answer.id, {"story": 3})
    for levels in ({"story": 6}, {"charm": 1}, {}):
        with pytest.raises(DataFileError):
            self_rating.rate(ADA, interview, answer.id, levels)
    assert len(self_rating.to_rate(ADA, interview)) == 1


def test_a_coach_who_grades_blind_gets_none_of_the_views(
    store: Store, access: Access, self_rating: SelfRating
) -> None:
    interview = graded(store)
    Reviewing(store, RUBRIC, access).open(COACH, interview, blind=True)
    assert self_rating.views(COACH, interview) == []
