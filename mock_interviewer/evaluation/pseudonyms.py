"""Other names for the people and places of an answer, before it becomes a case.

Most names and identifying details can be found by their form; all of them cannot. What was
replaced and what was left is told, so that a person can have the last look.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, TypeVar

from mock_interviewer.core.transcript import Span, split
from mock_interviewer.evaluation.details import Details, Edit
from mock_interviewer.evaluation.names import (
    NameKind,
    Names,
    Token,
    find,
    in_small_letters,
    is_name,
    may_be_name,
    singular,
    tokens,
)
from mock_interviewer.evaluation.wordlists import WordLists, load_word_lists

K = TypeVar("K")


class Replacement(NamedTuple):
    """One detail, what stands for it now, the sentence where it stood first, and how often."""

    old: str
    new: str
    sentence: str
    times: int


class Left(NamedTuple):
    """A word that could be a name and was left alone, where it stands first, and how often."""

    word: str
    sentence: str
    times: int


@dataclass(frozen=True)
class Pseudonymised:
    """Texts with other names, and what a person needs to judge them."""

    texts: tuple[str, ...]
    marks: tuple[tuple[Span, ...], ...]
    """Where the replacements stand in each text."""
    replaced: tuple[Replacement, ...]
    left: tuple[Left, ...]


def pseudonymised(
    texts: Sequence[str],
    *,
    replace: Mapping[str, str] | None = None,
    keep: Collection[str] = (),
) -> Pseudonymised:
    """Replace names and identifying details, each by the same other one in all texts.

    `replace`: words or phrases, as they are written, with what shall stand for them. `keep`:
    words that are to be left alone.
    """
    lists = load_word_lists()
    wanted = {word.lower() for phrase in keep for word in phrase.split()}
    kept = lists.kept | wanted
    details = Details(lists)
    edits = [
        [
            e
            for e in details.edits(text, replace or {})
            if text[slice(*e.span)].lower() not in wanted
        ]
        for text in texts
    ]
    read = [
        tokens(text, [edit.span for edit in own], lists)
        for text, own in zip(texts, edits, strict=True)
    ]
    names = find(read, lists, kept)
    new_names = _NewNames(lists, chain.from_iterable(read), chain(*(replace or {}).items()))
    left: list[tuple[str, str]] = []
    for number, text in enumerate(texts):
        small = in_small_letters(text)
        for token in read[number]:
            if is_name(names, number, token, lists):
                edits[number].append(Edit(token.span, new_names.of(token, names)))
            elif may_be_name(token, lists, small=small) and token.base not in wanted:
                left.append((token.word, _sentence(text, token.span)))
    edits = [
        sorted(edit for edit in own if edit.new != _old(text, edit))
        for text, own in zip(texts, edits, strict=True)
    ]
    done = [_applied(text, own) for text, own in zip(texts, edits, strict=True)]
    return Pseudonymised(
        texts=tuple(text for text, _ in done),
        marks=tuple(marks for _, marks in done),
        replaced=tuple(_replacements(texts, edits)),
        left=tuple(Left(word, *told) for word, told in _first_and_times(left)),
    )


class _NewNames:
    """Gives each name another one that stands nowhere in the texts."""

    def __init__(self, lists: WordLists, said: Iterable[Token], given: Iterable[str]) -> None:
        self._lists = lists
        used = {token.base for token in said}
        used.update(word.lower() for text in given for word in re.findall(r"\w+", text))
        self._used = used
        self._new: dict[str, str] = {}

    def of(self, token: Token, names: Names) -> str:
        """The new name, in capitals or small letters and in the plural as the old one is."""
        name = singular(token.base, names) or token.base
        if name not in self._new:
            self._new[name] = self._next(names.kinds[name], name)
        new = self._new[name] + token.base[len(name) :]
        if token.shouted:
            return new.upper()
        return new if token.capital else new.lower()

    def _next(self, kind: NameKind, old: str) -> str:
        if len(old) == 1:
            return "J" if old != "j" else "K"
        new = self._lists.new
        further = chain(new.surnames, new.places, new.organisations, new.given)
        numbered = (f"Name{number}" for number in range(1, len(self._used) + 2))
        for name in chain(getattr(new, kind.value), further, numbered):
            if name.lower() not in self._used:
                self._used.add(name.lower())
                return str(name)
        raise AssertionError("there are more numbers than names")


def _old(text: str, edit: Edit) -> str:
    return text[slice(*edit.span)]


def _applied(text: str, edits: Sequence[Edit]) -> tuple[str, tuple[Span, ...]]:
    new, marks, end = "", [], 0
    for edit in edits:
        new += text[end : edit.span.start]
        marks.append(Span(len(new), len(new) + len(edit.new)))
        new += edit.new
        end = edit.span.end
    return new + text[end:], tuple(marks)


def _replacements(texts: Sequence[str], edits: Sequence[Sequence[Edit]]) -> Iterator[Replacement]:
    found = [
        ((_old(text, edit), edit.new), _sentence(text, edit.span))
        for text, own in zip(texts, edits, strict=True)
        for edit in own
    ]
    for (old, new), (sentence, times) in _first_and_times(found):
        yield Replacement(old, new, sentence, times)


def _first_and_times(found: Iterable[tuple[K, str]]) -> Iterable[tuple[K, tuple[str, int]]]:
    told: dict[K, tuple[str, int]] = {}
    for key, sentence in found:
        first, times = told.get(key, (sentence, 0))
        told[key] = (first, times + 1)
    return told.items()


def _sentence(text: str, span: Span) -> str:
    for sentence in split(text):
        if sentence.start <= span.start < sentence.end:
            return text[slice(*sentence)]
    return text[slice(*span)]
