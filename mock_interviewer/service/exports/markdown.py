"""A report as Markdown."""

from __future__ import annotations

import re

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mock_interviewer.core.resources import package_file
from mock_interviewer.service.bars import Bar
from mock_interviewer.service.exports.other_levels import Others, told
from mock_interviewer.service.reports import Report


def report_markdown(report: Report, others: Others | None = None) -> str:
    """The report as Markdown; what people wrote in it is quoted and has no marks of its own.

    `others`: levels that people gave its answers.
    """
    template = _environment.get_template("report.md")
    text = template.render(report=report, others=others or {}, told=told)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def figure(bar: Bar) -> str:
    """The value as people read it: one decimal for a mean, none for a level."""
    if bar.value is None:
        return "–"
    whole = bar.value == int(bar.value)
    return f"{bar.value:.0f} of {bar.highest}" if whole else f"{bar.value:.1f} of {bar.highest}"


_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$&^])")
_BEGINS_BLOCK = re.compile(r"^(?:([-+=:])|(\d+)([.)]))")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
"""Control characters, and what would turn the direction of the text around it."""


def _safe(text: str) -> str:
    """Other people's text as one line, with nothing in it that Markdown or HTML would obey."""
    line = _MARKS.sub(r"\\\1", " ".join(_UNSEEN.sub("\ufffd", text).split()))
    return _BEGINS_BLOCK.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", line)


def _make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(package_file("service", "exports")),
        autoescape=False,  # noqa: S701 - Markdown is made safe by its own filter
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters |= {"figure": figure, "md": _safe}
    return environment


_environment = _make_environment()
