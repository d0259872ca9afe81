"""The words by which names are told from other words, and what they are replaced by."""

from __future__ import annotations

from functools import cache, cached_property
from itertools import chain
from typing import Annotated

from pydantic import BeforeValidator, Field

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.resources import package_file


def _split(text: object) -> object:
    return text.split() if isinstance(text, str) else text


Words = Annotated[tuple[str, ...], BeforeValidator(_split), Field(min_length=1)]


class NewNames(Strict):
    """What names are replaced by, by what they are names of."""

    given: Words
    surnames: Words
    places: Words
    organisations: Words
    streets: Words


class WordLists(Strict):
    """All lists, as `pseudonyms.yaml` explains them."""

    titles: Words
    streets: Words
    organisations: Words
    numbered: Words
    dates: Words
    languages_and_peoples: Words
    countries: Words
    products: Words
    abbreviations: Words
    given_names: Words
    also_names: Words
    new: NewNames
    common: Words

    @cached_property
    def kept(self) -> frozenset[str]:
        """Words with capitals that tell of nobody."""
        peoples = chain(self.languages_and_peoples, self.countries)
        return frozenset(chain(self.dates, peoples, self.products))

    @cached_property
    def ordinary(self) -> frozenset[str]:
        """Words of the language."""
        beside_names = chain(self.titles, self.streets, self.organisations)
        return frozenset(chain(self.common, self.also_names, beside_names, self.numbered))

    def is_ordinary(self, word: str, *, inflected: bool = False) -> bool:
        """Whether it is a word of the language, or (`inflected`) looks like a form of one."""
        if word in self.ordinary or _CONTRACTED in word:
            return True
        parts = word.split("-")
        if len(parts) > 1 and all(len(p) == 1 or self.is_ordinary(p) for p in parts):
            return True
        return inflected and any(stem in self.ordinary for stem in _stems(word))


_CONTRACTED = "n't"
_ENDINGS = (
    *(("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y")),
    *(("ing", ""), ("ing", "e"), ("ly", ""), ("ily", "y"), ("er", ""), ("er", "e"), ("est", "")),
)


def _stems(word: str) -> list[str]:
    bare = word.removeprefix("un")
    stems = [bare]
    for ending, other in _ENDINGS:
        if bare.endswith(ending):
            stem = bare.removesuffix(ending)
            stems.append(stem + other)
            if len(stem) > 2 and stem[-1] == stem[-2]:
                stems.append(stem[:-1])
    return [stem for stem in stems if len(stem) > 2]


@cache
def load_word_lists() -> WordLists:
    """Load the package's lists. Raises `DataFileError`."""
    return datafile.load(WordLists, package_file("evaluation", "pseudonyms.yaml"))
