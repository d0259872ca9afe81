"""Report of finished runs: one HTML file that needs nothing else, Markdown, and JUnit XML."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from mock_interviewer.core.resources import package_file
from mock_interviewer.evaluation import charts
from mock_interviewer.evaluation.junit import junit
from mock_interviewer.evaluation.overview import COLUMNS, HALO, Overview, overview
from mock_interviewer.evaluation.reply_run import ReplyRun
from mock_interviewer.evaluation.summary import summary
from mock_interviewer.evaluation.verdict import ending
from mock_interviewer.evaluation.whole import Whole

_FOLDER = package_file("evaluation", "templates")


def write_report(wholes: Sequence[Whole], folder: Path, replies: Sequence[ReplyRun] = ()) -> None:
    """Write `report.html`, `summary.md` and `junit.xml`: the same bytes for the same recordings."""
    folder.mkdir(parents=True, exist_ok=True)
    found = [overview(whole) for whole in wholes]
    for name, text in (
        ("report.html", page(found, replies)),
        ("summary.md", summary(found, replies)),
        ("junit.xml", junit(found, replies)),
    ):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def page(suites: Sequence[Overview], replies: Sequence[ReplyRun] = ()) -> str:
    """The report as one HTML page."""
    style, script = ((_FOLDER / name).read_text("utf-8") for name in ("report.css", "report.js"))
    ratings = {row.criterion.id for suite in suites for row in suite.ratings}
    style += "".join(_highlight(rating) for rating in sorted(ratings))
    return _environment.get_template("report.html").render(
        suites=suites,
        replies=[{"run": run, "ending": ending(run)} for run in replies],
        style=style,
        script=script,
        policy=_policy(style, script),
        columns=COLUMNS,
        halo=HALO,
    )


def _highlight(rating: str) -> str:
    """The rule that marks a rating's evidence where the rating is chosen."""
    chosen = f'.case:has(input[value="{rating}"]:checked)'
    return (
        f'{chosen} .s[data-e~="{rating}"]{{background:var(--mark);'
        "text-decoration:underline 2px;text-underline-offset:.25em}"
        f'{chosen} .s[data-e~="{rating}"] .no{{background:var(--accent);color:var(--on-accent)}}\n'
    )


def _policy(style: str, script: str) -> str:
    """Only this very style and script: whatever an answer holds, nothing of it is run or asked."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; img-src data:"
    )


def _figure(value: float, form: str = ".2f") -> str:
    """A number as people read it; a dash where it is not defined."""
    if math.isnan(value):
        return "–"
    shown = format(value, form)
    if not re.search("[1-9]", shown):
        shown = shown.lstrip("-")
    return shown.replace("-", "−")


def _code(text: str) -> Markup:
    """A sentence with what stands in backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


def _level(value: int | None) -> str:
    return "–" if value is None else str(value)


def _make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "code": _code,
        "figure": _figure,
        "level": _level,
        "matrix_svg": charts.matrix_svg,
        "kept_svg": charts.kept_svg,
        "widths_svg": charts.widths_svg,
    }
    return environment


_environment = _make_environment()
