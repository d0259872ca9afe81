"""What a model may say as a probe: one neutral question. Everything else is cut or refused.

A model words a probe, and small models slip: they praise, ask two things, or answer themselves.
This is checked as the words arrive, so that nothing unfit is shown first and taken back later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mock_interviewer.errors import ModelRefusedError

MAX_WORDS = 40
MIN_WORDS = 4

_LEAD = re.compile(
    r"^\s*(?:[\"“']|(?:interviewer|follow-?up(?: question)?|question|probe)\s*:\s*)+", re.IGNORECASE
)
_VERDICT = re.compile(
    r"\b(?:(?:great|good|excellent|perfect|wonderful|amazing|impressive|fantastic|nice|brilliant|"
    r"strong|weak|poor|bad|vague|unclear|incomplete) (?:answer|example|job|point|story|start|work|"
    r"response|approach|question|reply)|well done|star method|rubric|empathetic|"
    r"your (?:level|score|grade|rating)|"
    r"you (?:should|could have|need to|failed|did not mention|didn't mention|forgot))\b",
    re.IGNORECASE,
)
_QUESTION_WORD = (
    r"(?:what|how|why|when|where|who|which|did|do|does|were|was|is|are|can|could|would|have|had)"
)
_SECOND = re.compile(rf",?\s+(?:and|or|but)\s+(?:if so,?\s+)?{_QUESTION_WORD}\b", re.IGNORECASE)
_OPENS = re.compile(
    rf"^(?:(?:and|so|then|after (?:that|\w+ing)[^?]*?,|when [^?]*?,|in the end,|"
    rf"at that (?:point|moment),)\s+)*{_QUESTION_WORD}\b",
    re.IGNORECASE,
)
_HELD_BACK_WORDS = 2
"""Words not yet shown, so that the start of a second question can still be cut off."""


class UnfitProbeError(ModelRefusedError):
    """The model's words are no single neutral question."""


def guarded(pieces: Iterable[str], said: Sequence[str]) -> Iterator[str]:
    """Yield the probe so far, growing, from a model's stream; the last is the whole probe.

    `said` are the interviewer's earlier lines to this question, which may not be repeated.
    Raises `UnfitProbeError` when what came cannot be made a fit probe.
    """
    text = ""
    shown = ""
    for piece in pieces:
        text += piece
        _refuse_verdict(text)
        done = _finished(text)
        if done is not None:
            text = done
            break
        safe = _all_but_last_words(_clean(text))
        if len(safe) > len(shown) and len(safe.split()) >= MIN_WORDS:
            _refuse_statement(safe)
            shown = safe
            yield shown
    yield checked(text, said)


def checked(text: str, said: Sequence[str]) -> str:
    """The whole probe, cut to one question. Raises `UnfitProbeError`."""
    _refuse_verdict(text)
    probe = _finished(text)
    if probe is None:
        raise UnfitProbeError("the model did not ask a question")
    words = probe.split()
    if not MIN_WORDS <= len(words) <= MAX_WORDS:
        raise UnfitProbeError("the model's question is too short or too long")
    _refuse_statement(probe)
    if any(_same(probe, earlier) for earlier in said):
        raise UnfitProbeError("the model repeats an earlier question")
    return probe


def _finished(text: str) -> str | None:
    """The first question in the text, without a second one joined to it; None if not there yet."""
    clean = _clean(text)
    end = clean.find("?")
    joined = _SECOND.search(clean, 12)
    if joined and (end == -1 or joined.start() < end):
        return clean[: joined.start()].rstrip(" ,;:") + "?"
    return clean[: end + 1] if end != -1 else None


def _clean(text: str) -> str:
    return " ".join(_LEAD.sub("", text).replace("*", "").split())


def _refuse_verdict(text: str) -> None:
    found = _VERDICT.search(text)
    if found:
        raise UnfitProbeError(f"the model's words hold a verdict ({found.group()!r})")


def _refuse_statement(text: str) -> None:
    if not _OPENS.match(text):
        raise UnfitProbeError("the model's words do not open with a question")


def _all_but_last_words(text: str) -> str:
    words = text.split(" ")
    return " ".join(words[:-_HELD_BACK_WORDS])


def _same(one: str, other: str) -> bool:
    """Whether two questions share most of their words."""
    first, second = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    return len(first & second) >= 0.8 * min(len(first), len(second) or 1)
