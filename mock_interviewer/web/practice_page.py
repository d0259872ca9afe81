"""The chat: a Gradio page over `service.practice`. It shows; what happens is decided below it."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from mock_interviewer.core.interview import Phase, TurnKind
from mock_interviewer.core.transcript import Role
from mock_interviewer.errors import (
    LimitError,
    MockInterviewerError,
    NotAllowedError,
    NotFoundError,
    NotLoggedInError,
    StaleTurnError,
    StorageError,
)
from mock_interviewer.service import conversation
from mock_interviewer.service.access import Person
from mock_interviewer.service.conversation import Conversation
from mock_interviewer.service.practice import Stage
from mock_interviewer.service.program import Program
from mock_interviewer.web import practice_parts as parts
from mock_interviewer.web.blocks import EVENTS_AT_ONCE, Blocks
from mock_interviewer.web.edge import at_edge
from mock_interviewer.web.identity import person_of

FEEDBACK_SECONDS = 2.0
WORDS_SECONDS = 0.08
"""Words that come sooner one after the other are shown together."""

_STAGES = {
    Stage.READING: "The interviewer is reading your answer …",
    Stage.WORDING: "The interviewer is thinking of a question …",
    Stage.SPEAKING: "The interviewer is writing …",
}

_LEFT_BEHIND = "What you have typed has not been sent. To leave it behind, press “{button}” again; "
_ASKED = {
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

Updates = dict[Any, Any]
Pressed = tuple[str, int, TurnKind, str]
"""A button on an interview's page, with the turn's number and what was typed."""


class PracticePage:
    """The page's components and handlers. One instance serves all candidates."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._practice = program.practice

    def build(self) -> gr.Blocks:
        """Lay out the page and wire it."""
        blocks: gr.Blocks
        with Blocks(title="Interview · Mock Interviewer") as blocks:
            self.interview = gr.Textbox(visible="hidden", elem_id="interview-id")
            self.number = gr.Number(visible="hidden", precision=0, elem_id="turn-number")
            self.draft = gr.Textbox(visible="hidden", elem_id="kept-draft")
            self.asked = gr.State(None)
            self.save = gr.Button("Keep the draft", visible="hidden", elem_id="save-draft")
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
                    f'<span data-limit="{self._practice.message_characters}"></span>'
                    '<p class="notice" role="alert" hidden></p>',
                    elem_id="counter",
                )
                with gr.Row(elem_classes="buttons"):
                    # Enabled by the first update, so after the box has been filled.
                    self.send = gr.Button(
                        "Send", variant="primary", interactive=False, elem_id="send"
                    )
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
            self._wire(blocks)
        blocks.queue(default_concurrency_limit=EVENTS_AT_ONCE)
        return blocks

    def _wire(self, blocks: gr.Blocks) -> None:
        place = [self.interview, self.number, self.box]
        shown = [
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
            self.feedback,
            self.model_box,
            self.model_answer,
            self.timer,
        ]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        acting: dict[str, Any] = {"inputs": place, "outputs": shown, **quiet}
        leaving: dict[str, Any] = {
            "inputs": [*place, self.asked],
            "outputs": [*shown, self.asked],
            **quiet,
        }
        send = [self.send.click, self.box.submit]
        talking = [
            blocks.load(at_edge(self._on_load), outputs=[*shown, self.account], **quiet),
            gr.on(send, at_edge(self._on_send), **acting),
        ]
        for button, kind in (
            (self.no_example, TurnKind.NO_EXAMPLE),
            (self.skip, TurnKind.SKIP),
            (self.next, TurnKind.NEXT),
        ):
            talking.append(button.click(at_edge(self._leaving(kind)), **leaving))
        talking.append(self.retry.click(at_edge(self._on_retry), **acting))
        for button in (self.end, self.stop):
            # Whatever is being said is cut off; its turn was never committed, so nothing is half.
            button.click(at_edge(self._on_end), cancels=talking, **acting)
        self.hint.click(at_edge(self._on_hint), **acting)
        self.box.change(None, js="() => interviewPage.changed()")
        # `chat.js` presses this button when the typing pauses.
        kept = self.save.click(
            at_edge(self._on_draft),
            inputs=place,
            outputs=[self.draft, *shown],
            trigger_mode="always_last",
            **quiet,
        )
        kept.success(None, inputs=[self.draft], js="(text) => interviewPage.kept(text)")
        kept.failure(None, js="() => interviewPage.notKept()")
        self.timer.tick(
            at_edge(self._on_tick),
            inputs=[self.interview],
            outputs=shown,
            **quiet,
        )

    def _on_load(self, request: gr.Request) -> Iterator[Updates]:
        interview_id = str(request.query_params.get("interview", ""))
        try:
            person = self._check(request, interview_id)
            yield {self.account: parts.account(person.name)}
            yield from self._shown_and_talked(interview_id)
        except (NotFoundError, NotAllowedError, NotLoggedInError) as error:
            yield {self.head: parts.masthead("No interview", str(error)), self.chat: []}
        except StorageError as error:
            yield {
                self.head: parts.masthead("The interview cannot be shown", str(error)),
                self.chat: [],
            }

    def _check(self, request: gr.Request, interview_id: str) -> Person:
        """Who asks, if they may go on with this interview: every handler begins with it.

        What the page says of itself, the interview's id too, is only a claim. Raises
        `NotFoundError`, `NotAllowedError`, `NotLoggedInError`, `StorageError`.
        """
        if request.request is None:
            raise NotLoggedInError("Log in to go on.")
        person = person_of(request.request)
        self._program.people.access.changeable(person, interview_id)
        return person

    def _checked(
        self, request: gr.Request, interview_id: str, typed: str, steps: Iterator[Updates]
    ) -> Iterator[Updates]:
        """The steps, of which none is taken for somebody who may not go on with the interview."""
        try:
            self._check(request, interview_id)
        except MockInterviewerError as error:
            text = f"{error} What you wrote is still in the box." if typed else str(error)
            yield {
                self.status: parts.status(text, alert=True),
                self.box: gr.Textbox(value=typed),
            }
            return
        yield from steps

    def _on_send(
        self, interview_id: str, number: float | None, typed: str, request: gr.Request
    ) -> Iterator[Updates]:
        steps = self._send(interview_id, _turn_number(number), TurnKind.ANSWER, typed)
        yield from self._checked(request, interview_id, typed, steps)

    def _leaving(
        self, kind: TurnKind
    ) -> Callable[[str, float | None, str, Pressed | None, gr.Request], Iterator[Updates]]:
        """A button that may leave something typed behind: then it asks, and is pressed again."""

        def handle(
            interview_id: str,
            number: float | None,
            typed: str,
            asked: Pressed | None,
            request: gr.Request,
        ) -> Iterator[Updates]:
            pressed = (interview_id, _turn_number(number), kind, typed)
            steps = self._leave(pressed, asked)
            yield from self._checked(request, interview_id, typed, steps)

        return handle

    def _leave(self, pressed: Pressed, asked: Pressed | None) -> Iterator[Updates]:
        interview_id, number, kind, typed = pressed
        try:
            asks = (
                bool(typed.strip())
                and pressed != asked
                and self._practice.leaves(interview_id, kind)
                and not self._has_moved_on(interview_id, number)
            )
            if asks:
                self._practice.save_draft(interview_id, typed)
        except MockInterviewerError as error:
            yield from self._refused(interview_id, typed, error)
            return
        if asks:
            yield {self.status: parts.status(_ASKED[kind], alert=True), self.asked: pressed}
        else:
            yield from self._send(interview_id, number, kind, typed)

    def _send(
        self, interview_id: str, number: int, kind: TurnKind, typed: str
    ) -> Iterator[Updates]:
        try:
            stays = (
                kind is TurnKind.NO_EXAMPLE
                and bool(typed.strip())
                and not self._practice.leaves(interview_id, kind)
            )
            self._practice.send(
                interview_id, number, kind, typed if kind is TurnKind.ANSWER else ""
            )
            if stays:
                self._practice.save_draft(interview_id, typed)
        except MockInterviewerError as error:
            yield from self._refused(interview_id, typed, error)
            return
        yield from self._shown_and_talked(interview_id)

    def _on_end(
        self, interview_id: str, number: float | None, typed: str, request: gr.Request
    ) -> Iterator[Updates]:
        steps = self._end(interview_id, _turn_number(number), typed)
        yield from self._checked(request, interview_id, typed, steps)

    def _end(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
        """End, also if the interviewer has just said something that the page has not shown yet."""
        seen = number
        try:
            if not self._has_moved_on(interview_id, seen):
                seen = len(self._practice.interview(interview_id).turns)
                if typed:
                    self._practice.save_draft(interview_id, typed)
        except MockInterviewerError as error:
            yield from self._refused(interview_id, typed, error)
            return
        yield from self._send(interview_id, seen, TurnKind.END, typed)

    def _on_retry(
        self, interview_id: str, number: float | None, typed: str, request: gr.Request
    ) -> Iterator[Updates]:
        steps = self._retry(interview_id, _turn_number(number), typed)
        yield from self._checked(request, interview_id, typed, steps)

    def _retry(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
        try:
            view = self._conversation(interview_id)
            if view.number != number:
                raise StaleTurnError(
                    "This page was behind; what is shown now is the present state."
                )
            place = self._practice.interview(interview_id).turns[-1].question
            self._practice.retry(interview_id, place)
            if typed:
                self._practice.save_draft(interview_id, typed)
        except MockInterviewerError as error:
            yield from self._refused(interview_id, typed, error)
            return
        yield from self._shown_and_talked(interview_id)

    def _on_hint(
        self, interview_id: str, number: float | None, typed: str, request: gr.Request
    ) -> Iterator[Updates]:
        steps = self._hint(interview_id, _turn_number(number), typed)
        yield from self._checked(request, interview_id, typed, steps)

    def _hint(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
        try:
            self._practice.hint(interview_id, number)
            self._practice.save_draft(interview_id, typed)
        except MockInterviewerError as error:
            yield from self._refused(interview_id, typed, error)
            return
        yield self._show(interview_id)

    def _on_draft(
        self, interview_id: str, number: float | None, text: str, request: gr.Request
    ) -> Updates:
        """Keep what is typed, unless the page does not know yet that an answer has been sent."""
        try:
            self._check(request, interview_id)
            unseen = self._practice.interview(interview_id).turns[_turn_number(number) :]
            if any(turn.kind is TurnKind.ANSWER for turn in unseen):
                raise StaleTurnError("This page was behind; the draft is kept once it is not.")
            self._practice.save_draft(interview_id, text)
        except NotFoundError:
            return self._deleted()
        except MockInterviewerError as error:
            raise gr.Error(str(error), visible=False, print_exception=False) from error
        return {self.draft: text}

    def _on_tick(self, interview_id: str, request: gr.Request) -> Updates:
        try:
            self._check(request, interview_id)
            view = self._conversation(interview_id)
        except StorageError:
            return {self.timer: gr.Timer(active=True)}
        except NotFoundError:
            return self._deleted()
        except MockInterviewerError:
            return {self.timer: gr.Timer(active=False)}
        return {
            self.feedback: parts.feedback(view),
            self.timer: gr.Timer(active=view.grading),
        }

    def _shown_and_talked(self, interview_id: str) -> Iterator[Updates]:
        """The present state with the beginning of the interviewer's move, then the rest.

        One update, not two: each takes time before the model is asked.
        """
        state = self._show(interview_id) | self._box(interview_id)
        talk = self._talk(interview_id)
        yield state | next(talk, {})
        yield from talk

    def _talk(self, interview_id: str) -> Iterator[Updates]:
        """Show the interviewer's move as it comes, then the state after it."""
        try:
            yield from self._spoken(interview_id)
        except NotFoundError:
            yield self._deleted()
        except StorageError as error:
            text = f"{error} Then reload this page, and the interview goes on from here."
            yield {self.status: parts.status(text, alert=True)}

    def _spoken(self, interview_id: str) -> Iterator[Updates]:
        view = self._conversation(interview_id)
        before = parts.bubbles(view)
        spoke = False
        shown_at = 0.0
        for speech in self._practice.reply(interview_id):
            if speech.text and time.monotonic() - shown_at < WORDS_SECONDS:
                continue
            # An End that cuts this off may have been shown already; it must not be painted over.
            if speech.stage is Stage.DONE or self._has_moved_on(interview_id, view.number):
                break
            spoke = True
            updates: Updates = {self.status: parts.status(_STAGES[speech.stage])}
            if speech.text:
                updates[self.chat] = [*before, parts.bubble(Role.INTERVIEWER, speech.text)]
                shown_at = time.monotonic()
            yield updates
        if spoke:
            yield self._show(interview_id)

    def _has_moved_on(self, interview_id: str, number: int) -> bool:
        """Whether the candidate has done something that a page at this turn does not know of."""
        turns = self._practice.interview(interview_id).turns[number:]
        return any(turn.role is Role.CANDIDATE for turn in turns)

    def _refused(
        self, interview_id: str, typed: str, error: MockInterviewerError
    ) -> Iterator[Updates]:
        """Say why, show the present state, and leave what was typed in the box."""
        if isinstance(error, NotFoundError):
            yield self._deleted()
            return
        updates: Updates = {}
        text = str(error)
        try:
            updates = self._show(interview_id)
            if typed and not isinstance(error, StorageError):
                self._practice.save_draft(interview_id, typed)
        except NotFoundError:
            yield self._deleted()
            return
        except LimitError:
            pass  # which is what `error` says; what was typed stays in the box
        except StorageError as fault:
            text = str(fault)
        if isinstance(error, StorageError) and typed:
            text += " What you wrote is still in the box."
        yield updates | {
            self.status: parts.status(text, alert=True),
            self.box: gr.Textbox(value=typed),
        }

    def _deleted(self) -> Updates:
        """The page of an interview that was deleted while it was open: nothing is left of it."""
        return {
            self.head: parts.masthead("This interview was deleted", parts.DELETED),
            self.chat: [],
            self.status: parts.start_link(),
            self.box: gr.Textbox(value=""),
            self.answering: gr.Column(visible=False),
            self.between: gr.Row(visible=False),
            self.feedback: gr.HTML(value="", visible=False),
            self.model_box: gr.Accordion(visible=False),
            self.model_answer: "",
            self.timer: gr.Timer(active=False),
        }

    def _conversation(self, interview_id: str) -> Conversation:
        store = self._program.store
        return conversation.make(
            self._practice.interview(interview_id),
            store.answers(interview_id),
            self._program.rubric,
        )

    def _show(self, interview_id: str) -> Updates:
        """The page as the stored interview says; but the box is the candidate's own."""
        view = self._conversation(interview_id)
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
            self.answering: gr.Column(visible=answering),
            self.send: gr.Button(interactive=mine),
            self.hint: gr.Button(visible=TurnKind.HINT in view.allowed),
            self.no_example: gr.Button(interactive=mine),
            self.skip: gr.Button(interactive=mine),
            self.end: gr.Button(interactive=TurnKind.END in view.allowed),
            self.between: gr.Row(visible=view.phase is Phase.BETWEEN),
            self.feedback: parts.feedback(view),
            self.model_box: gr.Accordion(visible=view.model_answer is not None, open=False),
            self.model_answer: f"<p>{html.escape(view.model_answer or '')}</p>",
            self.timer: gr.Timer(active=view.grading),
        }

    def _box(self, interview_id: str) -> Updates:
        """The box with the draft that is stored: after a load, and once a message is taken."""
        return {self.box: gr.Textbox(value=self._practice.interview(interview_id).draft)}


def _turn_number(number: float | None) -> int:
    return -1 if number is None else int(number)
