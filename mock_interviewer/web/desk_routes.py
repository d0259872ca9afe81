"""The coach's desk: the queue of interviews, and taking one out of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mock_interviewer.service.coaching import check_coach
from mock_interviewer.service.program import Program
from mock_interviewer.service.queue import Filter, Sort
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, see

BLIND_COOKIE = "mock_interviewer_blind"
BLIND_SECONDS = 365 * 24 * 3600

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
            blind=prefers_blind(request),
        )

    @router.post("/desk/blind")
    def choose_blind(request: Request, blind: Annotated[bool, Form()] = False) -> Response:
        check_coach(person_of(request))
        response = see(request, "/desk")
        response.set_cookie(
            BLIND_COOKIE,
            "yes" if blind else "no",
            max_age=BLIND_SECONDS,
            secure=request.scope.get("scheme") == "https",
            httponly=True,
            samesite="lax",
        )
        return response

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


def prefers_blind(request: Request) -> bool:
    """Whether this coach grades before seeing the machine's levels, unless they said otherwise."""
    return request.cookies.get(BLIND_COOKIE, "yes") != "no"
