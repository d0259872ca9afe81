"""The queue: who needs a look, page by page, and one coach at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text

from mock_interviewer.core.grade import Grade, Rating
from mock_interviewer.core.interview import TurnKind
from mock_interviewer.errors import (
    ClaimedError,
    ConfigurationError,
    NotAllowedError,
    NotFoundError,
)
from mock_interviewer.service.access import Access, Person, Role
from mock_interviewer.service.queue import Queue
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.storage.queue import Entry, Filter, Sort
from mock_interviewer.storage.store import Store
from tests.at_once import at_once
from tests.desk import ADA, BEN, COACH, MACHINE, OTHER, STRANGER, ZOE, graded, with_people
from tests.interviews import grade, turn
from tests.toy_rubric import RUBRIC


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def access(store: Store) -> Access:
    return with_people(store)


@pytest.fixture
def queue(store: Store, access: Access) -> Queue:
    return Queue(store, access)


def unsure_of(*names: str) -> Grade:
    """A grade with a wide range for these."""
    given = grade(MACHINE)
    wide = {name: Rating(level=3, likely=(2, 4)) for name in names}
    return given.model_copy(update={"ratings": {**given.ratings, **wide}})


def names(queue: Queue, which: Filter = Filter.ALL, sort: Sort = Sort.OLDEST) -> list[str]:
    return [entry.interview_id for entry in queue.page(COACH, which, sort).entries]


def reviewed(store: Store, access: Access, interview: str) -> None:
    reviewing = Reviewing(store, RUBRIC, access)
    review = reviewing.open(COACH, interview, blind=False).whole
    reviewing.finish(COACH, review.id, review.version)


def age_claims(store: Store, by: timedelta) -> None:
    with store.sessions.begin() as session:
        session.execute(
            text("update summaries set claimed_at = :at where claimed_at is not null"),
            {"at": datetime.now(UTC) - by},
        )


def only(queue: Queue, interview: str) -> Entry:
    line = queue.line(COACH, interview)
    assert line is not None
    return line.entry


# What is in it


def test_it_holds_what_candidates_of_the_coachs_groups_share_and_nothing_else(
    store: Store, queue: Queue
) -> None:
    mine = [graded(store, ADA.id), graded(store, BEN.id)]
    graded(store, ZOE.id)
    graded(store, COACH.id)
    graded(store, ADA.id, shared=False)
    assert names(queue) == mine
    assert queue.page(COACH).entries[0].candidate in ("Ada", "Ben")
    assert queue.counts(COACH)[Filter.ALL] == 2
    assert len(queue.page(STRANGER).entries) == 1


def test_without_accounts_everything_is_in_it(store: Store, queue: Queue) -> None:
    graded(store, "cookie", shared=False)
    alone = Person("cookie", "you", Role.CANDIDATE, local=True)
    assert len(queue.page(alone).entries) == 1
    with pytest.raises(NotAllowedError):
        queue.page(ADA)


def test_an_interview_is_in_it_from_its_first_finished_answer_on(
    store: Store, queue: Queue
) -> None:
    interview = graded(store, answers=0, closed=False)
    assert names(queue) == []
    store.append(interview, [turn(0, TurnKind.ANSWER, "I helped.")], [(0, 0)])
    entry = only(queue, interview)
    assert (entry.answers, entry.waiting, entry.finished_at) == (1, 1, None)


def test_it_is_up_to_date_with_each_turn_grade_and_review(
    store: Store, queue: Queue, access: Access
) -> None:
    interview = graded(store, answers=2, grades=[None, None], closed=False)
    first, second = store.answers(interview)
    assert (only(queue, interview).waiting, only(queue, interview).unsure) == (2, 0)
    store.waiting.save_grade(first.id, unsure_of("story", "heart"))
    store.waiting.give_up(second.id, "refused")
    entry = only(queue, interview)
    assert (entry.waiting, entry.ungraded, entry.unsure) == (0, 1, 2)
    store.waiting.retry(interview)
    entry = only(queue, interview)
    assert (entry.waiting, entry.ungraded) == (1, 0)
    store.append(interview, [turn(4, TurnKind.CLOSING, "Thanks.", 1)], [(0, 0), (1, 0)])
    assert only(queue, interview).finished_at is not None
    assert only(queue, interview).reviewed_at is None
    reviewed(store, access, interview)
    assert only(queue, interview).reviewed_at is not None


def test_grades_that_come_at_the_same_time_are_all_counted(store: Store, queue: Queue) -> None:
    interview = graded(store, answers=6, grades=[None] * 6)
    grades = [
        partial(store.waiting.save_grade, answer.id, unsure_of("story"))
        for answer in store.answers(interview)
    ]
    at_once(*grades)
    assert (only(queue, interview).waiting, only(queue, interview).unsure) == (0, 6)


@pytest.mark.parametrize("which", [Filter.UNSURE, Filter.UNGRADED, Filter.ASKED, Filter.UNREVIEWED])
def test_a_filter_lets_through_what_it_says(
    store: Store, queue: Queue, access: Access, which: Filter
) -> None:
    found = {
        Filter.UNSURE: graded(store, grades=[unsure_of("story")]),
        Filter.UNGRADED: graded(store, grades=[None]),
        Filter.ASKED: graded(store),
    }
    store.waiting.give_up(store.answers(found[Filter.UNGRADED])[0].id, "refused")
    found[Filter.UNREVIEWED] = graded(store)
    for filtered, interview in found.items():
        if filtered is not Filter.UNREVIEWED:
            reviewed(store, access, interview)
    queue.ask_for_a_look(ADA, found[Filter.ASKED])
    assert names(queue, which) == [found[which]]
    assert queue.counts(COACH)[which] == 1


def test_a_look_that_was_asked_for_is_done_when_a_review_is_finished_after(
    store: Store, queue: Queue, access: Access
) -> None:
    interview = graded(store)
    queue.ask_for_a_look(ADA, interview)
    assert names(queue, Filter.ASKED) == [interview]
    reviewed(store, access, interview)
    assert names(queue, Filter.ASKED) == []
    queue.ask_for_a_look(ADA, interview)
    assert names(queue, Filter.ASKED) == [interview]
    queue.ask_for_a_look(ADA, interview, asked=False)
    assert names(queue, Filter.ASKED) == []
    assert not queue.is_asked(ADA, interview)


def test_asking_for_a_look_shares_the_interview_and_only_its_candidate_can_ask(
    store: Store, queue: Queue
) -> None:
    interview = graded(store, shared=False)
    with pytest.raises(NotFoundError):
        queue.ask_for_a_look(BEN, interview)
    assert names(queue) == []
    queue.ask_for_a_look(ADA, interview)
    assert names(queue) == [interview]


# Order and pages


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_pages_together_are_all_of_it_once_and_in_order(
    store: Store, queue: Queue, sort: Sort, size: int
) -> None:
    made = [
        graded(store, grades=[unsure_of(*("story", "end", "heart")[:count])])
        for count in (1, 3, 0, 1)
    ]
    wanted = {
        Sort.OLDEST: [0, 1, 2, 3],
        Sort.NEWEST: [3, 2, 1, 0],
        Sort.UNSURE: [1, 3, 0, 2],  # of the two with one, the newer first
    }[sort]
    found: list[str] = []
    page = queue.page(COACH, Filter.ALL, sort, size=size)
    found += [entry.interview_id for entry in page.entries]
    while page.after:
        page = queue.page(COACH, Filter.ALL, sort, page.after, size)
        found += [entry.interview_id for entry in page.entries]
    assert found == [made[place] for place in wanted]


@pytest.mark.parametrize("after", ["", "x", "bm8", "W10=", "WyJhIiwgImIiLCAiYyJd", "é"])
def test_a_damaged_link_to_a_page_is_told(queue: Queue, after: str) -> None:
    with pytest.raises(ConfigurationError, match="begin at the first page"):
        queue.page(COACH, after=after)


# Claims


def test_what_one_coach_has_claimed_another_cannot_and_is_told_who_has_it(
    store: Store, queue: Queue
) -> None:
    interview = graded(store)
    until = queue.claim(COACH, interview)
    assert queue.claim(COACH, interview) >= until
    with pytest.raises(ClaimedError, match="Ines has been at this interview") as fault:
        queue.claim(OTHER, interview)
    assert fault.value.by == COACH.id
    assert names(queue, Filter.MINE) == [interview]
    assert queue.page(OTHER, Filter.MINE).entries == ()
    queue.release(OTHER, interview)
    assert only(queue, interview).claimed_by == COACH.id
    queue.release(COACH, interview)
    queue.claim(OTHER, interview)


def test_a_claim_lapses_after_two_hours(store: Store, queue: Queue) -> None:
    interview = graded(store)
    queue.claim(COACH, interview)
    age_claims(store, timedelta(minutes=119))
    with pytest.raises(ClaimedError):
        queue.claim(OTHER, interview)
    age_claims(store, timedelta(minutes=121))
    assert only(queue, interview).claimed_by is None
    assert names(queue, Filter.MINE) == []
    queue.claim(OTHER, interview)


def test_of_coaches_who_claim_at_once_one_gets_it(store: Store, queue: Queue) -> None:
    for interview in [graded(store) for _ in range(5)]:

        def claim(coach: Person, interview: str = interview) -> str:
            try:
                queue.claim(coach, interview)
            except ClaimedError as fault:
                return f"not {fault.by}"
            return coach.id

        told = at_once(partial(claim, COACH), partial(claim, OTHER))
        (winner,) = [name for name in told if not name.startswith("not ")]
        assert f"not {winner}" in told
        assert only(queue, interview).claimed_by == winner


def test_a_claim_and_a_grade_at_the_same_time_both_stand(store: Store, queue: Queue) -> None:
    interview = graded(store, answers=3, grades=[None] * 3)
    grades = [
        partial(store.waiting.save_grade, answer.id, unsure_of("story"))
        for answer in store.answers(interview)
    ]
    at_once(*grades, partial(queue.claim, COACH, interview))
    entry = only(queue, interview)
    assert (entry.claimed_by, entry.unsure) == (COACH.id, 3)


def test_a_stranger_can_claim_nothing(store: Store, queue: Queue) -> None:
    with pytest.raises(NotFoundError):
        queue.claim(STRANGER, graded(store))


def test_a_claim_ends_with_the_last_part_that_is_done(
    store: Store, access: Access, queue: Queue
) -> None:
    interview = graded(store, answers=2)
    queue.claim(COACH, interview)
    reviewing = Reviewing(store, RUBRIC, access)
    desk = reviewing.open(COACH, interview, blind=False)
    for review in (*(answer.review for answer in desk.answers), desk.whole):
        line = queue.line(COACH, interview)
        assert line is not None
        assert line.mine
        reviewing.finish(COACH, review.id, review.version)
    line = queue.line(COACH, interview)
    assert line is not None
    assert line.entry.claimed_by is None
    queue.claim(OTHER, interview)


def test_who_finishes_beside_another_coach_does_not_end_their_claim(
    store: Store, access: Access, queue: Queue
) -> None:
    interview = graded(store)
    queue.claim(OTHER, interview)
    reviewing = Reviewing(store, RUBRIC, access)
    desk = reviewing.open(COACH, interview, blind=False)
    for review in (desk.answers[0].review, desk.whole):
        reviewing.finish(COACH, review.id, review.version)
    with pytest.raises(ClaimedError):
        queue.claim(COACH, interview)
