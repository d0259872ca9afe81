"""What a model may say as a probe: one neutral question. Everything else is cut or refused.

A model words a probe, and small models slip: they praise, ask two things, or answer themselves.
This is checked as the words arrive. What could still turn out unfit is held back where code can
tell; a slip late in the sentence replaces the words on the screen by the prepared probe.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from mock_interviewer.core.transcript import split
from mock_interviewer.errors import ModelRefusedError

MAX_WORDS = 40
MIN_WORDS = 4
MAX_CHARACTERS = 1000
"""Of what a model says in place of a question; patterns are not matched against more."""

_LEAD = re.compile(
    r"^\s*(?:(?:[\"“'‘]|[-–•#]+\s|\d+[.)]\s|"
    r"(?:interviewer|follow-?up(?: question)?|question|probe)\s*:)\s*)+",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"\b(?:(?:great|good|excellent|perfect|wonderful|amazing|impressive|fantastic|nice|brilliant|"
    r"strong|weak|poor|bad|vague|unclear|incomplete) (?:answer|example|job|point|story|start|work|"
    r"response|approach|question|reply)|well done|star method|rubric|empathetic|"
    r"your (?:level|score|grade|rating)|"
    r"(?<!did )(?<!would )you need to|"
    r"you (?:should|could have|failed|did not mention|didn't mention|forgot))\b",
    re.IGNORECASE,
)
_WH = r"(?:what|how|why|when|where|who|whom|whose|which)"
_VERB = r"(?:did|do|does|were|was|is|are|can|could|would|will|might|have|has|had)"
_SUBJECT = r"(?:you|your|he|she|it|they|we|the|this|that|there|his|her|their|any\w*|some\w*)"
_SECOND = re.compile(
    rf",?\s+(?:and|or|but)\s+(?:if so,?\s+)?(?:{_WH}|{_VERB}\s+{_SUBJECT})(?=\W)", re.IGNORECASE
)
"""Without a subject, as in "What did you say and do next?", it is one question still. What follows
must be there: a stream may stop in the middle of "whichever"."""
_UNSURE = re.compile(
    rf"[,;:]*\s+(?:(?:and|or|but)\s+(?:if\s+(?:so,?\s+)?)?(?:{_VERB}\s+)?)?\S*$", re.IGNORECASE
)
"""The last word, which may be unfinished, with what may be the start of a second question."""
_LEAD_IN = (
    r"(?:(?:after|before|while|once|when|whenever|during|since|from|as|until|with|through|between|"
    r"for|in|at|on|by|to|of|knowing|picture|imagine|take|think of)|"
    r"you (?:say|said|mention|mentioned|tell|told|speak|spoke|write|wrote))\b"
)
"""How a probe may take up the candidate's words before it asks."""
_OPENS = re.compile(
    rf"^(?:(?:and|so|then),?\s+)*(?:{_LEAD_IN}[^?]*?[,;:]\s+)?"
    rf"(?:(?:in|at|by|on|for|from|to|with)\s+)?(?:{_WH}|{_VERB})\b",
    re.IGNORECASE,
)
_MAY_OPEN = re.compile(rf"^(?:(?:and|so|then)\b|{_LEAD_IN})", re.IGNORECASE)
_QUESTION = re.compile(r'^(?:[^?"“]|"[^"]*"|“[^”]*”)*\?')
"""Up to the first question mark that is not inside a quote."""
_QUOTES_CLOSED = re.compile(r'(?:[^"“]|"[^"]*"|“[^”]*”)*')
_QUOTED = re.compile(r'"[^"]*(?:"|$)|“[^”]*(?:”|$)')


class UnfitProbeError(ModelRefusedError):
    """The model's words are no single neutral question."""


def guarded(
    pieces: Iterable[str], said: Sequence[str], refuse: Callable[[str], None] = lambda text: None
) -> Iterator[str]:
    """Yield the probe so far, growing, from a model's stream; the last is the whole probe.

    `said` are the interviewer's earlier lines to this question, which may not be repeated. `refuse`
    raises `UnfitProbeError` for a probe, or a beginning of one, that may not be said: see `bounds`.
    Raises `UnfitProbeError` when what came cannot be made a fit probe.
    """
    text = ""
    shown = ""
    for piece in pieces:
        text += piece
        if len(text) > MAX_CHARACTERS:
            raise UnfitProbeError("the model's question is too long")
        if _finished(text) is not None:
            break
        safe = _UNSURE.sub("", _clean(text)).rstrip(" ,;:")
        if len(safe) <= len(shown):
            continue
        _refuse_unfit(safe)
        refuse(safe)
        if _OPENS.match(safe):
            shown = safe
            yield shown
        elif len(safe.split()) >= MIN_WORDS and not _MAY_OPEN.match(safe):
            raise UnfitProbeError("the model's words do not open with a question")
    probe = checked(text, said)
    refuse(probe)
    yield probe


def checked(text: str, said: Sequence[str]) -> str:
    """The whole probe, cut to one question. Raises `UnfitProbeError`."""
    probe = _finished(text)
    if probe is None or not _OPENS.match(probe):
        raise UnfitProbeError("the model did not ask a question")
    if len(probe.split()) < MIN_WORDS:
        raise UnfitProbeError("the model's question is too short")
    _refuse_unfit(probe)
    if any(_same(probe, earlier) for earlier in said):
        raise UnfitProbeError("the model repeats an earlier question")
    return probe


def _finished(text: str) -> str | None:
    """The first question in the text, without a second one joined to it; None if not there yet."""
    clean = _clean(text)
    question = _QUESTION.match(clean)
    heads = (clean[: joint.start()] for joint in _SECOND.finditer(clean, 12))
    head = next((head for head in heads if _QUOTES_CLOSED.fullmatch(head)), None)
    if head is not None and (question is None or len(head) < question.end()):
        return head.rstrip(" ,;:") + "?"
    return question.group() if question else None


def _clean(text: str) -> str:
    return " ".join(_LEAD.sub("", text.replace("*", "")).split())


def _refuse_unfit(text: str) -> None:
    """Refuse a probe, or the beginning of one, for what no later word can mend."""
    verdict = _VERDICT.search(text)
    if verdict:
        raise UnfitProbeError(f"the model's words hold a verdict ({verdict.group()!r})")
    if len(text.split()) > MAX_WORDS:
        raise UnfitProbeError("the model's question is too long")
    if len(split(_QUOTED.sub(" ", text))) > 1:
        raise UnfitProbeError("the model says something before its question")


def _same(one: str, other: str) -> bool:
    """Whether two questions share most of their words."""
    first, second = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    return len(first & second) >= 0.8 * min(len(first), len(second) or 1)
