"""Wordings that code notices in a line to a customer: a remark for each, never a grade."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache, cached_property

from pydantic import Field

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.questions import Name
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import Text
from mock_interviewer.core.transcript import split

BUT = "but"
NUMBER = "number"


class Remark(Strict):
    """Something noticed: the words themselves, to the letter, and what to think of."""

    id: Name
    quote: str
    text: str


class Within(StrEnum):
    """What a line is."""

    REPLY = "reply"
    """Said or written to a customer."""
    RESULT = "result"
    """The end of a story."""


class _Phrases(Strict):
    id: Name
    within: Within = Within.REPLY
    remark: Text
    phrases: tuple[Text, ...] = Field(min_length=1)
    unless: tuple[Text, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return _pattern(self.phrases)

    @cached_property
    def excused(self) -> re.Pattern[str] | None:
        return _pattern(self.unless) if self.unless else None

    def found(self, text: str) -> Iterator[str]:
        """The matching words of the text, each once, in order."""
        excused = [m.span() for m in self.excused.finditer(text)] if self.excused else []
        seen: set[str] = set()
        for match in self.pattern.finditer(text):
            covered = any(start <= match.start() < end for start, end in excused)
            if not covered and match.group().lower() not in seen:
                seen.add(match.group().lower())
                yield match.group()


class _PhraseFile(Strict):
    groups: tuple[_Phrases, ...]


_CONCEDED = re.compile(
    r"\b(?:sorry|apologi[sz]e|apologies|understand|appreciate|see|hear|know|realise|realize)\b"
    r"[^.!?\n]*?[,;–—-]?\s(but|however)\b",
    re.IGNORECASE,
)
_BUT_REMARK = "It takes back what stands before it; try a full stop, and begin anew."
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NUMBER_REMARK = "This figure is not among what is known. Leave it out, or use one that is."


def remarks(text: str, within: Within = Within.REPLY) -> tuple[Remark, ...]:
    """What is noticed in a line, in the order of the phrase file."""
    plain = text.replace("’", "'")
    found = [
        Remark(id=group.id, quote=quote, text=group.remark)
        for group in load_phrases()
        if group.within is within
        for quote in group.found(plain)
    ]
    for span in split(plain) if within is Within.REPLY else ():
        if match := _CONCEDED.search(plain[span.start : span.end]):
            found.append(Remark(id=BUT, quote=match.group(), text=_BUT_REMARK))
    # The apostrophe was only made plain for matching: as long as it was, the quote can be undone.
    return tuple(
        remark.model_copy(update={"quote": _verbatim(remark.quote, plain, text)})
        for remark in found
    )


def strange_numbers(text: str, known: str) -> tuple[Remark, ...]:
    """A remark for each figure, written in digits, that does not stand in what is known."""
    there = set(_NUMBER.findall(known))
    new = dict.fromkeys(number for number in _NUMBER.findall(text) if number not in there)
    return tuple(Remark(id=NUMBER, quote=number, text=_NUMBER_REMARK) for number in new)


@cache
def load_phrases() -> tuple[_Phrases, ...]:
    """Load the phrase file. Raises `DataFileError`."""
    path = package_file("core", "phrases.yaml")
    data = {"groups": datafile.read_yaml(path)}
    return datafile.validated(_PhraseFile, data, str(path)).groups


def _verbatim(quote: str, plain: str, text: str) -> str:
    start = plain.index(quote)
    return text[start : start + len(quote)]


def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all phrases, the longer ones first, so that the longest is quoted."""
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(map(_as_pattern, longest_first)), re.IGNORECASE)


def _as_pattern(phrase: str) -> str:
    bare = phrase.removesuffix(".")
    words = [r"[\w']+" if word == "_" else re.escape(word) for word in bare.split()]
    joined = r"[\s,]+".join(words)
    end = r"(?=\W*$|\s*[^\w\s'])" if phrase != bare else r"(?![\w'])"
    return rf"(?<![\w']){joined}{end}"
