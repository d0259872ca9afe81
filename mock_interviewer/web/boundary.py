"""What holds for every request and every answer, whoever asks.

Other sites can neither act in a visitor's name nor read an answer, frame a page, or reach a
program without accounts under a name of their own; and a page runs no script but its own.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_interviewer.web.inline_scripts import WholePage, plainly

PLACE = "/practice"
"""Where the chat stands."""

_READING = frozenset({"GET", "HEAD"})
_WRITING = frozenset({"POST"})
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

_EVERY_PAGE = (
    "default-src 'none'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
)
OWN_POLICY = (
    _EVERY_PAGE
    + "base-uri 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'"
)
# Gradio makes functions of texts, and sets its page's base.
GRADIO_POLICY = (
    _EVERY_PAGE + "base-uri 'self'; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-eval'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Boundary:
    """Middleware around all others. `local`: without accounts, so for loopback names only."""

    def __init__(self, app: ASGIApp, local: bool) -> None:
        self._app = app
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what comes from elsewhere, and add the headers to what is answered."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        path = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                policy = " ".join([_policy(path), *message.pop("scripts", [])])
                message = {**message, "headers": _headers(path, policy, message["headers"])}
            await send(message)

        refused = self._refusal(scope["method"], Headers(scope=scope))
        app = refused or self._app
        if scope["method"] == "GET" and path.rstrip("/") == PLACE:
            await app(plainly(scope), receive, WholePage(send_with_headers))
        else:
            await app(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        if self._local and not _is_loopback(headers.get("host", "")):
            return PlainTextResponse(
                "Open this program as http://localhost. Under another name it answers only "
                "where there are accounts.",
                status_code=421,
            )
        if method not in _READING | _WRITING:
            return PlainTextResponse("There is nothing that this method does.", status_code=405)
        if _is_from_elsewhere(method, headers):
            return PlainTextResponse(
                "This was sent by another site's page, and is not done. "
                "Open the page here and do it there.",
                status_code=403,
            )
        return None


def _is_from_elsewhere(method: str, headers: Headers) -> bool:
    """Whether another site's page made the browser ask, but for a link that is followed.

    A browser says so in headers that no page can change; what says nothing is no browser, and
    carries no login that it was not given.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        followed = (
            method == "GET"
            and headers.get("sec-fetch-mode") == "navigate"
            and headers.get("sec-fetch-dest", "document") == "document"
        )
        return site not in ("same-origin", "none") and not followed
    origin = headers.get("origin")
    if origin is None or method in _READING:
        return False
    return _place(urlsplit(origin).netloc) != _place(headers.get("host", ""))


def _place(host: str) -> str:
    return host.lower().removesuffix(":443").removesuffix(":80")


def _is_loopback(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK_NAMES
    except ValueError:
        return False


def _headers(path: str, policy: str, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The answer's headers with those of every answer; leave to read it from elsewhere is none."""
    mine = {**_HEADERS, "content-security-policy": policy}
    if not path.startswith(("/static/", f"{PLACE}/assets/", f"{PLACE}/static/")):
        mine["cache-control"] = "no-store"
    kept = [
        (name, value)
        for name, value in given
        if not name.lower().startswith(b"access-control-")
        and name.lower().decode("latin-1") not in mine
    ]
    return kept + [(name.encode(), value.encode()) for name, value in mine.items()]


def _policy(path: str) -> str:
    return GRADIO_POLICY if path.startswith(PLACE) else OWN_POLICY
