"""What the candidate does on the practice page, and what the page shows of it, step by step."""

from __future__ import annotations

import time
from collections.abc import Iterator

from mock_interviewer.core.ahead import ahead
from mock_interviewer.core.interview import TurnKind
from mock_interviewer.core.transcript import Role
from mock_interviewer.errors import (
    LimitError,
    MockInterviewerError,
    NotFoundError,
    StaleTurnError,
    StorageError,
)
from mock_interviewer.service import conversation
from mock_interviewer.service.conversation import Conversation
from mock_interviewer.service.practice import Speech, Stage
from mock_interviewer.service.program import Program
from mock_interviewer.web import practice_parts as parts
from mock_interviewer.web.practice_layout import PracticeLayout, Updates

WORDS_SECONDS = 0.08
"""Words that come sooner one after the other are shown together."""

Pressed = tuple[str, int, TurnKind, str]
"""A button on an interview's page, with the turn's number and what was typed."""


class PracticeActs:
    """Each act gives the page's updates as they come. Whoever asks has been checked before."""

    def __init__(self, program: Program, layout: PracticeLayout) -> None:
        self._program = program
        self._practice = program.practice
        self._layout = layout

    def answer(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
        """Send what was typed, and let the interviewer speak."""
        return self._send(interview_id, number, TurnKind.ANSWER, typed)

    def leave(self, pressed: Pressed, asked: Pressed | None) -> Iterator[Updates]:
        """A button that may leave something typed behind: then it asks first, as `asked` tells."""
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
        yield from self.shown_and_talked(interview_id)

    def end(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
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

    def retry(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
        """Open the question again that was answered last."""
        try:
            view = self.view(interview_id)
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
        yield from self.shown_and_talked(interview_id)

    def hint(self, interview_id: str, number: int, typed: str) -> Iterator[Updates]:
        """Show the hint; what was typed stays."""
        try:
            self._practice.hint(interview_id, number)
            self._practice.save_draft(interview_id, typed)
        except MockInterviewerError as error:
            yield from self._refused(interview_id, typed, error)
            return
        yield self._state(interview_id)

    def refresh(self, interview_id: str, _number: int, _typed: str) -> Iterator[Updates]:
        """Show what is stored."""
        yield self._state(interview_id)

    def shown_and_talked(
        self, interview_id: str, *, loading: Updates | None = None
    ) -> Iterator[Updates]:
        """The present state with the beginning of the interviewer's move, then the rest.

        One update, not two: each takes time before the model is asked. A page that is being loaded
        may take several updates together and show what the last one names: there each has it all,
        with what is `loading` beside the state.
        """
        view = self.view(interview_id)
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

    def view(self, interview_id: str) -> Conversation:
        """What there is to show of an interview. Raises `NotFoundError`, `StorageError`."""
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
        return self._layout.state(self.view(interview_id), interview_id)
