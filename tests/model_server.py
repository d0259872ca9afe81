"""A real HTTP server on loopback that answers chat requests as a test tells it to, faults included.

A script is a function of the received request; it returns an `Answer`, whose body is sent whole
or, where it is a list, piece by piece: bytes are sent, a number is a pause in seconds, and `CUT`
breaks the connection off. The server closes each connection after one request.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import loopback

CUT = None
"""In a body's pieces: the connection is reset here."""

Pieces = Sequence[bytes | float | None]


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A response."""

    body: bytes | Pieces = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


Script = Callable[[Received], Answer]


@dataclass
class ModelServer:
    """The running server: `requests` are those received so far, in order."""

    url: str
    requests: list[Received] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set once the client has gone away before the end of a body."""


@contextmanager
def serving(script: Script | Answer) -> Iterator[ModelServer]:
    """Serve until the block ends; `url` is what a client wants as its base URL."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(size)
            received = Received(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                json.loads(text) if text else {},
            )
            running.requests.append(received)
            answer = script(received) if callable(script) else script
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            body = answer.body
            if isinstance(body, bytes):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                for piece in [body] if isinstance(body, bytes) else body:
                    self._give(piece)
            except OSError:
                running.hung_up.set()

        do_GET = do_POST

        def _give(self, piece: bytes | float | None) -> None:
            if piece is CUT:
                # Closing with this option resets the connection instead of ending it.
                option = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
                self.connection.close()
            elif isinstance(piece, bytes):
                self.wfile.write(piece)
                self.wfile.flush()
            else:
                released.wait(piece)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = ModelServer(f"http://127.0.0.1:{server.server_port}/v1")
    with loopback.running(server, before_stop=released.set):
        yield running


def json_answer(body: Any, status: int = 200, **headers: str) -> Answer:
    """A JSON body."""
    sent = {"Content-Type": "application/json", **headers}
    return Answer(json.dumps(body).encode(), status, sent)


def error(status: int, message: str, **details: Any) -> Answer:
    """An error as OpenAI's servers word it."""
    return json_answer({"error": {"message": message, "type": "error", **details}}, status)


def completion(text: str | None, finish_reason: str = "stop", **more: Any) -> dict[str, Any]:
    """A chat completion's body. `more`: `usage`, `logprobs`, `refusal`."""
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "refusal": more.get("refusal")},
        "finish_reason": finish_reason,
        "logprobs": more.get("logprobs"),
    }
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": "toy"}
    return {**body, "choices": [choice], "usage": more.get("usage")}


def logprobs(*positions: tuple[str, Mapping[str, float]]) -> dict[str, Any]:
    """A `logprobs` object: for each token its text and the log-probabilities at its place."""
    return {
        "content": [
            {
                "token": token,
                "logprob": alternatives.get(token, -1.0),
                "bytes": None,
                "top_logprobs": [
                    {"token": text, "logprob": value, "bytes": None}
                    for text, value in alternatives.items()
                ],
            }
            for token, alternatives in positions
        ]
    }


def chunk(text: str | None = None, finish_reason: str | None = None, **more: Any) -> bytes:
    """One event of a stream. `more` replaces keys of the chunk, such as `choices` or `usage`."""
    delta = {} if text is None else {"content": text}
    body = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "toy",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        **more,
    }
    return event(body)


def event(data: Any) -> bytes:
    """One server-sent event with JSON data."""
    return b"data: " + json.dumps(data).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def stream(*pieces: bytes | float | None) -> Answer:
    """A stream of events."""
    return Answer(pieces, headers={"Content-Type": "text/event-stream"})


def spoken(*words: str) -> Answer:
    """A whole and proper stream of these words."""
    return stream(*[chunk(word) for word in words], chunk(finish_reason="stop"), DONE)
