"""Whether to probe, about what, and in which words: the part of the conversation a model has.

Both ways yield the same steps, so that the page can show what is happening: `Found` (what is
missing, or None for nothing), then the probe's words as they grow. A model that is away, or that
makes no sense, never stops the interview: then a prepared probe is asked, at most once a question.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.prompts import Prompt, fenced, load_prompt, prompt_names
from mock_interviewer.core.questions import Aim, Question
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import ModelError, ReplyMissingError
from mock_interviewer.grading import layout
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.aiming import choose, choose_unread
from mock_interviewer.interviewing.bounds import Bounds
from mock_interviewer.interviewing.wording import UnfitProbeError, guarded
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import ChatModel, Request
from mock_interviewer.llm.tokens import count, count_messages

log = logging.getLogger(__name__)

PROBE_TOKENS = 60
FIRST_WORD_SECONDS = 20.0
"""Longest time to the first word, reading included; after that the prepared probe is asked."""
TURN_SECONDS = 60.0
"""Longest time to the last word."""
HEADROOM = 0.8
"""Share of the context that a request may fill by our own count, which can be an estimate."""


@dataclass(frozen=True)
class Found:
    """What the answer lacks most, or None if there is nothing to ask."""

    aim: Aim | None


@dataclass(frozen=True)
class Words:
    """The probe so far. `prepared`: it comes from the bank, not from the model."""

    text: str
    prepared: bool = False


@dataclass(frozen=True)
class Spent:
    """What a probe has cost so far. A stream is cut off before its own account comes, so its
    tokens are our count."""

    usage: Usage


ProbeStep = Found | Words | Spent


class Prober(Protocol):
    """Finds and words one probe."""

    def probe(
        self, question: Question, lines: Sequence[Line], aims: Sequence[Aim]
    ) -> Iterator[ProbeStep]:
        """Yield `Found` once, and if it holds an aim, `Words` that grow to the whole probe."""
        ...


class ItemProber:
    """For small models: what is missing comes from the grade's own reading, one thing at a time."""

    def __init__(
        self,
        model: ChatModel,
        grader: Grader,
        context: int,
        first_word_seconds: float = FIRST_WORD_SECONDS,
        turn_seconds: float = TURN_SECONDS,
    ) -> None:
        self._model = model
        self._grader = grader
        self._context = context
        self._first_word_seconds = first_word_seconds
        self._turn_seconds = turn_seconds
        self._prompt = _loaded(grader)
        self._bounds = _bounds(grader)

    def probe(
        self, question: Question, lines: Sequence[Line], aims: Sequence[Aim]
    ) -> Iterator[ProbeStep]:
        """See `Prober`."""
        aims = [aim for aim in aims if aim in self._grader.rubric.aims]
        started = time.monotonic()
        try:
            missing = self._grader.missing(
                question.text, question.kind, lines, seconds=self._first_word_seconds
            )
        except ModelError as error:
            yield from _prepared_blind(question, lines, aims, error)
            return
        yield Spent(missing.usage)
        aim = choose(missing.aims, aims, lines)
        yield Found(aim)
        if aim is None:
            return
        about = self._grader.rubric.aims.get(aim, aim.value)
        if missing.excerpt is not None:
            request = short_request(self._prompt, question.text, missing.excerpt, about)
        else:
            ask = self._prompt.render(about=about)[0].content
            prompt = self._grader.prompts["checklist"]
            request = _fitting(
                lambda kept: Request(
                    prompt.render(question=question.text, answer=layout.plain(kept), ask=ask),
                    PROBE_TOKENS,
                ),
                lines,
                self._context,
            )
        # The candidate has been waiting since before the answer was read.
        request = replace(
            request,
            begun_by=started + self._first_word_seconds,
            done_by=started + self._turn_seconds,
        )
        pieces = self._model.stream(request)
        yield from _worded(pieces, question, aim, lines, request, self._bounds)


class DirectProber:
    """For strong models: one reply decides and words the probe."""

    def __init__(self, model: ChatModel, grader: Grader, context: int) -> None:
        self._model = model
        self._grader = grader
        self._context = context
        self._prompt = _loaded(grader)
        self._bounds = _bounds(grader)

    def probe(
        self, question: Question, lines: Sequence[Line], aims: Sequence[Aim]
    ) -> Iterator[ProbeStep]:
        """See `Prober`."""
        words = self._grader.rubric.aims
        aims = [aim for aim in aims if aim in words]
        if not aims:
            yield Found(None)
            return
        told = "\n".join(f"{aim.value}: {words[aim]}" for aim in aims)
        request = _fitting(
            lambda kept: Request(
                self._prompt.render(
                    aims=told,
                    question=question.text,
                    kind=question.kind.value.replace("_", " "),
                    answer=layout.plain(kept),
                ),
                PROBE_TOKENS,
            ),
            lines,
            self._context,
        )
        pieces = self._model.stream(request)
        try:
            aim, rest = _read_aim(pieces)
        except ModelError as error:
            yield from _prepared_blind(question, lines, aims, error)
            return
        if aim is None or aim not in aims:
            yield Found(None)
            return
        yield Found(aim)
        yield from _worded(_chain(rest, pieces), question, aim, lines, request, self._bounds)


def prompt_asked(strategy: Strategy) -> str:
    """The name of the prompt that words probes for a model that grades in this way."""
    return {
        Strategy.CHECKLIST: "checklist_probe",
        Strategy.SENTENCES: "short_probe",
    }.get(strategy, "probe")


def _loaded(grader: Grader) -> Prompt:
    return load_prompt(prompt_asked(grader.strategy), grader.prompt_folder)


@lru_cache(maxsize=2)
def _bounds(grader: Grader) -> Bounds:
    """Made from every prompt, also those of the grade: nobody knows what a model remembers."""
    prompts = {name: load_prompt(name, grader.prompt_folder) for name in prompt_names()}
    return Bounds(grader.rubric, prompts.values())


def make_prober(
    model: ChatModel,
    grader: Grader,
    context: int,
    first_word_seconds: float = FIRST_WORD_SECONDS,
    turn_seconds: float = TURN_SECONDS,
) -> Prober:
    """The prober that goes with how the model grades."""
    if grader.strategy in (Strategy.CHECKLIST, Strategy.SENTENCES):
        return ItemProber(model, grader, context, first_word_seconds, turn_seconds)
    return DirectProber(model, grader, context)


def short_request(prompt: Prompt, question: str, excerpt: Sequence[Line], about: str) -> Request:
    """A probe worded from a few sentences of the answer."""
    text = " ".join(line.text for line in excerpt)
    rendered = prompt.render(question=question, excerpt=fenced(text), about=about)
    return Request(rendered, PROBE_TOKENS)


def warm_up(grader: Grader) -> list[Request]:
    """Requests that make a server read what grading and probing requests begin with."""
    if grader.strategy is Strategy.SENTENCES:
        request = short_request(_loaded(grader), "?", [], "it")
        return [replace(request, max_tokens=1, top_logprobs=1)]
    return grader.warm_up()


def _worded(
    pieces: Iterator[str],
    question: Question,
    aim: Aim,
    lines: Sequence[Line],
    request: Request,
    bounds: Bounds,
) -> Iterator[ProbeStep]:
    said = [line.text for line in lines if line.role is Role.INTERVIEWER]
    text = ""
    try:
        for text in guarded(
            pieces, [question.text, *said], bounds.for_answer(question.text, lines)
        ):
            yield Words(text)
    except ModelError as error:
        log.info("The prepared probe is asked instead of the model's: %s", error)
        yield Words(question.probes[aim], prepared=True)
    yield Spent(Usage(prompt=count_messages(request.messages), completion=count(text)))


def _prepared_blind(
    question: Question, lines: Sequence[Line], aims: Sequence[Aim], error: ModelError
) -> Iterator[ProbeStep]:
    # An evaluation counts the replies that are missing, and tells of them at its end.
    level = logging.INFO if isinstance(error, ReplyMissingError) else logging.WARNING
    log.log(level, "The model cannot say what is missing, a prepared probe is asked: %s", error)
    aim = choose_unread(question, aims, lines)
    yield Found(aim)
    if aim is not None:
        yield Words(question.probes[aim], prepared=True)


def _read_aim(pieces: Iterator[str]) -> tuple[Aim | None, str]:
    """What the model finds missing, and the beginning of its question, as far as it has come."""
    head = ""
    for piece in pieces:
        head += piece
        if ":" in head or len(head) > 40:
            break
    name, _, rest = head.partition(":")
    word = re.sub(r"\W+", "_", name.lower()).strip("_")
    if word.startswith("none"):
        return None, ""
    try:
        return Aim(word), rest
    except ValueError as error:
        raise UnfitProbeError("the model did not begin with the name of what is missing") from error


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _fitting(
    build: Callable[[Sequence[Line]], Request], lines: Sequence[Line], context: int
) -> Request:
    """The request with as much of the transcript as fits, the latest turns first."""
    kept = list(lines)
    request = build(kept)
    while len(kept) > 1 and count_messages(request.messages) > context * HEADROOM - PROBE_TOKENS:
        left_out = kept.pop(0)
        log.warning(
            "For the probe, an earlier turn of %d characters is left out: the context is full",
            len(left_out.text),
        )
        request = build(kept)
    return request
