"""The page of a review, and how what is written on it is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData

from mock_interviewer.core.findings import Findings
from mock_interviewer.errors import DataFileError, StaleReviewError
from mock_interviewer.service.program import Program
from mock_interviewer.web import pages
from mock_interviewer.web.blind_choice import grades_blind
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, see, status_of
from mock_interviewer.web.review_form import findings_of, version_of


async def _sent(request: Request) -> FormData:
    return await request.form()


_TOLD = {"done": "done", "reveal": "shown"}
Sent = Annotated[FormData, Depends(_sent)]


def review_routes(program: Program) -> APIRouter:
    """Reading and writing reviews."""
    router = APIRouter()
    reviewing, review_pages = program.desk.reviewing, program.desk.review_pages

    @router.get("/desk/interviews/{interview_id}")
    def review(
        request: Request, interview_id: str, part: str = "", told: str = "", criterion: str = ""
    ) -> Response:
        coach = person_of(request)
        shown = review_pages.of(coach, interview_id, part)
        if shown is None:
            line = program.desk.queue.line(coach, interview_id)
            blind = grades_blind(request, program.desk.calibrating)
            return page(request, "begin_review.html", line=line, blind=blind)
        return page(
            request,
            "review.html",
            shown=shown,
            told=told,
            current=criterion,
            conflict=None,
            error="",
        )

    @router.post("/desk/reviews/{review_id}")
    def keep(request: Request, review_id: int, form: Sent) -> Response:
        """Keep the draft; with `do` as `done` or `reveal`, finish it or show the grade as well.

        A script asks for JSON and gets the new version; a browser is sent back to the page.
        """
        coach = person_of(request)
        stored = reviewing.get(coach, review_id)
        script = "application/json" in request.headers.get("accept", "")
        draft: Findings | None = None
        try:
            draft = findings_of(form)
            kept = reviewing.save(coach, review_id, version_of(form), draft)
            match form.get("do"):
                case "done":
                    reviewing.finish(coach, review_id, kept.version)
                case "reveal":
                    reviewing.reveal(coach, review_id)
        except (StaleReviewError, DataFileError) as error:
            conflict = None
            if isinstance(error, StaleReviewError) and draft is not None:
                conflict = review_pages.conflict(error, draft)
            if script:
                told = pages.render("review_conflict.html", conflict=conflict) if conflict else ""
                content = {"error": str(error), "conflict": told}
                return JSONResponse(content, status_code=status_of(error))
            shown = review_pages.of(coach, stored.interview_id, _part(form), draft)
            return page(
                request,
                "review.html",
                code=status_of(error),
                shown=shown,
                told="",
                current="",
                conflict=conflict,
                error="" if conflict else str(error),
            )
        if script:
            lacking = reviewing.unexplained(coach, kept)
            return JSONResponse({"version": kept.version, "lacking": lacking})
        told = _TOLD.get(str(form.get("do")), "saved")
        return see(
            request, f"/desk/interviews/{kept.interview_id}?part={_part(form)}&told={told}#told"
        )

    return router


def _part(form: FormData) -> str:
    part = str(form.get("part", ""))
    return part if part.isalnum() else ""
