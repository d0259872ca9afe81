"""Assignments: given to a person or a group, done in one interview, and how far that is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.questions import Bank
from mock_interviewer.errors import ConfigurationError, NotAllowedError, NotFoundError
from mock_interviewer.service.access import Access, Person
from mock_interviewer.service.assignments import Assignments
from mock_interviewer.service.queue import Queue
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.storage.assignments import AssignmentState, StoredAssignment
from mock_interviewer.storage.queue import Filter
from mock_interviewer.storage.store import Store
from tests.desk import ADA, BEN, COACH, GROUP, OTHER, OTHER_GROUP, STRANGER, ZOE, with_people
from tests.interviews import question, turn
from tests.toy_rubric import RUBRIC, TOLD

BANK = Bank([question(f"q{number}") for number in range(9)])


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def access(store: Store) -> Access:
    return with_people(store)


@pytest.fixture
def asked(store: Store) -> list[str]:
    """The interviews in which the interviewer was let speak."""
    return []


@pytest.fixture
def assignments(store: Store, access: Access, asked: list[str]) -> Assignments:
    def reply(interview: str) -> list[object]:
        asked.append(interview)
        return []

    return Assignments(store, BANK, reply)


Give = Callable[..., StoredAssignment]


@pytest.fixture
def give(assignments: Assignments) -> Give:
    def give(coach: Person = COACH, *ids: str, **to: object) -> StoredAssignment:
        return assignments.give(coach, ids or ("q1", "q2"), **to)  # type: ignore[arg-type]

    return give


def states(assignments: Assignments, assignment: StoredAssignment) -> dict[str, AssignmentState]:
    found = assignments.standings(COACH, assignment.id)
    return {standing.candidate: standing.state for standing in found}


def answered(store: Store, interview: str) -> None:
    turns = [
        turn(0, TurnKind.QUESTION, "Tell me."),
        turn(1, TurnKind.ANSWER, TOLD),
        turn(2, TurnKind.CLOSING, "Thanks."),
    ]
    store.append(interview, turns, [(0, 0)])


def test_a_coach_sees_their_groups_with_the_candidates(assignments: Assignments) -> None:
    (group,) = assignments.groups(COACH)
    assert (group.id, group.name) == (GROUP, "Group 1")
    assert [name for _, name in group.candidates] == ["Ada", "Ben"]
    assert [name for _, name in group.coaches] == ["Ines", "Omar"]
    with pytest.raises(NotAllowedError):
        assignments.groups(ADA)


def test_it_is_assigned_begun_done_and_reviewed_in_turn(
    store: Store, access: Access, assignments: Assignments, give: Give
) -> None:
    assignment = give(group_id=GROUP)
    assert states(assignments, assignment) == {
        "Ada": AssignmentState.ASSIGNED,
        "Ben": AssignmentState.ASSIGNED,
    }
    interview = assignments.begin(ADA, assignment.id)
    assert states(assignments, assignment)["Ada"] is AssignmentState.BEGUN
    answered(store, interview)
    assert states(assignments, assignment)["Ada"] is AssignmentState.DONE
    (entry,) = Queue(store, access).page(COACH, Filter.ASSIGNED).entries
    assert (entry.interview_id, entry.assigned) == (interview, True)
    reviewing = Reviewing(store, RUBRIC, access)
    whole = reviewing.open(COACH, interview, blind=False).whole
    reviewing.finish(COACH, whole.id, 0)
    assert states(assignments, assignment) == {
        "Ada": AssignmentState.REVIEWED,
        "Ben": AssignmentState.ASSIGNED,
    }


def test_the_interview_on_it_has_its_questions_its_mode_and_is_shared(
    store: Store, assignments: Assignments, give: Give, asked: list[str]
) -> None:
    assignment = give(COACH, "q4", "q2", candidate_id=ADA.id, mode=Mode.PRACTICE)
    interview = store.interview(assignments.begin(ADA, assignment.id))
    assert [q.id for q in interview.questions] == ["q4", "q2"]
    assert (interview.mode, interview.shared) == (Mode.PRACTICE, True)
    assert asked == [interview.id]


def test_begun_twice_or_in_two_tabs_at_once_it_is_one_interview(
    store: Store, assignments: Assignments, give: Give
) -> None:
    assignment = give(candidate_id=ADA.id)
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(assignments.begin(ADA, assignment.id)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(store.interviews_of(ADA.id, 9)) == 1


def test_what_is_given_to_one_person_is_nobody_elses(assignments: Assignments, give: Give) -> None:
    assignment = give(candidate_id=ADA.id)
    assert [s.assignment.id for s in assignments.of_candidate(ADA)] == [assignment.id]
    assert assignments.of_candidate(BEN) == []
    for person in (BEN, ZOE):
        with pytest.raises(NotFoundError):
            assignments.begin(person, assignment.id)


def test_nobody_but_a_candidate_has_anything_to_do(assignments: Assignments, give: Give) -> None:
    assignment = give(group_id=GROUP)
    assert assignments.of_candidate(ADA)
    assert assignments.of_candidate(COACH) == []
    with pytest.raises(NotFoundError, match="no such assignment for you"):
        assignments.begin(COACH, assignment.id)


def test_it_is_given_only_within_the_coachs_groups(assignments: Assignments, give: Give) -> None:
    for to in ({"candidate_id": ZOE.id}, {"group_id": OTHER_GROUP}, {"candidate_id": OTHER.id}):
        with pytest.raises(NotAllowedError, match="candidates of your groups"):
            give(**to)
    with pytest.raises(NotAllowedError, match="Only coaches"):
        give(ADA, candidate_id=BEN.id)
    assignment = give(group_id=GROUP)
    assert [each.id for each in assignments.given(OTHER)] == [assignment.id]
    assert assignments.given(STRANGER) == []
    for call in (assignments.standings, assignments.withdraw):
        with pytest.raises(NotFoundError):
            call(STRANGER, assignment.id)


@pytest.mark.parametrize(
    ("ids", "to", "told"),
    [
        ((), {"candidate_id": "ada"}, "from 1 to 8"),
        ([f"q{n}" for n in range(9)], {"candidate_id": "ada"}, "from 1 to 8"),
        (["q1", "q1"], {"candidate_id": "ada"}, "twice"),
        (["q1"], {}, "one person or one group"),
        (["q1"], {"candidate_id": "ada", "group_id": 1}, "one person or one group"),
        (["q1"], {"candidate_id": "ada", "title": "x" * 121}, "up to 120"),
    ],
)
def test_a_set_that_will_not_do_is_refused(
    assignments: Assignments, ids: list[str], to: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        assignments.give(COACH, ids, **to)  # type: ignore[arg-type]


def test_taken_back_it_stays_only_with_those_who_have_begun(
    assignments: Assignments, give: Give
) -> None:
    assignment = give(group_id=GROUP)
    interview = assignments.begin(ADA, assignment.id)
    assignments.withdraw(OTHER, assignment.id)
    assert [s.state for s in assignments.of_candidate(ADA)] == [AssignmentState.BEGUN]
    assert assignments.begin(ADA, assignment.id) == interview
    assert assignments.of_candidate(BEN) == []


def test_it_is_overdue_after_its_day_until_it_is_done(
    store: Store, assignments: Assignments, give: Give
) -> None:
    now = datetime.now(UTC)
    assignment = give(candidate_id=ADA.id, due_at=now)
    (standing,) = assignments.of_candidate(ADA)
    assert standing.overdue(now + timedelta(minutes=1))
    assert not standing.overdue(now - timedelta(minutes=1))
    answered(store, assignments.begin(ADA, assignment.id))
    (standing,) = assignments.of_candidate(ADA)
    assert not standing.overdue(now + timedelta(minutes=1))
