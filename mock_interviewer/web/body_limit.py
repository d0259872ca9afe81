"""How much one request may carry, whatever it is for."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

BODY_BYTES = 1024 * 1024
"""Far more than the longest message; what is longer still is told by the page that counts."""


class BodyLimit:
    """Refuses a body that is too long, or does not say how long it is, before any of it is read."""

    def __init__(self, app: ASGIApp, most: int = BODY_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is small enough. The server holds a request to the length that it names."""
        refused = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        await (refused or self._app)(scope, receive, send)

    def _refusal(self, headers: Headers) -> PlainTextResponse | None:
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers:
            return PlainTextResponse("A request has to say how long it is.", status_code=411)
        if length.isdecimal() and int(length) > self._most:
            return PlainTextResponse(
                f"That is too much at once: {int(length):,} bytes, and up to {self._most:,} are "
                "taken. Shorten it, or send it in parts.",
                status_code=413,
            )
        return None
