"""Who says what a reply did: a strong model in one structured request, else code and the grader.

What no observer can read moves nothing, and the observation says why.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mock_interviewer.core.grade import Grade, Usage
from mock_interviewer.core.observation import (
    Asking,
    Behaviour,
    Exchange,
    Misstep,
    Observation,
    Seen,
    within,
)
from mock_interviewer.core.prompts import fence, fenced, load_prompt
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import ModelError, ModelRefusedError
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing import cues
from mock_interviewer.llm.chat import ChatModel, Reply, Request, Schema
from mock_interviewer.llm.tokens import refuse_too_long

log = logging.getLogger(__name__)

OBSERVER_TOKENS = 700
TURN_SECONDS = 30.0
"""Longest time that a reply is read for; a person is waiting."""


@dataclass(frozen=True)
class Observed:
    """An observation and what it cost."""

    observation: Observation
    usage: Usage = Usage()


class Observer(Protocol):
    """Observes one reply."""

    def observe(self, scenario: Scenario, exchanges: Sequence[Exchange], reply: str) -> Observed:
        """What `reply`, which follows `exchanges`, did."""
        ...


class CueObserver:
    """Code alone; see `cues` for what it cannot tell."""

    def observe(self, scenario: Scenario, exchanges: Sequence[Exchange], reply: str) -> Observed:
        """See `Observer`."""
        return Observed(cues.observe(scenario, _heard_last(scenario, exchanges), reply))


class ChecklistObserver:
    """Code for questions, missteps and deeds; the grader's own items for the five behaviours.

    A behaviour is at the higher of the two levels, but a reply in which code finds nothing but set
    phrases shows no understanding, whatever the grader makes of it. Where the grader cannot read
    the reply, code's observation stands alone.
    """

    def __init__(self, grader: Grader) -> None:
        self._grader = grader

    def observe(self, scenario: Scenario, exchanges: Sequence[Exchange], reply: str) -> Observed:
        """See `Observer`."""
        heard = _heard_last(scenario, exchanges)
        found = cues.observe(scenario, heard, reply)
        lines = [Line(role=Role.INTERVIEWER, text=heard), Line(role=Role.CANDIDATE, text=reply)]
        try:
            grade = self._grader.grade(scenario.brief, Kind.ROLE_PLAY, lines)
        except ModelError as error:
            log.info("The reply is observed by its cues alone: %s", error)
            return Observed(found)
        merged = _higher(found, _graded(grade))
        name = f"{cues.OBSERVER}, {self._grader.model.name}"
        observation = found.model_copy(update={"behaviours": merged, "observer": name})
        return Observed(observation, grade.stamp.usage)


class ModelObserver:
    """One structured request to a model that can be trusted with it."""

    def __init__(self, model: ChatModel, context: int, prompts: Path | None = None) -> None:
        self._model = model
        self._context = context
        self._prompt = load_prompt("observer", prompts)

    def observe(self, scenario: Scenario, exchanges: Sequence[Exchange], reply: str) -> Observed:
        """See `Observer`."""
        usage = Usage()
        try:
            request = self.request(scenario, exchanges, reply)
            refuse_too_long(request, self._context)
            answered = self._model.ask(request, urgent=True)
            usage = answered.usage
            observation = read(answered, scenario, reply, self._model.name)
        except ModelError as error:
            log.warning("What the reply did is not known, and the mood stays: %s", error)
            observation = Observation(observer=self._model.name, unread=str(error))
        return Observed(observation, usage)

    def request(self, scenario: Scenario, exchanges: Sequence[Exchange], reply: str) -> Request:
        """What the model is asked."""
        policy = scenario.policy
        messages = self._prompt.render(
            brief=scenario.brief,
            story=scenario.customer.story,
            wants=scenario.customer.wants,
            sign=scenario.need.sign,
            policy="\n".join(
                [
                    *(f"Allowed: {text}" for text in policy.may),
                    *(f"Forbidden: {text}" for text in policy.must_not),
                ]
            ),
            acts="\n".join(f"- {act.id}: {act.what}" for act in scenario.acts),
            heard=_heard(scenario, exchanges),
            reply=_numbered(reply),
        )
        return Request(
            messages=messages,
            max_tokens=OBSERVER_TOKENS,
            schema=schema(scenario),
            done_by=time.monotonic() + TURN_SECONDS,
        )


def schema(scenario: Scenario) -> Schema:
    """The JSON schema of a reply: evidence before the level, everything in a fixed place."""
    numbers = {"type": "array", "items": {"type": "integer"}}
    seen = _object({"evidence": numbers, "level": {"type": "integer", "enum": [0, 1, 2]}})
    return Schema(
        name="observation",
        schema=_object(
            {
                "behaviours": _object({behaviour.value: seen for behaviour in Behaviour}),
                "missteps": _object({misstep.value: numbers for misstep in Misstep}),
                "asked": _object({asking.value: numbers for asking in Asking}),
                "acts": _object({act.id: numbers for act in scenario.acts}),
            }
        ),
    )


def read(answered: Reply, scenario: Scenario, reply: str, observer: str) -> Observation:
    """Read a model's observation. Raises `ModelRefusedError` if it is not of the asked form.

    What rests on no sentence of the reply is left out.
    """
    data = answered.data()
    count = len(cues.sentences(reply))
    try:
        behaviours = {
            behaviour: (_level(data["behaviours"][behaviour.value]), behaviour.value)
            for behaviour in Behaviour
        }
        evidence = within(
            {b.value: _numbers(data["behaviours"][b.value]["evidence"]) for b in Behaviour}, count
        )
        missteps = within({m.value: _numbers(data["missteps"][m.value]) for m in Misstep}, count)
        asked = within({a.value: _numbers(data["asked"][a.value]) for a in Asking}, count)
        acts = within({a.id: _numbers(data["acts"][a.id]) for a in scenario.acts}, count)
    except (KeyError, TypeError, ValueError) as error:
        log.info("The model's observation cannot be read: %s", error)
        raise ModelRefusedError("the model's observation is not of the asked form") from error
    return Observation(
        behaviours={
            behaviour: Seen(level=level, sentences=evidence[name])
            for behaviour, (level, name) in behaviours.items()
            if level and name in evidence
        },
        missteps={Misstep(name): numbers for name, numbers in missteps.items()},
        asked={Asking(name): numbers for name, numbers in asked.items()},
        acts=acts,
        observer=observer,
    )


def _level(data: Any) -> int:
    level = data["level"]
    if isinstance(level, bool) or level not in (0, 1, 2):
        raise ValueError(f"expected a level from 0 to 2, got {level!r}")
    return int(level)


def _numbers(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or any(
        isinstance(number, bool) or not isinstance(number, int) for number in value
    ):
        raise ValueError(f"expected sentence numbers, got {value!r}")
    return tuple(value)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _heard_last(scenario: Scenario, exchanges: Sequence[Exchange]) -> str:
    return exchanges[-1].said if exchanges else scenario.lines.opening


def _heard(scenario: Scenario, exchanges: Sequence[Exchange]) -> str:
    parts = [f"Customer: {scenario.lines.opening}"]
    for exchange in exchanges:
        parts += [f"Representative:\n{fenced(exchange.reply)}", f"Customer: {exchange.said}"]
    return "\n".join(parts)


def _numbered(reply: str) -> str:
    mark = fence(reply)
    rows = [
        f"{number}. {' '.join(sentence.split())}"
        for number, sentence in enumerate(cues.sentences(reply), start=1)
    ]
    return "\n".join([mark, *rows, mark])


def _graded(grade: Grade) -> dict[Behaviour, Seen]:
    found = {}
    for behaviour in Behaviour:
        rating = grade.ratings.get(behaviour.value)
        if rating and rating.level and rating.evidence:
            numbers = tuple(sorted({evidence.sentence for evidence in rating.evidence}))
            found[behaviour] = Seen(level=min(2, rating.level), sentences=numbers)
    return found


def _higher(found: Observation, graded: Mapping[Behaviour, Seen]) -> dict[Behaviour, Seen]:
    empty = set(found.missteps.get(Misstep.EMPTY_PHRASE, ()))
    merged = dict(found.behaviours)
    for behaviour, seen in graded.items():
        if seen.level > found.level(behaviour) and not set(seen.sentences) <= empty:
            merged[behaviour] = seen
    return merged
