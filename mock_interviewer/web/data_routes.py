"""A person's own data: the page that lists it, downloads, and deletion, which asks once."""

from __future__ import annotations

from itertools import chain

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from mock_interviewer.service import demo
from mock_interviewer.service.exports.pdf import report_pdf
from mock_interviewer.service.exports.record import interview_json
from mock_interviewer.service.program import Program
from mock_interviewer.web import pages

PRIVATE = {"Cache-Control": "no-store"}


def add_data(app: FastAPI, program: Program) -> None:
    """Add the routes; before the report's own, whose address would take in the downloads."""
    _add_page(app, program)
    _add_deletion(app, program)
    _add_downloads(app, program)


def _add_page(app: FastAPI, program: Program) -> None:
    own = program.own_data

    @app.get("/your-data")
    def your_data(request: Request, deleted: str = "") -> Response:
        page = pages.render(
            "your_data.html",
            _base(request),
            interviews=own.interviews(_person(request)),
            deleted=deleted,
            folder="" if program.settings.database else str(program.settings.data),
            where=program.connection.where,
            retention_days=program.settings.retention_days,
        )
        return HTMLResponse(page, headers=PRIVATE)

    @app.get("/your-data/all.zip")
    def all_zipped(request: Request) -> Response:
        pieces = own.all_zipped(_person(request))
        first = next(pieces)  # so that a fault at the start is told on a page
        headers = PRIVATE | _attached("my-interviews.zip")
        return StreamingResponse(
            chain([first], pieces), media_type="application/zip", headers=headers
        )


def _add_deletion(app: FastAPI, program: Program) -> None:
    own = program.own_data

    def asked(request: Request, interview_id: str | None = None) -> Response:
        mine = own.interviews(_person(request))
        going = [each for each in mine if interview_id in (None, each.id)]
        page = pages.render(
            "delete.html",
            _base(request),
            going=going,
            everything=interview_id is None,
            agreed=[interview for interview in going if interview.may_become_case],
        )
        return HTMLResponse(page, headers=PRIVATE)

    def to_page(request: Request, deleted: str) -> Response:
        return RedirectResponse(f"{_base(request)}/your-data?deleted={deleted}", status_code=303)

    @app.get("/your-data/delete-everything")
    def ask_everything(request: Request) -> Response:
        return asked(request)

    @app.post("/your-data/delete-everything")
    def delete_everything(request: Request) -> Response:
        own.delete_all(_person(request))
        return to_page(request, "everything")

    @app.get("/your-data/delete/{interview_id}")
    def ask_one(request: Request, interview_id: str) -> Response:
        own.interview(_person(request), interview_id)
        return asked(request, interview_id)

    @app.post("/your-data/delete/{interview_id}")
    def delete_one(request: Request, interview_id: str) -> Response:
        own.delete(_person(request), interview_id)
        return to_page(request, "one")


def _add_downloads(app: FastAPI, program: Program) -> None:
    own = program.own_data

    @app.get("/report/{interview_id}.pdf")
    def report_as_pdf(request: Request, interview_id: str) -> Response:
        report = own.report(_person(request), interview_id)
        name = f"practice-report-{report.date:%Y-%m-%d}.pdf"
        headers = PRIVATE | _attached(name)
        return Response(report_pdf(report), media_type="application/pdf", headers=headers)

    @app.get("/report/{interview_id}.json")
    def interview_as_json(request: Request, interview_id: str) -> Response:
        whole = own.interview(_person(request), interview_id)
        name = f"interview-{whole.interview.created_at:%Y-%m-%d}.json"
        headers = PRIVATE | _attached(name)
        text = interview_json(whole, program.rubric)
        return Response(text, media_type="application/json", headers=headers)

    @app.get("/demo.pdf")
    def demo_pdf() -> Response:
        headers = _attached("demo-report.pdf")
        return Response(report_pdf(demo.report()), media_type="application/pdf", headers=headers)


def _person(request: Request) -> str:
    person: str = request.state.candidate
    return person


def _base(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
