"""Details that are told by their form: addresses, numbers and codes that belong to one person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice
from typing import NamedTuple

from mock_interviewer.core.transcript import Span
from mock_interviewer.evaluation.wordlists import WordLists


class Edit(NamedTuple):
    """A place of a text, and what shall stand there."""

    span: Span
    new: str


_DIGITS = "4829163705"
_LETTERS = "KRTMWBHN"
_LEAST_DIGITS = 5
"""A number of fewer figures is an amount, a time or a year."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"”]*[^\s<>\"”.,;:!?)]"
    r"|\b[\w-]+\.(?:com|org|net|info|eu|io|co\.uk|uk|de|at|ch|fr|nl)\b(?:/[^\s<>\"”]*[\w/])?"
)
_DATE = re.compile(
    r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\b(?:19|20)\d\d ?[-–] ?(?:19|20)\d\d\b"
    r"|[£€$] ?\d[\d,. ]*\d|\b\d{1,3}(?:[, ]000)+\b"
)
"""Dates, years and amounts look like numbers and stay."""
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_CODE = re.compile(r"\b(?=[A-Z0-9-]*[A-Z])(?=(?:[A-Z-]*\d){3})[A-Z0-9][A-Z0-9-]{3,}[A-Z0-9]\b")
_NUMBER = re.compile(r"\+?\(?\d(?:[\d ()-]*\d)?")


def standing_alone(words: str) -> re.Pattern[str]:
    """Finds the words where they are no part of a longer word or number.

    Figures behind a name make no longer word of it: "Ann" is found in "Ann7".
    """
    before, after = (r"[^\W\d_]" if end.isalpha() else r"\w" for end in (words[:1], words[-1:]))
    return re.compile(rf"(?<!{before}){re.escape(words)}(?!{after})")


class Details:
    """Finds them, and gives the same one the same replacement in every text."""

    def __init__(self, lists: WordLists) -> None:
        self._new: dict[str, str] = {}
        numbered = "|".join(lists.numbered)
        streets = "|".join(word.capitalize() for word in lists.streets)
        self._numbered = re.compile(
            rf"(?:\b(?:{numbered})\.?(?: (?:number|no\.?|is|was|id))* #?|#)(?P<own>\d{{3,}})\b",
            re.IGNORECASE,
        )
        self._house = re.compile(
            rf"\b(?P<own>\d{{1,4}}[a-z]?)(?= (?:[A-Z][\w’'-]+ ){{1,3}}(?:{streets})\b)"
        )

    def edits(self, text: str, replace: Mapping[str, str]) -> list[Edit]:
        """What to change in a text: what the user says first, then what its form tells of.

        An edit that changes nothing stands for a place that is to stay as it is.
        """
        found: list[Edit] = []
        for edit in self._all(text, replace):
            taken = any(
                edit.span.start < e.span.end and e.span.start < edit.span.end for e in found
            )
            if not taken:
                found.append(edit)
        return found

    def _all(self, text: str, replace: Mapping[str, str]) -> Iterator[Edit]:
        for old, new in sorted(replace.items(), key=lambda pair: -len(pair[0])):
            for match in standing_alone(old).finditer(text):
                yield Edit(Span(*match.span()), new)
        yield from self._of(_EMAIL, text, lambda old, n: f"person{n}@example.org")
        yield from self._of(_URL, text, lambda old, n: f"www.example{n}.org")
        for match in _DATE.finditer(text):
            yield Edit(Span(*match.span()), match[0])
        for pattern in (_POSTCODE, _CODE, self._house, self._numbered):
            yield from self._of(pattern, text, _other_figures)
        for match in _NUMBER.finditer(text):
            if sum(c.isdigit() for c in match[0]) >= _LEAST_DIGITS:
                yield self._edit(Span(*match.span()), match[0], _other_figures)

    def _of(
        self, pattern: re.Pattern[str], text: str, make: Callable[[str, int], str]
    ) -> Iterator[Edit]:
        group = "own" if "own" in pattern.groupindex else 0
        for match in pattern.finditer(text):
            yield self._edit(Span(*match.span(group)), match[group], make)

    def _edit(self, span: Span, old: str, make: Callable[[str, int], str]) -> Edit:
        key = re.sub(r"[^\w@.]", "", old).lower()
        new = self._new.setdefault(key, make(key, len(self._new) + 1))
        if make is _other_figures:
            new = _in_form_of(old, new)
        return Edit(span, new)


def _other_figures(old: str, number: int) -> str:
    """As many figures and letters, all others."""
    digits = islice(cycle(_DIGITS), number, None)
    letters = islice(cycle(_LETTERS), number, None)
    new = "".join(_other(c, digits if c.isdigit() else letters) for c in old)
    return f"5{new[1:]}" if new.startswith("0") and not old.startswith(("0", "5")) else new


def _other(old: str, source: Iterator[str]) -> str:
    return next(c for c in source if c.lower() != old)


def _in_form_of(old: str, new: str) -> str:
    """The same figures and letters with the blanks and signs of `old`."""
    source = iter(new)
    return "".join(
        (next(source).lower() if c.islower() else next(source)) if c.isalnum() else c for c in old
    )
