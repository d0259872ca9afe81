"""Which words of a text are names: told by capitals, by what stands beside them, and by lists."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from mock_interviewer.core.transcript import Span
from mock_interviewer.evaluation.wordlists import WordLists


class NameKind(StrEnum):
    """What a name is of; where a word is found as several, the first of these counts."""

    STREET = "streets"
    SURNAME = "surnames"
    ORGANISATION = "organisations"
    PLACE = "places"
    GIVEN = "given"


class Token(NamedTuple):
    """A word without the ending that an apostrophe parts off."""

    span: Span
    word: str
    initial: bool
    """Whether a sentence or a quotation begins with it."""
    joined: bool
    """Whether only a blank parts it from the word before."""

    @property
    def base(self) -> str:
        """The word in small letters."""
        return self.word.lower()

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital; the pronoun `I` does not count."""
        return self.word[0].isupper() and self.word != "I"

    @property
    def shouted(self) -> bool:
        """Whether it is all capitals: an abbreviation, or stress."""
        return len(self.word) > 1 and self.word.isupper()


@dataclass
class Names:
    """What was found."""

    kinds: dict[str, NameKind] = field(default_factory=dict)
    """By the word in small letters."""
    places: set[tuple[int, int]] = field(default_factory=set)
    """Number of the text and offset of each word that is a name by what stands beside it."""
    sure: set[str] = field(default_factory=set)
    """Those that are told by more than the capital of a sentence's first word."""

    def add(self, text: int, token: Token, kind: NameKind) -> None:
        """Note a name."""
        if not token.initial or kind is not NameKind.GIVEN:
            self.sure.add(token.base)
        ranks = list(NameKind)
        known = self.kinds.get(token.base, kind)
        self.kinds[token.base] = min(known, kind, key=ranks.index)
        self.places.add((text, token.span.start))


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENDING = re.compile(r"['’](?:s|d|ll|ve|re|m)$", re.IGNORECASE)
_OPENS = ".!?…:;\"“”‘'(—–•*\n"
_BEFORE_PLACE = frozenset({"in", "near"})
_BEFORE_NAME = frozenset({"called", "named"})
_FEW_CAPITALS = 0.005
"""Of all characters; who writes as usual begins a sentence of a hundred with one."""


def tokens(text: str, hidden: Sequence[Span], lists: WordLists) -> list[Token]:
    """The words of a text that lie outside of `hidden`."""
    found: list[Token] = []
    end = 0
    for match in _WORD.finditer(text):
        if any(match.start() < span.end and span.start < match.end() for span in hidden):
            continue
        word = _ENDING.sub("", match[0])
        gap = text[end : match.start()]
        abbreviated = bool(found) and gap == ". " and _is_abbreviation(found[-1], lists)
        before = text[: match.start()].rstrip(" \t")[-1:]
        found.append(
            Token(
                span=Span(match.start(), match.start() + len(word)),
                word=word,
                initial=not abbreviated and (not before or before in _OPENS),
                joined=bool(found) and (gap == " " or abbreviated),
            )
        )
        end = match.end()
    return found


def find(texts: Sequence[Sequence[Token]], lists: WordLists, kept: Collection[str]) -> Names:
    """Find the names of all texts. `kept`: words in small letters that are none."""
    names = Names()
    for number, text in enumerate(texts):
        for before, run in _runs(text, kept):
            for token, kind in _judged(before, run, lists):
                names.add(number, token, kind)
        for token, kind in _uncapitalised(text, lists):
            if token.base not in kept:
                names.add(number, token, kind)
    return names


def is_name(names: Names, text: int, token: Token, lists: WordLists) -> bool:
    """Whether this word is a name here: a name that is a word as well is one only by capitals."""
    if (text, token.span.start) in names.places:
        return True
    name = singular(token.base, names)
    if name is None:
        return False
    if lists.is_ordinary(token.base):
        return token.capital and not token.initial
    return token.capital or name in names.sure


def singular(base: str, names: Names) -> str | None:
    """The name that this word is, or is the plural of; None if it is none."""
    if base in names.kinds:
        # "The Okafors" is found on its own; it is the Okafor that is known.
        return base[:-1] if base.endswith("s") and base[:-1] in names.kinds else base
    return base[:-1] if base.endswith("s") and base[:-1] in names.kinds else None


def in_small_letters(text: str) -> bool:
    """Whether it is written with hardly any capitals, so that names cannot be told by them."""
    return sum(letter.isupper() for letter in text) < len(text) * _FEW_CAPITALS


def may_be_name(token: Token, lists: WordLists, *, small: bool) -> bool:
    """Whether a person should look at this word, which was not taken for a name.

    `small`: the text is in small letters, so that any unknown word may be one.
    """
    if small and not token.capital:
        known = token.base in lists.kept or lists.is_ordinary(token.base, inflected=True)
        return not known
    if not token.capital or token.base in (*lists.titles, *lists.streets):
        return False
    if token.shouted:
        return not lists.is_ordinary(token.base) and token.base not in lists.abbreviations
    if not token.initial or token.base in lists.kept or token.base in lists.also_names:
        return True
    return not lists.is_ordinary(token.base, inflected=True)


def _is_abbreviation(token: Token, lists: WordLists) -> bool:
    short = token.base in lists.titles and token.base not in lists.common
    return short or (len(token.word) == 1 and token.capital)


def _runs(
    text: Sequence[Token], kept: Collection[str]
) -> Iterator[tuple[Token | None, list[Token]]]:
    """Words with capitals that follow each other, with the word before them."""
    run: list[Token] = []
    before: Token | None = None
    previous: Token | None = None
    for token in text:
        fit = token.capital and not token.shouted and token.base not in kept
        if run and not (fit and token.joined):
            yield before, run
            run = []
        if fit:
            if not run:
                before = previous if token.joined else None
            run.append(token)
        previous = token
    if run:
        yield before, run


def _judged(
    before: Token | None, run: list[Token], lists: WordLists
) -> Iterator[tuple[Token, NameKind]]:
    titled = before is not None and before.base in lists.titles
    while run and _is_lead(run[0], lists, alone=len(run) == 1):
        titled = run[0].base in lists.titles
        run = run[1:]
    if all(len(token.word) == 1 for token in run):
        return  # an initial is one only beside a name
    *others, last = run
    for endings, kind in (
        (lists.streets, NameKind.STREET),
        (lists.organisations, NameKind.ORGANISATION),
    ):
        if others and last.base in endings:
            yield from ((token, kind) for token in others)
            return
    if titled:
        yield from ((token, NameKind.GIVEN) for token in others)
        yield last, NameKind.SURNAME
    elif others:
        yield from _several(run, lists)
    elif not lists.is_ordinary(last.base, inflected=last.initial):
        yield last, _kind_after(before)
    elif last.base in lists.also_names and not last.initial:
        yield last, NameKind.GIVEN


def _is_lead(token: Token, lists: WordLists, *, alone: bool) -> bool:
    """Whether it only begins the sentence, or is a title."""
    if token.base in lists.titles:
        return True
    ordinary = lists.is_ordinary(token.base, inflected=True)
    return token.initial and ordinary and (alone or token.base not in lists.also_names)


def _several(run: Sequence[Token], lists: WordLists) -> Iterator[tuple[Token, NameKind]]:
    """Given name and surname: at least one of them is no other word."""

    def telling(token: Token) -> bool:
        unknown = len(token.word) > 1 and not lists.is_ordinary(token.base)
        return unknown or token.base in lists.also_names

    start = 0 if telling(run[0]) or len(run[0].word) == 1 else 1
    if not any(telling(token) for token in run):
        return
    for token in run[start:]:
        yield token, NameKind.GIVEN if token is run[start] else NameKind.SURNAME


def _kind_after(before: Token | None) -> NameKind:
    if before is not None and before.base in _BEFORE_PLACE:
        return NameKind.PLACE
    if before is not None and before.base == "at":
        return NameKind.ORGANISATION
    return NameKind.GIVEN


def _uncapitalised(text: Sequence[Token], lists: WordLists) -> Iterator[tuple[Token, NameKind]]:
    """Names by the list, after a title, after "called" or after "my name is"."""
    for place, token in enumerate(text):
        if token.capital or lists.is_ordinary(token.base, inflected=True):
            continue
        before = [word.base for word in text[max(0, place - 3) : place]]
        last = before[-1] if before and token.joined else ""
        if last in lists.titles and last not in lists.common:
            yield token, NameKind.SURNAME
        elif (
            token.base in lists.given_names
            or last in _BEFORE_NAME
            or before[-2:] == ["my", "name"]
            or before == ["my", "name", "is"]
        ):
            yield token, NameKind.GIVEN
