"""A report as Markdown."""

from __future__ import annotations

import re

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mock_interviewer.core.resources import package_file
from mock_interviewer.service.reports import Bar, Report


def report_markdown(report: Report) -> str:
    """The report as Markdown; what people wrote in it is quoted and has no marks of its own."""
    text = _environment.get_template("report.md").render(report=report)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def figure(bar: Bar) -> str:
    """The value as people read it: one decimal for a mean, none for a level."""
    if bar.value is None:
        return "–"
    whole = bar.value == int(bar.value)
    return f"{bar.value:.0f} of {bar.highest}" if whole else f"{bar.value:.1f} of {bar.highest}"


def _safe(text: str) -> str:
    """Text of a person, with what Markdown and HTML would read as marks made harmless."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", text)


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
