"""Role-play scenarios: a customer, what moves their mood, and how the conversation can end.

A scenario is a YAML file; docs/role-play.md tells how to write one. The mood is a whole number
from 0 to 10, and lies in one of four bands. Code moves it by the scenario's rules; the prepared
lines are what the customer says where no model gives them words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.interview import Trade
from mock_interviewer.core.mood import Band, Mood
from mock_interviewer.core.observation import Asking, Behaviour, Misstep
from mock_interviewer.core.questions import Name, Slug

Text = Annotated[str, StringConstraints(min_length=4, max_length=900)]
Spoken = Annotated[str, StringConstraints(min_length=2, max_length=400)]
"""A line of the customer's: what fits one breath, or one message."""
Spokens = Annotated[tuple[Spoken, ...], Field(min_length=1)]
Cue = Annotated[str, StringConstraints(min_length=2, max_length=80)]
"""Words that all occur in one sentence, in any order. `stay*` begins a word, `!not` must not
occur."""


class Channel(StrEnum):
    """Where the conversation takes place."""

    CALL = "call"
    CHAT = "chat"
    COUNTER = "counter"


class EndingKind(StrEnum):
    """How a conversation can end."""

    SATISFIED = "satisfied"
    ESCALATED = "escalated"
    HUNG_UP = "hung_up"
    """The customer leaves: hangs up, closes the chat, walks out."""
    TIME = "time"
    KEPT_BOUNDARY = "kept_boundary"
    ENDED = "ended"
    """The representative ends it."""
    GAVE_IN = "gave_in"
    """The representative does what policy forbids."""


class Customer(Strict):
    """Who the customer is, as they know themselves."""

    name: Annotated[str, StringConstraints(min_length=2, max_length=60)]
    story: Text
    wants: Text
    manner: Text
    """How they speak."""


class Need(Strict):
    """The second problem, which the customer does not bring up."""

    what: Text
    sign: Text
    """What they let slip of it without meaning to."""
    uncovered_by: tuple[Asking, ...] = Field(min_length=1)
    mood: Mood
    """The lowest mood in which they tell."""
    about: tuple[Cue, ...] = Field(min_length=1)
    """Cues of a question that takes up the sign."""
    key_phrases: tuple[Annotated[str, StringConstraints(min_length=3)], ...] = Field(min_length=1)
    """Words that would give it away; the customer's words hold none of them before it is told."""
    said: Spoken
    """How they tell it."""
    evaded: Spoken
    """What they say if they are asked well and do not trust the representative yet."""


class Fact(Strict):
    """A row of the side panel."""

    label: Annotated[str, StringConstraints(min_length=2, max_length=60)]
    value: Text


class Policy(Strict):
    """What the company allows and forbids in this case."""

    may: tuple[Text, ...] = Field(min_length=1)
    must_not: tuple[Text, ...] = Field(min_length=1)


class Act(Strict):
    """A deed that matters in this case, good or bad, and that may be seen in a reply."""

    id: Name
    what: Text
    cues: tuple[Cue, ...] = Field(min_length=1)
    says_no: bool = False
    """A refusal: seen only in a sentence that says no. Other acts are only seen in one that does
    not."""
    moves: int = Field(default=0, ge=-4, le=4)
    """What it does to the mood, the first time."""
    shows: tuple[Behaviour, ...] = ()
    """Behaviours that it is a full case of, where code observes and no model."""
    said: Spoken
    """What the customer says to it."""


class Rises(Strict):
    """What a behaviour adds to the mood, at its levels 1 and 2 of the rubric."""

    some: int = Field(ge=0, le=3)
    shown: int = Field(ge=0, le=3)

    @model_validator(mode="after")
    def _shown_is_worth_more(self) -> Rises:
        if self.shown < self.some:
            raise ValueError(f"shown: expected at least what `some` adds, {self.some}")
        return self


class Ending(Strict):
    """An ending and the rules by which it comes: all that are given have to hold."""

    id: Name
    kind: EndingKind
    right: bool
    """Whether it is a right end for this scenario."""
    title: Text
    meaning: Text
    """What the debrief says of it."""
    said: Spoken
    """The customer's last line."""
    at_least: Mood | None = None
    at_most: Mood | None = None
    after: int | None = Field(default=None, ge=1)
    """The number of replies."""
    done: tuple[Name, ...] = ()
    """Acts that were done, in any reply."""
    earlier: tuple[Name, ...] = ()
    """Acts that were done in an earlier reply than the latest."""
    not_done: tuple[Name, ...] = ()
    found: bool | None = None
    """Whether the unspoken need was found; true: in an earlier reply, so that it was told."""

    @property
    def acts(self) -> frozenset[str]:
        """The acts that its rules name."""
        return frozenset({*self.done, *self.earlier, *self.not_done})

    @model_validator(mode="after")
    def _has_a_rule(self) -> Ending:
        if not self.acts and {self.at_least, self.at_most, self.after, self.found} == {None}:
            raise ValueError(f"{self.id}: expected a rule, such as at_most or done")
        return self


class Answer(Strict):
    """What the customer says when they are asked about something ordinary."""

    about: tuple[Cue, ...] = Field(min_length=1)
    says: Spoken


class BandLines(Strict):
    """What the customer says in one band when nothing more particular is to be said."""

    warmed: Spokens
    """After a reply that did them good."""
    same: Spokens
    """After one that moved nothing."""


class Lines(Strict):
    """The prepared lines."""

    opening: Spoken
    bands: dict[Band, BandLines]
    retorts: dict[Misstep, Spoken]
    answers: tuple[Answer, ...] = ()

    @model_validator(mode="after")
    def _none_is_missing(self) -> Lines:
        _complete("bands", self.bands, Band)
        _complete("retorts", self.retorts, Misstep)
        return self


class Scenario(Strict):
    """One scenario."""

    id: Slug
    version: int = Field(ge=1)
    title: Text
    trade: Trade
    channel: Channel
    difficulty: int = Field(ge=1, le=3)
    state: Text
    """The customer's state at the start, in a few words."""
    brief: Text
    """What the representative is told before it begins."""
    customer: Customer
    need: Need
    facts: tuple[Fact, ...] = Field(min_length=1)
    policy: Policy
    start_mood: Mood
    mood_shown: bool = True
    """Whether the representative sees the mood while they talk; the debrief has it always."""
    moods: dict[Band, Text]
    """How this customer is in each band."""
    behaviours: dict[Behaviour, Rises]
    missteps: dict[Misstep, Annotated[int, Field(ge=-4, le=0)]]
    most_rise: int = Field(default=3, ge=1, le=5)
    """The most that one reply can lift the mood."""
    most_fall: int = Field(default=4, ge=1, le=6)
    """The most that one reply can lower it."""
    hardships: tuple[Cue, ...] = Field(min_length=1)
    """Cues of a sentence that names what is hard for this customer."""
    acts: tuple[Act, ...] = Field(min_length=1)
    endings: tuple[Ending, ...] = Field(min_length=1)
    """In order: the first whose rules hold is the one that comes."""
    lines: Lines
    could_say: dict[Behaviour, Annotated[tuple[Text, ...], Field(min_length=1)]]
    """Examples of what could be said, for the debrief."""
    could_say_once_told: dict[Behaviour, tuple[Text, ...]] = Field(default_factory=dict)
    """Examples that take up the unspoken need."""

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Scenario:
        _complete("moods", self.moods, Band)
        _complete("behaviours", self.behaviours, Behaviour)
        _complete("missteps", self.missteps, Misstep)
        _complete("could_say", self.could_say, Behaviour)
        _once("acts", [act.id for act in self.acts])
        _once("endings", [ending.id for ending in self.endings])
        known = {act.id for act in self.acts}
        for ending in self.endings:
            if strange := sorted(ending.acts - known):
                raise ValueError(f"endings: {ending.id}: no such acts: {', '.join(strange)}")
        if not any(ending.right for ending in self.endings):
            raise ValueError("endings: expected at least one that is right")
        last = self.endings[-1]
        only_after = last.model_copy(update={"after": None})
        if last.kind is not EndingKind.TIME or last.after is None or _has_rules(only_after):
            raise ValueError(
                "endings: expected the last to be of the kind time with `after` as its only "
                "rule, so that every conversation ends"
            )
        for phrase in self.need.key_phrases:
            if any(phrase.lower() in text.lower() for text in self._before_it_is_told()):
                raise ValueError(
                    f"need: key_phrases: {phrase!r} stands in a text that is shown or said before "
                    "the need is told; choose another phrase or change the text"
                )
        return self

    def _before_it_is_told(self) -> list[str]:
        customer, lines = self.customer, self.lines
        early = [self.brief, self.state, customer.story, customer.wants, customer.manner]
        early += [self.need.sign, self.need.evaded, lines.opening, *self.moods.values()]
        early += [fact.value for fact in self.facts]
        early += [*lines.retorts.values(), *(answer.says for answer in lines.answers)]
        early += [text for band in lines.bands.values() for text in (*band.warmed, *band.same)]
        early += [act.said for act in self.acts]
        early += [text for texts in self.could_say.values() for text in texts]
        for ending in self.endings:
            if not ending.found:
                early += [ending.title, ending.said]
        return early

    @cached_property
    def most_replies(self) -> int:
        """How many replies there is time for."""
        return self.endings[-1].after or 1

    def act(self, act_id: str) -> Act:
        """The act with this id. Raises `KeyError`."""
        return {act.id: act for act in self.acts}[act_id]


def _has_rules(ending: Ending) -> bool:
    return bool(ending.acts) or {ending.at_least, ending.at_most, ending.found} != {None}


def _complete(name: str, given: Iterable[str], kind: type[StrEnum]) -> None:
    if set(given) != set(kind):
        raise ValueError(f"{name}: expected exactly the keys {', '.join(kind)}")


def _once(name: str, ids: Sequence[str]) -> None:
    if repeated := sorted({one for one in ids if ids.count(one) > 1}):
        raise ValueError(f"{name}: used more than once: {', '.join(repeated)}")
