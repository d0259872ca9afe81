from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_interviewer.core.questions import (
    Bank,
    CallsFor,
    Competency,
    Kind,
    Question,
    load_bank,
)
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import ConfigurationError
from mock_interviewer.service.plan import COUNTS, Focus, Setup, choose, focuses
from tests.interviewing.talk import question

SHIPPED = load_bank()
THEMES = list(Competency)


def plan(
    bank: Bank, setup: Setup, recent: tuple[str, ...] = (), seed: int = 0
) -> tuple[Question, ...]:
    return choose(bank, setup, recent, random.Random(seed))  # noqa: S311 - no secret


def many(count: int, kind: Kind = Kind.BEHAVIOURAL, first: int = 0) -> list[Question]:
    """Questions on one theme each."""
    return [
        question(number, kind, competencies=[THEMES[number % len(THEMES)]])
        for number in range(first, first + count)
    ]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("focus", [Focus.MIXED, Focus.EMPATHY, Focus.STAR])
def test_a_plan_has_as_many_questions_as_asked_for_and_none_twice(focus: Focus, count: int) -> None:
    chosen = plan(SHIPPED, Setup(focus=focus, count=count))
    assert len({question.id for question in chosen}) == len(chosen) == count


@pytest.mark.parametrize("count", [-1, 0, 1, 4, 60])
def test_another_number_of_questions_is_refused(count: int) -> None:
    with pytest.raises(ConfigurationError, match=f"3, 5 or 8 questions, not {count}"):
        plan(SHIPPED, Setup(count=count))


@pytest.mark.parametrize(
    ("focus", "calls_for"), [(Focus.EMPATHY, CallsFor.EMPATHY), (Focus.STAR, CallsFor.STAR)]
)
@pytest.mark.parametrize("seed", range(5))
def test_the_focus_decides_what_is_called_for(focus: Focus, calls_for: CallsFor, seed: int) -> None:
    for asked in plan(SHIPPED, Setup(focus=focus, count=8), seed=seed):
        assert calls_for in asked.calls_for


@pytest.mark.parametrize("seed", range(5))
def test_chosen_competencies_are_what_every_question_is_about(seed: int) -> None:
    wanted = (Competency.LOYALTY, Competency.BOUNDARIES)
    setup = Setup(focus=Focus.COMPETENCIES, count=5, competencies=wanted)
    for asked in plan(SHIPPED, setup, seed=seed):
        assert set(asked.competencies) & set(wanted)


def test_competencies_count_only_with_that_focus() -> None:
    # Nothing in this bank is about loyalty.
    bank = Bank([question(number) for number in range(5)])
    assert len(plan(bank, Setup(competencies=(Competency.LOYALTY,)))) == 3


def test_that_focus_needs_a_competency() -> None:
    with pytest.raises(ConfigurationError, match="Choose at least one competency"):
        plan(SHIPPED, Setup(focus=Focus.COMPETENCIES))


def test_a_bank_with_nothing_fitting_says_so() -> None:
    bank = Bank([question(calls_for=[CallsFor.STAR])])
    with pytest.raises(ConfigurationError, match="No question in the bank fits"):
        plan(bank, Setup(focus=Focus.EMPATHY))


def test_a_bank_with_too_few_gives_all_it_has() -> None:
    assert len(plan(Bank(many(2)), Setup(count=8))) == 2


def test_the_easier_questions_come_first() -> None:
    difficulties = [asked.difficulty for asked in plan(SHIPPED, Setup(count=8))]
    assert difficulties == sorted(difficulties)
    assert len(set(difficulties)) > 1


def test_chance_decides_among_what_fits() -> None:
    plans = {tuple(q.id for q in plan(SHIPPED, Setup(), seed=seed)) for seed in range(10)}
    assert len(plans) > 5


def test_the_same_chance_gives_the_same_plan() -> None:
    assert plan(SHIPPED, Setup(count=8), seed=7) == plan(SHIPPED, Setup(count=8), seed=7)


@pytest.mark.parametrize("seed", range(10))
def test_no_two_questions_share_a_first_theme_while_there_are_others(seed: int) -> None:
    bank = Bank([*many(8), *many(17, first=17)])  # eight themes are there twice
    chosen = plan(bank, Setup(count=8), seed=seed)
    assert max(Counter(asked.competencies[0] for asked in chosen).values()) == 1


@pytest.mark.parametrize(("count", "experience"), [(3, 2), (5, 3), (8, 4)])
@pytest.mark.parametrize("seed", range(5))
def test_at_least_half_are_told_from_experience(count: int, experience: int, seed: int) -> None:
    # Only opinions have a theme of their own; the other questions share one.
    told = [question(number, competencies=[Competency.LOYALTY]) for number in range(20, 28)]
    chosen = plan(Bank([*many(16, Kind.OPINION), *told]), Setup(count=count), seed=seed)
    assert len(chosen) == count
    assert sum(asked.kind is Kind.BEHAVIOURAL for asked in chosen) >= experience


def test_a_bank_without_such_questions_still_gives_a_plan() -> None:
    assert len(plan(Bank(many(8, Kind.HYPOTHETICAL)), Setup(count=8))) == 8


@pytest.mark.parametrize("seed", range(10))
def test_what_was_asked_lately_is_left_out_while_there_is_anything_else(seed: int) -> None:
    # The three that are new share a theme and are opinions; all others were asked.
    new = [question(n, Kind.OPINION, competencies=[Competency.LOYALTY]) for n in range(30, 33)]
    old = many(10)
    recent = tuple(asked.id for asked in old)
    chosen = plan(Bank([*old, *new]), Setup(count=3), recent, seed)
    assert {asked.id for asked in chosen} == {asked.id for asked in new}


@pytest.mark.parametrize("seed", range(10))
def test_what_was_asked_longest_ago_comes_back_first(seed: int) -> None:
    # `recent` has the latest first: 4 was asked longest ago, 0 just now, and once before.
    bank = Bank(many(5))
    recent = tuple(f"question-{number}" for number in (0, 1, 2, 3, 4, 0))
    chosen = plan(bank, Setup(count=3), recent, seed)
    assert {asked.id for asked in chosen} == {"question-2", "question-3", "question-4"}


def test_an_id_that_is_no_longer_in_the_bank_does_no_harm() -> None:
    assert len(plan(SHIPPED, Setup(), ("long-gone",))) == 3


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([Focus.MIXED, Focus.EMPATHY, Focus.STAR]),
    st.sampled_from(COUNTS),
    st.integers(0, 1000),
)
def test_five_interviews_in_a_row_repeat_no_question(focus: Focus, count: int, seed: int) -> None:
    # 40 questions at most; each focus has more than that in the shipped bank.
    recent: tuple[str, ...] = ()
    for _ in range(5):
        chosen = plan(SHIPPED, Setup(focus=focus, count=count), recent, seed)
        ids = tuple(asked.id for asked in chosen)
        assert len(ids) == count
        assert not set(ids) & set(recent)
        recent = ids + recent


def test_a_focus_that_came_as_text_wants_its_competencies_too() -> None:
    with pytest.raises(ConfigurationError, match="Choose at least one competency"):
        choose(load_bank(), Setup("competencies"), (), random.Random(1))  # noqa: S311


def test_one_can_choose_what_the_rubric_has_scores_for() -> None:
    rubric = load_rubric()
    assert [value for value, _, _ in focuses(rubric)] == [
        "mixed",
        "empathy",
        "star",
        "competencies",
    ]

    (star,) = (score for score in rubric.scores if score.id == "star")
    parts = [rubric.criterion(name).name for name in star.mean_of]
    renamed = star.model_copy(update={"id": "story", "name": "Story"})
    other = rubric.model_copy(update={"scores": (renamed,)})
    assert focuses(other)[1:-1] == [("story", "Story", f"{', '.join(parts)}.")]
