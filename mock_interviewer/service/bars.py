"""The figures of a report: each a value on a scale, and the word for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mock_interviewer.core.findings import NO_OPPORTUNITY
from mock_interviewer.core.grade import mean
from mock_interviewer.core.rubric import Criterion, Rubric

NOT_GRADED = "not graded yet"


@dataclass(frozen=True)
class Bar:
    """One figure: `value` on a scale from `lowest` to `highest`, and the word for it."""

    name: str
    value: float | None
    lowest: int
    highest: int
    word: str
    note: str = ""

    @property
    def share(self) -> float:
        """How far along the scale, 0 to 1."""
        if self.value is None:
            return 0.0
        return (self.value - self.lowest) / (self.highest - self.lowest)


def level_bar(criterion: Criterion, level: int | None, note: str = "") -> Bar:
    """One answer's level in a criterion."""
    return Bar(
        name=criterion.name,
        value=None if level is None else float(level),
        lowest=criterion.lowest,
        highest=criterion.highest,
        word="" if level is None else criterion.words[level],
        note=note,
    )


def criterion_bar(criterion: Criterion, levels: Sequence[int | None], note: str) -> Bar:
    """The mean of several answers' levels in a criterion; `note` says why there is none."""
    known = [float(level) for level in levels if level is not None]
    value = mean(known) if known else None
    return Bar(
        name=criterion.name,
        value=value,
        lowest=criterion.lowest,
        highest=criterion.highest,
        word=_criterion_word(value, criterion) if value is not None else "",
        note="" if known else note,
    )


def score_bar(
    name: str, values: Sequence[float | None], rubric: Rubric, note: str = NO_OPPORTUNITY
) -> Bar:
    """A score's bar: on the scale of the first criterion that its rubric's scores are made of."""
    known = [value for value in values if value is not None]
    scored = rubric.criterion(rubric.scores[0].mean_of[0]) if rubric.scores else rubric.criteria[0]
    value = mean(known) if known else None
    return Bar(
        name=name,
        value=value,
        lowest=scored.lowest,
        highest=scored.highest,
        word=score_word(value, scored) if value is not None else "",
        note="" if known else note,
    )


def _criterion_word(value: float, criterion: Criterion) -> str:
    """The rubric's own word where the mean is one of its levels, as the answer below has it."""
    level = int(value)
    return criterion.words[level] if level == value else score_word(value, criterion)


def score_word(value: float, scored: Criterion) -> str:
    """The word for a mean on the scale of a criterion."""
    share = (value - scored.lowest) / (scored.highest - scored.lowest)
    for limit, word in ((0.2, "to be built"), (0.45, "beginning"), (0.7, "solid"), (0.9, "strong")):
        if share < limit:
            return word
    return "excellent"
