"""The web site: pages, the chat mounted under /practice, and what stands before them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from mock_interviewer.core.resources import package_file
from mock_interviewer.errors import MockInterviewerError
from mock_interviewer.service.program import Program
from mock_interviewer.web.agreement_routes import agreement_routes
from mock_interviewer.web.body_limit import BodyLimit
from mock_interviewer.web.boundary import PLACE, Boundary
from mock_interviewer.web.calibration_routes import calibration_routes
from mock_interviewer.web.case_routes import case_routes
from mock_interviewer.web.data_routes import data_routes
from mock_interviewer.web.desk_routes import desk_routes
from mock_interviewer.web.draft_routes import draft_routes
from mock_interviewer.web.drill_routes import drill_routes
from mock_interviewer.web.export_routes import export_routes
from mock_interviewer.web.gradio_gate import GradioGate
from mock_interviewer.web.home_routes import home_routes
from mock_interviewer.web.icon_routes import icon_routes
from mock_interviewer.web.identity import LocalPerson, LoggedInPerson
from mock_interviewer.web.invitation_routes import invitation_routes
from mock_interviewer.web.login_routes import login_routes
from mock_interviewer.web.own_levels_routes import own_levels_routes
from mock_interviewer.web.people_routes import people_routes
from mock_interviewer.web.plan_routes import plan_routes
from mock_interviewer.web.posting_routes import posting_routes
from mock_interviewer.web.practice_page import PracticePage
from mock_interviewer.web.practice_parts import head, theme
from mock_interviewer.web.progress_routes import progress_routes
from mock_interviewer.web.regrade_routes import regrade_routes
from mock_interviewer.web.report_routes import report_routes
from mock_interviewer.web.responses import failed
from mock_interviewer.web.review_routes import review_routes
from mock_interviewer.web.role_play_routes import role_play_routes


def make_site(program: Program) -> FastAPI:
    """The whole site. Starting it starts the program, stopping it stops the program."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        program.start()
        yield
        program.stop()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    # The last one that is added is the first to see a request.
    app.add_middleware(GradioGate, owned=program.accounts_on)
    if program.accounts_on:
        app.add_middleware(LoggedInPerson, program=program)
        app.include_router(login_routes(program))
        app.include_router(invitation_routes(program))
        app.include_router(people_routes(program))
    else:
        app.add_middleware(LocalPerson)
    app.add_middleware(BodyLimit)
    app.add_middleware(Boundary, local=not program.accounts_on)
    app.mount("/static", StaticFiles(directory=package_file("web", "static")), name="static")
    app.include_router(home_routes(program))
    app.include_router(draft_routes(program))
    app.include_router(agreement_routes(program))
    app.include_router(calibration_routes(program))
    app.include_router(regrade_routes(program))
    app.include_router(data_routes(program))  # whose downloads the reports' address would take
    app.include_router(export_routes(program))
    app.include_router(report_routes(program))
    app.include_router(desk_routes(program))
    app.include_router(review_routes(program))
    app.include_router(case_routes(program))
    app.include_router(icon_routes())
    app.include_router(drill_routes(program))
    app.include_router(role_play_routes(program))
    app.include_router(plan_routes(program))
    app.include_router(posting_routes(program))
    app.include_router(own_levels_routes(program))
    app.include_router(progress_routes(program))

    @app.exception_handler(MockInterviewerError)
    async def show_error(request: Request, error: Exception) -> Response:
        return failed(request, error)

    site: FastAPI = gr.mount_gradio_app(
        app,
        PracticePage(program).build(),
        path=PLACE,
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
