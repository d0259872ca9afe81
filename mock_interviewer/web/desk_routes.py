"""The coach's desk: the queue of interviews, and taking one out of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mock_interviewer.service.coaching import check_coach
from mock_interviewer.service.program import Program
from mock_interviewer.service.queue import Filter, Sort
from mock_interviewer.web.blind_choice import grades_blind, keep_choice
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, see

_FILTERS = (
    (Filter.ALL, "All"),
    (Filter.ASKED, "Asked for"),
    (Filter.ASSIGNED, "Assigned and done"),
    (Filter.UNSURE, "Unsure levels"),
    (Filter.UNGRADED, "Not graded"),
    (Filter.UNREVIEWED, "Never reviewed"),
    (Filter.MINE, "Claimed by me"),
)
_SORTS = (
    (Sort.UNSURE, "Most unsure first"),
    (Sort.OLDEST, "Oldest first"),
    (Sort.NEWEST, "Newest first"),
)


def desk_routes(program: Program) -> APIRouter:
    """The queue, and what is done to its lines."""
    router = APIRouter()
    queue, reviewing = program.desk.queue, program.desk.reviewing

    @router.get("/desk")
    def desk(
        request: Request,
        which: Filter = Filter.ALL,
        sort: Sort = Sort.UNSURE,
        after: str | None = None,
    ) -> Response:
        coach = person_of(request)
        found = queue.page(coach, which, sort, after)
        return page(
            request,
            "desk.html",
            lines=queue.lines(coach, found),
            next_page=found.after,
            first_page=after is None,
            counts=queue.counts(coach),
            filters=_FILTERS,
            sorts=_SORTS,
            which=which,
            sort=sort,
            blind=grades_blind(request, program.desk.calibrating),
        )

    @router.post("/desk/blind")
    def choose_blind(request: Request, blind: Annotated[bool, Form()] = False) -> Response:
        check_coach(person_of(request))
        return keep_choice(request, see(request, "/desk"), blind)

    @router.post("/desk/interviews/{interview_id}/begin")
    def begin(
        request: Request,
        interview_id: str,
        blind: Annotated[bool, Form()] = False,
        beside: Annotated[bool, Form()] = False,
    ) -> Response:
        """Claim it and begin; `beside`: without a claim, next to the coach who has it."""
        coach = person_of(request)
        if not beside:
            queue.claim(coach, interview_id)
        reviewing.open(coach, interview_id, blind=blind)
        return see(request, f"/desk/interviews/{interview_id}")

    @router.post("/desk/interviews/{interview_id}/let-go")
    def let_go(request: Request, interview_id: str) -> Response:
        queue.release(person_of(request), interview_id)
        return see(request, "/desk")

    return router
