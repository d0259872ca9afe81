"""When a candidate is asked for own levels before a grade, and that nothing of it comes before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.core.grade import Evidence
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.errors import NotAllowedError, NotFoundError
from mock_interviewer.service import conversation
from mock_interviewer.service.access import Access
from mock_interviewer.service.conversation import Conversation
from mock_interviewer.service.own_plan import OwnPlan
from mock_interviewer.service.practice_plan import ENOUGH_ANSWERS
from mock_interviewer.service.progressing import Progressing
from mock_interviewer.service.self_rating import SelfRating, keeps_grade_back
from mock_interviewer.storage.drill_attempts import DrillAttempts
from mock_interviewer.storage.store import Store
from tests.desk import ADA, BEN, MACHINE, graded, with_people
from tests.interviews import grade, turn
from tests.toy_rubric import RUBRIC, TOLD

ADVICE = "Say what she felt."
QUOTE = Evidence(sentence=1, quote="In May a guest lost her key.")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield store
    store.close()


@pytest.fixture
def access(store: Store) -> Access:
    return with_people(store)


@pytest.fixture
def self_rating(store: Store, access: Access) -> SelfRating:
    return SelfRating(store, access, RUBRIC)


def answered(
    store: Store, mode: Mode = Mode.PRACTICE, *, ticked: bool = True, waits: bool = False
) -> str:
    """Between two questions: an answer has just been completed, and graded unless it waits."""
    given = grade(MACHINE, next_time=ADVICE)
    quoted = given.ratings["story"].model_copy(update={"evidence": (QUOTE,)})
    given = given.model_copy(update={"ratings": {**given.ratings, "story": quoted}})
    held = graded(
        store, grades=[None if waits else given], closed=False, mode=mode, rates_first=ticked
    )
    store.append(held, [turn(2, TurnKind.WRAP, "That is all.")], [(0, 0)])
    return held


def shown(store: Store, self_rating: SelfRating, held: str) -> Conversation:
    """What the candidate's page shows."""
    return conversation.make(
        store.interview(held), store.answers(held), RUBRIC, self_rating.said(held)
    )


@pytest.mark.parametrize(
    ("mode", "ticked", "said", "back"),
    [
        (Mode.INTERVIEW, False, False, True),
        (Mode.INTERVIEW, False, True, False),
        (Mode.INTERVIEW, True, False, True),
        (Mode.INTERVIEW, True, True, False),
        (Mode.PRACTICE, False, False, False),
        (Mode.PRACTICE, False, True, False),
        (Mode.PRACTICE, True, False, True),
        (Mode.PRACTICE, True, True, False),
    ],
)
def test_a_grade_is_kept_back_where_one_is_asked_and_has_not_said(
    store: Store,
    access: Access,
    self_rating: SelfRating,
    mode: Mode,
    ticked: bool,
    said: bool,
    back: bool,
) -> None:
    assert keeps_grade_back(mode, ticked, said=said) is back
    held = answered(store, mode, ticked=ticked)
    if said:
        self_rating.see_grades(ADA, held)
    assert bool(self_rating.to_rate(ADA, held)) is back
    own = Progressing(store, RUBRIC).own(ADA)
    assert (own.progress.answers, own.kept_back) == ((0, (held,)) if back else (1, ()))
    view = shown(store, self_rating, held)
    in_practice = mode is Mode.PRACTICE
    assert (view.to_rate is not None) is (back and in_practice)
    assert (view.feedback is not None) is (in_practice and not back)


@pytest.mark.parametrize("waits", [True, False])
def test_the_form_is_there_while_grading_runs_and_after_it_and_holds_nothing_of_the_grade(
    store: Store, self_rating: SelfRating, waits: bool
) -> None:
    held = answered(store, waits=waits)
    view = shown(store, self_rating, held)
    assert view.to_rate is not None
    assert [c.id for c in view.to_rate.criteria] == ["story", "end", "heart"]
    assert [c.id for c in view.to_rate.more] == ["care"]
    # Nothing is polled for, so that the page is not laid out anew under what is being chosen.
    assert (view.feedback, view.own, view.grading, view.model_answer) == (None, (), False, None)
    assert ADVICE not in repr(view)
    assert not any(piece.marks for each in view.to_rate.turns for piece in each.pieces)


def test_afterwards_the_feedback_has_own_levels_beside_the_machines(
    store: Store, self_rating: SelfRating
) -> None:
    held = answered(store)
    (answer,) = store.answers(held)
    self_rating.rate(ADA, held, answer.id, {"story": 5})
    view = shown(store, self_rating, held)
    assert view.to_rate is None
    assert view.feedback is not None
    assert view.feedback.next_time == ADVICE
    assert [(own.name, own.level, own.machine_level) for own in view.own] == [("Story", 5, 3)]
    assert view.model_answer
    assert any(piece.marks for each in view.feedback.turns for piece in each.pieces)


def test_without_own_levels_the_feedback_is_as_ever(store: Store, self_rating: SelfRating) -> None:
    held = answered(store)
    (answer,) = store.answers(held)
    self_rating.see_grade(ADA, held, answer.id)
    view = shown(store, self_rating, held)
    assert view.feedback is not None
    assert (view.own, view.to_rate) == ((), None)
    with pytest.raises(NotAllowedError, match="have seen its grade"):
        self_rating.rate(ADA, held, answer.id, {"story": 5})


def test_a_further_attempt_is_asked_about_by_itself_and_one_passed_over_waits_for_the_report(
    store: Store, self_rating: SelfRating
) -> None:
    held = answered(store)
    again = [
        turn(3, TurnKind.RETRY, attempt=1),
        turn(4, TurnKind.ANSWER, TOLD, attempt=1),
        turn(5, TurnKind.WRAP, "That is all.", attempt=1),
    ]
    store.append(held, again, [(0, 0), (0, 1)])
    first, second = self_rating.to_rate(ADA, held)
    view = shown(store, self_rating, held)
    assert view.to_rate is not None
    assert (view.to_rate.id, view.to_rate.attempt) == (second.id, 1)
    self_rating.rate(ADA, held, second.id, {"end": 2})
    assert [answer.id for answer in self_rating.to_rate(ADA, held)] == [first.id]
    assert [views.own for views in self_rating.views(ADA, held)] == [None, {"end": 2}]


def test_seeing_one_grade_is_seeing_no_other(store: Store, self_rating: SelfRating) -> None:
    held = graded(store, answers=2, mode=Mode.PRACTICE, rates_first=True)
    other = answered(store)
    first, second = store.answers(held)
    self_rating.see_grade(ADA, held, first.id)
    self_rating.see_grade(ADA, held, store.answers(other)[0].id)
    assert [answer.id for answer in self_rating.to_rate(ADA, held)] == [second.id]
    assert len(self_rating.to_rate(ADA, other)) == 1
    with pytest.raises(NotFoundError):
        self_rating.see_grade(BEN, held, second.id)
    assert len(self_rating.to_rate(ADA, held)) == 1


def test_a_plan_rests_on_no_grade_of_a_practice_that_was_kept_back(
    store: Store, self_rating: SelfRating
) -> None:
    plans = OwnPlan(store, DrillAttempts(store.sessions), RUBRIC, [])
    held = [answered(store) for _ in range(ENOUGH_ANSWERS)]
    assert plans.weakest(ADA.id) == ()
    for each in held:
        self_rating.see_grades(ADA, each)
    assert plans.weakest(ADA.id) != ()
