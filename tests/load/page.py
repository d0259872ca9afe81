"""The practice page as the network knows it: what the browser sends for it, without a browser.

Recorded from a real one: the page itself, a heartbeat that stays open as long as the tab, an
event for each thing done (POST queue/join), and one stream (GET queue/data) that brings what
becomes of events, opened while any is under way. Style sheets, scripts and fonts, which a browser
keeps, are left out.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from mock_interviewer.web.draft_routes import KEPT

EVENT_SECONDS = 90.0
"""Longer than the longest turn: an event without an end by then is an error."""


class PageError(Exception):
    """Something that a candidate would see as a fault."""


@dataclass(frozen=True)
class Wiring:
    """Which numbers Gradio has given to the page's events and to what they show."""

    events: dict[tuple[str, str], tuple[int, int]]
    """(element, event): its function's and its trigger's number."""
    shown: dict[str, int]
    """Element: its place in what an event shows."""

    @classmethod
    def read(cls, page: str) -> Wiring:
        """Read it from the page's own configuration."""
        found = re.search(r"window\.gradio_config = (\{.*?\});</script>", page, re.DOTALL)
        if found is None:
            raise PageError("the page has no configuration")
        config = json.loads(found[1])
        names = {
            part["id"]: part["props"].get("elem_id") or part["type"]
            for part in config["components"]
        }
        events = {}
        for event in config["dependencies"]:
            for target, kind in event["targets"]:
                events[names.get(target, "page"), kind] = (event["id"], target)
        sending = next(e for e in config["dependencies"] if e["id"] == events["send", "click"][0])
        return cls(events, {names[part]: at for at, part in enumerate(sending["outputs"])})


@dataclass
class View:
    """What the page shows after an event."""

    number: int
    messages: list[str]
    status: str
    answering: bool
    between: bool
    grading: bool


@dataclass
class Page:
    """One tab with one interview. Of a candidate who does one thing after the other."""

    client: httpx2.AsyncClient
    wiring: Wiring
    interview_id: str
    _session: str = field(default_factory=lambda: secrets.token_hex(5))
    _arrived: dict[str, asyncio.Queue[dict[str, Any]]] = field(default_factory=dict)
    _under_way: set[str] = field(default_factory=set)
    _stream: asyncio.Task[None] | None = None
    _heartbeat: asyncio.Task[None] | None = None

    async def load(self) -> View:
        """Fetch the page, open its heartbeat, and wait for what it shows."""
        await _get(self.client, f"/practice/?interview={self.interview_id}")
        await _get(self.client, "/practice/theme.css")
        self._heartbeat = asyncio.create_task(self._beat())
        return self._view(await self._event("page", "load", []))

    async def send(self, number: int, text: str, on_words: Callable[[], None]) -> View:
        """Press Send; `on_words` is called when the interviewer's first words arrive."""
        data = [self.interview_id, number, text]
        return self._view(await self._event("send", "click", data, on_words))

    async def go_on(self, number: int) -> View:
        """Press "Go on"."""
        data = [self.interview_id, number, "", None]
        return self._view(await self._event("next", "click", data))

    async def draft(self, number: int, text: str) -> None:
        """Have what is typed kept."""
        try:
            response = await self.client.post(
                f"/interviews/{self.interview_id}/draft", data={"number": str(number), "text": text}
            )
        except httpx2.HTTPError as error:
            raise PageError(f"draft: {type(error).__name__} {error}") from error
        if (response.status_code, response.text) != (200, KEPT):
            raise PageError(f"draft: status {response.status_code} {response.text[:200]}")

    async def tick(self) -> bool:
        """Look for the feedback; returns whether one still has to wait for it."""
        shown = await self._event("timer", "tick", [self.interview_id])
        return bool(shown[self.wiring.shown["timer"]].get("active"))

    async def look(self) -> None:
        """Look whether the server is there, as the page does now and then."""
        await _get(self.client, "/healthz")

    async def close(self) -> None:
        """Close the tab."""
        for task in (self._heartbeat, self._stream):
            if task is not None:
                task.cancel()
        await asyncio.sleep(0)

    async def _event(
        self,
        element: str,
        kind: str,
        data: list[Any],
        on_words: Callable[[], None] = lambda: None,
    ) -> list[Any]:
        function, trigger = self.wiring.events[element, kind]
        try:
            response = await self.client.post(
                f"/practice/gradio_api/queue/join?interview={self.interview_id}",
                json={
                    "data": data,
                    "event_data": None,
                    "fn_index": function,
                    "trigger_id": trigger,
                    "session_hash": self._session,
                },
            )
            if response.status_code != 200:
                raise PageError(f"{element}: status {response.status_code} {response.text[:200]}")
            event = response.json()["event_id"]
            self._under_way.add(event)
            if self._stream is None or self._stream.done():
                self._stream = asyncio.create_task(self._listen())
            async with asyncio.timeout(EVENT_SECONDS):
                return await self._outcome(element, event, on_words)
        except (httpx2.HTTPError, TimeoutError) as error:
            raise PageError(f"{element}: {type(error).__name__} {error}") from error

    async def _outcome(self, element: str, event: str, on_words: Callable[[], None]) -> list[Any]:
        messages = self._arrived.setdefault(event, asyncio.Queue())
        chat = self.wiring.shown["chat"]
        begun = spoken = False
        while True:
            message = await messages.get()
            match message["msg"]:
                case "process_generating":
                    data = message["output"]["data"]
                    # The first is what there is; each further one is what has changed in it.
                    if begun and not spoken and _speaks(data[chat]):
                        spoken = True
                        on_words()
                    begun = True
                case "process_completed":
                    del self._arrived[event]
                    if not message["success"]:
                        raise PageError(f"{element}: {message['output']}")
                    found: list[Any] = message["output"]["data"]
                    return found
                case "unexpected_error" | "server_stopped":
                    raise PageError(f"{element}: {message}")

    async def _listen(self) -> None:
        """Take what arrives until no event is under way."""
        address = f"/practice/gradio_api/queue/data?session_hash={self._session}"
        while self._under_way:
            try:
                async with self.client.stream("GET", address) as response:
                    if response.status_code != 200:
                        self._tell_all(f"status {response.status_code}")
                        return
                    async for line in response.aiter_lines():
                        if not line.startswith("data: "):
                            continue
                        message = json.loads(line[6:])
                        if message["msg"] == "close_stream":
                            break  # and opens another if an event has begun in the meantime
                        event = message.get("event_id")
                        if message["msg"] == "process_completed":
                            self._under_way.discard(event)
                        if event is None and message["msg"] == "unexpected_error":
                            self._tell_all(message.get("message", ""))
                        elif event is not None:
                            self._arrived.setdefault(event, asyncio.Queue()).put_nowait(message)
            except httpx2.HTTPError as error:
                self._tell_all(f"{type(error).__name__} {error}")
                return

    def _tell_all(self, fault: str) -> None:
        self._under_way.clear()
        for messages in self._arrived.values():
            messages.put_nowait({"msg": "unexpected_error", "message": fault})

    async def _beat(self) -> None:
        address = f"/practice/gradio_api/heartbeat/{self._session}"
        async with self.client.stream("GET", address) as response:
            async for _ in response.aiter_bytes():
                pass

    def _view(self, data: list[Any]) -> View:
        def shown(element: str) -> Any:
            return data[self.wiring.shown[element]]

        return View(
            number=shown("turn-number"),
            messages=[message["content"][0]["text"] for message in shown("chat")],
            status=shown("status"),
            answering=bool(shown("answering").get("visible")),
            between=bool(shown("between").get("visible")),
            grading=bool(shown("timer").get("active")),
        )


def _speaks(changes: list[Any]) -> bool:
    """Whether the chat has got words, and was not only left as it is."""
    return any(path or isinstance(value, list) for _, path, value in changes)


async def begin(client: httpx2.AsyncClient, mode: str) -> str:
    """Start an interview from the first page; returns its id."""
    await _get(client, "/")
    setup = {"mode": mode, "focus": "star", "count": "3", "trade": "call_centre"}
    response = await client.post("/interviews", data=setup)
    if response.status_code != 303:
        raise PageError(f"an interview cannot be begun: status {response.status_code}")
    return response.headers["location"].rpartition("=")[2]


async def _get(client: httpx2.AsyncClient, address: str) -> str:
    started = time.monotonic()
    try:
        response = await client.get(address)
    except httpx2.HTTPError as error:
        waited = time.monotonic() - started
        raise PageError(f"{address}: {type(error).__name__} after {waited:.0f} s") from error
    if response.status_code != 200:
        raise PageError(f"{address}: status {response.status_code}")
    return response.text
