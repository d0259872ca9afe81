"""The chat: a Gradio page over `service.practice`. It shows; what happens is decided below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.errors import (
    MockInterviewerError,
    NotAllowedError,
    NotFoundError,
    NotLoggedInError,
    StorageError,
)
from mock_interviewer.service.access import Person
from mock_interviewer.service.program import Program
from mock_interviewer.web import practice_parts as parts
from mock_interviewer.web.blocks import EVENTS_AT_ONCE, Blocks
from mock_interviewer.web.edge import at_edge
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.practice_acts import PracticeActs, Pressed
from mock_interviewer.web.practice_layout import PracticeLayout, Updates

Act = Callable[[str, int, str], Iterator[Updates]]
"""Does something with an interview, at a turn of this number, with what was typed."""


class PracticePage:
    """The page's handlers. One instance serves all candidates."""

    _layout: PracticeLayout
    _acts: PracticeActs

    def __init__(self, program: Program) -> None:
        self._program = program

    def build(self) -> gr.Blocks:
        """Lay out the page and wire it."""
        blocks: gr.Blocks
        with Blocks(title="Interview · Mock Interviewer") as blocks:
            self._layout = PracticeLayout(self._program.practice.message_characters)
            self._acts = PracticeActs(self._program, self._layout)
            self._wire(blocks, self._layout, self._acts)
        blocks.queue(default_concurrency_limit=EVENTS_AT_ONCE)
        return blocks

    def _wire(self, blocks: gr.Blocks, page: PracticeLayout, acts: PracticeActs) -> None:
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
            gr.on(send, self._handler(acts.answer), **acting),
        ]
        for button, kind in (
            (page.no_example, TurnKind.NO_EXAMPLE),
            (page.skip, TurnKind.SKIP),
            (page.next, TurnKind.NEXT),
        ):
            talking.append(button.click(at_edge(self._leaving(kind)), **leaving))
        talking.append(page.retry.click(self._handler(acts.retry), **acting))
        for button in (page.end, page.stop):
            # Whatever is being said is cut off; its turn was never committed, so nothing is half.
            button.click(self._handler(acts.end), cancels=talking, **acting)
        page.hint.click(self._handler(acts.hint), **acting)
        page.box.change(None, js="() => interviewPage.changed()")
        # `chat.js` presses it when it is told, for a draft, that the interview is not there.
        page.refresh.click(self._handler(acts.refresh), **acting)
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
            steps = self._acts.leave(pressed, asked)
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
            yield from self._acts.shown_and_talked(interview_id, loading=account)
        except (NotFoundError, NotAllowedError, NotLoggedInError) as error:
            yield self._layout.nothing("No interview", str(error))
        except StorageError as error:
            yield self._layout.nothing("The interview cannot be shown", str(error))

    def _on_tick(self, interview_id: str, request: gr.Request) -> Updates:
        try:
            self._check(request, interview_id)
            view = self._acts.view(interview_id)
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


def _turn_number(number: float | None) -> int:
    return -1 if number is None else int(number)
