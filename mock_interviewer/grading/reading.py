"""Reading an answer sentence by sentence, and what follows: a draft, and what is missing."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.questions import Aim, Kind
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Sentence
from mock_interviewer.errors import ModelRefusedError, ModelUnavailableError
from mock_interviewer.grading import coding
from mock_interviewer.grading.coding import Coding, Signal
from mock_interviewer.grading.draft import Draft, Finding, applies
from mock_interviewer.grading.head import Numbers
from mock_interviewer.llm.chat import ChatModel
from mock_interviewer.llm.embedding import Embedder, Embedding

_REMEMBERED_SENTENCES = 2000
"""What was read for a probe, or while the candidate wrote, is not read again for the grade."""

EXCERPT = 3
"""Sentences of the answer that a probe is worded from."""


class Reader:
    """Reads sentences with one model. May be used from several threads."""

    def __init__(self, model: ChatModel, prompt: Prompt, fitted: Coding, rubric: Rubric) -> None:
        self._model = model
        self._prompt = prompt
        self._fitted = fitted
        self._rubric = rubric
        self._remembered: OrderedDict[str, Embedding] = OrderedDict()
        self._lock = threading.Lock()

    def shares(
        self,
        numbered: Sequence[Sentence],
        *,
        urgent: bool = False,
        deadline: float | None = None,
    ) -> tuple[Numbers, Usage]:
        """How likely each sentence does what, and what it cost to find out. Raises `ModelError`.

        `deadline`: by `time.monotonic()`; after it `ModelUnavailableError` is raised.
        """
        found, spent = [], 0
        for sentence in numbered:
            read, tokens = self._read(sentence.text, urgent)
            found.append(read.vector)
            spent += tokens
            if deadline is not None and time.monotonic() > deadline:
                raise ModelUnavailableError("the model took too long to read the answer")
        asked = sum(self._remembered_tokens(sentence.text) for sentence in numbered)
        return self._fitted.shares(found), Usage(prompt=asked, cached=asked - spent)

    def draft(self, numbered: Sequence[Sentence]) -> tuple[Draft, Usage]:
        """What the answer holds. Raises `ModelError`."""
        shares, usage = self.shares(numbered)
        return (
            Draft(
                not_an_answer=self._no_answer(shares),
                tells_example=self._fitted.gives(Signal.EXAMPLE, shares),
                findings={
                    criterion.id: self._finding(criterion.id, shares, numbered)
                    for criterion in self._rubric.criteria
                },
            ),
            usage,
        )

    def missing(self, kind: Kind, shares: Numbers) -> list[Aim]:
        """What a probe can ask for and is missing, of the criterion lowest on its scale first."""
        heights: dict[Aim, float] = {}
        example = self._fitted.gives(Signal.EXAMPLE, shares)
        for criterion in self._rubric.criteria:
            if not applies(criterion, kind, tells_example=example):
                continue
            value = self._fitted.value(criterion.id, shares)
            for item in criterion.items:
                if item.aim and value < item.needed_for - 0.5:
                    scale = criterion.highest - criterion.lowest
                    heights[item.aim] = (value - criterion.lowest) / scale
        return sorted(heights, key=heights.__getitem__)

    def excerpt(self, numbered: Sequence[Sentence], shares: Numbers) -> list[str]:
        """The sentences that set the scene and the last one: what a probe is worded from."""
        scene = self._fitted.signs(Signal.SCENE, shares)
        order = [int(place) for place in np.argsort(-scene, kind="stable")]
        kept = {len(numbered) - 1, *order[: EXCERPT - 1]}
        return [numbered[place].text for place in sorted(kept)]

    def _finding(self, name: str, shares: Numbers, numbered: Sequence[Sentence]) -> Finding:
        criterion = self._rubric.criterion(name)
        value = self._fitted.value(name, shares)
        spread = self._fitted.levels[name].spread
        places = self._fitted.evidence(name, shares)
        item = coding.lacking(criterion, value, spread)
        level = criterion.nearest(value)
        return Finding(
            level=level,
            likely=(criterion.nearest(value - spread), criterion.nearest(value + spread)),
            sentences=tuple(numbered[place].number for place in places),
            missing=item.lack if item else "",
            next_step=coding.step_to(criterion, item, level) if item else "",
            items={
                code: round(self._fitted.top(code, shares), 3)
                for code, fitted in self._fitted.codes.items()
                if name in fitted.evidence_for
            },
        )

    def _no_answer(self, shares: Numbers) -> bool:
        fitted = self._fitted
        elsewhere = fitted.gives(Signal.OFF_QUESTION, shares)
        answered = fitted.gives(Signal.ANSWER, shares)
        return bool(shares.max() < coding.FOUND) or (elsewhere and not answered)

    def _read(self, text: str, urgent: bool) -> tuple[Embedding, int]:
        """The sentence's embedding, and how many tokens were computed for it."""
        with self._lock:
            if text in self._remembered:
                return self._remembered[text], 0
        if not isinstance(self._model, Embedder):
            raise ModelRefusedError("this model gives no embeddings")
        read = self._model.embed(coding.frame(self._prompt, text), urgent=urgent)
        with self._lock:
            self._remembered[text] = read
            if len(self._remembered) > _REMEMBERED_SENTENCES:
                self._remembered.popitem(last=False)
        return read, read.tokens

    def _remembered_tokens(self, text: str) -> int:
        with self._lock:
            found = self._remembered.get(text)
        return found.tokens if found else 0
