"""What a model may not say as a probe, whatever somebody's message orders it to say.

An answer can hold orders, and a model can follow them. What it then says is not believed: words
that quote what it was sent, tell a level or a verdict, leave the interviewer's part, or repeat an
order are refused, and the prepared probe is asked. Words that the candidate told in their story,
and not in an order, may be taken up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from mock_interviewer.core.content import english_words, other_language_words
from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Line, Role, split
from mock_interviewer.interviewing.wording import UnfitProbeError

LEAK_WORDS = 6
"""So many words in a row from a prompt or the rubric are a quotation."""
ORDER_WORDS = 3
"""So many words in a row from an order are its doing."""
LONGEST_WORD = 24

_NUMBER = r"(?:\d+|zero|one|two|three|four|five|ten)"
_FIGURE = r"(?:grade|score|level|rating|mark)"
_ORDER = re.compile(
    rf"\b(?:ignore|disregard|forget|override|bypass)\b.{{0,40}}\b(?:instruct\w*|prompts?|rules?|"
    r"rubric|previous|prior|above|everything|role)\b|"
    r"\b(?:prompts?|rubric|checklist|instructions|anchors?|criteria)\b.{0,60}\b(?:verbatim|"
    r"word for word|below|above|reveal|repeat|print|show|output)\b|"
    r"\b(?:reveal|repeat|print|show|output|quote|recite|translate|encode|spell out|tell me)\b"
    r".{0,60}\b(?:prompts?|rubric|checklist|instructions|anchors?|criteria|rules|above|grade|"
    r"score|level|base64|other candidates?)\b|"
    r"\b(?:you are|you're|act as|pretend|from) now\b|\b(?:act as|pretend|role-?play) (?:to be |as "
    r"|that |you)|\b(?:system|developer|assistant|interviewer|grader|admin\w*)\s*[:>\]]|"
    r"<\|?/?(?:system|assistant|user|im_)|\[/?(?:inst|system)|~~~|```|"
    rf"\b(?:my|your|the|this|final|overall) (?:final |overall )?{_FIGURE}s? "
    r"(?:is|are|was|should|must|will|:|=)|"
    r"\b(?:interview|conversation|test) (?:is|was) (?:now )?(?:over|finished|done|complete)|"
    r"(?<!\bi )(?<!\bhe )(?<!\bshe )(?<!\bwe )(?<!\bthey )(?<!\bcan )(?<!\bnot )(?<!\bpeople )"
    r"(?:\b(?:say|ask|reply|respond|answer|write) (?:me )?(?:only|exactly|just|with|the words?)\b|"
    r"\b(?:begin|start|end) with\b)|"
    r"\bnew (?:instructions|orders)\b|\bremember the word\b|"
    r"\b(?:your|the) (?:next|only|following) (?:question|reply|message|words?|output)\b|"
    r"\b(?:as an ai|language model|jailbreak|developer mode|dan mode)\b",
    re.IGNORECASE,
)
"""Signs that a sentence is meant for the model, not for an interviewer."""

_NEVER = re.compile(
    r"\b(?:system|developer|hidden|secret|initial) (?:prompts?|messages?|instructions?|rules?)\b|"
    r"\bmy (?:own )?(?:prompts?|instructions?|guidelines|rules|rubric|checklist|programming)\b|"
    r"\b(?:previous|prior|above) (?:prompts?|instructions?)\b|"
    r"\bas an? (?:ai|artificial|language|large language|llm)\b|\blanguage model\b|"
    r"\bi(?:'m| am) (?:an? (?:ai|assistant|model|bot)|sorry|unable|not (?:able|allowed)|hired)\b|"
    r"\bi (?:cannot|can't|can not|must not|(?:was|have been) (?:told|instructed))\b|"
    rf"\b(?:give|gave|award|awarded) (?:you|this|it) (?:an? |the )?(?:\w+ )?{_FIGURE}\b|"
    rf"\byour (?:\w+ ){{0,2}}{_FIGURE}s?\b|"
    r"\b(?:congratulations|well (?:handled|told|said)|(?:i am|i'm|am) impressed|"
    r"you (?:have )?passed|you are hired|you're hired|the job is yours)\b|"
    r"^(?:(?:and|so|then),? )*what an? (?:\w+ )?(?:lovely|great|good|nice|excellent|wonderful|"
    r"impressive|moving|inspiring|brilliant)\b|"
    r"https?:|www\.|://|[{}\[\]<>|\\`^=_]|~~|\*\*",
    re.IGNORECASE,
)
_UNLESS_TOLD = re.compile(
    r"\b(?:prompts?|rubrics?|checklists?|grades?|graded|grading|graders?|scores?|scored|ratings?|"
    r"criteria|criterion|delimiters?|json|base64|jailbreak|openai|chatgpt|"
    r"excellent|brilliant|outstanding|superb|fantastic|wonderful|amazing|impressive|flawless|"
    r"brilliantly|perfectly|beautifully|superbly|"
    rf"level {_NUMBER}|{_NUMBER} (?:out )?of (?:\d+|five|ten)|\d+ ?/ ?\d+|"
    r"(?=[a-z]*\d)[0-9a-f]{8,}|\w+\.(?:com|org|net|io|dev))\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'"([^"]*)(?:"|$)|“([^”]*)(?:”|$)')

Refuse = Callable[[str], None]


class Bounds:
    """What one program's prober must keep to itself: the texts that the model is sent."""

    def __init__(self, rubric: Rubric, prompts: Iterable[Prompt]) -> None:
        self._secret: set[tuple[str, ...]] = set()
        for text in [*_told_to_graders(rubric), *_told_to_models(prompts)]:
            self._secret |= _runs(text, LEAK_WORDS)

    def for_answer(self, question: str, lines: Sequence[Line]) -> Refuse:
        """A check that raises `UnfitProbeError` for words, or a beginning, out of bounds."""
        known = [line.text for line in lines if line.role is Role.INTERVIEWER]
        said = [line.text for line in lines if line.role is Role.CANDIDATE]
        sentences = [part for text in said for part in _sentences(text)]
        orders = _orders(sentences)
        story = " ".join([question, *known, *(part for part in sentences if part not in orders)])
        told = _plain(story)
        own = _runs(question, LEAK_WORDS).union(*(_runs(text, LEAK_WORDS) for text in known))
        secret = self._secret - own
        ordered = set[tuple[str, ...]]().union(*(_runs(part, ORDER_WORDS) for part in orders))
        ordered -= _runs(question, ORDER_WORDS)

        def refuse(text: str) -> None:
            _refuse_characters(text, told)
            plain = _plain(text)
            if _runs(plain, LEAK_WORDS) & secret:
                raise UnfitProbeError("the model quotes what it was sent")
            if _runs(plain, ORDER_WORDS) & ordered:
                raise UnfitProbeError("the model repeats an order from the answer")
            if _NEVER.search(_without_quotes(plain, told)):
                raise UnfitProbeError("the model leaves the interviewer's part")
            if any(not _is_told(found.group(), told) for found in _UNLESS_TOLD.finditer(plain)):
                raise UnfitProbeError("the model speaks of what nobody told")
            if not _is_english(text, told):
                raise UnfitProbeError("the model does not speak English")

        return refuse


def _told_to_graders(rubric: Rubric) -> Iterable[str]:
    for criterion in rubric.criteria:
        yield criterion.about
        yield from criterion.levels.values()
        for item in criterion.items:
            yield from (item.text, item.ask)


def _told_to_models(prompts: Iterable[Prompt]) -> Iterable[str]:
    for prompt in prompts:
        for message in prompt.messages:
            if message.role != "assistant":
                # What stands in quotes there is a question as it should be.
                yield _QUOTED.sub(" . ", message.text)


def _sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


def _orders(sentences: Sequence[str]) -> list[str]:
    """The sentences that are meant for the model, each with the one after it: what it is to say."""
    signs = [_ORDER.search(_plain(part)) is not None for part in sentences]
    return [
        part
        for place, part in enumerate(sentences)
        if signs[place] or (place > 0 and signs[place - 1])
    ]


def _plain(text: str) -> str:
    """In one form: letters that only look different, quotes, case and space."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    kept = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return " ".join(kept.split())


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", _plain(text))


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def _is_told(words: str, told: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", told) is not None


def _is_english(text: str, told: str) -> bool:
    """As far as frequent words tell, which a whole question cannot do without."""
    strange = set(other_language_words(text)) - set(_words(told))
    whole = text.endswith("?")
    return len(strange) < 2 and not (whole and not english_words(" ".join(_words(text)[1:])))


def _without_quotes(plain: str, told: str) -> str:
    """Without the quotes that are the candidate's own words."""

    def kept(found: re.Match[str]) -> str:
        quoted = (found[1] or found[2] or "").strip(" .,!?")
        return '""' if quoted and _is_told(quoted, told) else found.group()

    return _QUOTED.sub(kept, plain)


def _refuse_characters(text: str, told: str) -> None:
    for sign in text:
        if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"):
            raise UnfitProbeError("the model's words hold signs that cannot be seen")
    for word in re.findall(r"\S+", text):
        if len(word) > LONGEST_WORD and not _is_told(_plain(word).strip('"“”?.,;:!'), told):
            raise UnfitProbeError("the model's words hold what is no word")
        letters = [sign for sign in word if sign.isalpha()]
        other = [sign for sign in letters if not unicodedata.name(sign, "").startswith("LATIN")]
        mixed = other and len(other) < len(letters)
        if mixed or (other and not set(_words(word)) <= set(_words(told))):
            raise UnfitProbeError("the model's words are in another script")
