"""Many at once, as `make bench` has them for longer: all is kept, and none holds up another."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

from tests.bench_load import differences
from tests.bench_parts import served
from tests.load.crowd import crowd
from tests.load.paced_model import paced_model
from tests.load.page import Page, Wiring, begin
from tests.loopback import free_port

TOLD = "Last May a guest had lost her key. I searched the garden with her. She was glad."
WAITING = 60
"""More than the 40 events that Gradio takes at the same time when it is left as it is."""


@contextlib.contextmanager
def started(folder: Path, first_seconds: float) -> Iterator[tuple[str, str]]:
    """The addresses of the program and of its model."""
    with paced_model(first_seconds=first_seconds) as model_url:
        environment = {
            "OPENAI_BASE_URL": model_url,
            "MOCK_INTERVIEWER_MODEL": "paced",
            "MOCK_INTERVIEWER_STRATEGY": "levels",
        }
        port = free_port()
        with served(environment, port, folder):
            yield f"http://127.0.0.1:{port}", model_url


def test_what_candidates_send_and_draft_at_the_same_time_is_kept_once_and_in_order(
    tmp_path: Path,
) -> None:
    with started(tmp_path, first_seconds=0.2) as (url, model_url):
        found = asyncio.run(crowd(url, model_url, candidates=8, seconds=20))
    assert found.errors == []
    assert sum(len(texts) for texts in found.sent.values()) > 0
    assert len(found.saves) > 8
    assert differences(tmp_path / "interviews.sqlite3", found) == []


def test_those_who_wait_for_a_slow_model_do_not_hold_up_others(tmp_path: Path) -> None:
    async def draft_meanwhile(url: str) -> float:
        async with contextlib.AsyncExitStack() as stack:
            trust = ssl.create_default_context()
            # Each candidate has a client, so a cookie, of their own.
            client, *others = [
                await stack.enter_async_context(
                    httpx2.AsyncClient(base_url=url, timeout=60, verify=trust)
                )
                for _ in range(1 + WAITING)
            ]
            interview = await begin(client, "interview")
            page = (await client.get(f"/practice/?interview={interview}")).text
            wiring = Wiring.read(page)
            waiting = [Page(each, wiring, await begin(each, "interview")) for each in others]
            sent = [asyncio.create_task(one.send(1, TOLD, lambda: None)) for one in waiting]
            await asyncio.sleep(4)
            began = time.monotonic()
            await Page(client, wiring, interview).draft(1, "I once")
            waited = time.monotonic() - began
            assert not any(one.done() for one in sent)
            await asyncio.gather(*sent)
            return waited

    with started(tmp_path, first_seconds=14) as (url, _):
        assert asyncio.run(draft_meanwhile(url)) < 5
