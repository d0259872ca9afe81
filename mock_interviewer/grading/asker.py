"""Asking an answer's checklist item by item, and what follows: a draft, and what is missing."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.questions import Aim, Kind
from mock_interviewer.core.rubric import Item, Rubric
from mock_interviewer.core.transcript import Line, Sentence
from mock_interviewer.errors import ModelRefusedError, ModelUnavailableError, ReplyMissingError
from mock_interviewer.grading import calibration as calibrations
from mock_interviewer.grading import checklist
from mock_interviewer.grading.calibration import Calibration
from mock_interviewer.grading.draft import Draft, Finding, applies
from mock_interviewer.llm.chat import ChatModel, Reply, Request
from mock_interviewer.llm.tokens import refuse_too_long

_REMEMBERED_REPLIES = 512
"""Items that a probe has asked are not asked again for the grade."""


class Asker:
    """Asks one model the items of one rubric. May be used from several threads."""

    def __init__(
        self, model: ChatModel, rubric: Rubric, prompts: Mapping[str, Prompt], context: int
    ) -> None:
        """`prompts`: those named checklist and labels. Raises `DataFileError`."""
        self._model = model
        self._rubric = rubric
        self._prompt = prompts["checklist"]
        self._labels = prompts["labels"]
        self._context = context
        self._digest = calibrations.prompts_digest(prompts)
        self.calibration = calibrations.find(rubric, self._digest, model.name)
        self._remembered: OrderedDict[str, Reply] = OrderedDict()
        self._lock = threading.Lock()

    def draft(
        self, question: str, kind: Kind, lines: Sequence[Line], numbered: Sequence[Sentence]
    ) -> tuple[Draft, Usage]:
        """What the answer holds. Raises `ModelError`."""
        usage = _Meter()
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
        draft = Draft(
            not_an_answer=False,
            tells_example=all(met[name] >= checklist.NOT_MET for name in example),
            findings={
                criterion.id: Finding(
                    level=checklist.level(criterion, met),
                    sentences=checklist.evidence(criterion, shares),
                    missing=_first_unmet(criterion.items, met),
                    items={item.id: round(met[item.id], 3) for item in criterion.items},
                )
                for criterion in self._rubric.criteria
                if all(item.id in met for item in criterion.items)
            },
        )
        return draft, usage.total

    def missing(
        self, question: str, kind: Kind, lines: Sequence[Line], deadline: float
    ) -> tuple[list[Aim], Usage]:
        """What a probe can ask for and is missing, the weakest first.

        Raises `ModelError`; also after `deadline`, by `time.monotonic()`, as a person is waiting.
        """
        usage = _Meter()
        met: dict[str, float] = {}
        items = [item for item in self._items(kind) if item.aim]
        for item in sorted(items, key=lambda item: item.aim is Aim.HOW_KNOWN):
            if item.aim is Aim.HOW_KNOWN and any(
                value < checklist.NOT_MET for value in met.values()
            ):
                break  # how it was known is asked only after the rest, and a person is waiting
            met[item.id] = self._met(question, lines, item, usage, done_by=deadline)
            if time.monotonic() > deadline:
                raise ModelUnavailableError("the model took too long to read the answer")
        found = checklist.missing_items(self._rubric, met)
        return [item.aim for item in found if item.aim], usage.total

    def requests(
        self, question: str, kind: Kind, lines: Sequence[Line], numbered: Sequence[Sentence]
    ) -> list[Request]:
        """All requests that a draft sends."""
        asked = [
            checklist.item_request(self._prompt, question, lines, item)
            for item in self._items(kind)
        ]
        return [*asked, checklist.labels_request(self._labels, numbered)]

    def empty_answer(self, question: str) -> Request:
        """A request that makes the server read what all requests to a question begin with."""
        line = Line.model_validate({"role": self._rubric.graded_role, "text": ""})
        item = self._rubric.criteria[0].items[0]
        return checklist.item_request(self._prompt, question, [line], item)

    def measure(
        self, fulls: Sequence[tuple[str, str]], progress: Callable[[], object]
    ) -> Calibration:
        """Calibrate on the null answers and on `fulls`. Raises `ModelError`."""

        def ask(question: str, answer: str, item: Item) -> float:
            line = Line.model_validate({"role": self._rubric.graded_role, "text": answer})
            found = self._log_odds(question, [line], item, _Meter())
            progress()
            return found

        null_answers = calibrations.load_nulls().answers
        nulls = [(calibrations.NULL_QUESTION, answer) for answer in null_answers]
        return calibrations.measure(self._rubric, self._digest, self._model.name, nulls, fulls, ask)

    def _items(self, kind: Kind) -> list[Item]:
        return [
            item
            for criterion in self._rubric.criteria
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
        done_by: float | None = None,
    ) -> float:
        value = self._log_odds(question, lines, item, usage, done_by=done_by)
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
        done_by: float | None = None,
    ) -> float:
        request = checklist.item_request(self._prompt, question, lines, item)
        return checklist.log_odds(usage.count(self._ask_once(request, done_by)))

    def _label_shares(
        self, numbered: Sequence[Sentence], usage: _Meter
    ) -> dict[int, dict[str, float]]:
        request = checklist.labels_request(self._labels, numbered)
        reply = usage.count(self._ask_once(request))
        names = checklist.label_names(self._labels)
        found = checklist.label_shares(reply, names, [s.number for s in numbered])
        if not found:
            raise ModelRefusedError("the model did not label the sentences as asked")
        return found

    def _ask_once(self, request: Request, done_by: float | None = None) -> Reply:
        key = request.key(self._model.name)
        with self._lock:
            if key in self._remembered:
                return self._remembered[key]
        refuse_too_long(request, self._context)
        reply = self._model.ask(replace(request, done_by=done_by), urgent=done_by is not None)
        with self._lock:
            self._remembered[key] = reply
            if len(self._remembered) > _REMEMBERED_REPLIES:
                self._remembered.popitem(last=False)
        return reply


class _Meter:
    """Adds up the tokens of some replies."""

    def __init__(self) -> None:
        self.total = Usage()

    def count(self, reply: Reply) -> Reply:
        self.total = self.total + reply.usage
        return reply


def _first_unmet(items: Sequence[Item], met: dict[str, float]) -> str:
    for item in sorted(items, key=lambda item: item.needed_for):
        if met[item.id] < checklist.NOT_MET:
            return item.lack
    return ""
