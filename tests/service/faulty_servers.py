"""Model servers that misbehave on purpose, and one that is well.

A fault is served to every request alike. The servers are real, on loopback; what must not be
asked for its name is a name that the tests' resolver does not know.
"""

from __future__ import annotations

import json
import math
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from mock_interviewer.core.interview import Mode
from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.grading import checklist
from mock_interviewer.service.plan import Focus, Setup
from mock_interviewer.service.program import Program
from mock_interviewer.settings import Settings, load_settings
from tests import loopback
from tests.model_server import (
    Answer,
    ModelServer,
    Received,
    Script,
    completion,
    json_answer,
    logprobs,
    serving,
    spoken,
)
from tests.placing import structured

SETUP = Setup(focus=Focus.STAR, mode=Mode.INTERVIEW)
"""Every question asks for an example, so that everything is graded."""

Serve = Callable[[], AbstractContextManager[ModelServer]]

TOLD = "Last May a guest had lost her key, and I searched the whole garden with her for an hour."
MORE = "I gave her my own coat, and then I walked to the gate once more and found it there."
PROBE = "What did you do after you had found the key?"


def healthy(received: Received) -> Answer:
    """What a good server replies: a probe, a grade, an item or the labels, as it is asked."""
    if received.body.get("stream"):
        return spoken("action:", *(f" {word}" for word in PROBE.split()))
    if "response_format" in received.body:
        return json_answer(completion(structured(4)))
    if received.body.get("max_completion_tokens") == 1:
        # Not met: so that there is something to probe for.
        return json_answer(completion("No", logprobs=logprobs(("No", {"Yes": -2.0, "No": -0.1}))))
    return json_answer(completion("1 label", logprobs=_labelled()))


def _labelled() -> dict[str, Any]:
    label = checklist.label_names(load_prompt("labels"))[0]
    return logprobs(("1", {"1": 0.0}), (f" {label}", {f" {label}": math.log(0.9)}), ("\n", {}))


def settings_for(
    server: ModelServer, folder: Path, strategy: str, limits: tuple[float, float]
) -> Settings:
    """Settings with these first-token and turn seconds; without a strategy the model is placed."""
    first_token, turn = limits
    return load_settings(
        {
            "OPENAI_BASE_URL": server.url,
            "MOCK_INTERVIEWER_MODEL": "toy",
            "MOCK_INTERVIEWER_DATA": str(folder),
            "MOCK_INTERVIEWER_STRATEGY": strategy,
            "MOCK_INTERVIEWER_FIRST_TOKEN_SECONDS": str(first_token),
            "MOCK_INTERVIEWER_TURN_SECONDS": str(turn),
        }
    )


@contextmanager
def program_at(
    server: ModelServer, folder: Path, strategy: str, limits: tuple[float, float]
) -> Iterator[Program]:
    """The program; nothing of it runs in the background."""
    program = Program(settings_for(server, folder, strategy, limits))
    try:
        yield program
    finally:
        program.store.close()


def served(script: Script | Answer) -> Serve:
    """One answer to everything."""
    return lambda: serving(script)


def by_way(streamed: Answer, whole: Answer) -> Serve:
    """The same fault in a stream and in a reply in one piece."""
    return served(lambda received: streamed if received.body.get("stream") else whole)


def graded_as(reply: str) -> Serve:
    """A server that is well but for the text of its grades."""

    def script(received: Received) -> Answer:
        if "response_format" in received.body:
            return json_answer(completion(reply))
        return healthy(received)

    return served(script)


def grade_with(**changes: Any) -> str:
    """A grade in which every criterion has these fields."""
    grade = json.loads(structured(4))
    for rating in grade["ratings"].values():
        rating.update(changes)
    return json.dumps(grade)


@contextmanager
def refusing() -> Iterator[ModelServer]:
    """Nobody listens at this port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield ModelServer(f"http://127.0.0.1:{port}/v1")


@contextmanager
def nameless() -> Iterator[ModelServer]:
    """A name that nobody knows."""
    yield ModelServer("http://model-server.invalid/v1")


@contextmanager
def unanswering() -> Iterator[ModelServer]:
    """A port whose queue is full: connecting to it neither succeeds nor fails."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield ModelServer(f"http://127.0.0.1:{server.getsockname()[1]}/v1")


def raw(head: bytes, again: bytes, every: float) -> Serve:
    """A server that says `head`, and then `again` in these intervals, without an end."""

    @contextmanager
    def serve() -> Iterator[ModelServer]:
        released = threading.Event()

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                self.request.recv(65536)
                running.requests.append(Received("POST", "", {}, {}))
                try:
                    self.request.sendall(head)
                    while not released.wait(every):
                        self.request.sendall(again)
                except OSError:
                    running.hung_up.set()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        server = Server(("127.0.0.1", 0), Handler)
        running = ModelServer(f"http://127.0.0.1:{server.server_address[1]}/v1")
        with loopback.running(server, before_stop=released.set):
            yield running

    return serve


def head(status: str = "200 OK", kind: str = "application/json", more: Sequence[str] = ()) -> bytes:
    """The head of a response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *more]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"
