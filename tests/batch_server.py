"""A Batch API on loopback, as far as handing in and fetching needs one.

Files are kept as they come; a batch goes through `states`, one at each look, and ends with the
replies that a test gives for its requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import loopback

Reply = Callable[[dict[str, Any]], dict[str, Any]]
"""From a batch input line to its output line."""


@dataclass
class BatchServer:
    """The running server."""

    url: str
    states: list[str] = field(default_factory=lambda: ["validating", "in_progress", "completed"])
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    """Statuses that the next looks at a batch end with, in the place of an answer."""


@contextmanager
def serving_batches(reply: Reply) -> Iterator[BatchServer]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith("/files"):
                name = f"file-{len(running.files)}"
                running.files[name] = _uploaded(self.headers["Content-Type"], content)
                self._answer({"id": name, "object": "file", "purpose": "batch"})
                return
            asked = json.loads(content)
            name = f"batch-{len(running.batches)}"
            running.batches[name] = {"input": asked["input_file_id"], "look": 0}
            self._answer(self._batch(name, "validating"))

        def do_GET(self) -> None:
            *_, kind, name = self.path.removesuffix("/content").split("/")
            if kind == "files":
                self._send(running.files[name])
                return
            running.looks.append(name)
            if running.faults:
                self._answer({"error": {"message": "not now"}}, running.faults.pop(0))
                return
            batch = running.batches[name]
            state = running.states[min(batch["look"], len(running.states) - 1)]
            batch["look"] += 1
            if state in ("completed", "expired") and "output" not in batch:
                lines = running.files[batch["input"]].decode().splitlines()
                output = [reply(json.loads(line)) for line in lines]
                batch["output"] = f"output-{name}"
                text = "".join(json.dumps(line) + "\n" for line in output)
                running.files[batch["output"]] = text.encode()
            self._answer(self._batch(name, state))

        def _batch(self, name: str, state: str) -> dict[str, Any]:
            batch = running.batches[name]
            total = len(running.files[batch["input"]].splitlines())
            done = total if "output" in batch else 0
            errors = {"data": [{"message": "line 1 is too long"}]} if state == "failed" else None
            return {
                "id": name,
                "object": "batch",
                "endpoint": "/v1/chat/completions",
                "completion_window": "24h",
                "created_at": 1,
                "input_file_id": batch["input"],
                "status": state,
                "errors": errors,
                "output_file_id": batch.get("output"),
                "request_counts": {"total": total, "completed": done, "failed": 0},
            }

        def _answer(self, body: dict[str, Any], status: int = 200) -> None:
            self._send(json.dumps(body).encode(), status)

        def _send(self, body: bytes, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = BatchServer(f"http://127.0.0.1:{server.server_port}/v1")
    with loopback.running(server):
        yield running


def _uploaded(content_type: str, content: bytes) -> bytes:
    message = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + content)
    for part in message.get_payload():
        if part.get_filename():  # type: ignore[union-attr]
            return bytes(part.get_payload(decode=True))  # type: ignore[union-attr]
    raise AssertionError("no file in the upload")
