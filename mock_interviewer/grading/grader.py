"""The grader's front door: one answer in, one stamped grade out."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.grade import Grade, Rating, Stamp, Usage
from mock_interviewer.core.prompts import Prompt, load_prompt
from mock_interviewer.core.questions import Aim, Kind
from mock_interviewer.core.rubric import Item, Rubric
from mock_interviewer.core.transcript import Line, Sentence, sentences
from mock_interviewer.errors import (
    ModelRefusedError,
    ModelUnavailableError,
    ReplyMissingError,
)
from mock_interviewer.grading import calibration as calibrations
from mock_interviewer.grading import checklist, coding, levels, retelling
from mock_interviewer.grading.draft import Draft, Finding, applies, lowest, ratings
from mock_interviewer.grading.reading import Reader
from mock_interviewer.llm.catalogue import DEFAULT_CONTEXT, Strategy
from mock_interviewer.llm.chat import ChatModel, Reply, Request
from mock_interviewer.llm.tokens import count_messages

_REMEMBERED_REPLIES = 512
"""Items that a probe has asked are not asked again for the grade."""

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
        self, model: ChatModel, rubric: Rubric, strategy: Strategy, context: int = DEFAULT_CONTEXT
    ) -> None:
        self.model = model
        self._context = context
        self.rubric = rubric
        fitted = (
            coding.find(rubric, load_prompt("sentence"), model.name)
            if strategy is Strategy.SENTENCES
            else None
        )
        if strategy is Strategy.SENTENCES and fitted is None:
            strategy = Strategy.CHECKLIST  # the nearest rule that needs nothing fitted
        self.strategy = strategy
        self.prompts: dict[str, Prompt] = {name: load_prompt(name) for name in _PROMPTS[strategy]}
        self._fitted = fitted
        self._reader = Reader(model, self.prompts["sentence"], fitted, rubric) if fitted else None
        self._digest = calibrations.prompts_digest(self.prompts)
        self.calibration = (
            calibrations.find(rubric, self._digest, model.name)
            if strategy is Strategy.CHECKLIST
            else None
        )
        self._remembered: OrderedDict[str, Reply] = OrderedDict()
        self._lock = threading.Lock()

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
        usage = _Meter()
        if says_nothing(question, numbered):
            draft = lowest(self.rubric, kind)
        elif self.strategy is Strategy.CHECKLIST:
            draft = self._checklist(question, kind, lines, numbered, usage)
        elif self._reader:
            draft, spent = self._reader.draft(numbered)
            usage.add(spent)
        else:
            draft = self._levels(question, kind, lines, usage)
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
            stamp=self._stamp(usage.total),
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
        if self.strategy is Strategy.SENTENCES:
            return []
        if self.strategy is not Strategy.CHECKLIST:
            return [levels.request(self.prompts["levels"], self.rubric, question, kind, lines)]
        prompt = self.prompts["checklist"]
        asked = [
            checklist.item_request(prompt, question, lines, item) for item in self._items(kind)
        ]
        numbered = sentences(lines, self.rubric.graded_role)
        return [*asked, checklist.labels_request(self.prompts["labels"], numbered)]

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
        usage = _Meter()
        met: dict[str, float] = {}
        items = [item for item in self._items(kind) if item.aim]
        for item in sorted(items, key=lambda item: item.aim is Aim.HOW_KNOWN):
            if item.aim is Aim.HOW_KNOWN and any(
                value < checklist.NOT_MET for value in met.values()
            ):
                break  # how it was known is asked only after the rest, and a person is waiting
            met[item.id] = self._met(question, lines, item, usage, urgent=True)
            if time.monotonic() > deadline:
                raise ModelUnavailableError("the model took too long to read the answer")
        found = checklist.missing_items(self.rubric, met)
        return Missing([item.aim for item in found if item.aim], usage.total)

    def warm_up(self) -> list[Request]:
        """Requests that make the server read what all requests of this strategy begin with."""
        return [] if self.strategy is not Strategy.CHECKLIST else [self._empty_answer("?")]

    def read_draft(self, text: str) -> None:
        """Read the whole sentences of an answer that is being written. Raises `ModelError`."""
        if self._reader and text.strip():
            line = Line.model_validate({"role": self.rubric.graded_role, "text": text})
            *whole, _unfinished = sentences([line], self.rubric.graded_role) or (None,)
            self._reader.shares([sentence for sentence in whole if sentence])

    def read_ahead(self, question: str) -> None:
        """Let the server read a question while its answer is being written. Raises `ModelError`."""
        if self.strategy is Strategy.CHECKLIST:
            self.model.ask(self._empty_answer(question), urgent=True)

    def _empty_answer(self, question: str) -> Request:
        line = Line.model_validate({"role": self.rubric.graded_role, "text": ""})
        item = self.rubric.criteria[0].items[0]
        return checklist.item_request(self.prompts["checklist"], question, [line], item)

    def measure(
        self,
        fulls: Sequence[tuple[str, str]],
        *,
        progress: Callable[[], object] = lambda: None,
    ) -> calibrations.Calibration:
        """Calibrate on the null answers and on `fulls`, pairs of a question and a full answer.

        `progress` is called after each item. Raises `ModelError`.
        """

        def ask(question: str, answer: str, item: Item) -> float:
            line = Line.model_validate({"role": self.rubric.graded_role, "text": answer})
            found = self._log_odds(question, [line], item, _Meter())
            progress()
            return found

        null_answers = calibrations.load_nulls().answers
        nulls = [(calibrations.NULL_QUESTION, answer) for answer in null_answers]
        return calibrations.measure(self.rubric, self._digest, self.model.name, nulls, fulls, ask)

    def _levels(self, question: str, kind: Kind, lines: Sequence[Line], usage: _Meter) -> Draft:
        request = levels.request(self.prompts["levels"], self.rubric, question, kind, lines)
        self._refuse_too_long(request)
        reply = usage.count(self.model.ask(request))
        return levels.read(reply, self.rubric, with_levels=self.strategy is Strategy.LEVELS)

    def _checklist(
        self,
        question: str,
        kind: Kind,
        lines: Sequence[Line],
        numbered: Sequence[Sentence],
        usage: _Meter,
    ) -> Draft:
        missing: ReplyMissingError | None = None
        met: dict[str, float] = {}
        for item in self._items(kind):
            try:
                met[item.id] = self._met(question, lines, item, usage)
            except ReplyMissingError as error:
                missing = error  # a batch round names all that is missing, not only the first
        try:
            shares = self._label_shares(numbered, usage)
        except ReplyMissingError as error:
            missing = error
        if missing:
            raise missing
        example = [i.id for i in self._items(kind) if i.aim is Aim.SITUATION]
        return Draft(
            not_an_answer=False,
            tells_example=all(met[name] >= checklist.NOT_MET for name in example),
            findings={
                criterion.id: Finding(
                    level=checklist.level(criterion, met),
                    sentences=checklist.evidence(criterion, shares),
                    missing=_first_unmet(criterion.items, met),
                    items={item.id: round(met[item.id], 3) for item in criterion.items},
                )
                for criterion in self.rubric.criteria
                if all(item.id in met for item in criterion.items)
            },
        )

    def _items(self, kind: Kind) -> list[Item]:
        return [
            item
            for criterion in self.rubric.criteria
            if applies(criterion, kind, tells_example=True)
            for item in criterion.items
        ]

    def _met(
        self,
        question: str,
        lines: Sequence[Line],
        item: Item,
        usage: _Meter,
        *,
        urgent: bool = False,
    ) -> float:
        value = self._log_odds(question, lines, item, usage, urgent=urgent)
        if self.calibration is None:
            return checklist.met(value)
        return checklist.met(
            value, self.calibration.nulls[item.id], self.calibration.fulls[item.id]
        )

    def _log_odds(
        self,
        question: str,
        lines: Sequence[Line],
        item: Item,
        usage: _Meter,
        *,
        urgent: bool = False,
    ) -> float:
        request = checklist.item_request(self.prompts["checklist"], question, lines, item)
        return checklist.log_odds(usage.count(self._ask_once(request, urgent)))

    def _label_shares(
        self, numbered: Sequence[Sentence], usage: _Meter
    ) -> dict[int, dict[str, float]]:
        prompt = self.prompts["labels"]
        reply = usage.count(self._ask_once(checklist.labels_request(prompt, numbered), False))
        found = checklist.label_shares(
            reply, checklist.label_names(prompt), [s.number for s in numbered]
        )
        if not found:
            raise ModelRefusedError("the model did not label the sentences as asked")
        return found

    def _ask_once(self, request: Request, urgent: bool) -> Reply:
        key = request.key(self.model.name)
        with self._lock:
            if key in self._remembered:
                return self._remembered[key]
        self._refuse_too_long(request)
        reply = self.model.ask(request, urgent=urgent)
        with self._lock:
            self._remembered[key] = reply
            if len(self._remembered) > _REMEMBERED_REPLIES:
                self._remembered.popitem(last=False)
        return reply

    def _refuse_too_long(self, request: Request) -> None:
        """An answer is graded whole or not at all. Raises `ModelRefusedError`."""
        tokens = count_messages(request.messages) + request.max_tokens
        if tokens > self._context:
            raise ModelRefusedError(
                f"the answer is too long for this model ({tokens} tokens, room for {self._context})"
            )

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
        if self.strategy is not Strategy.CHECKLIST:
            return "none needed"
        return self.calibration.name if self.calibration else "not calibrated"


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


class _Meter:
    """Adds up the tokens of some replies."""

    def __init__(self) -> None:
        self.total = Usage()

    def add(self, usage: Usage) -> None:
        self.total = self.total + usage

    def count(self, reply: Reply) -> Reply:
        self.total = self.total + reply.usage
        return reply


def _first_unmet(items: Sequence[Item], met: dict[str, float]) -> str:
    for item in sorted(items, key=lambda item: item.needed_for):
        if met[item.id] < checklist.NOT_MET:
            return item.lack
    return ""


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
