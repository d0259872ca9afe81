"""Many candidates at once, at a human pace: `python -m tests.load.crowd URL MODEL_URL`.

A process of its own. Each candidate reads, types for a while with pauses, in which the page has
the draft kept, sends, reads what comes, and goes on; somebody else asks the model server directly
all the while, so that both see it under the same load. What was sent and how long things took is
written as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import ssl
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx2

from tests.browser.scripted_model import PROBE
from tests.load.page import Page, PageError, View, Wiring, begin

QUIET_SECONDS = 0.4
"""After which the page sends a draft: `QUIET` in chat.js."""
PATIENCE_SECONDS = 3.0
"""After which it looks for the server once a button was pressed: `PATIENCE` in chat.js."""
TICK_SECONDS = 2.0
ARRIVING_SHARE = 0.2
"""The share of the whole time in which candidates come, one after the other, a minute at most."""
CHARACTERS_A_SECOND = (3.5, 7.0)
"""Without the pauses; with them 25 to 50 words a minute."""
BURST_SECONDS = (1.5, 7.0)
"""Typing without a pause."""
PAUSE_SECONDS = (0.6, 3.5)
READING_SECONDS = (3.0, 10.0)
ANSWER_WORDS = (15, 120)
REPLY_WORDS = (8, 45)
DIRECT_SECONDS = 0.5
"""Between two requests past the program."""

_WORDS = (
    "the guest told me that her room was too loud and I asked what would help so we looked for "
    "another one together because she had a meeting early in the morning and I wanted her to sleep"
).split()


@dataclass
class Found:
    """What happened. Seconds, but for `sent`, `drafts` and `errors`."""

    first_words: list[float] = field(default_factory=list)
    """From Send to the interviewer's first words, where the model words them."""
    direct: list[float] = field(default_factory=list)
    """From a request past the program to the model's first token."""
    direct_words: list[float] = field(default_factory=list)
    """The same to the token with which the question's first word is whole."""
    saves: list[float] = field(default_factory=list)
    """A draft, until the page knows that it is kept."""
    loads: list[float] = field(default_factory=list)
    """The page, until it shows the interview."""
    feedback: list[float] = field(default_factory=list)
    """From the end of an answer in practice mode to its grade on the page."""
    sent: dict[str, list[str]] = field(default_factory=dict)
    """Interview: the messages that were sent, in order."""
    drafts: dict[str, str] = field(default_factory=dict)
    """Interview: the draft that was last told to be kept, "" once it was sent."""
    errors: list[str] = field(default_factory=list)


class Candidate:
    """One person with one tab."""

    def __init__(self, number: int, client: httpx2.AsyncClient, found: Found) -> None:
        self._random = random.Random(number)  # noqa: S311 - no secret
        self._number = number
        self._client = client
        self._found = found
        self._pace = self._random.uniform(*CHARACTERS_A_SECOND)
        self._begun = self._random.random()
        """How much of the first answer is in the box at once: not all begin at the same time."""

    async def practise(self, wiring: Wiring, until: float) -> None:
        """Do one interview after the other."""
        while time.monotonic() < until:
            page: Page | None = None
            try:
                interview_id = await begin(
                    self._client, self._random.choice(["practice", "interview"])
                )
                self._found.sent[interview_id] = []
                page = Page(self._client, wiring, interview_id)
                await self._interview(page, until)
            except PageError as error:
                self._found.errors.append(f"candidate {self._number}: {error}")
                await asyncio.sleep(5)
            finally:
                if page is not None:
                    await page.close()

    async def _interview(self, page: Page, until: float) -> None:
        started = time.monotonic()
        view = await page.load()
        self._found.loads.append(time.monotonic() - started)
        while view.answering or view.between:
            await self._reads()
            if view.between:
                if view.grading:
                    await self._waits_for_feedback(page)
                    await self._reads()
                if time.monotonic() > until:
                    return
                view = await page.go_on(view.number)
                self._check(view)
                continue
            replies = bool(self._last_sent(page)) and view.messages[-1] == PROBE
            text = self._words(REPLY_WORDS if replies else ANSWER_WORDS)
            if not await self._types(page, view.number, text, until):
                return
            view = await self._sends(page, view.number, text, is_reply=replies)

    def _last_sent(self, page: Page) -> list[str]:
        return self._found.sent[page.interview_id][-1:]

    def _words(self, between: tuple[int, int]) -> str:
        count = self._random.randint(*between)
        words = [self._random.choice(_WORDS) for _ in range(count)]
        # So that no two messages are the same.
        return f"{self._number} {self._random.randrange(10**9)} I said that {' '.join(words)}."

    async def _reads(self) -> None:
        await asyncio.sleep(self._random.uniform(*READING_SECONDS))

    async def _types(self, page: Page, number: int, text: str, until: float) -> bool:
        """Type it, with the draft kept in each pause; False if time is up in the middle."""
        at, self._begun = int(self._begun * len(text)), 0.0
        while at < len(text):
            burst = self._random.uniform(*BURST_SECONDS)
            await asyncio.sleep(burst)
            at = min(len(text), at + max(1, int(burst * self._pace)))
            pause = self._random.uniform(*PAUSE_SECONDS)
            started = time.monotonic()
            if pause > QUIET_SECONDS and at < len(text):
                await asyncio.sleep(QUIET_SECONDS)
                asked = time.monotonic()
                await page.draft(number, text[:at])
                self._found.saves.append(time.monotonic() - asked)
                self._found.drafts[page.interview_id] = text[:at]
            if time.monotonic() > until:
                return False
            await asyncio.sleep(max(0.0, pause - (time.monotonic() - started)))
        return True

    async def _sends(self, page: Page, number: int, text: str, *, is_reply: bool) -> View:
        looks = asyncio.create_task(self._looks(page))
        started = time.monotonic()
        first: list[float] = []
        view = await page.send(number, text, lambda: first.append(time.monotonic() - started))
        self._found.sent[page.interview_id].append(text)
        self._found.drafts[page.interview_id] = ""
        self._check(view)
        if not is_reply:
            if view.messages[-1] != PROBE:
                raise PageError(f"asked without the model: {view.messages[-1][:60]}")
            self._found.first_words += first
        await looks
        return view

    async def _looks(self, page: Page) -> None:
        await asyncio.sleep(PATIENCE_SECONDS)
        await page.look()

    async def _waits_for_feedback(self, page: Page) -> None:
        started = time.monotonic()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if not await page.tick():
                break
            if time.monotonic() - started > 60:
                self._found.feedback.append(float("inf"))
                return  # nobody waits for longer
        self._found.feedback.append(time.monotonic() - started)

    def _check(self, view: View) -> None:
        if "alert" in view.status:
            raise PageError(view.status)


async def ask_directly(client: httpx2.AsyncClient, url: str, until: float, found: Found) -> None:
    """Ask the model server itself, again and again."""
    words = PROBE.split(" ")
    body = {"model": "paced", "stream": True, "messages": [{"role": "user", "content": "?"}]}
    while time.monotonic() < until:
        started = time.monotonic()
        text, whole = "", False
        async with client.stream("POST", f"{url}/chat/completions", json=body) as response:
            async for line in response.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                if not text:
                    found.direct.append(time.monotonic() - started)
                text += json.loads(line[6:])["choices"][0]["delta"].get("content", "")
                if f" {words[0]} " in text and not whole:
                    found.direct_words.append(time.monotonic() - started)
                    whole = True
        await asyncio.sleep(DIRECT_SECONDS)


async def crowd(url: str, model_url: str, candidates: int, seconds: float) -> Found:
    """So many candidates for so long, and then until each is done with what it waits for."""
    found = Found()
    context = ssl.create_default_context()

    def client(base: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=base, verify=context, timeout=100)

    async with client(url) as first:
        interview_id = await begin(first, "practice")
        wiring = Wiring.read((await first.get(f"/practice/?interview={interview_id}")).text)
    until = time.monotonic() + seconds
    arriving = min(60.0, seconds * ARRIVING_SHARE)

    async def arrive(number: int) -> None:
        await asyncio.sleep(arriving * number / candidates)
        async with client(url) as own:
            await Candidate(number, own, found).practise(wiring, until)

    async with client("") as direct:
        await asyncio.gather(
            ask_directly(direct, model_url, until, found),
            *(arrive(number) for number in range(candidates)),
        )
    return found


def main() -> None:
    """Run and write what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("model_url")
    parser.add_argument("--candidates", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    found = asyncio.run(crowd(given.url, given.model_url, given.candidates, given.seconds))
    given.out.write_text(json.dumps(asdict(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
