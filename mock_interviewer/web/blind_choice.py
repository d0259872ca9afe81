"""Whether a coach grades before seeing the machine's levels, as they chose in their browser."""

from __future__ import annotations

import hashlib

from fastapi import Request
from fastapi.responses import Response

from mock_interviewer.service.access import Person
from mock_interviewer.service.calibrating import Calibrating
from mock_interviewer.web.identity import person_of

_COOKIE = "mock_interviewer_blind"
_SECONDS = 365 * 24 * 3600


def grades_blind(request: Request, calibrating: Calibrating) -> bool:
    """This coach's own choice; without one it depends on whether they calibrate."""
    coach = person_of(request)
    chosen = request.cookies.get(_name(coach))
    return calibrating.begins_blind(coach) if chosen is None else chosen == "yes"


def keep_choice(request: Request, response: Response, blind: bool) -> Response:
    """Have the browser keep it, for this coach alone of those who use the browser."""
    response.set_cookie(
        _name(person_of(request)),
        "yes" if blind else "no",
        max_age=_SECONDS,
        secure=request.scope.get("scheme") == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def _name(coach: Person) -> str:
    return f"{_COOKIE}_{hashlib.sha256(coach.id.encode()).hexdigest()[:16]}"
