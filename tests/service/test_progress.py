"""Progress over time, every figure worked out by hand, and whose may be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.interview import Mode
from mock_interviewer.errors import DataFileError, NotAllowedError, NotFoundError
from mock_interviewer.service.access import Access, Person, Role
from mock_interviewer.service.exports.record import interview_json
from mock_interviewer.service.own_plan import OwnPlan
from mock_interviewer.service.practice_plan import ENOUGH_ANSWERS
from mock_interviewer.service.progress import (
    LATEST_WEEKS,
    Closeness,
    Line,
    Point,
    Rated,
    closeness,
    progress,
)
from mock_interviewer.service.progressing import Progressing
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.service.self_rating import SelfRating
from mock_interviewer.storage.drill_attempts import DrillAttempts
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.whole import whole
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


def behind(point: Point) -> list[tuple[str, int]]:
    return [(each.answer.case, each.level) for each in point.answers]


def test_each_interview_is_a_point_at_its_mean_with_the_answers_behind_it() -> None:
    answers = [
        rated("b", 1, day=3, machine={"story": 5}),
        rated("a", 1, machine={"story": 2}),
        rated("a", 2, machine={"story": 3}),
        rated("a", 3, machine={"story": None}),
    ]
    first, second = line(answers, "story").points
    assert (first.level, behind(first)) == (2.5, [("a/1/1", 2), ("a/2/1", 3)])
    assert (second.level, second.at) == (5.0, START + timedelta(days=3, minutes=1))
    # (2 + 3 + 5) / 3, on a scale from 1 to 5.
    assert line(answers, "story").mean == pytest.approx(10 / 3)
    assert line(answers, "story").share == pytest.approx((10 / 3 - 1) / 4)


def test_a_coachs_level_counts_before_the_machines_and_their_no_opportunity_too() -> None:
    answers = [
        rated("a", 1, machine={"story": 2, "end": 2}, coach={"story": 4}),
        rated("a", 2, machine={"story": 2}, coach={"story": None}),
    ]
    (point,) = line(answers, "story").points
    assert (behind(point), point.by_coach) == ([("a/1/1", 4)], True)
    assert [(p.level, p.by_coach) for p in line(answers, "end").points] == [(2.0, False)]
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


def test_a_groups_steps_are_weeks_from_monday_with_everybodys_answers() -> None:
    # START is a Sunday: day 1 begins a new week.
    answers = [
        rated("a", 1, machine={"story": 2}),
        rated("b", 1, day=1, machine={"story": 3}),
        rated("c", 1, day=7, machine={"story": 5}),
        rated("d", 1, day=8, machine={"story": 1}),
    ]
    found = progress(answers, RUBRIC, weekly=True)
    assert [step.interviews for step in found.steps] == [("a",), ("b", "c"), ("d",)]
    (story, *_) = found.lines
    assert [(point.at.day, point.step, point.level) for point in story.points] == [
        (26, 0, 2.0),  # of October
        (2, 1, 4.0),
        (9, 2, 1.0),
    ]


def test_a_groups_progress_goes_back_some_weeks_and_a_candidates_to_the_first() -> None:
    answers = [
        rated(f"week {week}", 1, day=1 + 7 * week, machine={"story": 5 if week else 1})
        for week in range(LATEST_WEEKS + 1)
    ]
    group, own = progress(answers, RUBRIC, weekly=True), progress(answers, RUBRIC)
    assert (len(group.steps), group.interviews) == (LATEST_WEEKS, LATEST_WEEKS)
    assert group.lines[0].mean == 5.0
    assert (len(own.steps), own.lines[0].points[0].level) == (LATEST_WEEKS + 1, 1.0)


def test_steps_are_interviews_in_the_order_in_which_they_were_finished() -> None:
    answers = [
        rated("b", 1, machine={"story": 2}, coach={"story": 3}),
        rated("a", 1, day=1),
        rated("b", 2, day=2),
    ]
    first, second = progress(answers, RUBRIC).steps
    assert (first.interviews, len(first.answers), first.reviewed) == (("a",), 1, 0)
    assert (second.interviews, len(second.answers), second.reviewed) == (("b",), 2, 1)


def test_the_gap_to_own_levels_is_told_for_each_step_that_has_some() -> None:
    answers = [
        rated("a", 1, machine={"story": 2}),
        rated("b", 1, day=1, machine={"story": 2, "end": 4}, own={"story": 5, "end": 4}),
        rated("c", 1, day=2, machine={"story": 1}, coach={"story": 4}, own={"story": 4}),
    ]
    gaps = progress(answers, RUBRIC).gaps
    # b: (3 + 0) / 2; c: 4 - 1, and 4 - 4.
    assert [(g.step, g.to_machine, g.to_coach, g.n) for g in gaps] == [
        (1, 1.5, None, 2),
        (2, 3.0, 0.0, 1),
    ]


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
    store: Store, progressing: Progressing, self_rating: SelfRating
) -> None:
    for interview in (graded(store), graded(store, shared=False)):
        self_rating.see_grades(ADA, interview)
    graded(store, BEN.id)
    graded(store, ZOE.id)
    assert progressing.own(ADA).progress.interviews == 2
    assert progressing.of_candidate(COACH, ADA.id).progress.interviews == 1
    group = progressing.of_group(COACH, GROUP)
    assert group.progress.interviews == 2
    assert [(each.candidate.name, each.progress.interviews) for each in group.candidates] == [
        ("Ada", 1),
        ("Ben", 1),
    ]
    for call in (
        lambda: progressing.of_candidate(COACH, ZOE.id),
        lambda: progressing.of_group(COACH, OTHER_GROUP),
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(NotAllowedError):
        progressing.of_group(ADA, GROUP)


def test_what_a_coach_grades_blind_is_in_no_progress_that_they_see(
    store: Store, access: Access, progressing: Progressing, self_rating: SelfRating
) -> None:
    interview = graded(store, answers=2)
    self_rating.see_grades(ADA, interview)
    reviewing = Reviewing(store, RUBRIC, access)
    desk = reviewing.open(COACH, interview, blind=True)
    assert progressing.of_candidate(COACH, ADA.id).progress.answers == 0
    assert progressing.of_group(COACH, GROUP).progress.answers == 0
    assert progressing.own(ADA).progress.answers == 2
    # The report stays closed until the whole review is done, so no link to it is given either.
    reviewing.reveal(COACH, desk.answers[0].review.id)
    assert progressing.of_candidate(COACH, ADA.id).progress.answers == 0


def test_what_one_has_not_looked_at_is_in_ones_own_progress_only_after_that(
    store: Store, progressing: Progressing, self_rating: SelfRating
) -> None:
    interview = graded(store)
    found = progressing.own(ADA)
    assert (found.progress.answers, found.kept_back) == (0, (interview,))
    self_rating.see_grades(ADA, interview)
    found = progressing.own(ADA)
    assert (found.progress.answers, found.kept_back) == (1, ())


def test_an_admin_has_no_progress(progressing: Progressing) -> None:
    with pytest.raises(NotAllowedError):
        progressing.own(Person("root", "Root", Role.ADMIN))


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
    found = progressing.own(ADA).progress
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


def test_all_answers_are_rated_at_once_and_those_left_out_are_seen(
    store: Store, self_rating: SelfRating
) -> None:
    interview = graded(store, answers=3)
    first, second, third = (answer.id for answer in store.answers(interview))
    given: dict[int, dict[str, int | None]] = {first: {"story": 5}, second: {}, third: {"end": 1}}
    assert self_rating.rate_all(ADA, interview, given)
    views = self_rating.views(ADA, interview)
    assert [view.own for view in views] == [{"story": 5}, None, {"end": 1}]
    assert self_rating.to_rate(ADA, interview) == []
    exported = json.loads(interview_json(whole(store.sessions, interview), RUBRIC))["answers"]
    assert [[own["level"] for own in each["own_levels"]] for each in exported] == [[5], [], [1]]
    assert not self_rating.rate_all(ADA, interview, {first: {"story": 1}})
    assert self_rating.views(ADA, interview)[0].own == {"story": 5}


@pytest.mark.parametrize(
    ("number", "levels", "fault"),
    [
        (1, {"story": 6}, DataFileError),
        (1, {"charm": 1}, DataFileError),
        (0, {}, DataFileError),
        (2, {"story": 3}, NotFoundError),
    ],
)
def test_one_fault_among_them_and_nothing_is_kept(
    store: Store,
    self_rating: SelfRating,
    number: int,
    levels: dict[str, int | None],
    fault: type[Exception],
) -> None:
    interview, other = graded(store, answers=2), graded(store)
    answers = [answer.id for answer in (*store.answers(interview), *store.answers(other))]
    given: dict[int, dict[str, int | None]] = {answers[0]: {"story": 3}} if number else {}
    with pytest.raises(fault):
        self_rating.rate_all(ADA, interview, {**given, answers[number]: levels})
    assert len(self_rating.to_rate(ADA, interview)) == 2


def test_in_practice_the_feedback_was_there_so_nothing_is_asked(
    store: Store, progressing: Progressing, self_rating: SelfRating
) -> None:
    interview = graded(store, mode=Mode.PRACTICE)
    (answer,) = store.answers(interview)
    assert self_rating.to_rate(ADA, interview) == []
    assert not self_rating.rate_all(ADA, interview, {answer.id: {"story": 3}})
    with pytest.raises(NotAllowedError):
        self_rating.rate(ADA, interview, answer.id, {"story": 3})
    assert self_rating.views(ADA, interview)[0].own is None
    assert progressing.own(ADA).progress.answers == 1


def test_grades_that_its_candidate_has_in_a_file_are_seen_and_what_others_get_is_not(
    store: Store, self_rating: SelfRating
) -> None:
    interview = graded(store)
    self_rating.handed_out(COACH, interview)
    assert len(self_rating.to_rate(ADA, interview)) == 1
    self_rating.handed_out(ADA, interview)
    assert self_rating.to_rate(ADA, interview) == []


def test_a_plan_rests_on_no_grade_that_was_not_looked_at(
    store: Store, self_rating: SelfRating
) -> None:
    plans = OwnPlan(store, DrillAttempts(store.sessions), RUBRIC, [])
    interviews = [graded(store) for _ in range(ENOUGH_ANSWERS)]
    assert plans.weakest(ADA.id) == ()
    for interview in interviews:
        self_rating.see_grades(ADA, interview)
    assert plans.weakest(ADA.id) != ()
