"""A model server for the browser tests: it probes once an answer, grades by schema, and can fail.

It decides by what it is sent, as a real one would: a request with the grade's schema gets a grade,
one that streams gets a follow-up question in pieces. What it does is set by its attributes, from
any thread, and put back by `reset`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.model_server import (
    CUT,
    DONE,
    Answer,
    Received,
    chunk,
    completion,
    error,
    json_answer,
    serving,
    stream,
)

PROBE = "What did you do first after you had picked up the phone?"
SECOND_PROBE = "How did you find out that she was content with it?"
NOTHING_MISSING = "none"

NEXT_STEP = "Say what changed for her, in her own words."
MISSING = "What changed for the person."


class ScriptedModel:
    """The running server's behaviour."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[dict[str, Any]] = []
        """Bodies of the chat requests so far."""
        self.reset()

    def reset(self) -> None:
        """As at first: quick, well, and one follow-up question an answer."""
        self.away = False
        """Every request fails with status 500."""
        self.cut = False
        """Streams break off in the middle."""
        self.first_word_seconds = 0.0
        self.pause_seconds = 0.02
        """Between two words of a follow-up question."""
        self.probes = [f"action: {PROBE}"]
        """What is asked after the first message of an answer, the second, and so on."""
        self.grading_seconds = 0.0
        self.asked.clear()

    def probe_requests(self) -> list[dict[str, Any]]:
        """The requests for a follow-up question so far."""
        return [body for body in self.asked if body.get("stream")]

    def __call__(self, received: Received) -> Answer:
        """Answer one request."""
        if self.away:
            return error(500, "the scripted model is away")
        if received.path.endswith("/models"):
            return json_answer({"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        body = received.body
        self.asked.append(body)
        if body.get("stream"):
            return self._spoken(body)
        threading.Event().wait(self.grading_seconds)
        return json_answer(
            completion(
                json.dumps(filled(body["response_format"]["json_schema"]["schema"])),
                usage={"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500},
            )
        )

    def _spoken(self, body: dict[str, Any]) -> Answer:
        told = body["messages"][-1]["content"]
        turn = told.count("\nInterviewer:")
        text = self.probes[turn] if turn < len(self.probes) else NOTHING_MISSING
        pieces: list[bytes | float | None] = [self.first_word_seconds]
        words = text.split(" ")
        for place, word in enumerate(words):
            if self.cut and place > len(words) // 2:
                return stream(*pieces, CUT)
            pieces += [chunk(word if place == 0 else f" {word}"), self.pause_seconds]
        return stream(*pieces, chunk(finish_reason="stop"), DONE)


@contextmanager
def scripted_model() -> Iterator[ScriptedModel]:
    """Serve on a free port of loopback until the block ends."""
    model = ScriptedModel()
    with serving(model) as server:
        model.url = server.url
        yield model


def filled(schema: dict[str, Any]) -> dict[str, Any]:
    """A grade of the form that is asked for: level 4 everywhere, resting on the first sentence."""
    found = {}
    for name, part in schema["properties"].items():
        match name:
            case "ratings":
                found[name] = {each: _rating(form) for each, form in part["properties"].items()}
            case "next_time":
                found[name] = ""  # the program then composes one from the candidate's sentences
            case _:
                found[name] = name == "tells_example"
    return found


def _rating(schema: dict[str, Any]) -> dict[str, Any]:
    items = schema["properties"]["items"]["properties"]
    highest = max(schema["properties"]["level"]["enum"])
    return {
        "evidence": [1],
        "items": dict.fromkeys(items, True),
        "missing": MISSING,
        "next_step": NEXT_STEP,
        "level": max(1, highest - 1),
    }
