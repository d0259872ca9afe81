"""Self-assessment: one's own levels, asked for before the report shows the grades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from mock_interviewer.core.questions import Question
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.service.access import Person
from mock_interviewer.service.program import Program
from mock_interviewer.service.reports import TurnView, answer_view
from mock_interviewer.service.self_rating import asked_about
from mock_interviewer.web.form_fields import fields
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, see, status_of

SHOW = "show"
"""What the button sends that shows the grades without own levels."""


@dataclass(frozen=True)
class ToRate:
    """One answer with the criteria that its candidate is asked about."""

    id: int
    place: int
    attempt: int
    question: Question
    turns: tuple[TurnView, ...]
    criteria: tuple[Criterion, ...]
    more: tuple[Criterion, ...]
    """Parts of the others, which need not be looked at."""


def own_levels_routes(program: Program) -> APIRouter:
    """Where own levels are sent to; the page that asks for them is the report's."""
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

    return router


def own_levels_page(
    request: Request,
    program: Program,
    person: Person,
    interview_id: str,
    error: DataFileError | None = None,
) -> Response:
    """Ask for one's own levels of all that can still be rated."""
    interview = program.people.access.own(person, interview_id)
    answers = program.desk.self_rating.to_rate(person, interview_id)
    asked = []
    for answer in answers:
        view = answer_view(interview, answer, program.rubric)
        criteria, more = asked_about(view.question, program.rubric)
        asked.append(
            ToRate(answer.id, view.place, view.attempt, view.question, view.turns, criteria, more)
        )
    return page(
        request,
        "own_levels.html",
        code=status_of(error) if error else 200,
        interview=interview,
        answers=asked,
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
