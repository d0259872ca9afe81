"""The addresses of reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from mock_interviewer.service import consent, demo
from mock_interviewer.service.access import Person, is_own, may_change
from mock_interviewer.service.exports.markdown import report_markdown
from mock_interviewer.service.exports.other_levels import others_of_views
from mock_interviewer.service.own_views import own_views
from mock_interviewer.service.program import Program
from mock_interviewer.web import pages
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.own_levels_routes import own_levels_page
from mock_interviewer.web.responses import account_of, base_of, see


def report_routes(program: Program) -> APIRouter:
    """Everything under /report, and the demo report, which is for everybody."""
    router = APIRouter()
    access, groups = program.people.access, program.people.groups
    queue, coached, rating = program.desk.queue, program.desk.coached, program.desk.self_rating

    @router.get("/report/{interview_id}.md")
    def report_as_markdown(request: Request, interview_id: str) -> Response:
        person = person_of(request)
        report = program.reading.report(person, interview_id)
        others = others_of_views(rating.views(person, interview_id))
        return _download(report_markdown(report, others))

    @router.get("/report/{interview_id}")
    def report_page(request: Request, interview_id: str, saved: str = "") -> Response:
        person = person_of(request)
        interview = access.readable(person, interview_id)
        own = is_own(person, interview)
        if own and rating.to_rate(person, interview_id):
            return own_levels_page(request, program, person, interview_id)
        report = program.reading.report(person, interview_id)
        changes = may_change(person, interview)
        sharing = own and program.accounts_on
        text = pages.report_page(
            report,
            base_of(request),
            account=account_of(request),
            own=own,
            changes=changes,
            sharing=sharing,
            asked=queue.is_asked(person, interview_id) if sharing and report.answers else None,
            owner="" if changes else program.people.accounts.name_of(interview.candidate_id),
            saved=saved if own else "",
            coached=coached.views(interview),
            rated=own_views(rating.views(person, interview_id), program.rubric),
            progress=_progress(person, interview.candidate_id, own=own),
        )
        return HTMLResponse(text)

    def _progress(person: Person, candidate: str, *, own: bool) -> str:
        """Where this person sees a candidate's progress; empty for nowhere."""
        if own:
            return "/progress"
        known = program.desk.progressing.looks_after(person, candidate)
        return f"/people/candidates/{candidate}/progress" if known else ""

    @router.post("/report/{interview_id}/may-become-case")
    def may_become_case(
        request: Request, interview_id: str, agreed: Annotated[bool, Form()] = False
    ) -> Response:
        interview = access.own(person_of(request), interview_id)
        consent.say(program.store, interview.id, interview.candidate_id, agreed)
        return see(request, f"/report/{interview_id}?saved=may-become-case#may-become-case")

    @router.post("/report/{interview_id}/share")
    def share(
        request: Request, interview_id: str, shared: Annotated[bool, Form()] = False
    ) -> Response:
        groups.share(person_of(request), interview_id, shared)
        return see(request, f"/report/{interview_id}?saved=share#share")

    @router.post("/report/{interview_id}/ask")
    def ask_for_a_look(
        request: Request, interview_id: str, asked: Annotated[bool, Form()] = False
    ) -> Response:
        queue.ask_for_a_look(person_of(request), interview_id, asked)
        return see(request, f"/report/{interview_id}?saved=ask#ask")

    @router.post("/report/{interview_id}/grade")
    def grade_again(request: Request, interview_id: str) -> Response:
        access.changeable(person_of(request), interview_id)
        program.grade_again(interview_id)
        return see(request, f"/report/{interview_id}")

    @router.post("/report/{interview_id}/retry/{place}")
    def retry(request: Request, interview_id: str, place: int) -> Response:
        access.changeable(person_of(request), interview_id)
        program.practice.retry(interview_id, place)
        return see(request, f"/practice/?interview={interview_id}")

    @router.get("/demo")
    def demo_page(request: Request) -> Response:
        shown = demo.report()
        text = pages.report_page(shown, base_of(request), account=account_of(request), demo=True)
        return HTMLResponse(text)

    @router.get("/demo.md")
    def demo_markdown() -> Response:
        return _download(report_markdown(demo.report()))

    return router


def _download(text: str) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="practice-report.md"'}
    return PlainTextResponse(text, media_type="text/markdown", headers=headers)
