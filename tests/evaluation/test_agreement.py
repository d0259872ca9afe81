"""Agreement figures, against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mock_interviewer.evaluation import agreement as ag

FIVE = range(1, 6)


def levels(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("machine", "reference", "expected"),
    [
        ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5), 1.0),
        # Observed: 1/4 * (0 + 1 + 1 + 0) = .5. Each marginal is half 1, half 2: expected squared
        # difference .5 * 1 = .5. 1 - .5 / .5 = 0.
        ((1, 1, 2, 2), (1, 2, 1, 2), 0.0),
        # Always the opposite: observed 1, expected .5, 1 - 2 = -1.
        ((1, 1, 2, 2), (2, 2, 1, 1), -1.0),
        # Differences 0, 0, 2: observed 4/3. Machine 1, 3, 5; reference 1, 3, 3: expected mean of
        # (0 + 4 + 4 + 4 + 0 + 0 + 16 + 4 + 4) / 9 = 36/9 = 4. 1 - (4/3) / 4 = 2/3.
        ((1, 3, 5), (1, 3, 3), 2 / 3),
        # A constant against anything agrees as chance does.
        ((3, 3, 3), (1, 3, 5), 0.0),
    ],
)
def test_kappa_is_as_worked_out_by_hand(
    machine: tuple[int, ...], reference: tuple[int, ...], expected: float
) -> None:
    assert ag.kappa(levels(*machine), levels(*reference), FIVE) == pytest.approx(expected)


def test_kappa_is_not_defined_where_nothing_varies() -> None:
    assert math.isnan(ag.kappa(levels(3, 3), levels(3, 3), FIVE))


def test_levels_that_do_not_occur_change_nothing_and_are_counted_in_the_table() -> None:
    table = ag.confusion(levels(0, 2), levels(0, 0), range(3))
    assert table.tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]


@pytest.mark.parametrize("bad", [0, 6, -1])
def test_a_level_outside_of_the_scale_is_refused(bad: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        ag.confusion(levels(bad), levels(1), FIVE)


def test_every_figure_of_a_small_series() -> None:
    # Differences 0, +1, -2, 0: mean -.25, absolute mean .75, two of four exact, three within one.
    found = ag.agreement([1, 3, 3, 4], [1, 2, 5, 4], FIVE)
    assert (found.n, found.mae, found.exact, found.within_one) == (4, 0.75, 0.5, 0.75)
    assert found.bias == -0.25
    # Variances: machine 1.1875, reference 2.5; pooled sd sqrt(1.84375) = 1.35785.
    assert found.smd == pytest.approx(-0.25 / 1.35785, abs=1e-5)
    # Covariance: (1-2.75)(1-3)+(3-2.75)(2-3)+(3-2.75)(5-3)+(4-2.75)(4-3) = 5; 5/4 / 2.5 = .5.
    assert found.slope == pytest.approx(0.5)
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 4, 3: products of deviations sum to 3, squares to 4.5 and 5.
    assert found.spearman == pytest.approx(3 / math.sqrt(4.5 * 5))


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 machine levels and 1 reference"):
        ag.agreement([1, 2], [1], FIVE)


def test_of_nothing_nothing_is_known() -> None:
    found = ag.agreement([], [], FIVE)
    assert found.n == 0
    assert math.isnan(found.kappa)


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert ag.ranks(np.array([10.0, 20.0, 10.0, 30.0])).tolist() == [1.5, 3.0, 1.5, 4.0]


def test_the_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    machine = [1, 2, 3, 4, 5] * 8
    reference = [1, 2, 3, 4, 4] * 8
    first, second = (ag.agreement(machine, reference, FIVE) for _ in range(2))
    assert first.interval == second.interval
    assert first.interval.low < first.kappa < first.interval.high


def test_an_interval_narrows_with_more_answers() -> None:
    def width(times: int) -> float:
        interval = ag.agreement([1, 2, 3, 4, 5] * times, [2, 2, 3, 5, 4] * times, FIVE).interval
        return interval.high - interval.low

    assert width(40) < width(4) / 2


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([[1, 1], [3, 3], [5, 5]], 1.0),
        # Shrout & Fleiss: rows 1.5 and 3.5, every second trial one higher. Mean squares: rows
        # 2 * (1 + 1) / 1 = 4, columns 2 * (.25 + .25) / 1 = 1, error 0.
        # (4 - 0) / (4 + 0 + 2 * (1 - 0) / 2) = .8.
        ([[1, 2], [3, 4]], 0.8),
    ],
)
def test_the_intraclass_correlation_is_as_worked_out_by_hand(
    table: list[list[int]], expected: float
) -> None:
    assert ag.icc(np.array(table, dtype=np.float64)) == pytest.approx(expected)
