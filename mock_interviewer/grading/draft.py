"""A grade in the making: what a strategy found, before code checks and completes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mock_interviewer.core.grade import NOT_APPLICABLE, Evidence, Rating
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.core.transcript import Sentence


@dataclass(frozen=True)
class Finding:
    """What a strategy found for one criterion. `level` None: it gives no levels."""

    level: int | None
    likely: tuple[int, int] | None = None
    """The range in which the level is likely to lie; None: the strategy cannot tell."""
    sentences: tuple[int, ...] = ()
    missing: str = ""
    next_step: str | None = None
    """None: the prepared one of the level; empty: there is none to be sure of."""
    items: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """What a strategy found in one answer."""

    not_an_answer: bool
    tells_example: bool
    findings: Mapping[str, Finding]
    next_time: str = ""


NO_LEVELS = "ungraded: this model gives evidence and advice, no levels"
NO_EVIDENCE = "ungraded: the model named no sentence of the answer for its level"


def ratings(
    draft: Draft, rubric: Rubric, kind: Kind, numbered: Sequence[Sentence]
) -> dict[str, Rating]:
    """Check and complete the findings: what applies, ranges, quotes, prepared next steps."""
    return {
        criterion.id: _rating(criterion, draft, kind, {s.number: s.text for s in numbered})
        for criterion in rubric.criteria
    }


def lowest(rubric: Rubric, kind: Kind) -> Draft:
    """The draft of something that is not an answer: the lowest level in all that applies."""
    return Draft(
        not_an_answer=True,
        tells_example=False,
        findings={c.id: Finding(level=c.lowest) for c in rubric.criteria},
    )


def applies(criterion: Criterion, kind: Kind, tells_example: bool) -> bool:
    """Whether this rating is made for an answer to this kind of question."""
    when = criterion.applies.get(kind, "always")
    return when == "always" or (when == "if_example" and tells_example)


def _rating(criterion: Criterion, draft: Draft, kind: Kind, texts: Mapping[int, str]) -> Rating:
    if not applies(criterion, kind, draft.tells_example):
        return Rating(level=None, reason=NOT_APPLICABLE)
    found = draft.findings[criterion.id]
    level, reason = found.level, None
    if level is None:
        reason = NO_LEVELS
    elif level not in criterion.scale:
        level, reason = None, f"ungraded: the model gave level {level}, which does not exist"
    evidence = tuple(
        Evidence(sentence=number, quote=texts[number])
        for number in sorted(set(found.sentences))
        if number in texts
    )
    if level is not None and level > criterion.lowest and not evidence:
        level, reason = None, NO_EVIDENCE
    prepared = "" if level is None else criterion.next_step.get(level, "")
    return Rating(
        level=level,
        reason=reason,
        evidence=evidence,
        missing=found.missing,
        next_step=prepared if found.next_step is None else found.next_step,
        items=dict(found.items),
        likely=None if level is None else found.likely,
    )
