"""What the practice page is made of, and what each part shows of an interview."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr

from mock_interviewer.core.interview import Phase, TurnKind
from mock_interviewer.service.conversation import Conversation
from mock_interviewer.web import practice_parts as parts

FEEDBACK_SECONDS = 2.0

Updates = dict[Any, Any]
"""What changes on the page: components, and what they show from now on."""


class PracticeLayout:
    """The page's components. To be made inside of a `gr.Blocks`."""

    def __init__(self, message_characters: int) -> None:
        self.interview = gr.Textbox(visible="hidden", elem_id="interview-id")
        self.number = gr.Number(visible="hidden", precision=0, elem_id="turn-number")
        self.asked = gr.State(None)
        self.refresh = gr.Button("Show what is stored", visible="hidden", elem_id="refresh")
        self.account = gr.HTML(visible=False, elem_id="account")
        self.head = gr.HTML(elem_id="head")
        self.chat = gr.Chatbot(
            label="Interview",
            show_label=False,
            elem_id="chat",
            height=None,
            buttons=[],
            feedback_options=None,
            render_markdown=False,
            latex_delimiters=[],
            layout="bubble",
            group_consecutive_messages=False,
            allow_tags=False,
        )
        self.status = gr.HTML(elem_id="status")
        with gr.Column(visible=False, elem_id="answering") as self.answering:
            self.box = gr.Textbox(
                label="Your answer",
                lines=5,
                max_lines=14,
                elem_id="answer",
                placeholder="Write as you would say it.",
            )
            gr.HTML(
                f'<span data-limit="{message_characters}"></span>'
                '<p class="notice" role="alert" hidden></p>',
                elem_id="counter",
            )
            with gr.Row(elem_classes="buttons"):
                # Enabled by the first update, so after the box has been filled.
                self.send = gr.Button("Send", variant="primary", interactive=False, elem_id="send")
                self.hint = gr.Button("Hint", elem_id="hint")
                self.no_example = gr.Button("I can't think of an example", elem_id="no-example")
                self.skip = gr.Button("Skip", elem_id="skip")
                self.end = gr.Button("End interview", elem_id="end")
        with gr.Row(visible=False, elem_classes="buttons", elem_id="between") as self.between:
            self.next = gr.Button("Go on", variant="primary", elem_id="next")
            self.retry = gr.Button("Try this question again", elem_id="retry")
            self.stop = gr.Button("End interview", elem_id="stop")
        self.feedback = gr.HTML(visible=False, elem_id="feedback")
        with gr.Accordion(
            "A model answer", open=False, visible=False, elem_id="model-answer"
        ) as self.model_box:
            self.model_answer = gr.HTML()
        self.timer = gr.Timer(FEEDBACK_SECONDS, active=False)
        self.shown: list[gr.components.Component | gr.blocks.BlockContext] = [
            self.interview,
            self.number,
            self.head,
            self.chat,
            self.status,
            self.answering,
            self.box,
            self.send,
            self.hint,
            self.no_example,
            self.skip,
            self.end,
            self.between,
            self.next,
            self.feedback,
            self.model_box,
            self.model_answer,
            self.timer,
        ]

    def state(self, view: Conversation, interview_id: str) -> Updates:
        """The page as the stored interview says; but the box is the candidate's own."""
        answering = view.phase in (Phase.ANSWERING, Phase.REPLYING)
        mine = view.phase is Phase.ANSWERING
        finished = view.phase is Phase.FINISHED
        note = parts.report_link(interview_id) if finished else ""
        return {
            self.interview: interview_id,
            self.number: view.number,
            self.head: parts.masthead(view.place, ""),
            self.chat: parts.bubbles(view),
            self.status: note or parts.status(""),
            self.answering: gr.update(visible=answering),
            self.send: gr.update(interactive=mine),
            self.hint: gr.update(visible=TurnKind.HINT in view.allowed),
            self.no_example: gr.update(interactive=mine),
            self.skip: gr.update(interactive=mine),
            self.end: gr.update(interactive=TurnKind.END in view.allowed),
            self.between: gr.update(visible=view.phase is Phase.BETWEEN),
            self.next: gr.update(variant="secondary" if view.to_rate else "primary"),
            self.feedback: parts.feedback(view),
            self.model_box: gr.update(visible=view.model_answer is not None, open=False),
            self.model_answer: f"<p>{html.escape(view.model_answer or '')}</p>",
            self.timer: gr.update(active=view.grading),
        }

    def draft_in_box(self, draft: str) -> Updates:
        """The box with the draft that is stored: after a load, and once a message is taken."""
        return {self.box: gr.update(value=draft)}

    def refusal(self, text: str, typed: str) -> Updates:
        """Why something was not done, with what was typed left in the box."""
        return {
            self.status: parts.status(text, alert=True),
            self.box: gr.update(value=typed),
        }

    def nothing(self, heading: str, text: str) -> Updates:
        """No interview, and why."""
        return {self.head: parts.masthead(heading, text), self.chat: []}

    def deleted(self) -> Updates:
        """The page of an interview that was deleted while it was open: nothing is left of it."""
        return {
            self.head: parts.masthead("This interview was deleted", parts.DELETED),
            self.chat: [],
            self.status: parts.start_link(),
            self.box: gr.update(value=""),
            self.answering: gr.update(visible=False),
            self.between: gr.update(visible=False),
            self.feedback: gr.update(value="", visible=False),
            self.model_box: gr.update(visible=False),
            self.model_answer: "",
            self.timer: gr.update(active=False),
        }
