"""A person's own data: the page that lists it, downloads, and deletion, which asks once."""

from __future__ import annotations

from itertools import chain

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from mock_interviewer.service import demo
from mock_interviewer.service.exports.other_levels import others_of_views
from mock_interviewer.service.exports.pdf import report_pdf
from mock_interviewer.service.exports.record import interview_json
from mock_interviewer.service.program import Program
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, see


def data_routes(program: Program) -> APIRouter:
    """What somebody may do with what is stored of them, and downloads of single interviews."""
    router = APIRouter()
    _add_page(router, program)
    _add_deletion(router, program)
    _add_downloads(router, program)
    return router


def _add_page(router: APIRouter, program: Program) -> None:
    own = program.own_data

    @router.get("/your-data")
    def your_data(request: Request, deleted: str = "") -> Response:
        return page(
            request,
            "your_data.html",
            interviews=own.interviews(_person(request)),
            drills=own.drill_attempts(_person(request)),
            role_plays=own.role_plays(_person(request)),
            deleted=deleted,
            folder="" if program.settings.database else str(program.settings.data),
            where=program.connection.where,
            retention_days=program.settings.retention_days,
        )

    @router.get("/your-data/all.zip")
    def all_zipped(request: Request) -> Response:
        for each in own.interviews(_person(request)):
            program.desk.self_rating.handed_out(person_of(request), each.id)
        pieces = own.all_zipped(_person(request))
        first = next(pieces)  # so that a fault at the start is told on a page
        headers = _attached("my-interviews.zip")
        return StreamingResponse(
            chain([first], pieces), media_type="application/zip", headers=headers
        )


def _add_deletion(router: APIRouter, program: Program) -> None:
    own = program.own_data

    def asked(request: Request, interview_id: str | None = None) -> Response:
        mine = own.interviews(_person(request))
        going = [each for each in mine if interview_id in (None, each.id)]
        return page(
            request,
            "delete.html",
            going=going,
            everything=interview_id is None,
            drills=0 if interview_id else own.drill_attempts(_person(request)),
            role_plays=0 if interview_id else len(own.role_plays(_person(request))),
            agreed=[interview for interview in going if interview.may_become_case],
        )

    def to_page(request: Request, deleted: str) -> Response:
        return see(request, f"/your-data?deleted={deleted}")

    @router.get("/your-data/delete-everything")
    def ask_everything(request: Request) -> Response:
        return asked(request)

    @router.post("/your-data/delete-everything")
    def delete_everything(request: Request) -> Response:
        own.delete_all(_person(request))
        return to_page(request, "everything")

    @router.get("/your-data/delete/{interview_id}")
    def ask_one(request: Request, interview_id: str) -> Response:
        program.people.access.own(person_of(request), interview_id)
        return asked(request, interview_id)

    @router.post("/your-data/delete/{interview_id}")
    def delete_one(request: Request, interview_id: str) -> Response:
        program.people.access.own(person_of(request), interview_id)
        own.delete(_person(request), interview_id)
        return to_page(request, "one")


def _add_downloads(router: APIRouter, program: Program) -> None:
    own = program.own_data

    @router.get("/report/{interview_id}.pdf")
    def report_as_pdf(request: Request, interview_id: str) -> Response:
        person = person_of(request)
        report = program.reading.report(person, interview_id)
        others = others_of_views(program.desk.self_rating.views(person, interview_id))
        name = f"practice-report-{report.date:%Y-%m-%d}.pdf"
        headers = _attached(name)
        return Response(report_pdf(report, others), media_type="application/pdf", headers=headers)

    @router.get("/report/{interview_id}.json")
    def interview_as_json(request: Request, interview_id: str) -> Response:
        program.people.access.own(person_of(request), interview_id)
        program.desk.self_rating.handed_out(person_of(request), interview_id)
        whole = own.interview(_person(request), interview_id)
        name = f"interview-{whole.interview.created_at:%Y-%m-%d}.json"
        headers = _attached(name)
        text = interview_json(whole, program.rubric)
        return Response(text, media_type="application/json", headers=headers)

    @router.get("/demo.pdf")
    def demo_pdf() -> Response:
        headers = _attached("demo-report.pdf")
        return Response(report_pdf(demo.report()), media_type="application/pdf", headers=headers)


def _person(request: Request) -> str:
    return person_of(request).id


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
