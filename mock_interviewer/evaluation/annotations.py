"""Annotations of files in the form that GitHub shows: prompts that changed, cases that moved.

A line is `::error file=F,line=N,title=T::message`. At most ten of each severity are shown for a
step, so the most important come first and the last one says how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mock_interviewer.core import jsonlines
from mock_interviewer.core.prompts import prompt_file
from mock_interviewer.evaluation import verdict
from mock_interviewer.evaluation.gates import Moved
from mock_interviewer.evaluation.suite import Suite
from mock_interviewer.evaluation.whole import Whole

SHOWN = 10
"""Of each severity, by GitHub."""


class Severity(StrEnum):
    """How GitHub shows it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Annotation:
    """A remark on a line of a file."""

    severity: Severity
    file: Path
    line: int
    title: str
    message: str
    rank: int = 0
    """The lower, the more important."""


def annotate(wholes: Sequence[Whole], root: Path) -> list[str]:
    """The lines to print; files are named from `root`. Raises `DataFileError`."""
    found = sorted((x for whole in wholes for x in _of(whole)), key=lambda x: x.rank)
    lines = []
    for severity in Severity:
        own = [x for x in found if x.severity is severity]
        if len(own) > SHOWN:
            rest = len(own) - SHOWN + 1
            last = Annotation(
                severity,
                own[SHOWN - 1].file,
                own[SHOWN - 1].line,
                f"{rest} more",
                f"{own[SHOWN - 1].message}\n... and {rest - 1} more; the report names all of them.",
            )
            own = [*own[: SHOWN - 1], last]
        lines += [_line(x, root) for x in own]
    return lines


def _of(whole: Whole) -> Iterator[Annotation]:
    end = verdict.ending(whole)
    severity = Severity.ERROR if end.bad else Severity.WARNING
    if end.bad:
        told = [end.sentence, *(f"{v.gate}: {v.figure}, wanted: {v.bound}" for v in end.failing)]
        file = whole.suite.path
        yield Annotation(
            severity, file, _gates_line(file), f"{whole.suite.id}: {end.outcome}", "\n".join(told)
        )
    moved = verdict.moved(whole)
    for text in verdict.changed_texts(whole):
        file = _file(whole.suite, text.name)
        told = [f"{text.name} is not what it was when the baseline was accepted."]
        if whole.missed:
            told.append(end.sentence)
        else:
            worse = sum(grade.worse for grade in moved)
            told.append(f"{len(moved)} grades moved, {worse} away from the raters.")
        yield Annotation(
            severity, file, text.line, f"{whole.suite.id}: changed", "\n".join(told), rank=1
        )
    yield from _cases(whole, moved, severity)


def _cases(whole: Whole, moved: Iterable[Moved], severity: Severity) -> Iterator[Annotation]:
    by_case: dict[str, list[Moved]] = {}
    for grade in moved:
        if grade.worse:
            by_case.setdefault(grade.case, []).append(grade)
    places = _places(whole.suite.cases) if by_case else {}
    for case, grades in by_case.items():
        if case in places:  # a variant of an answer stands in no file of cases
            file, line = places[case]
            told = [
                f"{g.rating}: {_level(g.before)} -> {_level(g.after)}, raters {_level(g.reference)}"
                for g in grades
            ]
            title = f"{whole.suite.id}: {case} moved away from the raters"
            rank = 100 - min(90, sum(map(_worsening, grades)))
            yield Annotation(severity, file, line, title, "\n".join(told), rank)


def _worsening(grade: Moved) -> int:
    if grade.reference is None or grade.before is None:
        return 0
    if grade.after is None:
        return 2
    return abs(grade.after - grade.reference) - abs(grade.before - grade.reference)


def _places(files: Iterable[Path]) -> dict[str, tuple[Path, int]]:
    return {
        str(data.get("id")): (file, number)
        for file in files
        for number, data in jsonlines.read(file)
    }


def _file(suite: Suite, name: str) -> Path:
    stem = Path(name).stem
    if name.rpartition("/")[2] == suite.rubric_path.name:
        return suite.rubric_path
    return prompt_file(stem, suite.prompt_folder)


def _gates_line(path: Path) -> int:
    rows = path.read_text(encoding="utf-8").splitlines()
    return next((n for n, row in enumerate(rows, start=1) if row.startswith("gates:")), 1)


def _level(level: int | None) -> str:
    return "none" if level is None else str(level)


def _line(found: Annotation, root: Path) -> str:
    file = found.file.resolve()
    named = file.relative_to(root.resolve()) if file.is_relative_to(root.resolve()) else file
    return (
        f"::{found.severity.value} file={_property(named.as_posix())},line={found.line},"
        f"title={_property(found.title)}::{_data(found.message)}"
    )


def _data(text: str) -> str:
    """As GitHub wants a message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As GitHub wants the value of a property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
