"""Grading again with today's grader: asking for it, its progress, and the grades side by side."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mock_interviewer.errors import ConfigurationError
from mock_interviewer.service.program import Program
from mock_interviewer.service.queue import Filter, Sort
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.regrade_view import graded
from mock_interviewer.web.responses import page, see, status_of

RENEWED_SECONDS = 5
"""How often the page of a batch asks again while something of it waits."""

LISTED = 10
"""Interviews on a page of them, the newest first."""

_FILTERS = (
    (Filter.UNSURE, "With unsure levels"),
    (Filter.ASKED, "Asked for by the candidate"),
    (Filter.ASSIGNED, "Assigned and done"),
    (Filter.UNREVIEWED, "Never reviewed"),
    (Filter.MINE, "Claimed by me"),
    (Filter.ALL, "All"),
)


def regrade_routes(program: Program) -> APIRouter:
    """Everything under /regrades."""
    router = APIRouter()
    desk, regrades = program.desk, program.desk.regrades

    def overview(
        request: Request, after: str | None = None, error: ConfigurationError | None = None
    ) -> Response:
        coach = person_of(request)
        strategy = program.graders.known_strategy()
        return page(
            request,
            "regrades.html",
            code=status_of(error) if error else 200,
            batches=regrades.batches(coach),
            counts=desk.queue.counts(coach),
            filters=_FILTERS,
            newest=desk.queue.page(coach, Filter.ALL, Sort.NEWEST, after, LISTED),
            later=after is not None,
            model=program.connection.model.name,
            strategy=strategy.value if strategy else "",
            error=str(error) if error else "",
        )

    @router.get("/regrades")
    def show(request: Request, after: str | None = None) -> Response:
        return overview(request, after)

    @router.post("/regrades")
    def ask(
        request: Request,
        which: Annotated[Filter | None, Form()] = None,
        interview_id: Annotated[str, Form()] = "",
    ) -> Response:
        coach = person_of(request)
        try:
            if interview_id:
                asked = regrades.ask(coach, [interview_id])
            elif which is None:
                raise ConfigurationError("Choose which interviews are to be graded again.")
            else:
                asked = regrades.ask_for_all(coach, which)
        except ConfigurationError as error:
            return overview(request, error=error)
        return see(request, f"/regrades/{asked.id}")

    @router.get("/regrades/{batch}")
    def progress(request: Request, batch: str, still: bool = False) -> Response:
        """How far it is. While something waits the page renews itself, unless it is to be still."""
        coach = person_of(request)
        found = regrades.batch(coach, batch)
        renewed = bool(found.waiting) and not still
        response = page(
            request,
            "regrade_batch.html",
            batch=found,
            interviews=regrades.interviews(coach, batch),
            reasons=Counter(regrades.reasons(coach, batch).values()).most_common(),
            renewed=renewed,
            seconds=RENEWED_SECONDS,
        )
        if renewed:
            response.headers["refresh"] = str(RENEWED_SECONDS)
        return response

    @router.post("/regrades/{batch}/stop")
    def stop(request: Request, batch: str) -> Response:
        regrades.stop(person_of(request), batch)
        return see(request, "/regrades")

    @router.get("/regrades/interviews/{interview_id}")
    def side_by_side(request: Request, interview_id: str) -> Response:
        coach = person_of(request)
        sides = regrades.side_by_side(coach, interview_id)
        interview = program.people.access.readable(coach, interview_id)
        all_graded = [answer for answer in program.store.answers(interview_id) if answer.grade]
        line = desk.queue.line(coach, interview_id)
        return page(
            request,
            "regraded.html",
            interview=interview,
            entry=line.entry if line else None,
            answers=[graded(side, program.rubric) for side in sides],
            kept_back=len(all_graded) - len(sides),
        )

    return router
