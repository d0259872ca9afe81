"""Two runs side by side: which agreement changed, and every grade that moved."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff

import numpy as np

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.evaluation import gates
from mock_interviewer.evaluation.results import Results

SHOWN = 40


def comparison(
    rubric: Rubric, before: Results, after: Results, names: tuple[str, str] = ("before", "after")
) -> str:
    """As text: what differs between the runs, kappas with intervals, then the changed grades."""
    rows = [f"# {names[0]} and {names[1]}", *differences(before, after), ""]
    rows.append("rating           before  after   change [95 %]")
    found = gates.changes(rubric, before, after)
    for change in found:
        low, high = change.interval
        rows.append(
            f"{change.rating:15} {change.before:7.3f}{change.after:7.3f}"
            f"  {change.after - change.before:+7.3f} [{low:+.2f} {high:+.2f}]"
        )
    old, new = (np.mean([getattr(c, end) for c in found]) for end in ("before", "after"))
    rows.append(f"{'mean':15} {old:7.3f}{new:7.3f}  {new - old:+7.3f}")
    rows += ["", *moved_grades(rubric, before, after), *text_changes(before, after)]
    return "\n".join(rows) + "\n"


def moved_grades(rubric: Rubric, before: Results, after: Results) -> list[str]:
    """How many grades changed by rating, and the first of them, those away from the raters first.

    Cases that only one of the runs has are counted, and are no changed grades.
    """
    moved = gates.moved(rubric, before, after)
    old, new = ({line.case for line in results.lines} for results in (before, after))
    rows = [f"Cases that are gone: {', '.join(sorted(old - new))}."] if old - new else []
    rows += [f"Cases that are new: {', '.join(sorted(new - old))}."] if new - old else []
    worse, better = sum(grade.worse for grade in moved), sum(grade.better for grade in moved)
    unjudged = sum(grade.reference is None for grade in moved)
    rows.append(
        f"{len(moved)} grades changed, {worse} away from the raters' level, {better} towards it"
        + (f"; {unjudged} are of variants or do not apply, and have none." if unjudged else ".")
    )
    for criterion in rubric.criteria:
        own = [grade for grade in moved if grade.rating == criterion.id]
        if own:
            away = sum(grade.worse for grade in own)
            rows.append(f"  {criterion.id}: {len(own)} changed, {away} away")
    for grade in moved[:SHOWN]:
        rows.append(
            f"  {'worse' if grade.worse else 'better' if grade.better else 'as far'}: "
            f"{grade.case} {grade.rating}: {_told(grade.before)} -> {_told(grade.after)}, "
            f"raters {_told(grade.reference)}"
        )
    if len(moved) > SHOWN:
        rows.append(f"  ... and {len(moved) - SHOWN} more")
    return rows


def overview(rubric: Rubric, runs: Sequence[Results], names: Sequence[str]) -> str:
    """Agreement of more than two runs, a column for each; each on the cases that it graded."""
    rows = [f"{number}: {name}" for number, name in enumerate(names, start=1)]
    rows += ["", f"{'rating':15}" + "".join(f"{number:8}" for number in range(1, len(runs) + 1))]
    table = [[gates.kappa(criterion, run) for run in runs] for criterion in rubric.criteria]
    for criterion, kappas in zip(rubric.criteria, table, strict=True):
        rows.append(f"{criterion.id:15}" + "".join(f"{kappa:8.3f}" for kappa in kappas))
    means = np.mean(np.array(table), axis=0)
    rows.append(f"{'mean':15}" + "".join(f"{mean:8.3f}" for mean in means))
    return "\n".join(rows) + "\n"


def text_changes(before: Results, after: Results) -> list[str]:
    """The lines of prompts and rubric that are not the same, as a unified diff."""
    old, new = before.head.texts, after.head.texts
    rows: list[str] = []
    for name in sorted({*old, *new}):
        if not old or not new or old.get(name) == new.get(name):
            continue
        lines = unified_diff(
            old.get(name, "").splitlines(),
            new.get(name, "").splitlines(),
            f"before/{name}",
            f"after/{name}",
            lineterm="",
        )
        rows += ["", *lines]
    return rows


def since(rubric: Rubric, before: Results, after: Results) -> list[str]:
    """What ran differently from the accepted run, and which grades moved, as lines."""
    changed = [row for row in differences(before, after) if " -> " in row]
    if list(before.lines) == list(after.lines):
        rows = ["No grade moved since the baseline was accepted."]
    else:
        rows = moved_grades(rubric, before, after)
    return ["Since the baseline was accepted:", *changed, *rows] if changed else rows


def differences(before: Results, after: Results) -> list[str]:
    """What ran differently, a line each."""
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
    return rows or [
        "Same model, prompts, rubric, calibration and cases: what differs is code or replies."
    ]


def _told(level: int | None) -> str:
    return "none" if level is None else str(level)
