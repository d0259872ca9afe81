"""An answer's grades side by side: the one that is shown, and those of other graders."""

from __future__ import annotations

from dataclasses import dataclass

from mock_interviewer.core.grade import Grade, Stamp
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.service.regrades import SideBySide

NO_LEVEL = "no level"


@dataclass(frozen=True)
class Cell:
    """A level of another grader, or a fact of its stamp, and how it lies to the one shown."""

    told: str
    sign: str
    """▲ or ▼: higher or lower; ≠: otherwise; empty: the same."""
    meaning: str = ""
    """The sign in words."""


@dataclass(frozen=True)
class LevelRow:
    """One criterion, or one fact of the stamps."""

    name: str
    shown: str
    others: tuple[Cell, ...]


@dataclass(frozen=True)
class Graded:
    """One answer: its levels and stamps by grader."""

    question: int
    attempt: int
    graders: tuple[str, ...]
    """Model and day of each grade beside the one that is shown."""
    levels: tuple[LevelRow, ...]
    stamps: tuple[LevelRow, ...]
    moved: tuple[str, ...]
    """For each of the others, in words, what it sees otherwise."""


def graded(side: SideBySide, rubric: Rubric) -> Graded:
    """Lay out one answer's grades."""
    others = [grade for grade, _ in side.others]
    return Graded(
        question=side.question,
        attempt=side.attempt,
        graders=tuple(f"{g.stamp.model}, {g.stamp.graded_at:%Y-%m-%d}" for g in others),
        levels=tuple(
            LevelRow(
                criterion.name,
                _told(side.shown.level(criterion.id), criterion),
                tuple(_cell(side.shown, other, criterion) for other in others),
            )
            for criterion in rubric.criteria
        ),
        stamps=tuple(
            LevelRow(name, shown, tuple(_fact(shown, _facts(g.stamp)[name]) for g in others))
            for name, shown in _facts(side.shown.stamp).items()
        ),
        moved=tuple(
            ", ".join(f"{m.criterion.name} {_short(m.before)} → {_short(m.after)}" for m in moves)
            for _, moves in side.others
        ),
    )


def _cell(shown: Grade, other: Grade, criterion: Criterion) -> Cell:
    before, after = shown.level(criterion.id), other.level(criterion.id)
    told = _told(after, criterion)
    if before == after:
        return Cell(told, "")
    if before is None or after is None:
        return Cell(told, "≠", "otherwise")
    return Cell(told, "▲", "higher") if after > before else Cell(told, "▼", "lower")


def _fact(shown: str, other: str) -> Cell:
    return Cell(other, "") if shown == other else Cell(other, "≠", "otherwise")


def _facts(stamp: Stamp) -> dict[str, str]:
    """What gave a grade, in words; when and at what cost is no part of it but the day."""
    prompts = ", ".join(f"{name} {version}" for name, version in sorted(stamp.prompts.items()))
    return {
        "Model": stamp.model,
        "Way of grading": stamp.strategy,
        "Rubric": stamp.rubric,
        "Prompts": prompts or "none",
        "Calibration": stamp.calibration or "none",
        "Version of the program": stamp.package_version,
        "Graded": f"{stamp.graded_at:%Y-%m-%d, %H:%M} UTC",
    }


def _told(level: int | None, criterion: Criterion) -> str:
    return NO_LEVEL if level is None else criterion.told(level)


def _short(level: int | None) -> str:
    return NO_LEVEL if level is None else str(level)
