"""The small network: what it works out, what it learns, and how it is kept."""

from __future__ import annotations

import numpy as np
import pytest

from mock_interviewer.grading.network import Layer, Network, fit_network

CHANCE = np.random.default_rng(7)
FEATURES = CHANCE.normal(size=(4000, 6))


def test_a_network_is_worked_out_as_by_hand() -> None:
    network = Network(
        means=(1.0, 0.0),
        spreads=(2.0, 1.0),
        hidden=Layer.of(np.array([[1.0], [-1.0]]), np.array([0.5])),
        output=Layer.of(np.array([[2.0]]), np.array([-1.0])),
    )
    # (5 - 1) / 2 = 2, less 1, plus .5: 1.5; times 1 / (1 + e^-2.553) = .9278: 1.3916;
    # twice that less 1 is 1.7833, and 1 / (1 + e^-1.7833) = .8561.
    assert network.predict(np.array([[5.0, 1.0]]))[0, 0] == pytest.approx(0.8561, abs=1e-3)


def test_a_layer_keeps_its_weights_to_a_127th_of_each_columns_largest() -> None:
    weights = CHANCE.normal(size=(30, 4)) * np.array([1.0, 10.0, 0.01, 1.0])
    layer = Layer.model_validate_json(Layer.of(weights, np.zeros(4)).model_dump_json())
    steps = np.abs(weights).max(axis=0) / 127
    assert (np.abs(layer.matrix - weights) <= steps / 2 + 1e-6).all()


def test_a_column_of_nothing_stays_nothing() -> None:
    assert (Layer.of(np.zeros((3, 2)), np.zeros(2)).matrix == 0).all()


def test_what_no_line_can_tell_apart_is_learned() -> None:
    # Whether the first two have the same sign: no weighted sum of them says it.
    marks = (FEATURES[:, :1] * FEATURES[:, 1:2] > 0).astype(float)
    wide = np.repeat(FEATURES, 20, axis=1)
    network = fit_network(wide[:3500], marks[:3500])
    right = (network.predict(wide[3500:]) > 0.5) == marks[3500:]
    assert right.mean() > 0.75


def test_chance_is_not_learned() -> None:
    marks = (CHANCE.random((4000, 1)) < 0.1).astype(float)
    found = fit_network(FEATURES[:3000], marks[:3000]).predict(FEATURES[3000:])
    assert found.mean() == pytest.approx(0.1, abs=0.03)
    assert found.max() < 0.4


def test_features_of_any_size_and_place_are_the_same_to_it() -> None:
    marks = (FEATURES[:, :1] > 0).astype(float)
    plain = fit_network(FEATURES, marks).predict(FEATURES)
    moved = fit_network(FEATURES * 50 + 1000, marks).predict(FEATURES * 50 + 1000)
    assert np.abs(plain - moved).max() < 0.02


def test_the_same_seed_gives_the_same_network() -> None:
    marks = (FEATURES[:500, :1] > 0).astype(float)
    one, two, other = (fit_network(FEATURES[:500], marks, seed) for seed in (1, 1, 2))
    assert one == two
    assert one != other
