"""Pages laid out from templates: everything but the chat."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from mock_interviewer.core.interview import Trade
from mock_interviewer.core.resources import package_file
from mock_interviewer.service.bars import Bar
from mock_interviewer.service.coach_views import CoachViews
from mock_interviewer.service.exports.markdown import figure
from mock_interviewer.service.own_views import OwnLevel, OwnViews, ToRate
from mock_interviewer.service.reports import AnswerView, Report

SHOW = "show"
"""What the button sends that shows a grade without own levels."""
_SYMBOLS = "○◔◑◕●"
"""A mark for a figure beside its bar and word, so that it never hangs on colour alone."""


def render(template: str, base: str = "", account: str = "", **values: Any) -> str:
    """Lay out a template. `account`: the name of the account that is logged in."""
    text = _environment.get_template(template).render(
        base=base,
        account=account,
        style_version=STATIC_VERSION,
        windows=sys.platform == "win32",
        **values,
    )
    return str(text)


def report_page(
    report: Report,
    base: str,
    *,
    account: str = "",
    demo: bool = False,
    own: bool = False,
    changes: bool = False,
    sharing: bool = False,
    owner: str = "",
    saved: str = "",
    asked: bool | None = None,
    coached: CoachViews | None = None,
    rated: OwnViews | None = None,
    progress: str = "",
) -> str:
    """The report as a page.

    `own`: for its candidate; `changes`: for somebody who may go on with the interview; `sharing`:
    for somebody to be asked whether coaches may read it; `owner`: the candidate's name, for a
    coach; `saved`: which choice was just saved; `asked`: whether they have asked their
    coaches for a look, None if they cannot; `coached`: what coaches have finished on it;
    `rated`: its candidate's own levels; `progress`: the address of the candidate's progress.
    """
    trade = Trade(report.interview.trade)
    link = "demo.md" if demo else f"report/{report.interview.id}.md"
    return render(
        "report.html",
        base,
        account,
        report=report,
        demo=demo,
        own=own,
        changes=changes,
        sharing=sharing,
        owner=owner,
        saved=saved,
        asked=asked,
        coached=coached or CoachViews(),
        rated=rated or OwnViews(),
        progress=progress,
        trade="" if trade is Trade.OTHER else trade.label,
        markdown_link=link,
        open_all=False,
    )


def feedback(view: AnswerView, rated: Sequence[OwnLevel] = ()) -> str:
    """One answer's feedback, to stand beside the chat, with its candidate's own levels."""
    values = {"open_all": False, "owner": ""}
    macros: Any = _environment.get_template("macros.html").make_module(values)
    own = macros.own_levels(rated) if rated and view.grade else ""
    return f"{own}{macros.feedback(view, beside_chat=True)}"


def own_levels_panel(answer: ToRate, base: str, interview_id: str) -> str:
    """The form for own levels that stands beside the chat in place of the feedback."""
    return render(
        "own_levels_panel.html", base, answer=answer, interview_id=interview_id, show=SHOW
    )


def _symbol(bar: Bar) -> str:
    return _SYMBOLS[min(len(_SYMBOLS) - 1, int(bar.share * (len(_SYMBOLS) - 1) + 0.5))]


def _make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(package_file("web", "templates")),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters |= {"figure": figure, "symbol": _symbol}
    return environment


_environment = _make_environment()
_static = sorted(package_file("web", "static").iterdir())
STATIC_VERSION = hashlib.sha256(b"".join(p.read_bytes() for p in _static)).hexdigest()[:8]
"""Part of the style sheets' addresses, so that a browser never keeps old ones."""
