"""Reviews: beside the grade, blind where they are to be, and no edit lost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import text

from mock_interviewer.core.findings import Findings
from mock_interviewer.errors import (
    DataFileError,
    NotAllowedError,
    NotFoundError,
    StaleReviewError,
)
from mock_interviewer.service.access import Access, Person, Role
from mock_interviewer.service.reading import Reading
from mock_interviewer.service.reviewing import Desk, Reviewing
from mock_interviewer.service.self_rating import SelfRating
from mock_interviewer.storage.deletion import delete_interviews
from mock_interviewer.storage.groups import GroupStore
from mock_interviewer.storage.regrades import RegradeStore
from mock_interviewer.storage.reviews import ReviewState, StoredReview
from mock_interviewer.storage.self_ratings import SelfRatingStore
from mock_interviewer.storage.store import Store
from tests.at_once import at_once
from tests.desk import ADA, COACH, MACHINE, OTHER, STRANGER, findings, graded, with_people
from tests.toy_rubric import RUBRIC


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def reviewing(store: Store) -> Reviewing:
    return Reviewing(store, RUBRIC, with_people(store))


def opened(
    reviewing: Reviewing, interview: str, coach: Person = COACH, blind: bool = False
) -> Desk:
    return reviewing.open(coach, interview, blind=blind)


def first(desk: Desk) -> StoredReview:
    return desk.answers[0].review


def done(
    reviewing: Reviewing,
    interview: str,
    found: Findings,
    coach: Person = COACH,
    blind: bool = False,
) -> StoredReview:
    """The coach's review of the first answer, saved and finished."""
    review = first(opened(reviewing, interview, coach, blind))
    review = reviewing.save(coach, review.id, review.version, found)
    return reviewing.finish(coach, review.id, review.version)


def levels(answer_grade: object) -> dict[str, int | None]:
    ratings = getattr(answer_grade, "ratings", {})
    return {name: rating.level for name, rating in ratings.items()}


# Beside the grade


def test_a_finished_review_stands_beside_the_grade_and_changes_nothing_of_it(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store)
    (before,) = store.answers(interview)
    done(reviewing, interview, findings(story=(5, "A vivid garden.")))
    assert store.answers(interview) == [before]
    (review,) = reviewing.finished(interview)
    assert review.content is not None
    assert review.content.levels == {"story": 5}


def test_opening_again_goes_on_where_the_draft_was_left(store: Store, reviewing: Reviewing) -> None:
    interview = graded(store, answers=2)
    desk = opened(reviewing, interview)
    draft = findings(story=2).model_copy(
        update={"sentences": {3: "Whose garden?"}, "comment": "Thin.", "note": "Say where."}
    )
    reviewing.save(COACH, first(desk).id, 0, draft)
    again = opened(reviewing, interview)
    assert [answer.review.id for answer in again.answers] == [a.review.id for a in desk.answers]
    assert first(again).draft == draft
    assert (first(again).state, first(again).version) == (ReviewState.BEGUN, 1)


def test_a_draft_is_seen_by_nobody_else(store: Store, reviewing: Reviewing) -> None:
    interview = graded(store)
    review = first(opened(reviewing, interview))
    reviewing.save(COACH, review.id, 0, findings(story=5))
    assert reviewing.finished(interview) == []
    assert opened(reviewing, interview, OTHER).answers[0].others == ()


def test_the_whole_interview_has_a_review_of_its_own(store: Store, reviewing: Reviewing) -> None:
    interview = graded(store)
    whole = opened(reviewing, interview).whole
    reviewing.save(COACH, whole.id, 0, Findings(note="A good hour."))
    reviewing.finish(COACH, whole.id, 1)
    (other,) = opened(reviewing, interview, OTHER).others
    assert other.content == Findings(note="A good hour.")


def test_an_answer_that_came_later_gets_its_review_when_the_desk_is_opened_again(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store, closed=False)
    opened(reviewing, interview)
    store.append(interview, [], [(0, 0), (0, 1)])
    assert len(opened(reviewing, interview).answers) == 2


def test_two_tabs_that_open_at_once_begin_one_review(store: Store, reviewing: Reviewing) -> None:
    interview = graded(store, answers=3)
    at_once(*[partial(opened, reviewing, interview)] * 4)
    assert len(reviewing._reviews.of(interview)) == 4


# What is refused


def test_a_level_off_the_scale_and_a_sentence_that_is_not_there_are_refused(
    store: Store, reviewing: Reviewing
) -> None:
    review = first(opened(reviewing, graded(store)))
    wrong = findings(care=3).model_copy(update={"sentences": {5: "Here."}})
    with pytest.raises(DataFileError, match=r"care\.level(?s:.*)sentences\.5"):
        reviewing.save(COACH, review.id, 0, wrong)
    assert reviewing._reviews.get(review.id).version == 0


def test_a_level_unlike_the_machines_needs_a_reason_once_that_is_seen(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store)
    with pytest.raises(DataFileError, match="why, for: Story"):
        done(reviewing, interview, findings(story=5, heart=MACHINE["heart"]))
    assert done(reviewing, graded(store), findings(story=5), blind=True).state is ReviewState.DONE


def test_a_level_changed_after_it_was_finished_needs_a_reason(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store)
    done(reviewing, interview, findings(story=5, end=1), blind=True)
    review = first(opened(reviewing, interview))
    review = reviewing.save(COACH, review.id, review.version, findings(story=4, end=1))
    with pytest.raises(DataFileError, match="why, for: Story"):
        reviewing.finish(COACH, review.id, review.version)


def test_nobody_writes_in_anothers_review(store: Store, reviewing: Reviewing) -> None:
    review = first(opened(reviewing, graded(store)))
    for call in (
        lambda: reviewing.save(OTHER, review.id, 0, Findings()),
        lambda: reviewing.finish(OTHER, review.id, 0),
        lambda: reviewing.reveal(OTHER, review.id),
    ):
        with pytest.raises(NotAllowedError, match="another coach's"):
            call()


def test_whoever_may_not_coach_here_gets_nothing(store: Store, reviewing: Reviewing) -> None:
    interview = graded(store)
    review = first(opened(reviewing, interview))
    for call in (
        lambda: reviewing.open(STRANGER, interview, blind=False),
        lambda: reviewing.save(STRANGER, review.id, 0, Findings()),
        lambda: reviewing.finish(STRANGER, review.id, 0),
        lambda: reviewing.history(STRANGER, interview),
        lambda: reviewing.as_case_review(STRANGER, review.id),
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(NotFoundError):
        reviewing.save(COACH, 999, 0, Findings())


def test_an_interview_that_is_not_shared_is_on_no_desk(store: Store, reviewing: Reviewing) -> None:
    interview = graded(store, shared=False)
    with pytest.raises(NotFoundError):
        opened(reviewing, interview)


def test_nobody_reviews_their_own_interview_unless_they_are_alone(
    store: Store, reviewing: Reviewing
) -> None:
    with pytest.raises(NotAllowedError, match="Only coaches"):
        opened(reviewing, graded(store), ADA)
    with pytest.raises(NotAllowedError, match="your own"):
        opened(reviewing, graded(store, COACH.id))
    alone = Person("cookie", "you", Role.CANDIDATE, local=True)
    assert opened(reviewing, graded(store, alone.id), alone).answers


# Two tabs


def test_a_draft_on_top_of_an_old_one_is_refused_with_what_is_there_and_both_are_kept(
    store: Store, reviewing: Reviewing
) -> None:
    review = first(opened(reviewing, graded(store)))
    reviewing.save(COACH, review.id, 0, findings(story=2))
    with pytest.raises(StaleReviewError, match="saved elsewhere at") as fault:
        reviewing.save(COACH, review.id, 0, findings(story=4))
    assert (fault.value.by, fault.value.version) == (COACH.id, 1)
    assert Findings.model_validate(fault.value.present) == findings(story=2)
    assert reviewing._reviews.get(review.id).draft == findings(story=2)
    with pytest.raises(StaleReviewError):
        reviewing.finish(COACH, review.id, 0)


def test_of_many_saves_at_once_one_wins_and_the_others_are_told(
    store: Store, reviewing: Reviewing
) -> None:
    review = first(opened(reviewing, graded(store)))

    def save(level: int) -> str:
        try:
            reviewing.save(COACH, review.id, 0, findings(story=level))
        except StaleReviewError:
            return "told"
        return "kept"

    told = at_once(*(partial(save, level) for level in range(1, 6)))
    assert sorted(told) == ["kept"] + ["told"] * 4
    assert reviewing._reviews.get(review.id).version == 1


# Blind


def test_a_blind_review_gets_neither_the_machines_levels_nor_anothers_before_it_is_done(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store, answers=2)
    done(reviewing, interview, findings(story=(5, "Vivid.")), OTHER)
    desk = opened(reviewing, interview, blind=True)
    assert desk.hidden
    assert [(a.answer.grade, a.others, a.hidden) for a in desk.answers] == [(None, (), True)] * 2
    assert not reviewing.may_see_grades(COACH, interview)
    assert {change.who for change in reviewing.history(COACH, interview)} == set()

    done(reviewing, interview, findings(story=1), blind=True)
    seen, unseen = opened(reviewing, interview).answers
    assert levels(seen.answer.grade) == MACHINE
    assert [other.coach_id for other in seen.others] == [OTHER.id]
    assert (unseen.answer.grade, unseen.hidden) == (None, True)
    assert {change.who for change in reviewing.history(COACH, interview)} == {COACH.id, OTHER.id}


def test_opening_it_again_without_blindness_shows_nothing_more(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store)
    opened(reviewing, interview, blind=True)
    assert opened(reviewing, interview, blind=False).answers[0].answer.grade is None


def test_what_was_graded_blind_stays_on_record_whatever_is_changed_after(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store)
    blind = done(reviewing, interview, findings(story=1), blind=True)
    assert blind.unseen == findings(story=1)
    changed = done(reviewing, interview, findings(story=(3, "I missed the garden.")))
    assert changed.unseen == findings(story=1)
    assert changed.content is not None
    assert changed.content.levels == {"story": 3}
    assert changed.revealed_at == blind.revealed_at


def test_levels_shown_before_the_end_make_it_no_blind_grade_and_that_is_noted(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store)
    review = first(opened(reviewing, interview, blind=True))
    for _ in range(2):
        reviewing.reveal(COACH, review.id)
    (shown,) = opened(reviewing, interview).answers
    assert levels(shown.answer.grade) == MACHINE
    assert done(reviewing, interview, findings(story=3)).unseen is None
    history = reviewing.history(COACH, interview)
    assert [line.change.what for line in history] == ["grade", "ratings.story", "state"]


# History


def test_the_history_says_who_changed_what_when_and_why(store: Store, reviewing: Reviewing) -> None:
    interview = graded(store)
    begun = done(reviewing, interview, findings(story=3, end=(1, "It stops.")))
    done(reviewing, interview, findings(story=(4, "She is named."), end=(1, "It stops.")))
    lines = reviewing.history(COACH, interview)
    assert [(line.who, *line.change.model_dump().values()) for line in lines] == [
        (COACH.id, "ratings.story", None, "3", ""),
        (COACH.id, "ratings.end", None, "1", "It stops."),
        (COACH.id, "state", "begun", "done", ""),
        (COACH.id, "ratings.story", "3", "4", "She is named."),
    ]
    assert all(line.at >= begun.begun_at for line in lines)


# Cases


def test_a_finished_review_of_an_agreed_interview_takes_the_form_of_a_case(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store)
    review = first(opened(reviewing, interview))
    with pytest.raises(NotAllowedError, match="has not agreed"):
        reviewing.as_case_review(COACH, review.id)
    store.set_may_become_case(interview, True)
    with pytest.raises(DataFileError, match="Finish the review"):
        reviewing.as_case_review(COACH, review.id)
    done(reviewing, interview, findings(**MACHINE))
    made = reviewing.as_case_review(COACH, review.id)
    assert {name: rating.level for name, rating in made.ratings.items()} == MACHINE


# Deletion


def test_a_deleted_interview_leaves_nothing_of_the_coaches_work_on_it(
    store: Store, reviewing: Reviewing
) -> None:
    interview, kept = graded(store), graded(store)
    for each in (interview, kept):
        done(reviewing, each, findings(story=(5, "A vivid garden.")))
        (answer,) = store.answers(each)
        RegradeStore(store.sessions).ask([each], COACH.id)
        SelfRatingStore(store.sessions).add(answer.id, {"story": 2})
    tables = ("reviews", "review_changes", "summaries", "regrades", "self_ratings", "grades")

    def counted() -> list[int]:
        with store.sessions() as session:
            return [
                session.scalar(text(f"select count(*) from {table}"))  # noqa: S608
                for table in tables
            ]

    before = counted()
    delete_interviews(store.sessions, [interview])
    assert counted() == [count // 2 for count in before]
    assert all(before)


def reading_of(store: Store, reviewing: Reviewing) -> Reading:
    access = Access(store, GroupStore(store.sessions))
    self_rating = SelfRating(store, access, RUBRIC)
    return Reading(store, access, reviewing, self_rating, RUBRIC, None)


def test_the_report_is_closed_to_a_coach_who_grades_blind_until_the_review_is_done(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store)
    reading = reading_of(store, reviewing)
    assert reading.report(COACH, interview).answers[0].grade is not None
    review = first(opened(reviewing, interview, blind=True))
    with pytest.raises(NotAllowedError, match="without the machine's levels"):
        reading.report(COACH, interview)
    # Nobody else is kept from it.
    assert reading.report(ADA, interview).answers[0].grade is not None

    reviewing.reveal(COACH, review.id)
    assert reading.report(COACH, interview).answers[0].grade is not None


def test_the_report_is_there_only_for_those_who_may_read_the_interview(
    store: Store, reviewing: Reviewing
) -> None:
    interview = graded(store)
    reading = reading_of(store, reviewing)
    with pytest.raises(NotFoundError):
        reading.report(STRANGER, interview)
