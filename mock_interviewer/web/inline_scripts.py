"""The chat's page begins with scripts of Gradio's, written into the page. Its policy names each by
its digest, so that no other script in the page runs, nor one in an attribute of an element."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

from starlette.types import Message, Scope, Send


def digests(page: bytes) -> list[str]:
    """Of each inline script of a page, as a Content-Security-Policy names it."""
    reader = _Reader()
    reader.feed(page.decode("utf-8"))
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in reader.scripts
    ]


def plainly(scope: Scope) -> Scope:
    """The request, so that its answer is not compressed."""
    kept = [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]
    return {**scope, "headers": kept}


class WholePage:
    """Sends an answer once all of it is there: its headers can tell of its body."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        """Keep a part of the answer, or with the last one send them all."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += bytes(message.get("body", b""))
        if message.get("more_body"):
            return
        scripts = digests(self._body)
        await self._send({**self._start, "scripts": scripts})
        await self._send({"type": "http.response.body", "body": self._body})


class _Reader(HTMLParser):
    """Finds the text of scripts that have no address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a script."""
        if tag == "script" and "src" not in dict(attrs):
            self._inside = True
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        """Add to the script."""
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        """End the script."""
        self._inside = self._inside and tag != "script"
