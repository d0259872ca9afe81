"""Summary of finished runs in Markdown, for the summary of a CI job."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from mock_interviewer.evaluation.overview import Overview, RatingRow
from mock_interviewer.evaluation.reply_run import ReplyRun
from mock_interviewer.evaluation.verdict import ending

SHOWN = 40
_MARKS = {"passes": "pass", "fails": "FAIL", "incomplete": "INCOMPLETE", "unchecked": "no gates"}


def summary(suites: Sequence[Overview], replies: Sequence[ReplyRun] = ()) -> str:
    """Verdicts first, then what a person has to know of each suite."""
    rows = ["# Evaluation of grades", "", "| suite | outcome | |", "| --- | --- | --- |"]
    endings = [(s.id, s.ending) for s in suites] + [(r.suite.id, ending(r)) for r in replies]
    rows += [
        f"| {_safe(name)} | {_MARKS[end.outcome]} | {_safe(end.sentence)} |"
        for name, end in endings
    ]
    for suite in suites:
        rows += ["", f"## {_safe(suite.id)}", "", *_suite(suite)]
    for run in replies:
        rows += ["", f"## {_safe(run.suite.id)}", "", *_replies(run)]
    return "\n".join(rows) + "\n"


def _replies(run: ReplyRun) -> Iterator[str]:
    end = ending(run)
    yield f"**{end.outcome.value.capitalize()}.** {_safe(end.sentence)} {_safe(run.coverage)}"
    if run.missed:
        return
    yield from ("", "| rating | QWK | exact | raters |", "| --- | ---: | ---: | ---: |")
    for row in run.rows:
        figures = " | ".join(map(_number, (row.agreement.kappa, row.agreement.exact, row.raters)))
        yield f"| {_safe(row.scale.id)} | {figures} |"


def _suite(suite: Overview) -> Iterator[str]:
    yield f"**{suite.ending.outcome.value.capitalize()}.** {_safe(suite.ending.sentence)}"
    yield ""
    yield _safe(suite.coverage)
    if suite.waiting:
        yield ""
        yield "Cases that wait for replies: " + _safe(_first(suite.waiting)) + "."
    if suite.differences:
        yield from ("", "Since the baseline was accepted:", "")
        yield from (f"- {_safe(row)}" for row in suite.differences)
    if suite.ending.failing:
        yield from ("", "| gate that fails | figure | bound |", "| --- | --- | --- |")
        for gate in suite.ending.failing:
            yield f"| {_safe(gate.gate)} | {_safe(gate.figure)} | {_safe(gate.bound)} |"
    if not suite.ratings:
        return
    yield from _kappas(suite.ratings, suite.mean)
    yield from _moved(suite)
    yield from _robustness(suite)


def _kappas(ratings: Sequence[RatingRow], mean: float) -> Iterator[str]:
    changed = any(row.change for row in ratings)
    yield from ("", "| rating | QWK | 95 % |" + (" change | 95 % |" if changed else ""))
    yield "| --- | ---: | --- |" + (" ---: | --- |" if changed else "")
    for row in ratings:
        told = f"| {_safe(row.criterion.id)} | {_number(row.agreement.kappa)} "
        told += f"| {_range(*row.agreement.interval)} |"
        if row.change:
            difference = row.change.after - row.change.before
            told += f" {_number(difference, '+.3f')} | {_range(*row.change.interval, '+.2f')} |"
        yield told
    yield f"| mean | {_number(mean)} | |" + (" | |" if changed else "")


def _moved(suite: Overview) -> Iterator[str]:
    if suite.whole.baseline is None:
        yield from ("", "There is no baseline yet; `mock-interviewer eval accept` makes one.")
        return
    worse = sum(grade.worse for grade in suite.moved)
    better = sum(grade.better for grade in suite.moved)
    yield ""
    if not suite.moved:
        yield "No grade moved since the baseline."
        return
    yield f"{len(suite.moved)} grades moved, {worse} away from the raters, {better} towards them."
    yield from ("", "| case | rating | baseline | now | raters | |", "| --- " * 6 + "|")
    for grade in suite.moved[:SHOWN]:
        way = "away" if grade.worse else "towards" if grade.better else ""
        levels = (grade.before, grade.after, grade.reference)
        shown = " | ".join("none" if level is None else str(level) for level in levels)
        yield f"| {_safe(grade.case)} | {_safe(grade.rating)} | {shown} | {way} |"
    if len(suite.moved) > SHOWN:
        yield from ("", f"... and {len(suite.moved) - SHOWN} more.")


def _robustness(suite: Overview) -> Iterator[str]:
    failing = [row for row in suite.whole.robustness if row.passed is False]
    if not failing:
        return
    gates = suite.whole.suite.gates
    known = gates.robustness_not_yet if gates else ()
    yield from ("", "| robustness row that fails | n | figure | bound |")
    yield "| --- | ---: | --- | --- |"
    for row in failing:
        what = f"{row.what} (known, no gate)" if row.what in known else row.what
        yield f"| {_safe(what)} | {row.n} | {_safe(row.figure)} | {_safe(row.bound)} |"


def _first(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(ids[:SHOWN]) + more


def _number(value: float, form: str = ".3f") -> str:
    return "–" if math.isnan(value) else format(value, form)


def _range(low: float, high: float, form: str = ".2f") -> str:
    return f"{_number(low, form)} to {_number(high, form)}"


def _safe(text: str) -> str:
    """Text with what Markdown and HTML would read as marks made harmless."""
    return re.sub(r"([\\*{}\[\]<>#|~&])", r"\\\1", " ".join(text.split()))
