"""A small network with one hidden layer: from features to how likely each of several things is.

Fitted with NumPy alone, so that anyone can fit one; kept as numbers in a file.
"""

from __future__ import annotations

import base64
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mock_interviewer.core.datafile import Strict
from mock_interviewer.grading.head import Numbers

Floats = NDArray[Any]
"""Of single precision while fitting, which is twice as quick, else of double."""

UNITS = 256
EPOCHS = 16
BATCH = 256
RATE = 1e-3
DECAY = 0.1
DROPPED = 0.5
"""Share of features and of units left out in each step (Srivastava et al. 2014). This and the
figures above were chosen on the training answers, cross-validated by question."""

RARE = -2.5
"""Where the outputs begin, as log-odds: about 1 in 13, as most things are rare in a sentence."""

_MOMENTS = (0.9, 0.999)
_LEAST = 1e-8
_INT8 = 127


class Layer(Strict):
    """`features @ weights + offsets`; the weights are kept as bytes, each column with its scale."""

    inputs: int
    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    weights: str
    """Base64 of a signed byte for each weight, row by row: -127 to 127 for minus to plus scale."""

    @staticmethod
    def of(weights: Floats, offsets: Floats) -> Layer:
        """Pack a layer."""
        scales = np.maximum(np.abs(weights).max(axis=0), _LEAST)
        packed = np.rint(_INT8 * weights / scales).astype(np.int8)
        return Layer(
            inputs=len(weights),
            scales=_short(scales),
            offsets=_short(offsets),
            weights=base64.b64encode(packed.tobytes()).decode(),
        )

    @cached_property
    def matrix(self) -> Numbers:
        """The weights: a row for each input, a column for each output. Raises `ValueError`."""
        packed = np.frombuffer(base64.b64decode(self.weights), dtype=np.int8)
        found: Numbers = packed.reshape(self.inputs, -1) / _INT8 * np.array(self.scales)
        return found

    def apply(self, features: Floats) -> Floats:
        """A row of outputs for each row of features."""
        found: Floats = features @ self.matrix + np.array(self.offsets)
        return found


class Network(Strict):
    """Features to likelihoods through one hidden layer."""

    means: tuple[float, ...]
    """Of each feature, and below its spread: what the hidden layer reads is features in these."""
    spreads: tuple[float, ...]
    hidden: Layer
    output: Layer

    def predict(self, features: Numbers) -> Numbers:
        """For each row of features and each output a likelihood, 0 to 1."""
        standard = (features - np.array(self.means)) / np.array(self.spreads)
        found: Numbers = _sigmoid(self.output.apply(_gelu(self.hidden.apply(standard))))
        return found


def fit_network(features: Numbers, marks: Numbers, seed: int = 0) -> Network:
    """Fit one to marks of 0 and 1, by AdamW (Loshchilov & Hutter 2019) on the cross-entropy.

    The same data and seed give the same network, up to the rounding of the machine's arithmetic.
    """
    chance = np.random.default_rng(seed)
    means, spreads = _short(features.mean(axis=0)), _short(features.std(axis=0) + 1e-3)
    inputs: Floats = ((features - np.array(means)) / np.array(spreads)).astype(np.float32)
    targets: Floats = marks.astype(np.float32)
    rows, width = inputs.shape
    parameters = [
        _start(chance, width, UNITS),
        np.zeros(UNITS, dtype=np.float32),
        _start(chance, UNITS, targets.shape[1]),
        np.full(targets.shape[1], RARE, dtype=np.float32),
    ]
    adam = _AdamW(parameters)
    steps = EPOCHS * -(-rows // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = chance.permutation(rows)
        for begin in range(0, rows, BATCH):
            batch = order[begin : begin + BATCH]
            slopes = _slopes(parameters, inputs[batch], targets[batch], chance)
            adam.step(slopes, RATE * min(1.0, 2 * (1 - step / steps)))
            step += 1
    hidden, hidden_offsets, output, offsets = parameters
    return Network(
        means=means,
        spreads=spreads,
        hidden=Layer.of(hidden, hidden_offsets),
        output=Layer.of(output, offsets),
    )


def _slopes(
    parameters: list[Floats], inputs: Floats, targets: Floats, chance: np.random.Generator
) -> list[Floats]:
    """Gradients of the mean cross-entropy, with dropout before and after the hidden layer."""
    hidden, hidden_offsets, output, offsets = parameters
    kept = _kept(chance, inputs.shape)
    shown = inputs * kept
    before = shown @ hidden + hidden_offsets
    kept_units = _kept(chance, before.shape)
    units = _gelu(before) * kept_units
    error = (_sigmoid(units @ output + offsets) - targets) / targets.size
    back = (error @ output.T) * kept_units * _gelu_slope(before)
    return [shown.T @ back, back.sum(axis=0), units.T @ error, error.sum(axis=0)]


class _AdamW:
    def __init__(self, parameters: list[Floats]) -> None:
        self._parameters = parameters
        self._first = [np.zeros_like(p) for p in parameters]
        self._second = [np.zeros_like(p) for p in parameters]
        self._count = 0

    def step(self, slopes: list[Floats], rate: float) -> None:
        self._count += 1
        early, late = (1 - moment**self._count for moment in _MOMENTS)
        for parameter, slope, first, second in zip(
            self._parameters, slopes, self._first, self._second, strict=True
        ):
            first += (1 - _MOMENTS[0]) * (slope - first)
            second += (1 - _MOMENTS[1]) * (slope * slope - second)
            parameter *= 1 - rate * DECAY
            parameter -= rate * (first / early) / (np.sqrt(second / late) + _LEAST)


def _short(values: Floats) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)


def _start(chance: np.random.Generator, inputs: int, outputs: int) -> Floats:
    bound = 1 / np.sqrt(inputs)
    return chance.uniform(-bound, bound, (inputs, outputs)).astype(np.float32)


def _kept(chance: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    kept = chance.random(shape, dtype=np.float32) >= DROPPED
    return kept.astype(np.float32) / np.float32(1 - DROPPED)


def _gelu(values: Floats) -> Floats:
    """The Gaussian error linear unit (Hendrycks & Gimpel 2016), by its sigmoid approximation."""
    found: Floats = values * _sigmoid(1.702 * values)
    return found


def _gelu_slope(values: Floats) -> Floats:
    share = _sigmoid(1.702 * values)
    found: Floats = share + 1.702 * values * share * (1 - share)
    return found


def _sigmoid(values: Floats) -> Floats:
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(values, -60, 60)))
    return found
