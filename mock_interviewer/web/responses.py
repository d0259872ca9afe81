"""What all pages have in common: where they stand, who they are for, and what went wrong."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from mock_interviewer.errors import (
    ClaimedError,
    LimitError,
    LoginError,
    NotAllowedError,
    NotFoundError,
    NotLoggedInError,
    StaleReviewError,
    StorageError,
)
from mock_interviewer.web import pages
from mock_interviewer.web.identity import known_person, to_login

_STATUS = {
    LimitError: 429,
    NotFoundError: 404,
    NotAllowedError: 403,
    LoginError: 401,
    ClaimedError: 409,
    StaleReviewError: 409,
    StorageError: 503,
}


def base_of(request: Request) -> str:
    """The address below which the site stands, without a slash at its end."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


def page(request: Request, template: str, *, code: int = 200, **values: Any) -> HTMLResponse:
    """A page laid out from a template."""
    text = pages.render(template, base_of(request), account_of(request), **values)
    return HTMLResponse(text, status_code=code)


def account_of(request: Request) -> str:
    """The name of the account that is logged in, to be shown; nothing without accounts."""
    person = known_person(request)
    return person.name if person else ""


def see(request: Request, path: str) -> Response:
    """Send the browser on, after something was done."""
    return RedirectResponse(f"{base_of(request)}{path}", status_code=303)


def failed(request: Request, error: Exception) -> Response:
    """The answer where a handler raised one of the program's own errors."""
    if isinstance(error, NotLoggedInError):
        return to_login(request)
    missing = isinstance(error, NotFoundError)
    return page(
        request,
        "message.html",
        code=status_of(error),
        heading="Not found" if missing else "That did not work",
        text=str(error),
    )


def status_of(error: Exception) -> int:
    """The HTTP status that goes with an error."""
    if isinstance(error, LoginError) and error.locked:
        return 429
    return next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
