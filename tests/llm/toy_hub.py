"""The toy model at a hub: a real HTTP server on loopback, which can go wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mock_interviewer.llm.model_sources import Hub
from tests.llm.toy_model import CONTENT, TOY


class HubServer(ThreadingHTTPServer):
    """Serves `content` under the toy's address; knobs for what can go wrong."""

    content = CONTENT
    knows_ranges = True
    breaks_after: int | None = None
    """Each reply stops after so many bytes."""
    asked: list[tuple[str, str | None, str | None]]


class HubPage(BaseHTTPRequestHandler):
    server: HubServer

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append((self.command, wanted, self.headers.get("Authorization")))
        if self.path != f"/someone/toy/resolve/{TOY.hub_revision}/toy.gguf":
            self.send_error(404)
            return
        whole, start = self.server.content, 0
        if with_body and wanted and self.server.knows_ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(whole) - start))
        self.send_header("ETag", '"toy"')
        self.end_headers()
        if with_body:
            end = len(whole)
            if self.server.breaks_after is not None:
                end = start + self.server.breaks_after
            self.wfile.write(whole[start:end])

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the tests' output clean."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    # The library reads HF_HUB_OFFLINE once, when it is imported.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with HubServer(("127.0.0.1", 0), HubPage) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def at(server: HubServer) -> Hub:
    return Hub(endpoint=f"http://127.0.0.1:{server.server_port}")
