"""The grader's front door: one answer in, one stamped grade out."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.grade import Grade, Rating, Stamp, Usage
from mock_interviewer.core.prompts import Prompt, load_prompt
from mock_interviewer.core.questions import Aim, Kind
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Line, Sentence, sentences
from mock_interviewer.errors import ModelRefusedError
from mock_interviewer.grading import coding, levels, retelling
from mock_interviewer.grading.asker import Asker
from mock_interviewer.grading.calibration import prompts_digest
from mock_interviewer.grading.draft import Draft, lowest, ratings
from mock_interviewer.grading.reading import Reader
from mock_interviewer.llm.catalogue import DEFAULT_CONTEXT, Strategy
from mock_interviewer.llm.chat import ChatModel, Request
from mock_interviewer.llm.tokens import refuse_too_long

_PROMPTS = {
    Strategy.LEVELS: ("levels",),
    Strategy.ADVICE: ("levels",),
    Strategy.CHECKLIST: ("checklist", "labels"),
    Strategy.SENTENCES: ("sentence",),
}


class Missing(NamedTuple):
    """What an answer lacks, the weakest first, and what it cost to find out."""

    aims: list[Aim]
    usage: Usage
    excerpt: Sequence[Line] | None = None
    """Enough of the answer to word a probe from; None: all of it is needed."""


class Grader:
    """Grades answers with one model, rubric and strategy. May be used from several threads."""

    def __init__(
        self,
        model: ChatModel,
        rubric: Rubric,
        strategy: Strategy,
        context: int = DEFAULT_CONTEXT,
        prompt_folder: Path | None = None,
    ) -> None:
        """`prompt_folder`: prompts that take the place of the program's own."""
        self.model = model
        self.prompt_folder = prompt_folder
        self._context = context
        self.rubric = rubric
        fitted = (
            coding.find(rubric, load_prompt("sentence", prompt_folder), model.name)
            if strategy is Strategy.SENTENCES
            else None
        )
        if strategy is Strategy.SENTENCES and fitted is None:
            strategy = Strategy.CHECKLIST  # the nearest rule that needs nothing fitted
        self.strategy = strategy
        self.prompts: dict[str, Prompt] = {
            name: load_prompt(name, prompt_folder) for name in _PROMPTS[strategy]
        }
        self._fitted = fitted
        self._reader = Reader(model, self.prompts["sentence"], fitted, rubric) if fitted else None
        self.asker = (
            Asker(model, rubric, self.prompts, context) if strategy is Strategy.CHECKLIST else None
        )
        self._digest = prompts_digest(self.prompts)

    @property
    def key(self) -> str:
        """Hash of everything that could change a level."""
        parts = [
            self.rubric.digest,
            self._digest,
            self.model.name,
            self.strategy.value,
            self._calibration_name(),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def grade(self, question: str, kind: Kind, lines: Sequence[Line]) -> Grade:
        """Grade one answer. Raises `ModelError`; never makes up a level."""
        numbered = sentences(lines, self.rubric.graded_role)
        if says_nothing(question, numbered):
            draft, usage = lowest(self.rubric, kind), Usage()
        elif self.asker:
            draft, usage = self.asker.draft(question, kind, lines, numbered)
        elif self._reader:
            draft, usage = self._reader.draft(numbered)
        else:
            draft, usage = self._levels(question, kind, lines)
        if draft.not_an_answer and self.strategy is not Strategy.ADVICE:
            draft = lowest(self.rubric, kind)
        rated = ratings(draft, self.rubric, kind, numbered)
        answer = " ".join(sentence.text for sentence in numbered)
        told = draft.next_time
        if not told or not retelling.invents_nothing(told, f"{answer} {question}"):
            told = retelling.composed(rated, self.rubric, numbered)
        return Grade(
            not_an_answer=draft.not_an_answer,
            ratings=rated,
            next_time=told,
            stamp=self._stamp(usage),
        )

    def ungraded(self, reason: str) -> Grade:
        """A grade without levels, for an answer that cannot be graded."""
        rating = Rating(level=None, reason=f"ungraded: {reason}")
        return Grade(
            not_an_answer=False,
            ratings={criterion.id: rating for criterion in self.rubric.criteria},
            stamp=self._stamp(Usage()),
        )

    def requests(self, question: str, kind: Kind, lines: Sequence[Line]) -> list[Request]:
        """All requests that grading this answer sends."""
        if self._reader:
            return []
        if self.asker:
            numbered = sentences(lines, self.rubric.graded_role)
            return self.asker.requests(question, kind, lines, numbered)
        return [levels.request(self.prompts["levels"], self.rubric, question, kind, lines)]

    def missing(
        self, question: str, kind: Kind, lines: Sequence[Line], *, seconds: float
    ) -> Missing:
        """What the answer lacks, the weakest first, from the checklist's own items.

        The replies are kept, and the grade of the same answer does not ask again.
        Raises `ModelError`; also if it takes longer than `seconds`, as a person is waiting.
        """
        deadline = time.monotonic() + seconds
        if self._reader:
            numbered = sentences(lines, self.rubric.graded_role)
            shares, spent = self._reader.shares(numbered, urgent=True, deadline=deadline)
            text = " ".join(self._reader.excerpt(numbered, shares))
            excerpt = [Line(role=self.rubric.graded_role, text=text)]
            return Missing(self._reader.missing(kind, shares), spent, excerpt)
        if self.asker:
            return Missing(*self.asker.missing(question, kind, lines, deadline))
        raise ModelRefusedError(f"what is missing is not read by the strategy {self.strategy}")

    def warm_up(self) -> list[Request]:
        """Requests that make the server read what all requests of this strategy begin with."""
        return [self.asker.empty_answer("?")] if self.asker else []

    def read_draft(self, text: str) -> None:
        """Read the whole sentences of an answer that is being written. Raises `ModelError`."""
        if self._reader and text.strip():
            line = Line.model_validate({"role": self.rubric.graded_role, "text": text})
            *whole, _unfinished = sentences([line], self.rubric.graded_role) or (None,)
            self._reader.shares([sentence for sentence in whole if sentence])

    def read_ahead(self, question: str) -> None:
        """Let the server read a question while its answer is being written. Raises `ModelError`."""
        if self.asker:
            self.model.ask(self.asker.empty_answer(question), urgent=True)

    def _levels(self, question: str, kind: Kind, lines: Sequence[Line]) -> tuple[Draft, Usage]:
        request = levels.request(self.prompts["levels"], self.rubric, question, kind, lines)
        refuse_too_long(request, self._context)
        reply = self.model.ask(request)
        with_levels = self.strategy is Strategy.LEVELS
        return levels.read(reply, self.rubric, with_levels=with_levels), reply.usage

    def _stamp(self, usage: Usage) -> Stamp:
        return Stamp(
            grader_key=self.key,
            rubric=f"{self.rubric.id} {self.rubric.version} ({self.rubric.digest})",
            prompts={
                name: f"{prompt.version} ({prompt.digest})" for name, prompt in self.prompts.items()
            },
            model=self.model.name,
            strategy=self.strategy.value,
            calibration=self._calibration_name(),
            package_version=package_version(),
            graded_at=datetime.now(UTC),
            usage=usage,
        )

    def _calibration_name(self) -> str:
        if self._fitted:
            return self._fitted.name
        if self.asker:
            calibration = self.asker.calibration
            return calibration.name if calibration else "not calibrated"
        return "none needed"


def says_nothing(question: str, numbered: Sequence[Sentence]) -> bool:
    """Whether code can tell that this is no answer: no words, "I don't know", or the question."""
    text = " ".join(sentence.text for sentence in numbered)
    if kind_of(text) in (Content.EMPTY, Content.NO_WORDS, Content.NO_EXAMPLE):
        return True
    return _plain(text) in _plain(question)


def package_version() -> str:
    """The installed version, or "source" in a checkout that was never installed."""
    try:
        return version("mock-interviewer")
    except PackageNotFoundError:
        return "source"


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
