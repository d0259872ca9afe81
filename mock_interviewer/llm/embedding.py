"""What a model makes of a text before it writes anything: its states, as numbers."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import httpx2
import numpy as np
from numpy.typing import NDArray

from mock_interviewer.errors import ModelRefusedError, ModelUnavailableError

MOST_CHARACTERS = 300
"""Of a text; the server reads it in one step of 512 tokens or not at all."""


@dataclass(frozen=True)
class Frame:
    """A text to be read, `text`, and what stands before and after it."""

    before: str
    text: str
    after: str

    def key(self, model: str) -> str:
        """Hash of model and text: what recordings are found by."""
        parts = json.dumps([model, "states", self.before, self.text, self.after])
        return hashlib.sha256(parts.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Embedding:
    """The mean of the states over the text's tokens, and the state after the last token of all.

    Kept as bytes, the signed root of each value over the largest, `scale`: a few states are huge,
    and the others have to be kept as well. Live and recorded embeddings are so the same.
    """

    scale: float
    values: bytes
    tokens: int
    """How many tokens were read."""

    @property
    def vector(self) -> NDArray[np.float64]:
        """The numbers."""
        roots = np.frombuffer(self.values, dtype=np.int8).astype(np.float64) / 127
        return np.sign(roots) * roots**2 * self.scale

    def line(self, key: str) -> dict[str, Any]:
        """As a line of a recording."""
        return {
            "custom_id": key,
            "embedding": {
                "scale": self.scale,
                "values": base64.b64encode(self.values).decode(),
                "tokens": self.tokens,
            },
        }

    @staticmethod
    def of_line(line: Mapping[str, Any]) -> Embedding:
        """Read a line of a recording. Raises `ModelRefusedError`."""
        try:
            data = line["embedding"]
            values = base64.b64decode(data["values"])
            return Embedding(float(data["scale"]), values, int(data["tokens"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ModelRefusedError("the recorded line holds no embedding") from error


def embedding(states: NDArray[np.float64], before: int, after: int) -> Embedding:
    """Make one of a text's states, a row a token, of which so many frame the text itself."""
    inside = states[before : len(states) - after]
    vector = np.concatenate([(inside if len(inside) else states).mean(axis=0), states[-1]])
    return packed(vector, len(states))


def packed(vector: NDArray[np.float64], tokens: int) -> Embedding:
    """Keep the numbers as bytes."""
    scale = float(f"{max(float(np.abs(vector).max()), 1e-9):.6g}")
    roots = np.sign(vector) * np.sqrt(np.minimum(np.abs(vector) / scale, 1.0))
    return Embedding(scale, np.rint(127 * roots).astype(np.int8).tobytes(), tokens)


@runtime_checkable
class Embedder(Protocol):
    """Something that reads texts."""

    def embed(self, frame: Frame, *, urgent: bool = False) -> Embedding:
        """Read one text. Raises `ModelError`."""
        ...


class StateReader:
    """Reads texts with a llama.cpp server that was started for embeddings without pooling."""

    def __init__(self, address: str, key: str, seconds: float) -> None:
        self._client = httpx2.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=seconds,
            trust_env=False,
        )
        self._lengths: dict[str, int] = {}

    def embed(self, frame: Frame) -> Embedding:
        """Read one text. Raises `ModelError`."""
        text = frame.text[:MOST_CHARACTERS]
        before, after = self._length(frame.before), self._length(frame.after)
        found = self._post("/embedding", {"content": [frame.before + text + frame.after]})
        try:
            states = np.array(found[0]["embedding"], dtype=np.float64)
        except (LookupError, TypeError, ValueError) as error:
            raise ModelRefusedError("the model's server gives no embeddings") from error
        if states.ndim != 2 or not len(states):
            raise ModelRefusedError("the model's server gives no embeddings of single tokens")
        return embedding(states, before, after)

    def _length(self, text: str) -> int:
        if text not in self._lengths:
            found = self._post("/tokenize", {"content": text})
            self._lengths[text] = len(found["tokens"])
        return self._lengths[text]

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        try:
            response = self._client.post(path, json=body)
            response.raise_for_status()
            return response.json()
        except httpx2.TimeoutException as error:
            raise ModelUnavailableError("the model took too long to answer") from error
        except httpx2.HTTPStatusError as error:
            raise ModelRefusedError(
                f"the model's server rejects the request (status {error.response.status_code})"
            ) from error
        except (httpx2.HTTPError, ValueError) as error:
            raise ModelUnavailableError("the model's server cannot be reached") from error
