"""A person's plan, from what is stored of them: which role-plays it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.observation import Exchange, Observation
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.service.own_plan import OwnPlan
from mock_interviewer.service.plan_evidence import GradedRolePlay
from mock_interviewer.storage.drill_attempts import DrillAttempts
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.storage.store import Store
from tests.interviews import grade
from tests.toy_scenario import scenario_data

RUBRIC = load_rubric()
LEVELS: dict[str, int | None] = {
    criterion.id: criterion.lowest if criterion.id == "listening" else criterion.highest
    for criterion in RUBRIC.criteria
} | dict.fromkeys(("situation", "task", "action", "result"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield made
    made.close()


def finished(store: Store, person: str = "ada", **changes: Any) -> str:
    """One with one reply, which waits for its grade."""
    role_plays = RolePlays(store.sessions)
    role_play = role_plays.create(person, {**scenario_data(), **changes})
    role_plays.reply(role_play, 1, "Good morning.")
    exchange = Exchange(reply="Good morning.", observation=Observation(), said="Is it?")
    role_plays.answer(role_play, 1, exchange, ends=True)
    return role_play


def graded(store: Store, person: str = "ada", **changes: Any) -> str:
    role_play = finished(store, person, **changes)
    RolePlays(store.sessions).save_grade(role_play, grade(LEVELS))
    return role_play


def behind(store: Store) -> list[str]:
    """Ids of the role-plays that Ada's plan for listening rests on."""
    plan = OwnPlan(store, DrillAttempts(store.sessions), RUBRIC, []).of("ada", "listening")
    evidence = [found.evidence for weakness in plan.weaknesses for found in weakness.behind]
    return [each.role_play_id for each in evidence if isinstance(each, GradedRolePlay)]


def test_a_graded_role_play_of_ones_own_is_used(store: Store) -> None:
    role_play = graded(store)
    graded(store, "ben")
    assert behind(store) == [role_play]


def test_one_that_has_no_grade_is_not(store: Store) -> None:
    finished(store)
    assert behind(store) == []


def test_one_that_was_no_answer_is_not(store: Store) -> None:
    nothing = grade(LEVELS).model_copy(update={"not_an_answer": True})
    RolePlays(store.sessions).save_grade(finished(store), nothing)
    assert behind(store) == []


def test_one_by_another_rubric_is_not(store: Store) -> None:
    levels = {name: level for name, level in LEVELS.items() if name != "empathy"}
    RolePlays(store.sessions).save_grade(finished(store), grade(levels))
    assert behind(store) == []


def test_one_with_a_scenario_of_an_older_form_has_no_debrief_to_link_and_is_not(
    store: Store,
) -> None:
    graded(store, an_older_key="that no scenario has any more")
    assert behind(store) == []


def test_another_try_takes_the_place_of_the_first(store: Store) -> None:
    role_plays = RolePlays(store.sessions)
    first = graded(store)
    again = role_plays.branch(first, 1)
    role_plays.reply(again, 1, "Good morning to you.")
    role_plays.finish(again)
    assert behind(store) == [first]  # until the other one has its grade
    role_plays.save_grade(again, grade({**LEVELS, "listening": 1}))
    beside = graded(store)
    assert sorted(behind(store)) == sorted([again, beside])
