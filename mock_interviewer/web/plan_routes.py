"""The practice plan: what a person's answers show, and what to try next."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mock_interviewer.errors import NotAllowedError
from mock_interviewer.service.access import may_begin
from mock_interviewer.service.program import Program
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page


def plan_routes(program: Program) -> APIRouter:
    """The one address of it."""
    router = APIRouter()

    @router.get("/plan")
    def plan(request: Request, train: str = "") -> Response:
        person = person_of(request)
        if not may_begin(person):
            raise NotAllowedError("An admin manages accounts, and has no practice plan.")
        return page(
            request,
            "plan.html",
            plan=program.own_plan.of(person.id, train or None),
            criteria=program.rubric.criteria,
            train=train,
            scenario_of=program.role_playing.scenario,
        )

    return router
