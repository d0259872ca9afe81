"""The customer's words: a model's where one can hold the part, else the scenario's own."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.mood import Band, band_of
from mock_interviewer.core.observation import Exchange, Misstep, Observation
from mock_interviewer.core.prompts import fenced, load_prompt
from mock_interviewer.core.scenario import Channel, Scenario
from mock_interviewer.errors import ModelError
from mock_interviewer.interviewing import cues
from mock_interviewer.interviewing.in_role import checked
from mock_interviewer.interviewing.role_play import Cause, Step, play
from mock_interviewer.llm.chat import ChatModel, Request
from mock_interviewer.llm.tokens import refuse_too_long

log = logging.getLogger(__name__)

CUSTOMER_TOKENS = 200
TURN_SECONDS = 20.0
"""Longest time for the model's words; after that the prepared line is said."""

_CHANNELS = {
    Channel.CALL: "a telephone call",
    Channel.CHAT: "a written chat",
    Channel.COUNTER: "at a counter, face to face",
}


@dataclass(frozen=True)
class Said:
    """The customer's words. `prepared`: they are the scenario's."""

    text: str
    prepared: bool = True
    usage: Usage = Usage()


@dataclass(frozen=True)
class Moment:
    """The customer is to speak: `reply` followed `exchanges`, and did `step`."""

    scenario: Scenario
    exchanges: Sequence[Exchange]
    reply: str
    observation: Observation
    step: Step


class Customer(Protocol):
    """Gives the customer words."""

    def answer(self, moment: Moment) -> Said:
        """What the customer says now."""
        ...


class PreparedCustomer:
    """Says the scenario's lines."""

    def answer(self, moment: Moment) -> Said:
        """See `Customer`."""
        return Said(prepared_line(moment))


class ModelCustomer:
    """Speaks through a model, within what code allows; the prepared line where it fails."""

    def __init__(self, model: ChatModel, context: int, prompts: Path | None = None) -> None:
        self._model = model
        self._context = context
        self._prompt = load_prompt("customer", prompts)

    def answer(self, moment: Moment) -> Said:
        """See `Customer`."""
        scenario, exchanges = moment.scenario, moment.exchanges
        prepared = prepared_line(moment)
        found = moment.step.told or play(scenario, exchanges).standing.found_at is not None
        before = exchanges[-1].said if exchanges else scenario.lines.opening
        usage = Usage()
        try:
            request = self.request(moment, prepared)
            refuse_too_long(request, self._context)
            answered = self._model.ask(request, urgent=True)
            usage = answered.usage
            text = checked(answered.text, scenario, told=found, before=before)
        except ModelError as error:
            log.info("The prepared line is said instead of the model's: %s", error)
            return Said(prepared, usage=usage)
        return Said(text, prepared=False, usage=usage)

    def request(self, moment: Moment, prepared: str) -> Request:
        """What the model is asked. `prepared` shows it the gist of the line."""
        scenario, exchanges, step = moment.scenario, moment.exchanges, moment.step
        found_before = play(scenario, exchanges).standing.found_at is not None
        customer = scenario.customer
        messages = self._prompt.render(
            name=customer.name,
            channel=_CHANNELS[scenario.channel],
            story=customer.story,
            wants=customer.wants,
            manner=customer.manner,
            heard=conversation(scenario, exchanges, moment.reply),
            mood=scenario.moods[band_of(step.after)],
            known="" if step.told else _known(scenario, found_before),
            now=_now(scenario, step, prepared),
        )
        return Request(
            messages=messages,
            max_tokens=CUSTOMER_TOKENS,
            temperature=None,
            done_by=time.monotonic() + TURN_SECONDS,
        )


def conversation(scenario: Scenario, exchanges: Sequence[Exchange], reply: str) -> str:
    """What was said so far, as a model reads it: the representative's words fenced."""
    parts = [f"Customer: {scenario.lines.opening}"]
    for exchange in exchanges:
        parts += [f"Representative:\n{fenced(exchange.reply)}", f"Customer: {exchange.said}"]
    return "\n".join([*parts, f"Representative:\n{fenced(reply)}"])


def prepared_line(moment: Moment) -> str:
    """The scenario's line for this moment, the most particular one that was not said before."""
    scenario, step = moment.scenario, moment.step
    said = [scenario.lines.opening, *(exchange.said for exchange in moment.exchanges)]
    for line in _particular(moment):
        if line not in said:
            return line
    lines = scenario.lines.bands[band_of(step.after)]
    pool = lines.warmed if step.after > step.before else lines.same
    return min(pool, key=said.count)


def _particular(moment: Moment) -> list[str]:
    scenario, reply, step = moment.scenario, moment.reply, moment.step
    if step.ending is not None:
        last = step.ending.said
        return [f"{scenario.need.said} {last}" if step.told else last]
    found = []
    if step.told:
        found.append(scenario.need.said)
    missteps = [m.name for m in step.movements if m.cause is Cause.MISSTEP]
    worst = sorted(missteps, key=lambda name: scenario.missteps[Misstep(name)])
    if step.after <= step.before:
        found += [scenario.lines.retorts[Misstep(name)] for name in worst]
    found += [scenario.act(act_id).said for act_id in reversed(step.acts)]
    if step.evaded:
        found.append(scenario.need.evaded)
    if not step.told:
        asked = [cues.sentences(reply)[n - 1] for n in _asked(moment.observation, reply)]
        found += [
            answer.says
            for answer in scenario.lines.answers
            if any(cues.holds(sentence, answer.about) for sentence in asked)
        ]
    return found


def _asked(observation: Observation, reply: str) -> list[int]:
    numbers = {n for asked in observation.asked.values() for n in asked}
    return sorted(n for n in numbers if n <= len(cues.sentences(reply)))


def _known(scenario: Scenario, found_before: bool) -> str:
    if found_before:
        return f"You have told the representative this, and may speak of it: {scenario.need.what}"
    return (
        "Something more troubles you. You do not bring it up and do not say what it is. "
        f"All that shows of it: {scenario.need.sign}"
    )


def _now(scenario: Scenario, step: Step, prepared: str) -> str:
    if step.ending is not None:
        return (
            "These are your last words, for the conversation ends here: "
            f"{step.ending.title}. In your own words, the gist of this: {prepared}"
        )
    if step.told:
        return (
            "You were asked in the right way, and now you tell what you kept to yourself: "
            f"{scenario.need.what} In your own words, such as: {prepared}"
        )
    if step.evaded:
        return f"You were asked about what troubles you and do not tell yet, such as: {prepared}"
    if step.unread:
        return "You go on in the mood that you are in."
    if step.after > step.before:
        return "What the representative just said did you some good."
    if step.after < step.before:
        return "What the representative just said set you against them."
    if band_of(step.after) is Band.SETTLED:
        return "You are content and wait for what is left to be settled."
    return "What the representative just said changed nothing for you."
