"""Agreement of coaches with the machine and each other, and the calibration exercise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import DataFileError, NotAllowedError, NotFoundError
from mock_interviewer.service.access import Access, Person
from mock_interviewer.service.agreements import Agreements
from mock_interviewer.service.calibrating import Calibrating
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.storage.groups import GroupStore
from mock_interviewer.storage.store import Store
from tests.desk import (
    ADA,
    COACH,
    GROUP,
    MACHINE,
    OTHER,
    OTHER_GROUP,
    findings,
    graded,
    with_people,
)
from tests.toy_rubric import RUBRIC

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield store
    store.close()


@pytest.fixture
def access(store: Store) -> Access:
    return with_people(store)


def review(
    store: Store, access: Access, interview: str, coach: Person, blind: bool = True, **levels: int
) -> None:
    """Finish this coach's review of every answer, with these levels and the machine's else."""
    reviewing = Reviewing(store, RUBRIC, access)
    given = {name: (level, "So it seems to me.") for name, level in (MACHINE | levels).items()}
    for answer in reviewing.open(coach, interview, blind=blind).answers:
        saved = reviewing.save(coach, answer.review.id, answer.review.version, findings(**given))
        reviewing.finish(coach, saved.id, saved.version)


def test_a_coach_is_held_against_the_machine_on_what_was_graded_blind(
    store: Store, access: Access
) -> None:
    review(store, access, graded(store, answers=10), COACH, story=5)
    review(store, access, graded(store, answers=2), COACH, blind=False, story=1)
    agreements = Agreements(store, RUBRIC)
    (own,) = agreements.of_coach(COACH).coaches
    story = own.machine.criteria[0]
    assert (own.coach, own.machine.answers) == ("Ines", 10)
    assert (story.criterion.id, story.bias) == ("story", 2.0)  # 5 where the machine has 3
    (every,) = agreements.of_coach(COACH, blind=False).coaches
    assert every.machine.answers == 12
    assert every.machine.criteria[0].bias == pytest.approx((10 * 2 - 2 * 2) / 12)


def test_two_coaches_are_held_against_each_other_where_both_graded_the_same(
    store: Store, access: Access
) -> None:
    same = graded(store, answers=10)
    review(store, access, same, COACH, story=5)
    review(store, access, same, OTHER, story=4)
    review(store, access, graded(store), OTHER)
    agreements = Agreements(store, RUBRIC)
    (pair,) = agreements.of_coach(COACH).pairs
    assert (pair.first, pair.second, pair.apart.answers) == ("Ines", "Omar", 10)
    assert pair.apart.criteria[0].bias == 1.0
    assert pair.apart.furthest[0].case == f"{same}/1/1"
    of_group = agreements.of_group(OTHER, GROUP)
    assert [(each.coach, each.machine.answers) for each in of_group.coaches] == [
        ("Ines", 10),
        ("Omar", 11),
    ]
    assert len(of_group.pairs) == 1


def test_what_is_still_hidden_from_a_coach_is_in_none_of_their_figures(
    store: Store, access: Access
) -> None:
    interview = graded(store)
    review(store, access, interview, OTHER, story=1)
    Reviewing(store, RUBRIC, access).open(COACH, interview, blind=True)
    assert Agreements(store, RUBRIC).of_group(COACH, GROUP).coaches == ()
    review(store, access, interview, COACH)
    assert len(Agreements(store, RUBRIC).of_group(COACH, GROUP).coaches) == 2


def test_what_is_no_longer_shared_is_in_no_figures(store: Store, access: Access) -> None:
    interview = graded(store)
    review(store, access, interview, COACH)
    GroupStore(store.sessions).set_shared(interview, False)
    assert Agreements(store, RUBRIC).of_coach(COACH).coaches == ()


def test_only_coaches_see_it_and_of_their_own_groups(store: Store, access: Access) -> None:
    agreements = Agreements(store, RUBRIC)
    with pytest.raises(NotAllowedError):
        agreements.of_coach(ADA)
    with pytest.raises(NotFoundError):
        agreements.of_group(COACH, OTHER_GROUP)


# Calibration


@pytest.fixture
def calibrating(store: Store) -> Calibrating:
    return Calibrating(store, load_rubric())


def test_the_reference_answers_are_those_of_the_dev_split_to_the_letter() -> None:
    ours = package_file("calibration", "answers.jsonl").read_text(encoding="utf-8").splitlines()
    dev = (ROOT / "evals/reference/dev.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(ours) == 12
    assert set(ours) <= set(dev)


def test_the_raters_levels_are_shown_after_the_coachs_own_and_these_stand(
    calibrating: Calibrating,
) -> None:
    first = calibrating.exercises(COACH)[0]
    assert (first.own, first.raters) == (None, None)
    levels = {c.id: c.lowest for c in load_rubric().criteria}
    shown = calibrating.rate(COACH, first.id, levels)
    assert shown.own == levels
    assert shown.raters is not None
    assert set(shown.raters) >= {"a", "b"}
    with pytest.raises(NotAllowedError, match="first levels stand"):
        calibrating.rate(COACH, first.id, {**levels, "empathy": 5})
    assert calibrating.exercises(COACH)[0] == shown
    assert calibrating.exercises(OTHER)[0].raters is None


@pytest.mark.parametrize("wrong", [{}, {"empathy": 6}, {"charm": 1}])
def test_an_exercise_wants_every_level_on_its_scale(
    calibrating: Calibrating, wrong: dict[str, int]
) -> None:
    levels = {c.id: c.lowest for c in load_rubric().criteria} | wrong if wrong else {}
    exercise = calibrating.exercises(COACH)[0]
    with pytest.raises(DataFileError):
        calibrating.rate(COACH, exercise.id, levels)
    assert calibrating.exercises(COACH)[0].own is None


def test_the_exercise_says_how_far_the_coach_is_from_the_raters(calibrating: Calibrating) -> None:
    assert not calibrating.begins_blind(COACH)
    for exercise in calibrating.exercises(COACH):
        calibrating.rate(COACH, exercise.id, {c.id: c.highest for c in load_rubric().criteria})
    apart = calibrating.apart(COACH)
    assert apart.answers == 12
    assert all(each.bias is None or each.bias > 0 for each in apart.criteria)
    assert calibrating.begins_blind(COACH)
    assert not calibrating.begins_blind(OTHER)


def test_another_trades_rubric_has_no_exercise(store: Store) -> None:
    assert Calibrating(store, RUBRIC).exercises(COACH) == []
