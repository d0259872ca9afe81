"""A case before it is made, laid out for the coach who has the last look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mock_interviewer.core.transcript import Span
from mock_interviewer.service.case_making import DraftCase


class Row(NamedTuple):
    """A word, what stands for it, and where it stands first."""

    old: str
    new: str
    """Empty: it stays as it is."""
    sentence: str = ""
    times: int = 1


class Piece(NamedTuple):
    """A stretch of a text, and whether it is a replacement."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Said:
    """One text of the case."""

    who: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Preview:
    """What a coach looks at."""

    replaced: tuple[Row, ...]
    left: tuple[Row, ...]
    """What could tell of somebody and stays as it is."""
    texts: tuple[Said, ...]
    few_capitals: bool
    """Whether names could not be found by their capitals."""


def preview(draft: DraftCase, given: Mapping[str, str]) -> Preview:
    """Lay it out. `given`: the coach's own wishes."""
    new = draft.replaced
    kept = [Row(old, "") for old, wished in given.items() if old == wished]
    stays = {row.old for row in kept}
    speakers = ["question", *(line.role.value for line in draft.case.transcript)]
    return Preview(
        replaced=tuple(Row(*each) for each in new.replaced),
        left=(
            *kept,
            *(Row(left.word, "", *left[1:]) for left in new.left if left.word not in stays),
        ),
        texts=tuple(
            Said(who.capitalize(), tuple(_pieces(text, marks)))
            for who, text, marks in zip(speakers, new.texts, new.marks, strict=True)
        ),
        few_capitals=draft.few_capitals,
    )


def given_rows(given: Mapping[str, str]) -> tuple[Row, ...]:
    """What the coach wished for, where it could not be done."""
    return tuple(Row(old, "" if new == old else new) for old, new in given.items())


def _pieces(text: str, marks: Sequence[Span]) -> list[Piece]:
    found, end = [], 0
    for mark in marks:
        found += [Piece(text[end : mark.start], False), Piece(text[mark.start : mark.end], True)]
        end = mark.end
    return [piece for piece in (*found, Piece(text[end:], False)) if piece.text]
