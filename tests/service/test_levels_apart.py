"""How far levels lie apart, each figure worked out by hand."""

from __future__ import annotations

import pytest

from mock_interviewer.service.levels_apart import LEAST_ANSWERS, Pair, compare
from tests.toy_rubric import RUBRIC


def pairs(name: str, levels: list[tuple[int | None, int | None]]) -> list[Pair]:
    return [Pair(f"case {n}", {name: a}, {name: b}) for n, (a, b) in enumerate(levels)]


def by_name(found: list[Pair]) -> dict[str, object]:
    return {each.criterion.id: each for each in compare(found, RUBRIC).criteria}


def test_a_criterion_has_its_kappa_its_bias_and_its_distance() -> None:
    # Ten answers: 1-1, 5-5 four times each; 1-5 and 5-3 once.
    levels = [(1, 1)] * 4 + [(5, 5)] * 4 + [(1, 5), (5, 3)]
    found = compare(pairs("story", levels), RUBRIC)  # type: ignore[arg-type]
    (story,) = [each for each in found.criteria if each.criterion.id == "story"]
    # Bias: (-4 + 2) / 10. Distance: (4 + 2) / 10 levels of 4 steps.
    assert story.n == 10
    assert story.bias == pytest.approx(-0.2)
    assert story.off == pytest.approx(0.15)
    # Observed (16 + 4) / 10 = 2. First: half 1, half 5; second: .4 of 1, .1 of 3, .5 of 5.
    # Expected: .5 (.1 * 4 + .5 * 16) + .5 (.4 * 16 + .1 * 4) = 4.2 + 3.4 = 7.6.
    assert story.kappa == pytest.approx(1 - 2 / 7.6)
    assert story.interval is not None
    assert story.interval.low < story.kappa < story.interval.high


def test_on_too_few_answers_there_is_no_figure() -> None:
    few = compare(pairs("story", [(1, 1), (5, 4)] * 4 + [(3, 3)]), RUBRIC)
    (story,) = [each for each in few.criteria if each.criterion.id == "story"]
    assert (story.n, story.too_few, few.too_few) == (LEAST_ANSWERS - 1, True, True)
    assert (story.kappa, story.interval, story.bias, story.off) == (None, None, None, None)
    assert few.overall is not None
    assert few.overall.kappa is None


def test_where_both_always_give_one_and_the_same_level_there_is_no_kappa_but_a_bias() -> None:
    found = compare(pairs("heart", [(3, 3)] * 12), RUBRIC)
    (heart,) = [each for each in found.criteria if each.criterion.id == "heart"]
    assert (heart.kappa, heart.interval, heart.bias) == (None, None, 0.0)


def test_an_answer_that_only_one_saw_an_opportunity_in_counts_apart() -> None:
    found = compare(pairs("heart", [(3, None), (None, 4), (None, None), (2, 2)]), RUBRIC)
    (heart,) = [each for each in found.criteria if each.criterion.id == "heart"]
    assert (heart.n, heart.one_only) == (1, 2)
    assert found.answers == 1


def test_a_criterion_that_one_of_them_left_out_is_no_disagreement() -> None:
    found = compare([Pair("case", {"story": 3}, {"story": 3, "heart": 2})], RUBRIC)
    assert [each.one_only for each in found.criteria] == [0, 0, 0, 0]


def test_the_criteria_come_by_how_far_they_part_in_shares_of_their_scales() -> None:
    # story: 1 of 4 steps; care: 1 of 2 steps; end: nothing; heart: too few.
    both = [
        Pair(
            f"case {n}",
            {"story": 3, "care": 0, "end": 2, **({"heart": 5} if n == 0 else {})},
            {"story": 4, "care": 1, "end": 2, **({"heart": 1} if n == 0 else {})},
        )
        for n in range(10)
    ]
    found = compare(both, RUBRIC)
    assert [each.criterion.id for each in found.criteria] == ["care", "story", "end", "heart"]
    assert [each.off for each in found.criteria] == [0.5, 0.25, 0.0, None]


def test_the_cases_furthest_apart_come_first_with_what_they_differ_in() -> None:
    both = [
        Pair("near", {"story": 3, "end": 3}, {"story": 3, "end": 3}),
        Pair("far", {"story": 1, "end": 2, "care": 0}, {"story": 3, "end": 2, "care": 2}),
        Pair("some", {"story": 3, "end": 3}, {"story": 4, "end": 3}),
    ]
    far, some = compare(both, RUBRIC).furthest
    # far: (2/4 + 0 + 2/2) / 3; some: (1/4 + 0) / 2.
    assert (far.case, far.off) == ("far", 0.5)
    assert [(c.id, a, b) for c, a, b in far.levels] == [("care", 0, 2), ("story", 1, 3)]
    assert (some.case, some.off) == ("some", 0.125)


def test_the_overall_figure_takes_the_criteria_of_the_scores_together() -> None:
    # story and end agree on 1 and 5; heart is one too high or too low by turns.
    both = [
        Pair(
            f"case {n}",
            {"story": 1 + 4 * (n % 2), "end": 5 - 4 * (n % 2), "heart": 3, "care": 0},
            {"story": 1 + 4 * (n % 2), "end": 5 - 4 * (n % 2), "heart": 2 + 2 * (n % 2), "care": 2},
        )
        for n in range(10)
    ]
    overall = compare(both, RUBRIC).overall
    assert overall is not None
    # Each answer has three levels on the scale 1 to 5: off by 0, 0 and 1; care is shown beside.
    assert (overall.n, overall.bias) == (10, 0.0)
    assert overall.off == pytest.approx(1 / 3 / 4)
    # Observed 1/3. First: thirds of 1, 3, 5. Second: a third of 1 and 5, a sixth of 2 and of 4.
    # Expected, in 18ths: 1: 2*16 + 1*1 + 1*9 = 42; 3: 2*4 + 2*4 + 1 + 1 = 18; 5: 42; / 18 = 5 2/3.
    assert overall.kappa == pytest.approx(1 - (1 / 3) / (102 / 18))
