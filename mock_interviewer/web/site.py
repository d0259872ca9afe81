"""The web site: pages, the chat mounted under /practice, and the cookie that finds one's own."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from typing import Annotated, Any

import gradio as gr
from fastapi import FastAPI, Form, Request
from fastapi.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.questions import label
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import (
    MockInterviewerError,
    NotAllowedError,
    NotFoundError,
    StorageError,
)
from mock_interviewer.service import consent, conversation, demo, reports
from mock_interviewer.service.exports.markdown import report_markdown
from mock_interviewer.service.plan import COUNTS, Focus, Setup
from mock_interviewer.service.program import Program
from mock_interviewer.web import pages
from mock_interviewer.web.data_routes import add_data
from mock_interviewer.web.practice_page import PracticePage
from mock_interviewer.web.practice_parts import head, theme

log = logging.getLogger(__name__)

COOKIE = "mock_interviewer_candidate"
COOKIE_SECONDS = 365 * 24 * 3600
MINUTES_PER_QUESTION = 5
LISTED_INTERVIEWS = 5

_FOCUSES = (
    (Focus.MIXED, "A bit of everything", "Stories, opinions and situations."),
    (Focus.EMPATHY, "Empathy", "How you understand people and act on it."),
    (Focus.STAR, "STAR stories", "Situation, task, action and result."),
    (Focus.COMPETENCIES, "Chosen competencies", "You say which."),
)


def make_site(program: Program) -> FastAPI:
    """The whole site. Starting it starts the program, stopping it stops the program."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        program.start()
        yield
        program.stop()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(CandidateCookie)
    app.mount("/static", StaticFiles(directory=package_file("web", "static")), name="static")
    _add_pages(app, program)
    add_data(app, program)
    _add_reports(app, program)

    @app.exception_handler(MockInterviewerError)
    async def show_error(request: Request, error: Exception) -> Response:
        missing = isinstance(error, NotFoundError)
        page = pages.render(
            "message.html",
            _base(request),
            heading="Not found" if missing else "That did not work",
            text=str(error),
        )
        return HTMLResponse(page, status_code=_status_code(error))

    site: FastAPI = gr.mount_gradio_app(
        app,
        PracticePage(program).build(),
        path="/practice",
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
        show_error=False,
        theme=theme(),
        head=head(),
    )
    return site


def _status_code(error: Exception) -> int:
    codes = {NotFoundError: 404, NotAllowedError: 403, StorageError: 503}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), 400)


def _add_pages(app: FastAPI, program: Program) -> None:
    @app.get("/")
    def home(request: Request) -> Response:
        return HTMLResponse(_home(request, program, Setup()))

    @app.post("/interviews")
    def begin(
        request: Request,
        mode: Annotated[Mode, Form()] = Mode.PRACTICE,
        focus: Annotated[str, Form()] = Focus.MIXED,
        trade: Annotated[Trade, Form()] = Trade.CALL_CENTRE,
        count: Annotated[int, Form()] = 3,
        competencies: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        setup = Setup(focus, trade, count, mode, tuple(competencies or ()))
        try:
            interview_id = program.practice.start(_candidate(request), setup)
        except MockInterviewerError as error:
            page = _home(request, program, setup, error=str(error))
            return HTMLResponse(page, status_code=_status_code(error))
        address = f"{_base(request)}/practice/?interview={interview_id}"
        return RedirectResponse(address, status_code=303)

    @app.get("/model")
    def model_status(request: Request) -> Response:
        return HTMLResponse(pages.render("model_status.html", status=_model_status(program)))

    @app.get("/manifest.json")
    def manifest() -> Response:
        # Gradio's page asks for it whether or not the app can be installed.
        return JSONResponse({"name": "Mock Interviewer", "start_url": "/", "display": "browser"})

    @app.get("/healthz")
    def healthz() -> Response:
        return PlainTextResponse("ok")


def _add_reports(app: FastAPI, program: Program) -> None:
    def report(interview_id: str) -> reports.Report:
        return reports.make(
            program.practice.interview(interview_id),
            program.store.answers(interview_id),
            program.rubric,
            program.settings.price,
        )

    @app.get("/report/{interview_id}.md")
    def report_as_markdown(interview_id: str) -> Response:
        return _download(report_markdown(report(interview_id)))

    @app.get("/report/{interview_id}")
    def report_page(request: Request, interview_id: str, saved: bool = False) -> Response:
        shown = report(interview_id)
        own = consent.may_say(shown.interview, _candidate(request))
        page = pages.report_page(shown, _base(request), own=own, saved=own and saved)
        return HTMLResponse(page)

    @app.post("/report/{interview_id}/may-become-case")
    def may_become_case(
        request: Request, interview_id: str, agreed: Annotated[bool, Form()] = False
    ) -> Response:
        consent.say(program.store, interview_id, _candidate(request), agreed)
        address = f"{_base(request)}/report/{interview_id}?saved=true#may-become-case"
        return RedirectResponse(address, status_code=303)

    @app.post("/report/{interview_id}/grade")
    def grade_again(request: Request, interview_id: str) -> Response:
        program.practice.interview(interview_id)
        program.store.retry_grading(interview_id)
        program.worker.wake()
        return RedirectResponse(f"{_base(request)}/report/{interview_id}", status_code=303)

    @app.post("/report/{interview_id}/retry/{place}")
    def retry(request: Request, interview_id: str, place: int) -> Response:
        program.practice.retry(interview_id, place)
        address = f"{_base(request)}/practice/?interview={interview_id}"
        return RedirectResponse(address, status_code=303)

    @app.get("/demo")
    def demo_page(request: Request) -> Response:
        shown = demo.report()
        return HTMLResponse(pages.report_page(shown, _base(request), demo=True))

    @app.get("/demo.md")
    def demo_markdown() -> Response:
        return _download(report_markdown(demo.report()))


def _home(request: Request, program: Program, setup: Setup, error: str = "") -> str:
    connection = program.connection
    found = program.store.interviews_of(_candidate(request), LISTED_INTERVIEWS)
    return pages.render(
        "home.html",
        _base(request),
        setup=setup,
        error=error,
        rubric=program.rubric,
        focuses=_focuses(program.rubric),
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


def _focuses(rubric: Rubric) -> list[tuple[str, str, str]]:
    """What can be chosen: the known choices that the rubric has, and its other scores."""
    scores = {score.id for score in rubric.scores}
    first, *known, last = _FOCUSES
    found: list[tuple[str, str, str]] = [
        first,
        *(choice for choice in known if choice[0] in scores),
    ]
    listed = {choice[0] for choice in found}
    for score in (score for score in rubric.scores if score.id not in listed):
        parts = [rubric.criterion(name).name for name in (*score.mean_of, *score.with_it)]
        found.append((score.id, score.name, f"{', '.join(parts)}."))
    return [*found, last]


def _model_status(program: Program) -> Any:
    embedded = program.connection.embedded
    return embedded.status if embedded else None


def _download(text: str) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="practice-report.md"'}
    return PlainTextResponse(text, media_type="text/markdown", headers=headers)


def _candidate(request: Request) -> str:
    candidate: str = request.state.candidate
    return candidate


def _base(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


class CandidateCookie:
    """Gives each browser a random, unguessable name, as `request.state.candidate`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the cookie, or set one with the response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cookie = SimpleCookie(Request(scope).headers.get("cookie", ""))
        known = cookie[COOKIE].value if COOKIE in cookie else ""
        candidate = known or secrets.token_urlsafe(24)
        scope.setdefault("state", {})["candidate"] = candidate[:64]

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and not known:
                value = (
                    f"{COOKIE}={candidate}; Path=/; Max-Age={COOKIE_SECONDS}; "
                    "HttpOnly; SameSite=Lax"
                )
                message["headers"] = [*message["headers"], (b"set-cookie", value.encode())]
            await send(message)

        await self._app(scope, receive, send_with_cookie)
