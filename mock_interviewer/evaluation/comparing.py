"""Two runs side by side: which agreement changed, and every grade that moved."""

from __future__ import annotations

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.evaluation import gates
from mock_interviewer.evaluation.results import Results


def comparison(
    rubric: Rubric, before: Results, after: Results, names: tuple[str, str] = ("before", "after")
) -> str:
    """As text: what differs between the runs, kappas with intervals, then the changed grades."""
    rows = [f"# {names[0]} and {names[1]}", *_differences(before, after), ""]
    rows.append("rating           before  after   change [95 %]")
    for change in gates.changes(rubric, before, after):
        low, high = change.interval
        rows.append(
            f"{change.rating:15} {change.before:7.3f}{change.after:7.3f}"
            f"  {change.after - change.before:+7.3f} [{low:+.2f} {high:+.2f}]"
        )
    rows += ["", *moved_grades(rubric, before, after)]
    return "\n".join(rows) + "\n"


def moved_grades(rubric: Rubric, before: Results, after: Results) -> list[str]:
    """Every grade that changed, a line each, those away from the raters' level first."""
    moved = gates.moved(rubric, before, after)
    worse = sum(grade.worse for grade in moved)
    return [
        f"{len(moved)} grades changed, {worse} away from the raters' level.",
        *(
            f"{'worse ' if grade.worse else '      '}{grade.case} {grade.rating}: "
            f"{_told(grade.before)} -> {_told(grade.after)}, raters {_told(grade.reference)}"
            for grade in moved
        ),
    ]


def _differences(before: Results, after: Results) -> list[str]:
    first, second = before.head, after.head
    rows = [
        f"{what}: {old} -> {new}"
        for what, old, new in (
            ("model", first.model, second.model),
            ("strategy", first.strategy, second.strategy),
            ("rubric", first.rubric, second.rubric),
            ("calibration", first.calibration, second.calibration),
            ("cases", first.cases, second.cases),
        )
        if old != new
    ]
    for name in sorted({*first.prompts, *second.prompts}):
        old, new = first.prompts.get(name, "none"), second.prompts.get(name, "none")
        if old != new:
            rows.append(f"prompt {name}: {old} -> {new}")
    return rows or ["Same model, prompts, rubric, calibration and cases."]


def _told(level: int | None) -> str:
    return "none" if level is None else str(level)
