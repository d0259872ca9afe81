"""The first page, how an interview begins, and the small addresses beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.questions import label
from mock_interviewer.errors import MockInterviewerError, NotAllowedError
from mock_interviewer.service import conversation
from mock_interviewer.service.access import Role, may_begin
from mock_interviewer.service.plan import COUNTS, Focus, Setup, focuses
from mock_interviewer.service.program import Program
from mock_interviewer.web import pages
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, see, status_of

MINUTES_PER_QUESTION = 5
LISTED_INTERVIEWS = 5
LISTED_ASSIGNMENTS = 10


def home_routes(program: Program) -> APIRouter:
    """Everything but reports, logins and the chat."""
    router = APIRouter()

    @router.get("/")
    def home(request: Request) -> Response:
        return _home(request, program, Setup())

    @router.post("/interviews")
    def begin(
        request: Request,
        mode: Annotated[Mode, Form()] = Mode.PRACTICE,
        focus: Annotated[str, Form()] = Focus.MIXED,
        trade: Annotated[Trade, Form()] = Trade.CALL_CENTRE,
        count: Annotated[int, Form()] = 3,
        competencies: Annotated[list[str] | None, Form()] = None,
        rates_first: Annotated[bool, Form()] = False,
    ) -> Response:
        person = person_of(request)
        if not may_begin(person):
            raise NotAllowedError("An admin manages accounts, and holds no interviews.")
        setup = Setup(focus, trade, count, mode, tuple(competencies or ()), rates_first)
        try:
            interview_id = program.practice.start(person.id, setup)
        except MockInterviewerError as error:
            return _home(request, program, setup, error)
        return see(request, f"/practice/?interview={interview_id}")

    @router.get("/model")
    def model_status(request: Request) -> Response:
        person_of(request)
        return HTMLResponse(pages.render("model_status.html", status=_model_status(program)))

    @router.get("/session")
    def session(request: Request) -> Response:
        """For a page that has been open for long: whether whoever has it is still logged in."""
        person_of(request)
        return PlainTextResponse("ok")

    @router.get("/manifest.json")
    def manifest() -> Response:
        # Gradio's page asks for it whether or not the app can be installed.
        return JSONResponse({"name": "Mock Interviewer", "start_url": "/", "display": "browser"})

    @router.get("/healthz")
    def healthz() -> Response:
        return PlainTextResponse("ok")

    return router


def _home(
    request: Request, program: Program, setup: Setup, error: Exception | None = None
) -> Response:
    person = person_of(request)
    if person.role is Role.ADMIN:
        return page(request, "admin_home.html")
    connection = program.connection
    found = program.store.interviews_of(person.id, LISTED_INTERVIEWS)
    return page(
        request,
        "home.html",
        code=status_of(error) if error else 200,
        setup=setup,
        error=str(error) if error else "",
        assigned=program.desk.assignments.of_candidate(person)[:LISTED_ASSIGNMENTS],
        now=datetime.now(UTC),
        local=person.local,
        desk=program.desk.queue.counts(person) if person.role is Role.COACH else None,
        rubric=program.rubric,
        focuses=focuses(program.rubric),
        competencies=[(name, label(name)) for name in program.bank.competencies],
        counts=[(count, count * MINUTES_PER_QUESTION) for count in COUNTS],
        # Kinds of work are those of the program's own trade.
        trades=[] if program.settings.rubric else list(Trade),
        open_interviews=[conversation.listed(interview) for interview in found],
        where=connection.where,
        retention_days=program.settings.retention_days,
        data_folder="" if program.settings.database else str(program.settings.data),
        model=connection.model.name,
        why=connection.why,
        status=_model_status(program),
    )


def _model_status(program: Program) -> Any:
    embedded = program.connection.embedded
    return embedded.status if embedded else None
