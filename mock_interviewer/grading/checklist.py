"""Yes/no items: how a small model grades.

It is never asked for a level. Each checklist item is asked on its own, with one token for the
answer, on a prefix (examples, question, answer) that all items share; the log-odds of Yes against
No, less what the same item gets on answers that hold nothing, tell how far the item is met. One
further reply labels the sentences, which gives the quotes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.rubric import Criterion, Item, Rubric
from mock_interviewer.core.transcript import Line, Sentence
from mock_interviewer.errors import ModelRefusedError
from mock_interviewer.grading import layout
from mock_interviewer.llm.chat import Reply, Request, Token

TOP_LOGPROBS = 10
_FLOOR = 1e-6
"""Probability given to a side that is not among the top tokens."""

NOT_MET = 0.5
"""An item met less than this is taken to be missing."""

LEAST_SPREAD = 0.3
"""Log-odds between empty and full answers below which an item is taken to say nothing."""

LABEL_TOKENS = 6
"""For one sentence: its number, a space, the label, the line's end, and some room."""


def item_request(prompt: Prompt, question: str, lines: Sequence[Line], item: Item) -> Request:
    """Ask one item about one answer."""
    return Request(
        messages=prompt.render(question=question, answer=layout.plain(lines), ask=item.question),
        max_tokens=1,
        top_logprobs=TOP_LOGPROBS,
    )


def log_odds(reply: Reply) -> float:
    """Natural log-odds of Yes against No. Raises `ModelRefusedError` if neither has any."""
    if not reply.tokens or not reply.tokens[0].alternatives:
        raise ModelRefusedError("the model's server gives no log-probabilities")
    yes = no = _FLOOR
    for token, value in reply.tokens[0].alternatives.items():
        match token.strip().lower():
            case "yes":
                yes += math.exp(value)
            case "no":
                no += math.exp(value)
    if yes == no == _FLOOR:
        raise ModelRefusedError("the model answers neither Yes nor No")
    return math.log(yes / no)


def met(value: float, null: float | None = None, full: float | None = None) -> float:
    """How far an item is met, 0 to 1, from its log-odds.

    With a calibration: on the line from its mean on answers that hold nothing (0) to its mean on
    answers that hold everything (1). An item that hardly tells the two apart says nothing, 0.5.
    Without one: the plain probability.
    """
    if null is None or full is None:
        return 1 / (1 + math.exp(-value))
    if full - null < LEAST_SPREAD:
        return 0.5
    return min(1.0, max(0.0, (value - null) / (full - null)))


def level(criterion: Criterion, items: Mapping[str, float]) -> int:
    """The nearest safe rule: each item is worth the levels between the item before and itself.

    With items needed for 3, 4 and 5 met at 0.9, 0.5 and 0.2: 1 + 0.9*2 + 0.5*1 + 0.2*1 = 3.5,
    which rounds to the even 4.
    """
    total, before = float(criterion.lowest), criterion.lowest
    for item in sorted(criterion.items, key=lambda item: item.needed_for):
        total += items[item.id] * (item.needed_for - before)
        before = item.needed_for
    return max(criterion.lowest, min(criterion.highest, round(total)))


def labels_request(prompt: Prompt, numbered: Sequence[Sentence]) -> Request:
    """Ask for one label for each sentence."""
    rows = "\n".join(f"{s.number}. {' '.join(s.text.split())}" for s in numbered)
    return Request(
        messages=prompt.render(sentences=rows),
        max_tokens=LABEL_TOKENS * len(numbered) + LABEL_TOKENS,
        top_logprobs=TOP_LOGPROBS,
    )


def label_shares(
    reply: Reply, labels: Sequence[str], numbers: Sequence[int]
) -> dict[int, dict[str, float]]:
    """By sentence number, the probability of each label, as far as the reply goes.

    The reply is lines of `<number> <label>`; the label's first token carries the probabilities.
    """
    found: dict[int, dict[str, float]] = {}
    for number, token in _label_tokens(reply.tokens):
        shares = _shares(token, labels)
        if number in numbers and number not in found and any(shares.values()):
            found[number] = shares
    return found


def evidence(
    criterion: Criterion, shares: Mapping[int, Mapping[str, float]], most: int = 3
) -> tuple[int, ...]:
    """Up to `most` sentences whose likeliest label counts for the criterion, else the best one."""
    if not shares or not criterion.labels:
        return ()
    likeliest = {n: max(share, key=share.__getitem__) for n, share in shares.items()}
    for label in criterion.labels:
        sure = [n for n, found in likeliest.items() if found == label]
        if sure:
            sure.sort(key=lambda n: -shares[n][label])
            return tuple(sorted(sure[:most]))
    best = max(shares, key=lambda n: sum(shares[n].get(label, 0.0) for label in criterion.labels))
    return (best,)


def label_names(prompt: Prompt) -> tuple[str, ...]:
    """The labels that the prompt defines: its system text's lines of the form `name = meaning`."""
    names = []
    for line in prompt.messages[0].text.splitlines():
        name, equals, _ = line.partition(" = ")
        if equals and name.isidentifier():
            names.append(name)
    return tuple(names)


def missing_items(rubric: Rubric, items: Mapping[str, float]) -> list[Item]:
    """The items that a probe can ask for and that are rather not met, the weakest first."""
    return sorted(
        (
            item
            for criterion in rubric.criteria
            for item in criterion.items
            if item.aim and item.id in items and items[item.id] < NOT_MET
        ),
        key=lambda item: items[item.id],
    )


def _label_tokens(tokens: Sequence[Token]) -> list[tuple[int, Token]]:
    """Each line's number and the token with which its label begins."""
    found: list[tuple[int, Token]] = []
    digits, labelled = "", False
    for token in tokens:
        text = token.text.strip()
        if "\n" in token.text:
            digits, labelled = "", False
        elif text.isdecimal() and not labelled:
            digits += text
        elif digits and text.isalpha() and not labelled:
            found.append((int(digits), token))
            labelled = True
    return found


def _shares(token: Token, labels: Sequence[str]) -> dict[str, float]:
    shares = dict.fromkeys(labels, 0.0)
    for text, value in token.alternatives.items():
        start = text.strip().lower()
        for label in labels:
            if start and label.startswith(start):
                shares[label] += math.exp(value)
                break
    return shares
