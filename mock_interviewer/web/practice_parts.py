"""The pieces that the practice page is made of, as Gradio and HTML want them."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.core.transcript import Role
from mock_interviewer.service.conversation import Conversation
from mock_interviewer.service.practice import Stage
from mock_interviewer.web import pages

STAGES = {
    Stage.READING: "The interviewer is reading your answer …",
    Stage.WORDING: "The interviewer is thinking of a question …",
    Stage.SPEAKING: "The interviewer is writing …",
}

_LEFT_BEHIND = "What you have typed has not been sent. To leave it behind, press “{button}” again; "
ASKED = {
    TurnKind.SKIP: _LEFT_BEHIND.format(button="Skip") + "to answer with it, press “Send”.",
    TurnKind.NO_EXAMPLE: (
        _LEFT_BEHIND.format(button="I can't think of an example")
        + "to answer with it, press “Send”."
    ),
    TurnKind.NEXT: (
        _LEFT_BEHIND.format(button="Go on")
        + "to have it back in the box, press “Try this question again”."
    ),
}


def head() -> str:
    """Links to style sheets and script. Given to Gradio as its own, they would be rewritten."""
    version = pages.STATIC_VERSION
    styles = "".join(
        f'<link rel="stylesheet" href="../static/{name}?{version}">'
        for name in ("style.css", "own_levels.css", "chat.css")
    )
    script = f'<script src="../static/chat.js?{version}"></script>'
    icon = f'<link rel="icon" type="image/svg+xml" href="../static/icon.svg?{version}">'
    return f"{icon}{styles}{script}"


def theme() -> gr.themes.Base:
    """Gradio's plain theme in the pages' colours, with fonts that are on the machine."""
    return gr.themes.Base(
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        radius_size=gr.themes.sizes.radius_lg,
        text_size=gr.themes.sizes.text_lg,
    )


def bubbles(view: Conversation) -> list[gr.ChatMessage]:
    """The messages of an interview."""
    return [bubble(message.role, message.text) for message in view.messages]


def bubble(role: Role, text: str) -> gr.ChatMessage:
    """One message."""
    # Also without Markdown, Gradio takes a message for HTML.
    return gr.ChatMessage(
        role="user" if role is Role.CANDIDATE else "assistant", content=html.escape(text)
    )


def masthead(place: str, text: str) -> str:
    """The head of the page: where the interview stands, and a sentence if need be."""
    note = f"<p>{html.escape(text)}</p>" if text else ""
    return (
        '<header class="masthead"><a class="name" href="../">Mock Interviewer</a>'
        f'<h1 class="place">{html.escape(place)}</h1></header>{note}'
    )


def account(name: str) -> Any:
    """Who is logged in, with the way out; nothing without accounts."""
    if not name:
        return gr.update(value="", visible=False)
    form = (
        '<form class="account small" method="post" action="../logout">'
        f"<span>Signed in as <strong>{html.escape(name)}</strong></span> "
        '<a href="../password">Password</a> '
        '<button class="link" type="submit">Log out</button></form>'
    )
    return gr.update(value=form, visible=True)


def status(text: str, *, alert: bool = False) -> str:
    """What is going on, or with `alert` what went wrong."""
    # What is no alert is read out by `chat.js`, which has the page's one live region.
    look = 'class="notice stage" role="alert"' if alert else 'class="soft stage"'
    return f"<p {look}>{html.escape(text)}</p>" if text else ""


def feedback(view: Conversation) -> Any:
    """The latest answer's feedback, or what is asked before it, if it is to be shown."""
    if view.to_rate is not None:
        form = pages.own_levels_panel(view.to_rate, "..", view.interview_id)
        return gr.update(value=form, visible=True)
    if view.feedback is None:
        return gr.update(value="", visible=False)
    inner = pages.feedback(view.feedback, view.own)
    section = f'<section class="card" aria-label="Feedback">{inner}</section>'
    return gr.update(value=section, visible=True)


def report_link(interview_id: str) -> str:
    """Where to go from the end of the interview."""
    address = f"../report/{html.escape(interview_id)}"
    return (
        f'<p class="actions"><a class="button primary" href="{address}">Open your report</a>'
        '<a class="button" href="../">New interview</a></p>'
    )


DELETED = (
    "Its questions, answers and grades are gone for good. They were deleted on the page “Your "
    "data”, or by those who run this program."
)


def start_link() -> str:
    """Where to go from an interview that is not there any more."""
    return '<p class="actions"><a class="button primary" href="../">New interview</a></p>'
