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


_LEAD = (
    r"^\W*(?:(?:sorry|well|h+m+|u+h*m*|honestly|to be honest|i(?:'m| am) afraid|i think|i|i've|"
    r"have|got|really|absolutely)\W+)*"
)
_NO_EXAMPLE = re.compile(
    rf"(?:{_LEAD}|\bi |[.,;:!?…-] ?)(?:(?:just|really|honestly|still) )*"
    r"(?:can(?:no|')?t|can not|couldn'?t|could not|don'?t|do not) (?:(?:really|honestly|even) )*"
    r"(?:think of|remember|recall|come up with|have) (?:any|anything|one|it|an?)"
    r"(?: (?:good|better|real|single|specific|particular|concrete|such))*"
    r"(?: (?:examples?|situations?|times?|case|story|occasion|experience|moment|customer|one))?"
    r"(?=\W*$| ?[.,;:!?…(-]| (?:sorry|now|right now|at|off|of (?:that|this)|like|for (?:that|this)|"
    r"where|when|from|here|today|either|really|honestly|to be honest)\b)"
    rf"|{_LEAD}no (?:idea|clue|examples?)(?=\W*$| ?[.,;!]| (?:sorry|of (?:that|this)|for|at all)\b)"
    rf"|{_LEAD}nothing (?:comes|springs) to mind\b"
    rf"|{_LEAD}my mind (?:is|went|has gone|has just gone) blank\b"
    rf"|{_LEAD}(?:don'?t|do not) know(?: what to say| how to answer)?\W*(?:sorry)?\W*$"
    r"|^\W*(?:idk|dunno|not sure|pass|no|none|nope)\W*$"
)
_NO_EXAMPLE_EXTRA_WORDS = 10
"""With more words beside it, "I can't remember any" is part of an answer."""

_HOSTILE = re.compile(
    r"\bf(?:uck|\*+\w*) (?:you|off|this)\b|\bbullshit\b|"
    r"\b(?:screw you|shut up|piss off|go to hell|"
    r"(?:you(?:'re| are)? (?:a |an |so )?(?:\w+ )?(?:idiot|stupid|moron|bitch|bastard|useless))|"
    r"(?:stupid|useless|idiotic|fucking) (?:bot|machine|robot|program|question|interview|thing))\b"
)
_HOSTILE_WORDS = 25
_QUOTED = re.compile(r'["“][^"”]*["”]')
_TOLD = re.compile(
    r"\b(?:he|she|they|him|her|them|said|told|called|shouted|yelled|customers?|clients?|guests?)\b"
)
"""A story may quote an angry customer; a short message without one is aimed at the interviewer."""

_ENGLISH = frozenset(
    "the and but you she they it this that these have has were are been what when which who with "
    "from would could did there then because about after asked said told their them your his him "
    "can will just very so my if".split()
)
_OTHER = frozenset(
    "el los las un una por para con que se su pero muy como era fue más estaba le la et je il elle "
    "nous vous est dans pas des du une au qui avec mais était che di gli della nel sono ho perché "
    "os uma não com foi ela ele dele em da dos eu porque ich und der das nicht ist ein eine einen "
    "dem mit auf für von zu wir mir sich habe hatte weil aber ik het een niet dat hij maar met "
    "voor omdat naar de och att det som ett är inte jag hade jeg og ikke til på nie się jest że "
    "był była ve bir bu ben çok yang dan saya untuk dengan tidak karena ang ng mga ako siya ya wa "
    "kwa ni".split()
)
"""Frequent words of other languages that are not also English ones."""
_LANGUAGE_WORDS = 8
"""Fewer words than this tell nothing about the language."""


def kind_of(text: str) -> Content:
    """Classify one message of the candidate."""
    if not text.strip():
        return Content.EMPTY
    words = _words(text)
    if not words:
        return Content.NO_WORDS
    plain = " ".join(text.lower().replace("’", "'").split())
    refusal = _NO_EXAMPLE.search(plain)
    if refusal and len(words) - len(_words(refusal.group())) <= _NO_EXAMPLE_EXTRA_WORDS:
        return Content.NO_EXAMPLE
    if len(words) <= _HOSTILE_WORDS and _is_hostile(plain):
        return Content.HOSTILE
    if _is_other_language(words):
        return Content.OTHER_LANGUAGE
    return Content.WORDS


def english_words(text: str) -> list[str]:
    """The frequent English words in a text."""
    return [word.lower() for word in _words(text) if word.lower() in _ENGLISH]


def other_language_words(text: str) -> list[str]:
    """The words in a text that are frequent in other languages, or accented, and not English."""
    words = _words(text)
    return [word.lower() for word in words if word.lower() in _OTHER or _is_accented(word)]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)


def _is_hostile(plain: str) -> bool:
    own = _QUOTED.sub(" ", plain)
    return bool(_HOSTILE.search(own)) and not _TOLD.search(own)


def _is_other_language(words: list[str]) -> bool:
    letters = "".join(words)
    latin = sum(1 for letter in letters if letter < "\u0250")
    if latin < len(letters) / 2:
        return True
    if len(words) < _LANGUAGE_WORDS:
        return False
    # A lack of English function words alone is no sign: notes and first steps in English have few.
    english = sum(1 for word in words if word.lower() in _ENGLISH)
    other = sum(1 for word in words if word.lower() in _OTHER or _is_accented(word))
    return other >= 0.15 * len(words) and english < 0.1 * len(words)


def _is_accented(word: str) -> bool:
    """Whether it has letters that English words lack; names, which are capitalised, may."""
    return word[0].islower() and not word.replace("’", "'").isascii()


def whole_characters(text: str) -> str:
    """The text with a question mark for each half of a character, which no file can hold.

    A browser can cut a message in the middle of a character, and a model can write the half.
    """
    return text.encode(errors="replace").decode()
