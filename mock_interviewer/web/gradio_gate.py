"""What of Gradio's own endpoints can be reached, and by whom.

Gradio serves more than the practice page needs: files, uploads, a proxy, its programming
interface, its history. What is not listed here is not there. And Gradio hands what happens in a
session to whoever names it; here a session belongs to the first person who has used it.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

from fastapi import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_interviewer.web.boundary import PLACE
from mock_interviewer.web.identity import person_of

API = f"{PLACE}/gradio_api"

_READ = re.compile(
    rf"{PLACE}/?|{PLACE}/(?:assets|static)/[\w./@+-]+|{PLACE}/theme\.css"
    rf"|{API}/(?:queue/data|app_id|heartbeat/[\w-]+)"
)
_CANCEL = f"{API}/cancel"
_RESET = f"{API}/reset"
_WRITTEN = frozenset({f"{API}/queue/join", _CANCEL})
_NOTHING_TO_DO = JSONResponse({"success": True})
_PAGE_QUERY = ("interview", "__theme")
_FIELDS = frozenset({"data", "event_data", "fn_index", "trigger_id", "session_hash", "event_id"})

REMEMBERED = 100_000
"""Sessions and events whose owners are known; with more, the longest unused are forgotten."""
BODY_BYTES = 1_000_000


class GradioGate:
    """Middleware around the page that Gradio serves. `owned`: whether sessions have owners."""

    def __init__(self, app: ASGIApp, owned: bool) -> None:
        self._app = app
        self._owned = owned
        self._owners: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what the page needs, from the session's owner."""
        if scope["type"] != "http" or not scope["path"].startswith(PLACE):
            await self._app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        if method == "POST" and path == _RESET:
            # Gradio's page sends it beside each `cancel`, and Gradio does nothing for it.
            await _NOTHING_TO_DO(scope, receive, send)
        elif method == "POST" and path in _WRITTEN:
            await self._act(scope, receive, send)
        elif method in ("GET", "HEAD") and _READ.fullmatch(path) and ".." not in path:
            await self._read(scope, receive, send)
        else:
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        query = scope["query_string"].decode("latin-1")
        sessions: list[str] = []
        if path.startswith(f"{API}/heartbeat/"):
            sessions = [path.rpartition("/")[2]]
        elif path == f"{API}/queue/data":
            sessions = parse_qs(query).get("session_hash", [])
            if len(sessions) != 1:
                await _refuse(scope, receive, send)
                return
        elif path.rstrip("/") == PLACE:
            known = [pair for pair in parse_qsl(query) if pair[0] in _PAGE_QUERY]
            scope = {**scope, "query_string": urlencode(known).encode()}
        if self._owned and not all(self._is_own(scope, f"session {each}") for each in sessions):
            await _refuse(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _act(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        sent = _fields(body)
        session = sent.get("session_hash") if sent else None
        if sent is None or not isinstance(session, str) or not session:
            await PlainTextResponse("Not understood", status_code=400)(scope, receive, send)
            return
        cancels = scope["path"] == _CANCEL
        if cancels and sent.get("event_id") is None:
            # The page gives up an event whose id has not come yet.
            await _NOTHING_TO_DO(scope, receive, send)
            return
        if not self._owned:
            await self._app(scope, _again(sent, receive), send)
            return
        event = f"event {sent.get('event_id')}"
        if not self._is_own(scope, f"session {session}") or (
            cancels and self._owners.get(event) != person_of(Request(scope)).id
        ):
            await _refuse(scope, receive, send)
            return

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.body" and not cancels:
                answered = _fields(message.get("body", b""))
                if answered and "event_id" in answered:
                    self._is_own(scope, f"event {answered['event_id']}")
            await send(message)

        await self._app(scope, _again(sent, receive), send_and_note)

    def _is_own(self, scope: Scope, what: str) -> bool:
        """Whether this person has used it first; nobody has used it yet, it becomes theirs."""
        person = person_of(Request(scope)).id
        owner = self._owners.setdefault(what, person)
        self._owners.move_to_end(what)
        while len(self._owners) > REMEMBERED:
            self._owners.popitem(last=False)
        return owner == person


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    response = PlainTextResponse("This page belongs to somebody else.", status_code=403)
    await response(scope, receive, send)


async def _body(receive: Receive) -> bytes:
    """What was sent; of more than a page ever sends, nothing."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > BODY_BYTES or message["type"] == "http.disconnect":
            return b""
        if not message.get("more_body"):
            return body


def _fields(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    return {name: value for name, value in found.items() if name in _FIELDS}


def _again(sent: dict[str, Any], receive: Receive) -> Receive:
    """Hand on what was understood, and nothing that was not."""
    first = [json.dumps(sent).encode()]

    async def receive_again() -> Message:
        if first:
            return {"type": "http.request", "body": first.pop(), "more_body": False}
        return await receive()

    return receive_again
