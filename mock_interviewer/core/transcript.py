"""A transcript and its numbered sentences.

Sentences of the graded side are numbered through all its turns, from 1, and kept as offsets into
the turn's own text, so that a quote is always verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from mock_interviewer.core.datafile import Strict

LONG_SENTENCE_WORDS = 40
"""A longer piece is cut again at commas and conjunctions: people who dictate use no full stops."""


class Role(StrEnum):
    """Who spoke."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"


class Line(Strict):
    """One turn as a grader sees it."""

    role: Role
    text: str


class Span(NamedTuple):
    """Half-open character range of one text."""

    start: int
    end: int


class Sentence(NamedTuple):
    """A numbered sentence: `line` is the index of its turn in the transcript."""

    number: int
    line: int
    span: Span
    text: str


class Piece(NamedTuple):
    """A stretch of a turn's text: a sentence with its number, or what is between two of them."""

    text: str
    number: int | None = None


_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+")
_ABBREVIATION = re.compile(
    r"(?<![^\s(])(?:(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e)\.|No\.(?=\s+\d)|"
    r"(?:etc|a\.m|p\.m)\.(?=\s+[a-z]))"
)
"""Full stops that end no sentence: "No." only before a number, "p.m." before a small letter."""
_JOINT = re.compile(r",\s+|\s+(?=(?:and|but|so|because|then|which|when|while|after|until)\s)")


def sentences(lines: Sequence[Line], role: Role = Role.CANDIDATE) -> tuple[Sentence, ...]:
    """Number the sentences that `role` spoke. The other side's turns are never citable."""
    found: list[Sentence] = []
    for index, line in enumerate(lines):
        if line.role is role:
            for span in split(line.text):
                text = line.text[span.start : span.end]
                found.append(Sentence(len(found) + 1, index, span, text))
    return tuple(found)


def pieces(lines: Sequence[Line], role: Role = Role.CANDIDATE) -> list[list[Piece]]:
    """Every turn cut at the sentences of `role`; the pieces of a turn joined are its text."""
    found = []
    numbered = sentences(lines, role)
    for index, line in enumerate(lines):
        cut: list[Piece] = []
        end = 0
        for sentence in (s for s in numbered if s.line == index):
            if sentence.span.start > end:
                cut.append(Piece(line.text[end : sentence.span.start]))
            cut.append(Piece(sentence.text, sentence.number))
            end = sentence.span.end
        if end < len(line.text):
            cut.append(Piece(line.text[end:]))
        found.append(cut)
    return found


def split(text: str) -> list[Span]:
    """Cut a text into sentences; together they cover everything in it but white space."""
    spans: list[Span] = []
    start = 0
    inside = {match.end() for match in _ABBREVIATION.finditer(text)}
    for match in _END.finditer(text):
        if match.end() in inside:
            continue
        spans.extend(_pieces(text, start, match.end()))
        start = match.end()
    spans.extend(_pieces(text, start, len(text)))
    return spans


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    span = _trimmed(text, start, end)
    if span is None:
        return
    if _words(text, span) <= LONG_SENTENCE_WORDS:
        yield span
        return
    # Greedy: close a piece at the last joint before it would grow past the limit.
    piece_start, last_joint = span.start, None
    joints = [m.end() for m in _JOINT.finditer(text, span.start, span.end)]
    for joint in [*joints, span.end]:
        grown = _words(text, Span(piece_start, joint))
        if grown > LONG_SENTENCE_WORDS and last_joint is not None:
            yield from _whole(text, piece_start, last_joint)
            piece_start = last_joint
        last_joint = joint
    yield from _whole(text, piece_start, span.end)


def _whole(text: str, start: int, end: int) -> Iterator[Span]:
    """The range as one piece, or, where it has no joint to cut at, in runs of forty words."""
    span = _trimmed(text, start, end)
    if span is None:
        return
    words = list(re.finditer(r"\S+", text[span.start : span.end]))
    for first in range(0, len(words), LONG_SENTENCE_WORDS):
        last = min(first + LONG_SENTENCE_WORDS, len(words)) - 1
        yield Span(span.start + words[first].start(), span.start + words[last].end())


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    body = piece.strip()
    return Span(start + lead, start + lead + len(body)) if body else None


def _words(text: str, span: Span) -> int:
    return len(text[span.start : span.end].split())
