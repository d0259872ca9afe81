"""The calibration exercise: reference answers, one at a time, and the raters' levels after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import DataFileError, NotFoundError
from mock_interviewer.service.calibrating import Exercise
from mock_interviewer.service.levels_apart import LEAST_ANSWERS, Levels
from mock_interviewer.service.program import Program
from mock_interviewer.web.agreement_view import YOU, Place, comparison
from mock_interviewer.web.calibration_view import rated_rows
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, see, status_of

NO_OPPORTUNITY = "none"


async def _sent(request: Request) -> FormData:
    return await request.form()


Sent = Annotated[FormData, Depends(_sent)]


def calibration_routes(program: Program) -> APIRouter:
    """The list of the answers with how far apart so far, and each answer."""
    router = APIRouter()
    calibrating, rubric = program.desk.calibrating, program.rubric

    @router.get("/calibration")
    def calibration(request: Request) -> Response:
        coach = person_of(request)
        exercises = calibrating.exercises(coach)
        apart = calibrating.apart(coach)
        numbers = {each.id: number for number, each in enumerate(exercises, start=1)}

        def place(case: str) -> Place:
            return Place(f"Answer {numbers[case]}", f"/calibration/{case}")

        return page(
            request,
            "calibration.html",
            exercises=exercises,
            done=sum(1 for each in exercises if each.own),
            following=_following(exercises),
            compared=comparison(YOU, "the raters", apart, rubric, place),
            least=LEAST_ANSWERS,
        )

    @router.get("/calibration/{exercise}")
    def read(request: Request, exercise: str, told: str = "") -> Response:
        exercises = calibrating.exercises(person_of(request))
        return shown(request, exercises, _place(exercises, exercise), told=told)

    @router.post("/calibration/{exercise}")
    def rate(request: Request, exercise: str, form: Sent) -> Response:
        coach = person_of(request)
        exercises = calibrating.exercises(coach)
        place = _place(exercises, exercise)
        given = _levels(form, rubric)
        if exercises[place].own is not None:
            return see(request, f"/calibration/{exercise}?told=stands#told")
        try:
            calibrating.rate(coach, exercise, given)
        except DataFileError as error:
            return shown(request, exercises, place, given=given, error=error)
        return see(request, f"/calibration/{exercise}?told=graded#told")

    def shown(
        request: Request,
        exercises: Sequence[Exercise],
        place: int,
        *,
        given: Levels | None = None,
        told: str = "",
        error: DataFileError | None = None,
    ) -> Response:
        one = exercises[place]
        return page(
            request,
            "calibration_answer.html",
            code=status_of(error) if error else 200,
            one=one,
            number=place + 1,
            of=len(exercises),
            rubric=rubric,
            rows=rated_rows(one, rubric),
            following=_following(exercises[place + 1 :]) or _following(exercises[:place]),
            given=given or {},
            told=told,
            error=error,
        )

    return router


def _place(exercises: Sequence[Exercise], case_id: str) -> int:
    for place, each in enumerate(exercises):
        if each.id == case_id:
            return place
    raise NotFoundError("There is no such exercise.")


def _following(exercises: Sequence[Exercise]) -> Exercise | None:
    """The first that is not graded yet."""
    return next((each for each in exercises if each.own is None), None)


def _levels(form: FormData, rubric: Rubric) -> Levels:
    """What was chosen; a criterion without a choice is left out."""
    found: dict[str, int | None] = {}
    for criterion in rubric.criteria:
        told = form.get(f"level-{criterion.id}")
        if told == NO_OPPORTUNITY:
            found[criterion.id] = None
        elif isinstance(told, str) and told.isascii() and told.isdecimal():
            found[criterion.id] = int(told[:4])
    return found
