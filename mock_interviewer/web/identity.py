"""Who asks: by a login where there are accounts, otherwise by the browser's own cookie."""

from __future__ import annotations

import secrets
from urllib.parse import quote, urlencode

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_interviewer.errors import NotLoggedInError, StorageError
from mock_interviewer.service.access import Person, Role
from mock_interviewer.service.program import Program

CANDIDATE_COOKIE = "mock_interviewer_candidate"
CANDIDATE_SECONDS = 365 * 24 * 3600
LOGIN_COOKIE = "mock_interviewer_login"

_WITHOUT_IDENTITY = ("/static/", "/healthz", "/manifest.json", "/favicon.ico")
_PUBLIC = frozenset({"/login", "/demo", "/demo.md"})
_BY_LINK = "/invitation/"
"""Who has such a link needs no login."""
LOOK_UPS_AT_ONCE = 8


def person_of(request: Request) -> Person:
    """Who asks. Every handler calls this. Raises `NotLoggedInError`."""
    person = known_person(request)
    if person is None:
        raise NotLoggedInError("Log in to go on.")
    return person


def known_person(request: Request) -> Person | None:
    """Who asks, if that is known: for pages that are shown to everybody."""
    person: Person | None = request.scope.get("state", {}).get("person")
    return person


def login_token(request: Request) -> str:
    """The token of the login that the request carries, or nothing."""
    return request.cookies.get(_login_cookie(request.scope), "")


def set_login(request: Request, response: Response, token: str, seconds: int) -> None:
    """Give the browser a login; with an empty token, take it away."""
    response.set_cookie(
        _login_cookie(request.scope),
        token,
        max_age=seconds if token else 0,
        path="/",
        secure=_is_secure(request.scope),
        httponly=True,
        samesite="lax",
    )


def client_address(request: Request) -> str:
    """Where the request comes from; a trusted proxy's word has been taken for it already."""
    return request.client.host if request.client else ""


class LocalPerson:
    """Middleware without accounts: gives each browser a random, unguessable name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the cookie, or set one with the response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = Request(scope).cookies.get(CANDIDATE_COOKIE, "")
        candidate = (known or secrets.token_urlsafe(24))[:64]
        person = Person(id=candidate, name="", role=Role.CANDIDATE, local=True)
        scope.setdefault("state", {})["person"] = person

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and not known:
                value = (
                    f"{CANDIDATE_COOKIE}={candidate}; Path=/; Max-Age={CANDIDATE_SECONDS}; "
                    "HttpOnly; SameSite=Lax"
                )
                message["headers"] = [*message["headers"], (b"set-cookie", value.encode())]
            await send(message)

        await self._app(scope, receive, send_with_cookie)


class LoggedInPerson:
    """Middleware with accounts: lets nobody further than the public pages without a login."""

    def __init__(self, app: ASGIApp, program: Program) -> None:
        self._app = app
        self._accounts = program.people.accounts
        # Of their own: those of the pages may all be waiting for a model.
        self._threads = CapacityLimiter(LOOK_UPS_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who it is, and send nobody to the log-in page."""
        if scope["type"] != "http" or scope["path"].startswith(_WITHOUT_IDENTITY):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        public = scope["path"] in _PUBLIC or scope["path"].startswith(_BY_LINK)
        try:
            person = await anyio.to_thread.run_sync(
                self._accounts.person, login_token(request), limiter=self._threads
            )
        except StorageError as error:
            if not public:
                await PlainTextResponse(str(error), status_code=503)(scope, receive, send)
                return
            person = None
        scope.setdefault("state", {})["person"] = person
        if person is None and not public:
            await to_login(request)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def to_login(request: Request) -> Response:
    """The answer to somebody who has to log in first."""
    if "text/html" not in request.headers.get("accept", ""):
        return PlainTextResponse("Log in to go on.", status_code=401)
    place = "/"
    if request.method == "GET":  # what was sent is not sent again
        query = request.scope.get("query_string", b"").decode("latin-1")
        place = quote(request.scope["path"], safe="/") + (f"?{query}" if query else "")
    root = request.scope.get("root_path", "").rstrip("/")
    return RedirectResponse(f"{root}/login?{urlencode({'next': place})}", status_code=303)


def _is_secure(scope: Scope) -> bool:
    return bool(scope.get("scheme") == "https")


def _login_cookie(scope: Scope) -> str:
    # With this prefix no other site of the same domain can plant a login.
    return f"__Host-{LOGIN_COOKIE}" if _is_secure(scope) else LOGIN_COOKIE
