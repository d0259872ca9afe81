"""Two runs side by side: which agreement changed, and every grade that moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

import numpy as np

from mock_interviewer.evaluation import gates
from mock_interviewer.evaluation.gates import Rated
from mock_interviewer.evaluation.results import Results

SHOWN = 40
SAME = "Same model, prompts, rubric, calibration and cases: what differs is code or replies."


def comparison(
    rated: Rated, before: Results, after: Results, names: tuple[str, str] = ("before", "after")
) -> str:
    """As text: what differs between the runs, kappas with intervals, then the changed grades."""
    rows = [f"# {names[0]} and {names[1]}", *(differences(before, after) or [SAME]), ""]
    rows.append("rating           before  after   change [95 %]")
    found = gates.changes(rated, before, after)
    for change in found:
        low, high = change.interval
        rows.append(
            f"{change.rating:15} {change.before:7.3f}{change.after:7.3f}"
            f"  {change.after - change.before:+7.3f} [{low:+.2f} {high:+.2f}]"
        )
    old, new = (np.mean([getattr(c, end) for c in found]) for end in ("before", "after"))
    rows.append(f"{'mean':15} {old:7.3f}{new:7.3f}  {new - old:+7.3f}")
    rows += ["", *moved_grades(rated, before, after), *text_changes(before, after)]
    return "\n".join(rows) + "\n"


def moved_grades(rated: Rated, before: Results, after: Results) -> list[str]:
    """How many grades changed by rating, and the first of them, those away from the raters first.

    Cases that only one of the runs has are counted, and are no changed grades.
    """
    moved = gates.moved(rated, before, after)
    old, new = ({line.case for line in results.lines} for results in (before, after))
    rows = [f"Cases that are gone: {', '.join(sorted(old - new))}."] if old - new else []
    rows += [f"Cases that are new: {', '.join(sorted(new - old))}."] if new - old else []
    worse, better = sum(grade.worse for grade in moved), sum(grade.better for grade in moved)
    unjudged = sum(grade.reference is None for grade in moved)
    rows.append(
        f"{len(moved)} grades changed, {worse} away from the raters' level, {better} towards it"
        + (f"; {unjudged} are of variants or do not apply, and have none." if unjudged else ".")
    )
    for criterion in rated.criteria:
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


def overview(rated: Rated, runs: Sequence[Results], names: Sequence[str]) -> str:
    """Agreement of more than two runs, a column for each; each on the cases that it graded."""
    rows = [f"{number}: {name}" for number, name in enumerate(names, start=1)]
    rows += ["", f"{'rating':15}" + "".join(f"{number:8}" for number in range(1, len(runs) + 1))]
    table = [[gates.kappa(criterion, run) for run in runs] for criterion in rated.criteria]
    for criterion, kappas in zip(rated.criteria, table, strict=True):
        rows.append(f"{criterion.id:15}" + "".join(f"{kappa:8.3f}" for kappa in kappas))
    means = np.mean(np.array(table), axis=0)
    rows.append(f"{'mean':15}" + "".join(f"{mean:8.3f}" for mean in means))
    return "\n".join(rows) + "\n"


@dataclass(frozen=True)
class ChangedText:
    """A prompt or rubric that differs between two runs in what is sent or graded by."""

    name: str
    """Such as `prompts/levels.yaml`."""
    diff: str
    """Unified; empty where the first run keeps no texts."""
    line: int
    """The first line that changed, in the text of the second run."""


def changed_texts(before: Results, after: Results) -> list[ChangedText]:
    """The prompts and the rubric that are not the same; remarks in their files do not count."""
    old, new = before.head, after.head
    names = [
        f"prompts/{name}.yaml"
        for name in sorted({*old.prompts, *new.prompts})
        if old.prompts.get(name) != new.prompts.get(name)
    ]
    if old.rubric != new.rubric:
        names.append(new.rubric_file)
    return [_changed(name, old.texts.get(name), new.texts.get(name, "")) for name in names]


def text_changes(before: Results, after: Results) -> list[str]:
    """The changed texts' diffs, as lines."""
    return [
        row
        for text in changed_texts(before, after)
        if text.diff
        for row in ("", f"--- before/{text.name}", f"+++ after/{text.name}", *text.diff.split("\n"))
    ]


def _changed(name: str, old: str | None, new: str) -> ChangedText:
    if old is None:
        return ChangedText(name, "", 1)
    was, now = old.splitlines(), new.splitlines()
    rows = list(unified_diff(was, now, lineterm="", n=2))
    same = next(
        (place for place, (a, b) in enumerate(zip(was, now, strict=False)) if a != b),
        min(len(was), len(now)),
    )
    return ChangedText(name, "\n".join(rows[2:]), max(1, min(same + 1, len(now))))


def since(rated: Rated, before: Results, after: Results) -> list[str]:
    """What ran differently from the accepted run, and which grades moved, as lines."""
    changed = differences(before, after)
    if list(before.lines) == list(after.lines):
        rows = ["No grade moved since the baseline was accepted."]
    else:
        rows = moved_grades(rated, before, after)
    return ["Since the baseline was accepted:", *changed, *rows] if changed else rows


def differences(before: Results, after: Results) -> list[str]:
    """What ran differently, a line each; none where the same was asked of the same."""
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
    if first.yardstick and first.yardstick != second.yardstick:
        rows.append("gates, or how much is looked at: changed")
    return rows


def _told(level: int | None) -> str:
    return "none" if level is None else str(level)
