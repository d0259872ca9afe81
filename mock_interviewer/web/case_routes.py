"""Making a case of the evals from a reviewed answer: looked at first, then written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from mock_interviewer.errors import ConfigurationError
from mock_interviewer.service.program import Program
from mock_interviewer.web.case_view import given_rows, preview
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, status_of


async def _sent(request: Request) -> FormData:
    return await request.form()


Sent = Annotated[FormData, Depends(_sent)]


def case_routes(program: Program) -> APIRouter:
    """The page on which a coach looks at the replacements, and the making itself."""
    router = APIRouter()
    cases, reviewing = program.desk.cases, program.desk.reviewing

    @router.get("/desk/reviews/{review_id}/case")
    def look(request: Request, review_id: int) -> Response:
        return looked_at(request, review_id, {})

    @router.post("/desk/reviews/{review_id}/case")
    def make(request: Request, review_id: int, form: Sent) -> Response:
        """Look again with what the coach has changed; with `do` as `make`, make the case."""
        replace = _replacements(form)
        if form.get("do") != "make":
            return looked_at(request, review_id, replace)
        if form.get("read") != "true":
            return looked_at(request, review_id, replace, "Tick that you have read all of it.")
        coach = person_of(request)
        try:
            made = cases.make(coach, review_id, replace)
        except ConfigurationError as error:
            return looked_at(request, review_id, replace, str(error))
        return page(
            request,
            "case_made.html",
            made=made,
            link=f"data:application/x-ndjson;charset=utf-8,{quote(made.line)}",
            interview_id=reviewing.get(coach, review_id).interview_id,
        )

    def looked_at(
        request: Request, review_id: int, replace: Mapping[str, str], refused: str = ""
    ) -> Response:
        coach = person_of(request)
        seen = None
        try:
            seen = preview(cases.draft(coach, review_id, replace), replace)
        except ConfigurationError as error:
            refused = str(error)
        return page(
            request,
            "case.html",
            code=status_of(ConfigurationError()) if refused else 200,
            seen=seen,
            rows=seen.replaced if seen else given_rows(replace),
            error=refused,
            file=cases.file,
            review=reviewing.get(coach, review_id),
        )

    return router


def _replacements(form: FormData) -> dict[str, str]:
    """Words with what shall stand for them; one without anything stays as it is."""
    pairs = zip(form.getlist("old"), form.getlist("new"), strict=False)
    told = [(str(old).strip(), str(new).strip()) for old, new in pairs]
    return {old: new or old for old, new in told if old}
