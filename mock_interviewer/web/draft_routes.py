"""The address at which the chat page has what is typed kept.

It is none of Gradio's events: each pause in everybody's typing comes here, and an event takes some
ten times as long.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import PlainTextResponse, Response

from mock_interviewer.errors import MockInterviewerError, NotLoggedInError, StaleTurnError
from mock_interviewer.service.program import Program
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import status_of

KEPT, BEHIND = "kept", "behind"


def draft_routes(program: Program) -> APIRouter:
    """Where drafts are kept."""
    router = APIRouter()

    @router.post("/interviews/{interview_id}/draft")
    def keep(
        request: Request,
        interview_id: str,
        number: Annotated[int, Form()] = -1,
        text: Annotated[str, Form()] = "",
    ) -> Response:
        """Keep a draft of a page that has seen `number` turns, if no answer was sent since."""
        try:
            program.people.access.check_changeable(person_of(request), interview_id)
            program.practice.save_draft(interview_id, text, seen=number)
        except StaleTurnError:
            return PlainTextResponse(BEHIND)
        except NotLoggedInError:
            raise
        except MockInterviewerError as error:
            return PlainTextResponse(str(error), status_code=status_of(error))
        return PlainTextResponse(KEPT)

    return router
