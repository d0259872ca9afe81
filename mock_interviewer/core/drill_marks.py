"""Attempts at drills, and marking those that have a key: no model is needed.

How much each part of an attempt counts is told in docs/drills.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Literal

from pydantic import Field

from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.drill_guide import load_guide
from mock_interviewer.core.drills import (
    BestReply,
    Drill,
    DrillKind,
    Fault,
    NameFeeling,
    Part,
    SpotStar,
    Stance,
    SympathyOrEmpathy,
    Written,
)
from mock_interviewer.core.phrases import Remark
from mock_interviewer.errors import ConfigurationError

BEST_SHARE = 0.5
"""Of the score for choosing the best reply; the rest is shared by the others' faults."""

NEIGHBOUR_SCORE = 0.8
"""For an accepted neighbour of the feeling: enough to count as known (`spacing.KNOWN`)."""

MAX_CHARACTERS = 2000
"""Of a line that is written freely: more than anybody writes in two minutes."""


class ReplyChoice(Strict):
    """The best reply's number, from 1, and the faults of the others as far as they were said."""

    kind: Literal[DrillKind.BEST_REPLY] = DrillKind.BEST_REPLY
    best: int
    faults: dict[int, Fault] = Field(default_factory=dict)


class Stances(Strict):
    """Where each line stands, by its number from 1."""

    kind: Literal[DrillKind.SYMPATHY_OR_EMPATHY] = DrillKind.SYMPATHY_OR_EMPATHY
    stances: dict[int, Stance] = Field(default_factory=dict)


class FeelingNamed(Strict):
    """The name that was chosen."""

    kind: Literal[DrillKind.NAME_FEELING] = DrillKind.NAME_FEELING
    feeling: str


class SentencesMarked(Strict):
    """The part that each sentence tells, by its number from 1; unmarked ones may be left out."""

    kind: Literal[DrillKind.SPOT_STAR] = DrillKind.SPOT_STAR
    parts: dict[int, Part] = Field(default_factory=dict)


KeyedAttempt = ReplyChoice | Stances | FeelingNamed | SentencesMarked


class MarkedBy(StrEnum):
    """What a score rests on."""

    KEY = "key"
    MODEL = "model"
    SELF = "self"
    """The person compared the line with the points and the examples."""
    NOBODY = "nobody"
    """There is no score."""


class Note(Strict):
    """One thing that the feedback says. `place`: number of the reply, line or sentence, or 0."""

    place: int = 0
    right: bool | None
    """None: nothing was said to it, or it cannot be told."""
    text: str


class Feedback(Strict):
    """What a person sees after an attempt."""

    score: float | None = Field(ge=0, le=1)
    """0 to 1; None: it was not graded, and `summary` says why."""
    marked_by: MarkedBy
    summary: str
    notes: tuple[Note, ...] = ()
    remarks: tuple[Remark, ...] = ()
    """What code noticed in the wording; they do not count in the score."""
    explanation: str
    examples: tuple[tuple[str, str], ...] = ()
    """Good lines, and what makes each good."""
    advice: str = ""
    """A model's, in its own words."""


def mark(drill: Drill, attempt: KeyedAttempt) -> Feedback:
    """Mark an attempt by the drill's key.

    Raises `ConfigurationError` if the attempt is not one at this drill.
    """
    match drill, attempt:
        case BestReply(), ReplyChoice():
            score, summary, notes = _best_reply(drill, attempt)
        case SympathyOrEmpathy(), Stances():
            score, summary, notes = _stances(drill, attempt)
        case NameFeeling(), FeelingNamed():
            score, summary, notes = _feeling(drill, attempt)
        case SpotStar(), SentencesMarked():
            score, summary, notes = _sentences(drill, attempt)
        case _:
            raise ConfigurationError(_NOT_OF_THIS_DRILL)
    return Feedback(
        score=score,
        marked_by=MarkedBy.KEY,
        summary=summary,
        notes=notes,
        explanation=drill.explanation,
    )


def read_attempt(drill: Drill, data: Any) -> KeyedAttempt:
    """Read what a page sent, or what is stored. Raises `ConfigurationError`."""
    model = _attempts().get(drill.kind)
    try:
        if model is not None:
            return model.model_validate(data)
    except ValueError:
        pass  # said below, in words for the person who sent it
    raise ConfigurationError(_NOT_OF_THIS_DRILL)


def marked_by_oneself(drill: Written, met: int, points: int) -> Feedback:
    """Feedback where the person compared the line with the points: `met` of them are in it.

    Raises `ConfigurationError` if there are no such numbers of points.
    """
    if not 0 <= met <= points or points == 0:
        raise ConfigurationError(_NOT_OF_THIS_DRILL)
    return Feedback(
        score=met / points,
        marked_by=MarkedBy.SELF,
        summary=f"You found {met} of {points} points in your line.",
        explanation=drill.explanation,
        examples=examples_of(drill),
    )


def examples_of(drill: Written) -> tuple[tuple[str, str], ...]:
    """The drill's good lines, and what makes each good."""
    return tuple((example.line, example.why) for example in drill.examples)


_NOT_OF_THIS_DRILL = (
    "What was sent does not fit this drill. Load the page again, and try it once more."
)

_Marked = tuple[float, str, tuple[Note, ...]]


@cache
def _attempts() -> Mapping[DrillKind, type[KeyedAttempt]]:
    models: tuple[type[KeyedAttempt], ...] = (ReplyChoice, Stances, FeelingNamed, SentencesMarked)
    return {model.model_fields["kind"].default: model for model in models}


def _best_reply(drill: BestReply, attempt: ReplyChoice) -> _Marked:
    numbers = range(1, len(drill.replies) + 1)
    _all_known([attempt.best, *attempt.faults], len(numbers))
    faults = load_guide().faults
    found, notes = 0, []
    for number, reply in zip(numbers, drill.replies, strict=True):
        said = attempt.faults.get(number)
        if reply.fault is None:
            right: bool | None = attempt.best == number
            text = f"The best of the four. {reply.why}"
        else:
            right = said is reply.fault if said else None
            right = False if attempt.best == number else right
            found += bool(right)
            told = f" You said: {faults[said].name.lower()}." if said and not right else ""
            text = f"{faults[reply.fault].name}. {reply.why}{told}"
        notes.append(Note(place=number, right=right, text=text))
    others = len(numbers) - 1
    chosen = attempt.best == drill.best
    score = BEST_SHARE * chosen + (1 - BEST_SHARE) * found / others
    first = "You chose the best reply" if chosen else f"The best reply is number {drill.best}"
    return score, f"{first}; {found} of the {others} faults are named.", tuple(notes)


def _stances(drill: SympathyOrEmpathy, attempt: Stances) -> _Marked:
    _all_known(attempt.stances, len(drill.lines))
    notes = []
    for number, line in enumerate(drill.lines, start=1):
        said = attempt.stances.get(number)
        right = said is line.stance if said else None
        text = f"{line.stance.value.capitalize()}. {line.why}"
        notes.append(Note(place=number, right=right, text=text))
    found = sum(1 for note in notes if note.right)
    return found / len(notes), f"{found} of {len(notes)} lines as in the key.", tuple(notes)


def _feeling(drill: NameFeeling, attempt: FeelingNamed) -> _Marked:
    chosen = attempt.feeling
    if chosen not in drill.options:
        raise ConfigurationError(_NOT_OF_THIS_DRILL)
    sign = f"It shows in “{drill.sign}”."
    if chosen == drill.feeling:
        score, summary = 1.0, f"{chosen.capitalize()}: that is the closest word. {sign}"
    elif chosen in drill.neighbours:
        score = NEIGHBOUR_SCORE
        summary = f"{chosen.capitalize()} fits; the closest word is {drill.feeling}. {sign}"
    else:
        score, summary = 0.0, f"The closest word is {drill.feeling}. {sign}"
    shades = {**drill.neighbours, **drill.others}
    order = [chosen, *(name for name in drill.options if name != chosen)]
    notes = [
        Note(
            right=(score > 0) if name == chosen else None,
            text=f"{name.capitalize()}: {shades[name]}",
        )
        for name in order
        if name in shades
    ]
    return score, summary, tuple(notes)


def _sentences(drill: SpotStar, attempt: SentencesMarked) -> _Marked:
    """F1 of the marks: twice the right ones, over those made and those in the key."""
    _all_known(attempt.parts, len(drill.story))
    notes, right_marks, made, keyed = [], 0, 0, 0
    for number, sentence in enumerate(drill.story, start=1):
        said = attempt.parts.get(number, Part.NONE)
        fits = said is sentence.part
        made += said is not Part.NONE
        keyed += sentence.part is not Part.NONE
        right_marks += fits and said is not Part.NONE
        text = " ".join([*_told(said, sentence.part), *([sentence.why] if sentence.why else [])])
        notes.append(Note(place=number, right=fits, text=text))
    score = 2 * right_marks / (made + keyed)
    fitting = sum(1 for note in notes if note.right)
    summary = f"{fitting} of {len(notes)} sentences as in the key."
    missing = [p.value for p in Part if p not in {s.part for s in drill.story}]
    if missing:
        summary += f" The story has no {' and no '.join(missing)}."
    return score, summary, tuple(notes)


def _told(said: Part, keyed: Part) -> Iterator[str]:
    names = {part: part.value.capitalize() for part in Part} | {Part.NONE: "None of the four"}
    yield f"{names[keyed]}."
    if said is not keyed:
        yield "You left it unmarked." if said is Part.NONE else f"You marked it as {said.value}."


def _all_known(numbers: Any, most: int) -> None:
    if any(not 1 <= number <= most for number in numbers):
        raise ConfigurationError(_NOT_OF_THIS_DRILL)
