"""The chat: a Gradio page over `service.practice`. It shows; what happens is decided below it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from mock_interviewer.core.ahead import ahead
from mock_interviewer.core.interview import TurnKind
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
from mock_interviewer.service.practice import Speech, Stage
from mock_interviewer.service.program import Program
from mock_interviewer.web import practice_parts as parts
from mock_interviewer.web.blocks import EVENTS_AT_ONCE, Blocks
from mock_interviewer.web.edge import at_edge
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.practice_layout import PracticeLayout, Updates

WORDS_SECONDS = 0.08
"""Words that come sooner one after the other are shown together."""

Pressed = tuple[str, int, TurnKind, str]
"""A button on an interview's page, with the turn's number and what was typed."""

Act = Callable[[str, int, str], Iterator[Updates]]
"""Does something with an interview, at a turn of this number, with what was typed."""


class PracticePage:
    """The page's handlers. One instance serves all candidates."""

    _layout: PracticeLayout

    def __init__(self, program: Program) -> None:
        self._program = program
        self._practice = program.practice

    def build(self) -> gr.Blocks:
        """Lay out the page and wire it."""
        blocks: gr.Blocks
        with Blocks(title="Interview · Mock Interviewer") as blocks:
            self._layout = PracticeLayout(self._practice.message_characters)
            self._wire(blocks, self._layout)
        blocks.queue(default_concurrency_limit=EVENTS_AT_ONCE)
        return blocks

    def _wire(self, blocks: gr.Blocks, page: PracticeLayout) -> None:
        place = [page.interview, page.number, page.box]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        acting: dict[str, Any] = {"inputs": place, "outputs": page.shown, **quiet}
        leaving: dict[str, Any] = {
            "inputs": [*place, page.asked],
            "outputs": [*page.shown, page.asked],
            **quiet,
        }
        send = [page.send.click, page.box.submit]
        talking = [
            blocks.load(at_edge(self._on_load), outputs=[*page.shown, page.account], **quiet),
            gr.on(send, self._handler(self._answer), **acting),
        ]
        for button, kind in (
            (page.no_example, TurnKind.NO_EXAMPLE),
            (page.skip, TurnKind.SKIP),
            (page.next, TurnKind.NEXT),
        ):
            talking.append(button.click(at_edge(self._leaving(kind)), **leaving))
        talking.append(page.retry.click(self._handler(self._retry), **acting))
        for button in (page.end, page.stop):
            # Whatever is being said is cut off; its turn was never committed, so nothing is half.
            button.click(self._handler(self._end), cancels=talking, **acting)
        page.hint.click(self._handler(self._hint), **acting)
        page.box.change(None, js="() => interviewPage.changed()")
        # `chat.js` presses it when it is told, for a draft, that the interview is not there.
        page.refresh.click(self._handler(self._refresh), **acting)
        page.timer.tick(
            at_edge(self._on_tick), inputs=[page.interview], outputs=page.shown, **quiet
        )

    def _handler(
        self, act: Act
    ) -> Callable[[str, float | None, str, gr.Request], Iterator[Updates]]:
        """What Gradio calls: the act, by whoever may go on with the interview."""

        def handle(
            interview_id: str, number: float | None, typed: str, request: gr.Request
        ) -> Iterator[Updates]:
            steps = act(interview_id, _turn_number(number), typed)
            yield from self._checked(request, interview_id, typed, steps)

        return at_edge(handle)

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

    def _check(self, request: gr.Request, interview_id: str) -> Person:
        """Who asks, if they may go on with this interview: every handler begins with it.

        What the page says of itself, the interview's id too, is only a claim. Raises
        `NotFoundError`, `NotAllowedError`, `NotLoggedInError`, `StorageError`.
        """
        if request.request is None:
            raise NotLoggedInError("Log in to go on.")
        person = person_of(request.request)
        self._program.people.access.check_changeable(person, interview_id)
        return person

    def _checked(
        self, request: gr.Request, interview_id: str, typed: str, steps: Iterator[Updates]
    ) -> Iterator[Updates]:
        """The steps, of which none is taken for somebody who may not go on with the interview."""
        try:
            self._check(request, interview_id)
        except NotFoundError:
            yield self._layout.deleted()
            return
        except MockInterviewerError as error:
            text = f"{error} What you wrote is still in the box." if typed else str(error)
            yield self._layout.refusal(text, typed)
            return
        yield from steps

    def _on_load(self, request: gr.Request) -> Iterator[Updates]:
        interview_id = str(request.query_params.get("interview", ""))
        try:
            person = self._check(request, interview_id)
            account = {self._layout.account: parts.account(person.name)}
            yield from self._shown_and_talked(interview_id, loading=account)
        except (NotFoundError, NotAllowedError, NotLoggedInError) as error:
            yield self._layout.nothing("No interview", str(error))
        except StorageError as error:
            yield self._layout.nothing("The interview cannot be shown", str(error))

    def _answer(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
        return self._send(interview_id, number, TurnKind.ANSWER, typed)

    def _leave(self, pressed: Pressed, asked: Pressed | None) -> Iterator[Updates]:
        interview_id, number, kind, typed = pressed
        try:
            asks = (
                bool(typed.strip())
                and pressed != asked
                and self._practice.leaves(interview_id, kind)
                and not self._practice.has_moved_on(interview_id, number)
            )
            if asks:
                self._practice.save_draft(interview_id, typed)
        except MockInterviewerError as error:
            yield from self._refused(interview_id, typed, error)
            return
        if asks:
            yield {
                self._layout.status: parts.status(parts.ASKED[kind], alert=True),
                self._layout.asked: pressed,
            }
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

    def _end(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
        """End, also if the interviewer has just said something that the page has not shown yet."""
        seen = number
        try:
            if not self._practice.has_moved_on(interview_id, seen):
                seen = len(self._practice.interview(interview_id).turns)
                if typed:
                    self._practice.save_draft(interview_id, typed)
        except MockInterviewerError as error:
            yield from self._refused(interview_id, typed, error)
            return
        yield from self._send(interview_id, seen, TurnKind.END, typed)

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

    def _hint(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
        try:
            self._practice.hint(interview_id, number)
            self._practice.save_draft(interview_id, typed)
        except MockInterviewerError as error:
            yield from self._refused(interview_id, typed, error)
            return
        yield self._state(interview_id)

    def _refresh(self, interview_id: str, _number: int, _typed: str) -> Iterator[Updates]:
        yield self._state(interview_id)

    def _on_tick(self, interview_id: str, request: gr.Request) -> Updates:
        try:
            self._check(request, interview_id)
            view = self._conversation(interview_id)
        except StorageError:
            return {self._layout.timer: gr.update(active=True)}
        except NotFoundError:
            return self._layout.deleted()
        except MockInterviewerError:
            return {self._layout.timer: gr.update(active=False)}
        return {
            self._layout.feedback: parts.feedback(view),
            self._layout.timer: gr.update(active=view.grading),
        }

    def _shown_and_talked(
        self, interview_id: str, *, loading: Updates | None = None
    ) -> Iterator[Updates]:
        """The present state with the beginning of the interviewer's move, then the rest.

        One update, not two: each takes time before the model is asked. A page that is being loaded
        may take several updates together and show what the last one names: there each has it all,
        with what is `loading` beside the state.
        """
        view = self._conversation(interview_id)
        # At once: the model is asked while this page, and Gradio, still show what was sent.
        speeches = ahead(self._practice.reply(interview_id), "interviewer")
        state = self._layout.state(view, interview_id) | (loading or {})
        talk = self._talk(interview_id, view, speeches)
        yield state | self._layout.draft_in_box(view.draft) | next(talk, {})
        for step in talk:
            yield state | step if loading is not None else step

    def _talk(
        self, interview_id: str, view: Conversation, speeches: Iterator[Speech]
    ) -> Iterator[Updates]:
        """Show the interviewer's move as it comes, then the state after it."""
        try:
            yield from self._spoken(interview_id, view, speeches)
        except NotFoundError:
            yield self._layout.deleted()
        except StorageError as error:
            text = f"{error} Then reload this page, and the interview goes on from here."
            yield {self._layout.status: parts.status(text, alert=True)}

    def _spoken(
        self, interview_id: str, view: Conversation, speeches: Iterator[Speech]
    ) -> Iterator[Updates]:
        before = parts.bubbles(view)
        spoke = False
        shown_at = 0.0
        for speech in speeches:
            if speech.text and time.monotonic() - shown_at < WORDS_SECONDS:
                continue
            # An End that cuts this off may have been shown already; it must not be painted over.
            if speech.stage is Stage.DONE or self._practice.has_moved_on(interview_id, view.number):
                break
            spoke = True
            updates: Updates = {self._layout.status: parts.status(parts.STAGES[speech.stage])}
            if speech.text:
                updates[self._layout.chat] = [*before, parts.bubble(Role.INTERVIEWER, speech.text)]
                shown_at = time.monotonic()
            yield updates
        if spoke:
            yield self._state(interview_id)

    def _refused(
        self, interview_id: str, typed: str, error: MockInterviewerError
    ) -> Iterator[Updates]:
        """Say why, show the present state, and leave what was typed in the box."""
        if isinstance(error, NotFoundError):
            yield self._layout.deleted()
            return
        updates: Updates = {}
        text = str(error)
        try:
            updates = self._state(interview_id)
            if typed and not isinstance(error, StorageError):
                self._practice.save_draft(interview_id, typed)
        except NotFoundError:
            yield self._layout.deleted()
            return
        except LimitError:
            pass  # which is what `error` says; what was typed stays in the box
        except StorageError as fault:
            text = str(fault)
        if isinstance(error, StorageError) and typed:
            text += " What you wrote is still in the box."
        yield updates | self._layout.refusal(text, typed)

    def _conversation(self, interview_id: str) -> Conversation:
        program = self._program
        interview = self._practice.interview(interview_id)
        shows = conversation.has_feedback(interview)
        asks = shows and interview.rates_first
        return conversation.make(
            interview,
            program.store.answers(interview_id) if shows else (),
            program.rubric,
            program.desk.self_rating.said(interview_id) if asks else {},
        )

    def _state(self, interview_id: str) -> Updates:
        return self._layout.state(self._conversation(interview_id), interview_id)


def _turn_number(number: float | None) -> int:
    return -1 if number is None else int(number)
