"""The site on a loopback port, in this process, so that a test can look into it; and a plain
client, which sends paths, cookies and headers as they are given."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI

PATIENCE = 60.0
"""Seconds: a machine with other work is slow."""


@contextmanager
def serving(site: FastAPI, **options: Any) -> Iterator[int]:
    """Serve until the block ends; gives the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(site, log_level="error", **options))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(20)


@dataclass(frozen=True)
class Answer:
    """What came back, headers and all."""

    status: int
    headers: dict[str, str]
    body: bytes

    def __contains__(self, text: str) -> bool:
        return text.encode() in self.body or text in str(self.headers)


@dataclass(frozen=True)
class Client:
    """Asks as one person."""

    port: int
    cookie: str = ""

    def ask(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        sent: Any = None,
        headers: Mapping[str, str] | None = None,
        until: bytes = b"",
        seconds: float = PATIENCE,
    ) -> Answer:
        """One request. A stream is read until it says `until`, ends, or `seconds` are over."""
        body = b""
        all_headers = {"Accept": "*/*"}
        if self.cookie:
            all_headers["Cookie"] = self.cookie
        if form is not None:
            body = urlencode(form).encode()
            all_headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif sent is not None:
            body = json.dumps(sent).encode()
            all_headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.connect()
            stream = connection.sock
            connection.request(method, path, body, {**all_headers, **(headers or {})})
            response = connection.getresponse()
            stream.settimeout(seconds)
            found = b""
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and not (until and until in found):
                try:
                    piece = response.read1(65536)
                except TimeoutError:
                    break
                if not piece:
                    break
                found += piece
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, found)
        finally:
            connection.close()
