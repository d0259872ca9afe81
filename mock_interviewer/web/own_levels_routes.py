"""Self-assessment: one's own levels, asked for before the report or the chat shows the grades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.service.access import Person
from mock_interviewer.service.own_views import to_rate
from mock_interviewer.service.program import Program
from mock_interviewer.web.form_fields import fields
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.pages import SHOW
from mock_interviewer.web.responses import page, see, status_of


def own_levels_routes(program: Program) -> APIRouter:
    """Where own levels are sent to; those who ask for them are the report and the chat."""
    router = APIRouter()
    rating = program.desk.self_rating

    @router.post("/report/{interview_id}/own-levels")
    def rate(
        request: Request, interview_id: str, form: Annotated[Mapping[str, str], Depends(fields)]
    ) -> Response:
        person = person_of(request)
        answers = rating.to_rate(person, interview_id)
        report = f"/report/{interview_id}"
        if form.get("do") == SHOW or not answers:
            rating.see_grades(person, interview_id)
            return see(request, report if answers else f"{report}?saved=stands")
        given = {answer.id: _levels(form, answer.id, program.rubric) for answer in answers}
        try:
            rating.rate_all(person, interview_id, given)
        except DataFileError as error:
            return own_levels_page(request, program, person, interview_id, error)
        return see(request, f"{report}?saved=own-levels")

    @router.post("/report/{interview_id}/own-levels/{answer_id}")
    def rate_in_practice(
        request: Request,
        interview_id: str,
        answer_id: int,
        form: Annotated[Mapping[str, str], Depends(fields)],
    ) -> Response:
        person = person_of(request)
        if form.get("do") == SHOW:
            rating.see_grade(person, interview_id, answer_id)
        elif answer_id in {answer.id for answer in rating.to_rate(person, interview_id)}:
            try:
                levels = _levels(form, answer_id, program.rubric)
                rating.rate(person, interview_id, answer_id, levels)
            except DataFileError as error:
                return own_levels_page(request, program, person, interview_id, error, answer_id)
        # What was said in another tab stands, and is shown there.
        return see(request, f"/practice/?interview={interview_id}#feedback")

    return router


def own_levels_page(
    request: Request,
    program: Program,
    person: Person,
    interview_id: str,
    error: DataFileError | None = None,
    answer_id: int | None = None,
) -> Response:
    """Ask for one's own levels of all that can still be rated, or of one answer."""
    interview = program.people.access.own(person, interview_id)
    answers = [
        answer
        for answer in program.desk.self_rating.to_rate(person, interview_id)
        if answer_id in (None, answer.id)
    ]
    return page(
        request,
        "own_levels.html",
        code=status_of(error) if error else 200,
        interview=interview,
        answers=[to_rate(interview, answer, program.rubric) for answer in answers],
        action=f"/report/{interview_id}/own-levels" + (f"/{answer_id}" if answer_id else ""),
        error=error,
        waiting=any(answer.waiting for answer in answers),
        coached=bool(program.desk.reviewing.finished(interview_id)),
        show=SHOW,
        owner="",
    )


def _levels(form: Mapping[str, str], answer_id: int, rubric: Rubric) -> dict[str, int | None]:
    """What was chosen for one answer; a criterion that was left out is not in it."""
    chosen = {each.id: form.get(f"level-{answer_id}-{each.id}", "") for each in rubric.criteria}
    return {
        name: int(level[:4])
        for name, level in chosen.items()
        if level.isascii() and level.isdecimal()
    }
