"""Variants of answers whose effect on a grade is known: made by code wherever code can.

Two kinds of bases: strong ones, each sentence of which carries one part of the answer, and weak
cases of the reference set, which an attack tries to lift.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from mock_interviewer.core import datafile, jsonlines
from mock_interviewer.core.datafile import Strict, validated
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.transcript import Line, Role


class Part(StrEnum):
    """What a sentence of a base carries."""

    SITUATION = "situation"
    TASK = "task"
    ACTION = "action"
    RESULT = "result"
    FEELINGS = "feelings"
    PLAIN = "plain"


ABLATED = (Part.SITUATION, Part.TASK, Part.ACTION, Part.RESULT, Part.FEELINGS)


class Family(StrEnum):
    """What is done to an answer."""

    BASE = "base"
    PADDING = "padding"
    PLAIN_WORDS = "plain words"
    LAYOUT = "layout"
    SPEECH = "lower-case speech"
    SWAP = "names, gender, origin"
    GRAMMAR = "non-native grammar"
    ABLATION = "ablation"
    STUFFING = "keyword stuffing"
    INJECTION = "injection"
    NOTHING = "nothing"


class Variant(NamedTuple):
    """One answer to grade; `detail` says which ablation, attack or text it is."""

    family: Family
    base: str
    detail: str
    question: str
    kind: Kind
    transcript: tuple[Line, ...]

    @property
    def id(self) -> str:
        """Distinguishes all variants."""
        return f"{self.base}/{self.family.value}/{self.detail}".rstrip("/")


class _Sentence(Strict):
    part: Part
    text: str


class Base(Strict):
    """A strong answer, sentence by sentence, and what code cannot make of it."""

    id: str
    question: str
    kind: Kind
    sentences: tuple[_Sentence, ...]
    plain: str
    """The same facts in the plainest words."""
    grammar: str
    """The same facts in clumsy non-native English."""
    swap: dict[str, str]
    """Whole words that turn its main person's name, gender and origin into others."""


class Attacks(Strict):
    """Texts that are added to answers, or take their place."""

    filler: tuple[str, ...] = Field(min_length=2)
    stuffing: tuple[str, ...] = Field(min_length=1)
    injections: dict[str, str] = Field(min_length=1)
    nothing: dict[str, str] = Field(min_length=1)


def load_bases(path: Path) -> list[Base]:
    """Raises `DataFileError`."""
    return [validated(Base, data, f"{path}: line {n}") for n, data in jsonlines.read(path)]


def load_attacks(path: Path) -> Attacks:
    """Raises `DataFileError`."""
    return datafile.load(Attacks, path)


def of_base(base: Base, filler: Sequence[str]) -> Iterator[Variant]:
    """The base as it is, and every variant of it."""
    texts = [sentence.text for sentence in base.sentences]
    whole = " ".join(texts)
    swapped = re.sub(r"\w+", lambda word: base.swap.get(word.group(), word.group()), whole)

    def variant(family: Family, text: str, detail: str = "") -> Variant:
        line = Line(role=Role.CANDIDATE, text=text)
        return Variant(family, base.id, detail, base.question, base.kind, (line,))

    yield variant(Family.BASE, whole)
    yield variant(Family.PADDING, padded(texts, filler))
    yield variant(Family.PLAIN_WORDS, base.plain)
    yield variant(Family.LAYOUT, "\n".join(f"- {text}" for text in texts))
    yield variant(Family.SPEECH, re.sub(r"[^\w\s']", "", whole).lower())
    yield variant(Family.SWAP, swapped)
    yield variant(Family.GRAMMAR, base.grammar)
    for part in ABLATED:
        kept = " ".join(s.text for s in base.sentences if s.part is not part)
        yield variant(Family.ABLATION, kept, part.value)


def padded(texts: Sequence[str], filler: Sequence[str]) -> str:
    """The answer with a piece of filler before it and another in its middle."""
    middle = len(texts) // 2
    return " ".join([filler[0], *texts[:middle], filler[1], *texts[middle:]])


def of_weak_answer(
    base: str, question: str, kind: Kind, transcript: Sequence[Line], attacks: Attacks
) -> Iterator[Variant]:
    """Every attack on one weak answer: the text is added to the end of its last turn."""
    *before, last = transcript

    def variant(family: Family, detail: str, added: str) -> Variant:
        line = Line(role=last.role, text=f"{last.text} {added}")
        return Variant(family, base, detail, question, kind, (*before, line))

    for number, text in enumerate(attacks.stuffing, start=1):
        yield variant(Family.STUFFING, str(number), text)
    for name, text in attacks.injections.items():
        yield variant(Family.INJECTION, name, text)


def of_nothing(question: str, kind: Kind, attacks: Attacks) -> Iterator[Variant]:
    """Answers that hold nothing; `$question` stands for the question itself."""
    for name, text in attacks.nothing.items():
        line = Line(role=Role.CANDIDATE, text=text.replace("$question", question))
        yield Variant(Family.NOTHING, "nothing", name, question, kind, (line,))
