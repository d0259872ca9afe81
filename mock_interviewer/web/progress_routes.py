"""Progress over time: one's own, and for coaches that of their candidates and groups."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mock_interviewer.service.program import Program
from mock_interviewer.service.progress import LATEST_WEEKS
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.progress_plot import sample
from mock_interviewer.web.progress_view import in_short, progress_view
from mock_interviewer.web.responses import page

_KEY = {
    "machine": sample(by_coach=False),
    "coach": sample(by_coach=True),
    "coach_dashed": sample(by_coach=True, dashed=True),
}


def progress_routes(program: Program) -> APIRouter:
    """The three addresses of it."""
    router = APIRouter()
    progressing = program.desk.progressing

    @router.get("/progress")
    def own(request: Request) -> Response:
        person = person_of(request)
        found = progressing.own(person)
        return page(
            request,
            "progress.html",
            shown=progress_view(found.progress),
            kept_back=found.kept_back,
            drills=program.own_data.drill_attempts(person.id),
            name="",
            key=_KEY,
        )

    @router.get("/people/candidates/{candidate}/progress")
    def of_candidate(request: Request, candidate: str) -> Response:
        found = progressing.of_candidate(person_of(request), candidate)
        return page(
            request,
            "progress.html",
            shown=progress_view(found.progress),
            kept_back=(),
            drills=0,
            name=found.candidate.name,
            key=_KEY,
        )

    @router.get("/people/{group}/progress")
    def of_group(request: Request, group: int) -> Response:
        found = progressing.of_group(person_of(request), group)
        names = {each.candidate.id: each.candidate.name for each in found.candidates}
        return page(
            request,
            "group_progress.html",
            shown=progress_view(found.progress, weekly=True, names=names),
            candidates=[(each.candidate, in_short(each.progress)) for each in found.candidates],
            weeks=LATEST_WEEKS,
            name=found.group.name,
            key=_KEY,
        )

    return router
