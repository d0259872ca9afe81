"""Every fault of a model server, with what becomes of the probe and of the grade."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.model_server import (
    CUT,
    DONE,
    Answer,
    Received,
    chunk,
    completion,
    error,
    event,
    json_answer,
    stream,
)
from tests.service.faulty_servers import (
    PROBE,
    Serve,
    by_way,
    grade_with,
    graded_as,
    head,
    healthy,
    nameless,
    raw,
    refusing,
    served,
    unanswering,
)

OTHER_ADDRESS = {"Location": "/v1/chat/completions", "Content-Type": "text/plain"}
TWO_MEGABYTES = "Well, " * 350_000


@dataclass(frozen=True)
class Waits:
    """The grade is put off, and the reason is told."""

    reason: str
    requests: int
    """The most that grading may send before it is put off."""
    seconds: float = 5.0
    """How long it is put off at least."""


@dataclass(frozen=True)
class GivenUp:
    """There is no grade, and the reason is told; nothing is sent again by itself."""

    reason: str
    requests: int = 1


@dataclass(frozen=True)
class WithoutLevels:
    """A grade whose ratings have no level, each with this reason."""

    reason: str
    requests: int = 1


Outcome = Waits | GivenUp | WithoutLevels


@dataclass(frozen=True)
class Fault:
    """A server with what grading comes to; None where the fault is in nothing that is asked."""

    serve: Serve
    levels: Outcome | None
    checklist: Outcome | None
    streamed: Answer | None = None
    """How it looks in a stream, where it can be had alone."""
    probe: bool = False
    """Whether the model's own words are asked all the same."""

    @property
    def never_ends(self) -> bool:
        """Whether only a budget ends it."""
        return isinstance(self.levels, Waits) and self.levels.reason == SLOW


def broken(streamed: Answer, whole: Answer, outcome: Outcome, *, probe: bool = False) -> Fault:
    """A fault that looks one way in a stream and another in one piece."""
    return Fault(by_way(streamed, whole), outcome, outcome, streamed, probe)


def always(answer: Answer, outcome: Outcome) -> Fault:
    """The same answer to everything."""
    return Fault(served(answer), outcome, outcome)


def status(number: int, outcome: Outcome, **details: str) -> Fault:
    """An error with this status."""
    return always(error(number, "no", **details), outcome)


def said(text: str | None, outcome: Outcome, end: str = "stop", refusal: str = "") -> Fault:
    """A reply with this text, whole and proper as HTTP."""
    delta = {"refusal": refusal} if refusal else {"content": text}
    words = event({"choices": [{"index": 0, "delta": delta, "finish_reason": end}]})
    whole = json_answer(completion(text, end, refusal=refusal or None))
    return broken(stream(words, DONE), whole, outcome)


def misgraded(reply: str, outcome: Outcome) -> Fault:
    """Well but for the text of grades."""
    return Fault(graded_as(reply), outcome, None, probe=True)


def misread(reply: Callable[[], Any]) -> Fault:
    """Well but for the replies to single items."""

    def script(received: Received) -> Answer:
        plain = received.body.get("stream") or "response_format" in received.body
        return healthy(received) if plain else json_answer(reply())

    return Fault(served(script), None, GivenUp(NO_ODDS), probe=True)


def busy(number: int) -> Waits:
    return Waits(f"the model's server is busy or failing (status {number})", 3)


AWAY = "the model's server cannot be reached"
SLOW = "the model took too long to answer"
CUT_OFF = "the model's reply broke off in the middle"
NO_SERVER = (
    "the server's reply is not of an OpenAI-compatible model server "
    "(check OPENAI_BASE_URL; it usually ends in /v1)"
)
NO_KEY = "the model's server refuses the key (check OPENAI_API_KEY)"
NO_FORM = "the model's grade is not of the asked form"
NO_ODDS = "the model's server gives no log-probabilities"

LATER = Answer(b"{}", 429, {"Retry-After": "900"})
ENDLESS = [b" ", 0.1] * 600
HALF_JSON = json.dumps(completion("Yes"))[:60].encode()
UNKNOWN_TOKEN = {"content": [{"token": "Yes", "logprob": -0.1, "top_logprobs": []}]}
LATIN = json.dumps({"choices": "naïve"}, ensure_ascii=False).encode("latin-1")

FAULTS: dict[str, Fault] = {
    # No connection
    "refused connection": Fault(refusing, Waits(AWAY, 0), Waits(AWAY, 0)),
    "name that does not resolve": Fault(nameless, Waits(AWAY, 0), Waits(AWAY, 0)),
    "connect time-out": Fault(unanswering, Waits(SLOW, 0), Waits(SLOW, 0)),
    # Too slow
    "silence": always(Answer([30.0]), Waits(SLOW, 1)),
    "silence before the headers": Fault(raw(b"", b"", 30.0), Waits(SLOW, 1), Waits(SLOW, 1)),
    "headers that drip": Fault(
        raw(b"HTTP/1.1 200 OK\r\n", b"X-Wait: a moment\r\n", 0.1), Waits(SLOW, 1), Waits(SLOW, 1)
    ),
    "body that drips": always(Answer(ENDLESS), Waits(SLOW, 1)),
    "error that drips": Fault(raw(head("500 Sorry"), b" ", 0.1), Waits(SLOW, 3), Waits(SLOW, 3)),
    "line that never ends": broken(
        stream(b'data: {"choices": [{"delta": {"content": "', *ENDLESS),
        Answer(ENDLESS),
        Waits(SLOW, 1),
    ),
    "comments without an end": broken(
        stream(*[b": still here\n\n", 0.1] * 300), Answer(ENDLESS), Waits(SLOW, 1)
    ),
    # Statuses
    "400": status(400, GivenUp("the model's server rejects the request (status 400)")),
    "401": status(401, GivenUp(NO_KEY)),
    "403": status(403, GivenUp(NO_KEY)),
    "404": status(404, GivenUp("the model's server does not know this model or address")),
    "408": status(408, busy(408)),
    "409": status(409, busy(409)),
    "429 without Retry-After": status(429, busy(429)),
    "429 with a long Retry-After": always(
        LATER, Waits("the model's server is busy or failing (status 429)", 1, seconds=900)
    ),
    "insufficient_quota": status(
        429,
        GivenUp("the account at the model's server has no quota left"),
        code="insufficient_quota",
    ),
    "500": status(500, busy(500)),
    "501": status(501, GivenUp("the model's server rejects the request (status 501)")),
    "503": status(503, busy(503)),
    "redirects in a loop": always(
        Answer(b"", 307, OTHER_ADDRESS),
        GivenUp("the model's server sends requests on to another address (check OPENAI_BASE_URL)"),
    ),
    # Cut
    "cut before the first token": broken(stream(CUT), Answer([CUT]), Waits(AWAY, 3)),
    "cut in the middle": broken(
        stream(chunk("action: What did"), CUT), Answer([HALF_JSON, CUT]), Waits(AWAY, 3)
    ),
    "ended in the middle": broken(
        stream(chunk("action: What did")), Answer([HALF_JSON]), Waits(CUT_OFF, 3)
    ),
    "ended without the final marker": broken(
        stream(chunk(f"action: {PROBE}")), Answer([HALF_JSON]), Waits(CUT_OFF, 3), probe=True
    ),
    # Not a reply
    "binary": always(Answer(bytes(range(256)) * 50), GivenUp(NO_SERVER)),
    "wrong encoding": broken(
        stream(b"data: " + LATIN + b"\n\n"), Answer(LATIN), GivenUp(NO_SERVER)
    ),
    "a web page": always(
        Answer(b"<html>", headers={"Content-Type": "text/html"}), GivenUp(NO_SERVER)
    ),
    "an error with status 200": broken(
        stream(event({"error": {"message": "no"}})),
        json_answer({"error": {"message": "no"}}),
        Waits("the model's server failed to reply", 3),
    ),
    "a reply without a message": broken(
        stream(event({"choices": []})),
        json_answer({"choices": []}),
        GivenUp("the model's reply has no message in it"),
    ),
    # A reply of no use
    "empty reply": said("", GivenUp("the model's reply is empty")),
    "refusal": said(None, GivenUp("the model declined to answer"), refusal="I can't."),
    "content filter": said(
        "Well", GivenUp("the model's content filter stopped the reply"), "content_filter"
    ),
    "length cut": said("Well", GivenUp("the model's reply was cut off before its end"), "length"),
    "2 MB reply": said(
        TWO_MEGABYTES, GivenUp("the model's reply is not a text of reasonable length")
    ),
    "2 MB of commas": said(
        "," * 2_000_000, GivenUp("the model's reply is not a text of reasonable length")
    ),
    # A grade of no use
    "invalid JSON": misgraded('{"ratings": ', GivenUp("the model's reply is not valid JSON")),
    "JSON of the wrong shape": misgraded(
        '{"ratings": {}}', GivenUp(f"{NO_FORM} (not_an_answer is missing)")
    ),
    "a list": misgraded("[4, 4]", GivenUp(NO_FORM)),
    "levels in words": misgraded(grade_with(level="four"), GivenUp(NO_FORM)),
    "levels out of range": misgraded(
        grade_with(level=9), WithoutLevels("ungraded: the model gave level 9, which does not exist")
    ),
    "sentences that do not exist": misgraded(
        grade_with(evidence=[0, -1, 77, 10**9]),
        WithoutLevels("ungraded: the model named no sentence of the answer for its level"),
    ),
    # Log-probabilities
    "log-probabilities missing": misread(lambda: completion("Yes")),
    "log-probabilities of nothing": misread(lambda: completion("Yes", logprobs=UNKNOWN_TOKEN)),
}
