"""What a model may say as the customer. Anything else gives way to the scenario's prepared line."""

from __future__ import annotations

import re

from mock_interviewer.core.content import Content, kind_of, whole_characters
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.errors import ModelRefusedError

MAX_CHARACTERS = 400

_QUOTES = '"“”'
_DIRECTION = re.compile(r"[(\[*_<{]|^\s*[-#]", re.MULTILINE)
_MACHINE = re.compile(
    r"\b(?:as an? (?:ai|assistant|language model)|language model|chatbot|"
    r"i(?:'m| am) (?:an ai|an assistant|not a real|here to (?:help|assist|play))|"
    r"(?:system|my) prompt|role-?play\w*|simulat\w+|in character|trainees?|training exercise)\b",
    re.IGNORECASE,
)
_COACH = re.compile(
    r"\b(?:empath\w+|active listening|validat\w+|rubric|de-?escalat\w+|misstep\w*|well done|"
    r"your (?:score|grade|rating|level|performance)|out of (?:ten|10|five|5)|"
    r"(?:good|great|better|excellent|perfect) (?:answer|response|reply|technique|job)|"
    r"you (?:should|could) have (?:asked|acknowledged|shown|offered)|"
    r"next time,? (?:say|try|ask)|try (?:saying|asking)|my mood|mood (?:is|has))\b",
    re.IGNORECASE,
)
_OTHER_SIDE = re.compile(
    r"\b(?:how (?:can|may) i (?:help|assist)|is there anything else i can|thank you for "
    r"(?:calling|contacting|reaching)|(?:sorry|apologi[sz]e) for (?:the|any) inconvenience|"
    r"i understand your (?:frustration|concern|feeling)s?)\b",
    re.IGNORECASE,
)


class OutOfRoleError(ModelRefusedError):
    """The model's words are not the customer's."""


def checked(text: str, scenario: Scenario, *, told: bool, before: str) -> str:
    """The customer's words as they may be shown.

    `told`: the unspoken need may be spoken of. `before`: the customer's last words, which are not
    to be repeated. Raises `OutOfRoleError` saying what is wrong.
    """
    words = _bare(whole_characters(text), scenario.customer.name)
    if kind_of(words) in (Content.EMPTY, Content.NO_WORDS):
        raise OutOfRoleError("the model says nothing")
    if len(words) > MAX_CHARACTERS:
        raise OutOfRoleError(f"the model says more than {MAX_CHARACTERS} characters")
    if kind_of(words) is Content.OTHER_LANGUAGE:
        raise OutOfRoleError("the model speaks another language")
    for what, pattern in (
        ("a stage direction or a list", _DIRECTION),
        ("speaks of itself or of the exercise", _MACHINE),
        ("coaches or grades", _COACH),
        ("speaks for the company", _OTHER_SIDE),
    ):
        if found := pattern.search(words):
            raise OutOfRoleError(f"the model's words are out of role: {what} ({found.group()!r})")
    if not told:
        for phrase in scenario.need.key_phrases:
            if _holds(words, phrase):
                raise OutOfRoleError(f"the model gives the unspoken need away ({phrase!r})")
    if " ".join(words.lower().split()) == " ".join(before.lower().split()):
        raise OutOfRoleError("the model repeats itself")
    return words


def _bare(text: str, name: str) -> str:
    """Without the speaker's name before it and quotes around it."""
    words = " ".join(text.split())
    speakers = "|".join(re.escape(part) for part in (name, name.split()[0], "Customer"))
    words = re.sub(rf"^(?:{speakers})\s*:\s*", "", words, flags=re.IGNORECASE)
    if len(words) > 1 and words[0] in _QUOTES and words[-1] in _QUOTES:
        words = words[1:-1].strip()
    return words


def _holds(words: str, phrase: str) -> bool:
    plain = words.lower().replace("’", "'")
    return re.search(rf"(?<!\w){re.escape(phrase.lower())}", plain) is not None
