"""Many short interviews one after the other, and the memory of the process that serves them.

`python -m tests.load.many --interviews 2500`: each begins, keeps six drafts, sends two messages,
and leaves; a dozen at a time. What is kept for each that is over shows as growth.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import tempfile
import time
from pathlib import Path

import httpx2

from tests.bench_parts import megabytes, served
from tests.load.paced_model import paced_model
from tests.load.page import Page, Wiring, begin

PORT = 7891
AT_ONCE = 12
EVERY = 250
REST_SECONDS = 20
FIRST_SECONDS, GRADE_SECONDS = 0.05, 0.1
ANSWER = "The guest told me that her room was too loud, and I asked her what would help."
REPLY = "So we looked for another one together."


async def main(interviews: int, process: subprocess.Popen[bytes]) -> None:
    """Hold them all, telling the memory on the way."""
    places = asyncio.Semaphore(AT_ONCE)
    started = time.monotonic()
    held = 0

    async def one() -> None:
        nonlocal held
        async with places:
            await _interview()
        held += 1
        if held % EVERY == 0:
            seconds = time.monotonic() - started
            print(f"{held:,} interviews, {seconds:.0f} s: {megabytes(process):.1f} MB", flush=True)

    await asyncio.gather(*(one() for _ in range(interviews)))
    await asyncio.sleep(REST_SECONDS)
    print(f"{REST_SECONDS} s later: {megabytes(process):.1f} MB")


async def _interview() -> None:
    # A client of its own: each is another candidate.
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", timeout=60) as client:
        interview_id = await begin(client, "practice")
        shown = await client.get(f"/practice/?interview={interview_id}")
        page = Page(client, Wiring.read(shown.text), interview_id)
        view = await page.load()
        for text in (ANSWER, REPLY):
            for share in (0.3, 0.6, 0.9):
                await page.draft(view.number, text[: int(share * len(text))])
            view = await page.send(view.number, text, lambda: None)
        await page.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interviews", type=int, default=2500)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        paced_model(FIRST_SECONDS, GRADE_SECONDS) as url,
        served(
            {
                "OPENAI_BASE_URL": url,
                "MOCK_INTERVIEWER_MODEL": "paced",
                "MOCK_INTERVIEWER_STRATEGY": "levels",
            },
            PORT,
            Path(folder),
        ) as program,
    ):
        asyncio.run(main(given.interviews, program))
