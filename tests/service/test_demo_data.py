"""The demo: that everything is in it that a page could show, and the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from argon2 import PasswordHasher

from mock_interviewer.core.grade import NOT_APPLICABLE
from mock_interviewer.errors import ConfigurationError
from mock_interviewer.service import passwords
from mock_interviewer.service.access import Role
from mock_interviewer.service.demo_data import Demo, check_evals, fill
from mock_interviewer.service.demo_plan import CANDIDATES, COACHES
from mock_interviewer.service.levels_apart import LEAST_ANSWERS
from mock_interviewer.service.program import Program
from mock_interviewer.service.queue import Filter
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.assignments import AssignmentState
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.whole import ids_of, whole
from mock_interviewer.web.site import make_site
from tests.web.serving import Client, serving
from tests.web.test_every_endpoint import endpoints

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
PASSWORD = "made up for the test"
OWN_ONLY = ("/report/{interview_id}.json", "/your-data/delete/{interview_id}")


class Made(NamedTuple):
    program: Program
    demo: Demo


@contextmanager
def made(data: Path, **options: int) -> Iterator[Made]:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(passwords, "_NOBODYS", hasher.hash("nobody's password"))
        environ = {
            "MOCK_INTERVIEWER_DATA": str(data),
            "MOCK_INTERVIEWER_MODEL": "scripted",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",  # where nobody answers: none is asked
        }
        program = Program(load_settings(environ), prepares_model=False)
        yield Made(program, fill(program, PASSWORD, NOW, **options))
        program.store.close()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with made(tmp_path_factory.mktemp("demo")) as found:
        yield found


def answers_of(found: Made) -> list[object]:
    """What each interview holds, without the ids that are made anew."""
    store, told = found.program.store, []
    names = {person.id: name for name, person in found.demo.people.items()}
    for interview_id in ids_of(store.sessions, None):
        each = whole(store.sessions, interview_id)
        reviews = found.program.desk.reviewing.finished(interview_id)
        told.append(
            (
                names[each.interview.candidate_id],
                each.said_at,
                [turn.text for turn in each.interview.turns],
                [
                    (answer.finished_at, answer.answer.reason, grade.ratings, grade.next_time)
                    for answer in each.answers
                    for grade in answer.grades
                ],
                [(names[r.coach_id], r.blind, r.done_at, r.content, r.unseen) for r in reviews],
            )
        )
    return told


def test_two_coaches_eight_candidates_and_forty_graded_interviews(full: Made) -> None:
    roles = [person.role for person in full.demo.people.values()]
    assert (roles.count(Role.COACH), roles.count(Role.CANDIDATE)) == (2, 8)
    assert len(full.demo.interviews) == 40
    for interview_id in full.demo.interviews.values():
        answers = full.program.store.answers(interview_id)
        assert any(answer.grade for answer in answers)
        assert all(answer.state is not AnswerState.WAITING for answer in answers)


def test_every_grade_is_whole_and_every_answer_without_one_says_why(full: Made) -> None:
    criteria = [criterion.id for criterion in full.program.rubric.criteria]
    without = 0
    for interview_id in full.demo.interviews.values():
        for answer in full.program.store.answers(interview_id):
            if answer.grade is None:
                without += 1
                assert answer.state is AnswerState.UNGRADED
                assert "no reply of a model is recorded" in answer.reason
                continue
            assert list(answer.grade.ratings) == criteria
            for rating in answer.grade.ratings.values():
                assert rating.level is not None or rating.reason == NOT_APPLICABLE
    assert 0 < without < full.demo.graded


def test_practice_that_was_given_is_in_every_state(full: Made) -> None:
    desk = full.program.desk
    states = {
        standing.state
        for name in COACHES
        for given in desk.assignments.given(full.demo.people[name])
        for standing in desk.assignments.standings(full.demo.people[name], given.id)
    }
    assert states == set(AssignmentState)


@pytest.mark.parametrize("which", list(Filter))
def test_every_filter_of_the_queue_lets_something_through_and_not_all(
    full: Made, which: Filter
) -> None:
    counts = full.program.desk.queue.counts(full.demo.people[COACHES[1]])
    assert 0 < counts[which] <= counts[Filter.ALL] < len(full.demo.interviews)


def test_both_coaches_have_figures_with_the_machine_and_with_each_other(full: Made) -> None:
    for name in COACHES:
        found = full.program.desk.agreements.of_coach(full.demo.people[name])
        assert found.blind
        for agreement in (*(c.machine for c in found.coaches), *(p.apart for p in found.pairs)):
            assert agreement.answers >= LEAST_ANSWERS
            assert agreement.overall is not None
            assert agreement.overall.kappa is not None
            assert agreement.furthest  # they are not of one mind about everything
        assert len(found.pairs) == 1


def test_reviews_are_blind_and_not_and_one_is_not_finished(full: Made) -> None:
    reviews = [
        review
        for interview_id in full.demo.interviews.values()
        for review in full.program.desk.reviewing.finished(interview_id)
    ]
    assert {review.blind for review in reviews} == {True, False}
    coach = full.demo.people[COACHES[0]]
    kept = [
        interview_id
        for interview_id in full.demo.interviews.values()
        if not full.program.desk.reviewing.may_see_grades(coach, interview_id)
    ]
    assert kept == [full.demo.interviews[1, 4]]


def test_a_changed_level_stands_in_the_history_with_its_reason(full: Made) -> None:
    coach = full.demo.people[COACHES[0]]
    history = full.program.desk.reviewing.history(coach, full.demo.interviews[0, 1])
    changed = [line.change for line in history if line.change.before and line.change.why]
    assert changed
    assert all(NOW - timedelta(days=60) < line.at < NOW for line in history)


def test_some_interviews_are_shared_and_some_have_own_ratings(full: Made) -> None:
    store, rating = full.program.store, full.program.desk.self_rating
    shared = {store.interview(interview).shared for interview in full.demo.interviews.values()}
    assert shared == {True, False}
    kinds = set()
    for (candidate, _), interview_id in full.demo.interviews.items():
        person = full.demo.people[CANDIDATES[candidate]]
        kinds |= {bool(view.own) for view in rating.views(person, interview_id)}
    assert kinds == {True, False}


def test_everybody_has_practised_over_weeks_and_nobody_tomorrow(full: Made) -> None:
    for name in CANDIDATES:
        points = full.program.store.interviews_of(full.demo.people[name].id, 10)
        dates = sorted(point.created_at for point in points)
        assert timedelta(days=45) < dates[-1] - dates[0] < timedelta(days=57)
        assert dates[-1] < NOW
    ids = ids_of(full.program.store.sessions, None)
    begun = [full.program.store.interview(each).created_at for each in ids]
    assert NOW - min(begun) > timedelta(days=55)


def test_some_answers_have_a_second_grade_beside_the_first(full: Made) -> None:
    coach = full.demo.people[COACHES[0]]
    (batch,) = full.program.desk.regrades.batches(coach)
    assert (batch.done > 0, batch.waiting, batch.failed) == (True, 0, 0)
    found = full.program.desk.regrades.side_by_side(coach, full.demo.interviews[0, 2])
    assert all(len(each.others) == 1 for each in found)


def test_every_page_is_there_for_its_coach_and_its_candidate(full: Made) -> None:
    site = make_site(full.program)
    paths = [e.path for e in endpoints(site.routes) if e.method == "GET"]
    of_one = [path for path in paths if path.count("{") == path.count("{interview_id}") == 1]
    of_none = [path for path in paths if "{" not in path and not path.startswith("/practice")]
    assert of_one
    with serving(site) as port:
        for name, interview in (
            (COACHES[0], (0, 1)),
            (COACHES[1], (5, 1)),
            (CANDIDATES[0], (0, 1)),
        ):
            login = full.program.people.accounts.log_in(name, PASSWORD, "192.0.2.1")
            client = Client(port, f"mock_interviewer_login={login.token}")
            role = full.demo.people[name].role
            for path in (*of_none, *of_one):
                if path == "/static" or (role is Role.COACH and path in OWN_ONLY):
                    continue
                address = path.replace("{interview_id}", full.demo.interviews[interview])
                answer = client.ask("GET", address, seconds=20)
                if answer.status == 403 and role is Role.CANDIDATE:
                    assert "Only coaches" in answer, (name, address)
                    continue
                assert answer.status == 200 or address == "/login", (name, address, answer.status)


def test_the_same_demo_comes_of_the_same_time(tmp_path: Path) -> None:
    with made(tmp_path / "one", each=2) as one, made(tmp_path / "other", each=2) as other:
        assert answers_of(one) == answers_of(other)
        assert len(one.demo.interviews) == 16


def test_where_there_are_no_evals_it_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not part of an installed package"):
        check_evals(tmp_path)
