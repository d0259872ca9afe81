"""What kind of message a candidate sent, as far as code can tell without a model.

These are coarse tests on purpose. Each one only decides whether the interviewer says one prepared
sentence before it goes on; none of them grades.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Content(StrEnum):
    """What a message is."""

    EMPTY = "empty"
    NO_WORDS = "no_words"
    NO_EXAMPLE = "no_example"
    HOSTILE = "hostile"
    OTHER_LANGUAGE = "other_language"
    WORDS = "words"


_NO_EXAMPLE = re.compile(
    r"\b(?:can(?:no|')?t|can not|couldn'?t|could not|don'?t|do not) (?:really |honestly )?"
    r"(?:think of|remember|recall|come up with|have) (?:any|an?|one|of any|of one|it|anything)\b"
    r"|\bno (?:idea|clue|example|examples)\b|\bnothing (?:comes|springs) to mind\b"
    r"|^\W*(?:i )?(?:really |honestly )?(?:don'?t|do not) know\W*(?:sorry)?\W*$"
    r"|^\W*(?:idk|dunno|not sure|pass|no|none|nope)\W*$"
)
_NO_EXAMPLE_WORDS = 25
"""A longer message that says "I can't remember an exact date" is an answer, not a refusal."""

_HOSTILE = re.compile(
    r"\b(?:fuck (?:you|off|this)|f\*+ck|screw you|shut up|piss off|go to hell|"
    r"(?:you(?:'re| are)? (?:a |an |so )?(?:\w+ )?(?:idiot|stupid|moron|bitch|bastard|useless))|"
    r"(?:stupid|useless|idiotic|fucking) (?:bot|machine|robot|program|question|interview|thing))\b"
)
_HOSTILE_WORDS = 25
"""A story may quote an angry customer; a short message that matches is aimed at the interviewer."""

_ENGLISH = frozenset(
    "the a an and or but i you he she we they it my me him her was were is are had have has to of "
    "in on at for with that this not so as be what when from by his their would do did if there "
    "can about said then because who them been one our all no your just asked".split()
)
_LANGUAGE_WORDS = 8
"""Fewer words than this tell nothing about the language."""


def kind_of(text: str) -> Content:
    """Classify one message of the candidate."""
    if not text.strip():
        return Content.EMPTY
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    if not words:
        return Content.NO_WORDS
    plain = " ".join(text.lower().replace("’", "'").split())
    if len(words) <= _NO_EXAMPLE_WORDS and _NO_EXAMPLE.search(plain):
        return Content.NO_EXAMPLE
    if len(words) <= _HOSTILE_WORDS and _HOSTILE.search(plain):
        return Content.HOSTILE
    if _is_other_language(words):
        return Content.OTHER_LANGUAGE
    return Content.WORDS


def _is_other_language(words: list[str]) -> bool:
    letters = "".join(words)
    latin = sum(1 for letter in letters if letter < "\u0250")
    if latin < len(letters) / 2:
        return True
    if len(words) < _LANGUAGE_WORDS:
        return False
    # English prose is some 40-60 % such words; other Latin-script languages share a few of them.
    common = sum(1 for word in words if word.lower() in _ENGLISH)
    return common < 0.12 * len(words)
