"""Drills: exercises of about two minutes, each on one skill of an answer or a reply.

A file of drills is YAML with the single key `drills`, a list of entries such as

    - id: refund-on-the-wrong-card
      kind: name_feeling           # what else an entry holds depends on its kind
      trade: banking
      channel: phone
      difficulty: 1                # 1 easy, 2 middling, 3 hard
      trains: [listening]          # criteria of the rubric
      situation: ...
      words: ...
      ...
      explanation: ...             # shown after the attempt: what it teaches

How an item of each kind is written is told in docs/drills.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.interview import Trade
from mock_interviewer.core.questions import Name, Slug
from mock_interviewer.core.transcript import split


class DrillKind(StrEnum):
    """What a drill asks for. The first four have a key, the others are written freely."""

    BEST_REPLY = "best_reply"
    SYMPATHY_OR_EMPATHY = "sympathy_or_empathy"
    NAME_FEELING = "name_feeling"
    SPOT_STAR = "spot_star"
    EMPATHIC_LINE = "empathic_line"
    WARMER = "warmer"
    GRACEFUL_NO = "graceful_no"
    CHECKABLE_RESULT = "checkable_result"


class Channel(StrEnum):
    """How the two people meet."""

    PHONE = "phone"
    COUNTER = "counter"
    CHAT = "chat"
    EMAIL = "email"
    VISIT = "visit"
    """At the customer's home or workplace, or on the way."""
    INTERVIEW = "interview"
    """Told to an interviewer afterwards."""


class Fault(StrEnum):
    """Why a reply falls short; `drill_kinds.yaml` says in words what each one is."""

    STOCK_PHRASE = "stock_phrase"
    SKIPS_FEELING = "skips_feeling"
    PLAYS_DOWN = "plays_down"
    BLAMES = "blames"
    EXCUSES = "excuses"
    FALSE_PROMISE = "false_promise"
    PITIES = "pities"
    ABOUT_ONESELF = "about_oneself"
    NO_STEP = "no_step"
    PASSES_ON = "passes_on"
    ASSUMES = "assumes"


class Stance(StrEnum):
    """Where a line stands: beside the person, above them, or elsewhere."""

    SYMPATHY = "sympathy"
    EMPATHY = "empathy"
    NEITHER = "neither"


class Part(StrEnum):
    """The part of a story that a sentence tells."""

    SITUATION = "situation"
    TASK = "task"
    ACTION = "action"
    RESULT = "result"
    NONE = "none"


Line = Annotated[str, StringConstraints(min_length=8, max_length=500)]
Scene = Annotated[str, StringConstraints(min_length=40, max_length=700)]
Teaching = Annotated[str, StringConstraints(min_length=80, max_length=800)]
Feeling = Annotated[str, StringConstraints(pattern=r"^[a-z]+(?:[ -][a-z]+)*$", max_length=30)]


class _Item(Strict):
    """What all drills have."""

    id: Slug
    trade: Trade
    channel: Channel
    difficulty: int = Field(ge=1, le=3)
    trains: tuple[Name, ...] = Field(min_length=1)
    """Ids of the rubric's criteria, the one that it trains most first."""
    situation: Scene
    explanation: Teaching

    @model_validator(mode="after")
    def _trains_each_once(self) -> _Item:
        if len(set(self.trains)) != len(self.trains):
            raise ValueError("trains: the same criterion is listed twice")
        return self


class Reply(Strict):
    """One of the replies to choose from; the best one has no fault."""

    text: Line
    fault: Fault | None = None
    why: Line


class BestReply(_Item):
    """Choose the best of four replies, and say why the others fall short."""

    kind: Literal[DrillKind.BEST_REPLY]
    replies: tuple[Reply, ...] = Field(min_length=4, max_length=4)

    @model_validator(mode="after")
    def _one_is_best(self) -> BestReply:
        if sum(1 for reply in self.replies if reply.fault is None) != 1:
            raise ValueError("replies: expected just one reply without `fault`, the best one")
        return self

    @property
    def best(self) -> int:
        """The best reply's number, from 1."""
        return next(n for n, reply in enumerate(self.replies, start=1) if reply.fault is None)


class StancedLine(Strict):
    """A line that somebody says, where it stands, and why."""

    text: Line
    stance: Stance
    why: Line


class SympathyOrEmpathy(_Item):
    """Tell sympathy from empathy, and both from what is neither."""

    kind: Literal[DrillKind.SYMPATHY_OR_EMPATHY]
    lines: tuple[StancedLine, ...] = Field(min_length=3, max_length=5)

    @model_validator(mode="after")
    def _both_are_there(self) -> SympathyOrEmpathy:
        if not {Stance.SYMPATHY, Stance.EMPATHY} <= {line.stance for line in self.lines}:
            raise ValueError("lines: expected at least one of sympathy and one of empathy")
        return self


class NameFeeling(_Item):
    """Name the feeling that somebody's words show."""

    kind: Literal[DrillKind.NAME_FEELING]
    words: Line
    feeling: Feeling
    neighbours: dict[Feeling, Line] = Field(default_factory=dict, max_length=2)
    """Names that are accepted, and what sets each apart from the closest one."""
    others: dict[Feeling, Line] = Field(min_length=3, max_length=4)
    """Names that do not fit, and why."""
    sign: Annotated[str, StringConstraints(min_length=3, max_length=200)]
    """The part of `words` that shows the feeling, to the letter."""

    @model_validator(mode="after")
    def _fits_together(self) -> NameFeeling:
        if self.sign not in self.words:
            raise ValueError(f"sign: expected a part of `words`, to the letter; got {self.sign!r}")
        if len(self.options) != 1 + len(self.neighbours) + len(self.others):
            raise ValueError("feeling, neighbours, others: the same name is used twice")
        return self

    @property
    def options(self) -> tuple[str, ...]:
        """All names to choose from, by the alphabet."""
        return tuple(sorted({self.feeling, *self.neighbours, *self.others}))


class StorySentence(Strict):
    """A sentence of a story, the part that it tells, and, where that may puzzle, why."""

    text: Line
    part: Part
    why: str = ""

    @model_validator(mode="after")
    def _is_one_sentence(self) -> StorySentence:
        if len(split(self.text)) != 1:
            raise ValueError(f"text: expected one sentence of up to 40 words; got {self.text!r}")
        return self


class SpotStar(_Item):
    """Mark the sentences of a story that tell its situation, task, action and result."""

    kind: Literal[DrillKind.SPOT_STAR]
    story: tuple[StorySentence, ...] = Field(min_length=5, max_length=9)

    @model_validator(mode="after")
    def _some_belong_to_none(self) -> SpotStar:
        parts = {sentence.part for sentence in self.story}
        if Part.NONE not in parts or len(parts) < 4:
            raise ValueError(
                "story: expected sentences of at least three parts, and one that belongs to none"
            )
        return self


class Example(Strict):
    """A good line, and what makes it good."""

    line: Line
    why: Line


class _Written(_Item, ABC):
    """What all drills that are written freely have."""

    examples: tuple[Example, ...] = Field(min_length=2, max_length=3)

    @property
    @abstractmethod
    def given(self) -> tuple[tuple[str, str], ...]:
        """What the person has to know for writing it: names and texts, in order."""


class EmpathicLine(_Written):
    """Write one line that shows the person that they are understood."""

    kind: Literal[DrillKind.EMPATHIC_LINE]
    words: Line
    """What the person says or writes."""

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """The person's words."""
        return (("They say", self.words),)


class Warmer(_Written):
    """Say a cold sentence again, warmly, with everything that it told."""

    kind: Literal[DrillKind.WARMER]
    cold: Line
    keep: tuple[Line, ...] = Field(min_length=1, max_length=4)
    """What the person has to know afterwards as well."""

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """The cold sentence and what has to stay in."""
        return (("The cold sentence", self.cold), ("Keep", "; ".join(self.keep)))


class GracefulNo(_Written):
    """Say no, so that the person feels respected and has somewhere to go."""

    kind: Literal[DrillKind.GRACEFUL_NO]
    words: Line
    """What the person asks for."""
    reason: Line
    """Why it cannot be done."""
    offers: tuple[Line, ...] = Field(min_length=1, max_length=4)
    """What can be done instead."""

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """The request, why it cannot be done, and what can."""
        return (
            ("They ask", self.words),
            ("Why it cannot be done", self.reason),
            ("What you can offer", "; ".join(self.offers)),
        )


class CheckableResult(_Written):
    """Tell a story's vague ending again, so that it can be checked."""

    kind: Literal[DrillKind.CHECKABLE_RESULT]
    vague: Line
    facts: tuple[Line, ...] = Field(min_length=2, max_length=5)
    """What the teller knows; not all of it shows that the action worked."""

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """The vague ending and the facts."""
        return (("The vague ending", self.vague), ("What is known", "; ".join(self.facts)))


Keyed = BestReply | SympathyOrEmpathy | NameFeeling | SpotStar
Written = EmpathicLine | Warmer | GracefulNo | CheckableResult
Drill = Keyed | Written
