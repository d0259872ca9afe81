"""What code can tell of a reply without a model: the observer of last resort.

It knows set phrases, forms of questions and the scenario's own cues, and nothing of meaning: an
understanding in unusual words goes unseen, irony is taken at its word, and who learns the phrases
can please it. It is built to miss rather than to invent. What it finds is never a grade.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from mock_interviewer.core import datafile
from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.observation import Asking, Behaviour, Misstep, Observation, Seen
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.core.transcript import split

OBSERVER = "cues"

_CLAUSE = re.compile(r",?\s+but\s+|[;:]\s+|\s+[–—-]\s+", re.IGNORECASE)
"""Between a no and what is offered in its place."""
_ORDER = r"(?:^|[,;:]\s+|\b(?:please|just|now|and|must|should|(?:need|have) to|let's)\s+)"
_QUESTION_OPENS = re.compile(
    r"^(?:and |so |but |well,? )?(?:what|how|why|when|where|who|which|whose|is|are|was|were|"
    r"do|does|did|have|has|had|can|could|would|will|may|shall)\b[^.!]*$|^(?:please )?tell me\b",
    re.IGNORECASE,
)
_TITLES = frozenset({"Mr", "Mrs", "Ms", "Dr"})
_FEW_WORDS = 4
"""Fewer words than this say nothing back."""


class _Cues(Strict):
    """The set phrases."""

    refusals: tuple[str, ...]
    missteps: dict[Misstep, tuple[str, ...]]
    orders: tuple[str, ...]
    asked: dict[Asking, tuple[str, ...]]
    apology: tuple[str, ...]
    legitimate: tuple[str, ...]
    feelings: tuple[str, ...]
    said_back: tuple[str, ...]
    willing: tuple[str, ...]
    owns: tuple[str, ...]
    offers: tuple[str, ...]
    follows_up: tuple[str, ...]


_CUES = datafile.load(_Cues, package_file("interviewing", "cues.yaml"))


def _any_of(phrases: Iterable[str], lead: str = "") -> re.Pattern[str]:
    return re.compile(rf"{lead}(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE)


_NO = _any_of(_CUES.refusals)
_MISSTEPS = {misstep: _any_of(phrases) for misstep, phrases in _CUES.missteps.items()}
_ORDERS = _any_of(_CUES.orders, _ORDER)
_ASKED = {asking: _any_of(phrases) for asking, phrases in _CUES.asked.items()}
_APOLOGY = _any_of(_CUES.apology)
_LEGITIMATE = _any_of((*_CUES.legitimate, *_CUES.feelings))
_SAID_BACK = _any_of(_CUES.said_back)
_WILLING, _OWNS = _any_of(_CUES.willing), _any_of(_CUES.owns)
_OFFERS, _FOLLOWS_UP = _any_of(_CUES.offers), _any_of(_CUES.follows_up)


def observe(scenario: Scenario, heard: str, reply: str) -> Observation:
    """What the cues find in a reply to `heard`, the customer's last words."""
    said = sentences(reply)
    asked = _asked(scenario, said)
    acts = _acts(scenario, said)
    missteps = _missteps(scenario, heard, reply, said)
    return Observation(
        behaviours=_behaviours(scenario, said, asked, acts),
        missteps=missteps,
        asked=asked,
        acts=acts,
        observer=OBSERVER,
    )


def sentences(reply: str) -> list[str]:
    """The reply's sentences in order; the first has the number 1. Typographic quotes are plain."""
    plain = reply.replace("’", "'")
    return [plain[span.start : span.end] for span in split(plain)]


def holds(sentence: str, cues: Iterable[str]) -> bool:
    """Whether a sentence holds all the words of one of the cues."""
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)*", sentence.lower().replace("’", "'"))
    return any(all(_fits(part, words) for part in cue.lower().split()) for cue in cues)


def _fits(part: str, words: Sequence[str]) -> bool:
    if part.startswith("!"):
        return not _fits(part[1:], words)
    if part.endswith("*"):
        return any(word.startswith(part[:-1]) for word in words)
    return part in words


def _is_question(sentence: str) -> bool:
    plain = sentence.strip()
    return plain.rstrip("\"')]” ").endswith("?") or bool(_QUESTION_OPENS.match(plain))


def _asked(scenario: Scenario, said: Sequence[str]) -> dict[Asking, tuple[int, ...]]:
    found: dict[Asking, list[int]] = {}
    for number, sentence in enumerate(said, start=1):
        if not _is_question(sentence):
            continue
        kinds = [kind for kind, pattern in _ASKED.items() if pattern.search(sentence)]
        # "You said that it can't wait. What has happened?" takes it up before the question.
        if any(holds(near, scenario.need.about) for near in said[max(0, number - 2) : number]):
            kinds.append(Asking.SIGN)
        for kind in kinds or [Asking.FACTS]:
            found.setdefault(kind, []).append(number)
    return {kind: tuple(numbers) for kind, numbers in found.items()}


def _acts(scenario: Scenario, said: Sequence[str]) -> dict[str, tuple[int, ...]]:
    found = {}
    for act in scenario.acts:
        numbers = tuple(
            number
            for number, sentence in enumerate(said, start=1)
            if any(
                bool(_NO.search(clause)) is act.says_no and holds(clause, act.cues)
                for clause in _CLAUSE.split(sentence)
            )
        )
        if numbers:
            found[act.id] = numbers
    return found


def _missteps(
    scenario: Scenario, heard: str, reply: str, said: Sequence[str]
) -> dict[Misstep, tuple[int, ...]]:
    found = {
        misstep: tuple(n for n, sentence in enumerate(said, 1) if pattern.search(sentence))
        for misstep, pattern in _MISSTEPS.items()
    }
    found[Misstep.EMPTY_PHRASE] = tuple(
        n for n in found[Misstep.EMPTY_PHRASE] if not holds(said[n - 1], scenario.hardships)
    )
    orders = {n for n, sentence in enumerate(said, 1) if _ORDERS.search(sentence)}
    found[Misstep.RUDENESS] = tuple(sorted(orders | set(found[Misstep.RUDENESS])))
    everything = tuple(range(1, len(said) + 1))
    if kind_of(reply) is Content.HOSTILE:
        found[Misstep.RUDENESS] = everything
    empty = {*found[Misstep.EMPTY_PHRASE], *found[Misstep.RUDENESS]}
    if heard.rstrip().endswith("?") and empty == set(everything):
        found[Misstep.IGNORING] = everything
    return {misstep: numbers for misstep, numbers in found.items() if numbers}


def _behaviours(
    scenario: Scenario,
    said: Sequence[str],
    asked: Mapping[Asking, tuple[int, ...]],
    acts: Mapping[str, tuple[int, ...]],
) -> dict[Behaviour, Seen]:
    shown: dict[Behaviour, set[int]] = {behaviour: set() for behaviour in Behaviour}
    some: dict[Behaviour, set[int]] = {behaviour: set() for behaviour in Behaviour}
    for asking, numbers in asked.items():
        (some if asking is Asking.FACTS else shown)[Behaviour.LISTENING].update(numbers)
    for act_id, numbers in acts.items():
        for behaviour in scenario.act(act_id).shows:
            shown[behaviour].update(numbers)
    name = [part for part in scenario.customer.name.split() if part not in _TITLES]
    for number, sentence in enumerate(said, start=1):
        particular = holds(sentence, scenario.hardships)
        if _SAID_BACK.search(sentence) and (particular or len(sentence.split()) >= _FEW_WORDS):
            (shown if particular else some)[Behaviour.LISTENING].add(number)
        if particular and _LEGITIMATE.search(" ".join(said[number - 1 : number + 1])):
            shown[Behaviour.VALIDATION].add(number)
        elif _APOLOGY.search(sentence) or _MISSTEPS[Misstep.EMPTY_PHRASE].search(sentence):
            some[Behaviour.VALIDATION].add(number)
        if any(re.search(rf"\b{re.escape(part)}\b", sentence, re.IGNORECASE) for part in name):
            some[Behaviour.PERSONALISATION].add(number)
        kind = " ".join(clause for clause in _CLAUSE.split(sentence) if not _NO.search(clause))
        if _OWNS.search(kind):
            shown[Behaviour.ADVOCACY].add(number)
        elif _WILLING.search(kind):
            some[Behaviour.ADVOCACY].add(number)
        if _FOLLOWS_UP.search(kind):
            shown[Behaviour.RESOLUTION].add(number)
        elif _OFFERS.search(kind):
            some[Behaviour.RESOLUTION].add(number)
    return {
        behaviour: Seen(level=level, sentences=tuple(sorted(numbers)))
        for behaviour in Behaviour
        for level, numbers in ((2, shown[behaviour]), (1, some[behaviour]))
        if numbers and (level == 2 or not shown[behaviour])
    }
