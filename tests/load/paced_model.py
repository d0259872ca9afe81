"""A model server of a fixed pace, however many ask: `python -m tests.load.paced_model`.

A process of its own, so that what it does costs the measured process nothing. It says its address
on standard output. Like `tests.browser.scripted_model` it probes once an answer and grades by
schema; `GET /v1/asked` tells how many requests of which kind have come.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.browser.scripted_model import NOTHING_MISSING, PROBE, filled
from tests.model_server import DONE, chunk, completion

FIRST_SECONDS = 0.8
"""To the first token."""
TOKEN_SECONDS = 0.025
"""From one token to the next: 40 a second."""
GRADE_SECONDS = 4.0
"""To a whole grade."""
PROMPT_TOKENS, COMPLETION_TOKENS = 1200, 300


class PacedModel:
    """Answers each request as if it were alone."""

    def __init__(self, first: float, token: float, grade: float) -> None:
        self._first, self._token, self._grade = first, token, grade
        self._asked: Counter[str] = Counter()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the other side closes it."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                await self._answer(head.split(" ")[1], json.loads(body or "{}"), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, path: str, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        if path.endswith("/asked"):
            await _give(writer, dict(self._asked))
        elif path.endswith("/models"):
            await _give(writer, {"object": "list", "data": [{"id": "paced", "object": "model"}]})
        elif body.get("stream"):
            self._asked["probe"] += 1
            await self._speak(body, writer)
        else:
            self._asked["grade"] += 1
            await asyncio.sleep(self._grade)
            usage = {
                "prompt_tokens": PROMPT_TOKENS,
                "completion_tokens": COMPLETION_TOKENS,
                "total_tokens": PROMPT_TOKENS + COMPLETION_TOKENS,
            }
            grade = filled(body["response_format"]["json_schema"]["schema"])
            await _give(writer, completion(json.dumps(grade), usage=usage))

    async def _speak(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        told = body["messages"][-1]["content"]
        text = NOTHING_MISSING if "\nInterviewer:" in told else f"action: {PROBE}"
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        await asyncio.sleep(self._first)
        for place, word in enumerate(text.split(" ")):
            _put(writer, chunk(f" {word}" if place else word))
            await writer.drain()
            await asyncio.sleep(self._token)
        _put(writer, chunk(finish_reason="stop") + DONE)
        writer.write(b"0\r\n\r\n")
        await writer.drain()


def _put(writer: asyncio.StreamWriter, piece: bytes) -> None:
    writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")


async def _give(writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}"
    writer.write(head.encode() + b"\r\n\r\n" + text)
    await writer.drain()


async def _serve(model: PacedModel) -> None:
    server = await asyncio.start_server(model.converse, "127.0.0.1", 0, backlog=512)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


@contextmanager
def paced_model(
    first_seconds: float = FIRST_SECONDS, grade_seconds: float = GRADE_SECONDS
) -> Iterator[str]:
    """Its address, until the block ends."""
    pace = ["--first", str(first_seconds), "--grade", str(grade_seconds)]
    command = [sys.executable, "-m", "tests.load.paced_model", *pace]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Serve on a free port of loopback until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=float, default=FIRST_SECONDS)
    parser.add_argument("--token", type=float, default=TOKEN_SECONDS)
    parser.add_argument("--grade", type=float, default=GRADE_SECONDS)
    given = parser.parse_args()
    asyncio.run(_serve(PacedModel(given.first, given.token, given.grade)))


if __name__ == "__main__":
    main()
