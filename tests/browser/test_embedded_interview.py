"""A whole interview in a real browser, held and graded by the real embedded model.

With SCREENSHOTS set to a folder it leaves pictures there; the README's come from it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

PORT = 7990
ADDRESS = f"http://127.0.0.1:{PORT}"
LOADING_MS = 240_000
GRADING_MS = 240_000

ANSWER = (
    "Last winter I was at the ticket desk of a small theatre in Gent. A woman came in ten minutes "
    "before the start with two tickets for the day before. Her mother was with her, it was her "
    "eightieth birthday, and she was close to tears because it was all her fault. I was alone at "
    "the desk, so it was up to me to find them seats before the doors closed. I told her that "
    "mixing up a date happens to us at the desk every week, and that we would get her mother in. I "
    "asked whether the stairs were a problem, and they were, so I gave them the two seats that we "
    "keep free for the house on the ground floor and walked them in myself."
)
MORE = [
    "They sat down as the lights went out. In the break the mother came to the desk and said it "
    "was her best birthday in years, and a week later they booked for the next play.",
    "I think what she was most afraid of was that her mother would notice, so I spoke quietly and "
    "called it our mix-up.",
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("data")
    process = subprocess.Popen(
        [sys.executable, "-m", "mock_interviewer", "serve", "--port", str(PORT)],
        env={**os.environ, "MOCK_INTERVIEWER_DATA": str(data)},
    )
    try:
        deadline = time.monotonic() + LOADING_MS / 1000
        while "The model is ready" not in _get("/model"):
            assert process.poll() is None, "the app has ended"
            assert time.monotonic() < deadline, "the model is not ready in time"
            time.sleep(0.5)
        yield ADDRESS
    finally:
        process.terminate()
        process.wait(20)


def _get(path: str) -> str:
    try:
        with urllib.request.urlopen(ADDRESS + path, timeout=5) as response:  # noqa: S310 - our own
            text: str = response.read().decode()
            return text
    except OSError:
        return ""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1100, "height": 860})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)


@pytest.mark.model
@pytest.mark.browser
def test_the_embedded_model_holds_and_grades_an_interview(app: str, page: Page) -> None:
    page.goto(app)
    page.get_by_text("STAR stories").click()
    page.get_by_role("button", name="Start the interview").click()
    box = page.get_by_label("Your answer")
    expect(box).to_be_visible()
    picture(page, "question")

    box.fill(ANSWER)
    page.get_by_role("button", name="Send").click()
    spoken = page.locator("#chat .bot")
    expect(spoken).to_have_count(2, timeout=60_000)
    picture(page, "probe")

    for reply in MORE:
        expect(page.locator("#status")).not_to_contain_text("interviewer", timeout=60_000)
        if page.get_by_role("button", name="Go on").is_visible():
            break
        box.fill(reply)
        page.get_by_role("button", name="Send").click()
        page.wait_for_timeout(1000)
    expect(page.get_by_role("button", name="Go on")).to_be_visible(timeout=60_000)

    feedback = page.locator("#feedback")
    expect(feedback).to_contain_text("Overall", timeout=GRADING_MS)
    picture(page, "feedback")

    page.locator("#stop").click()
    page.get_by_role("link", name="Open your report").click()
    expect(page.get_by_role("heading", name="At a glance")).to_be_visible()
    expect(page.get_by_text("1 of 1 answers")).to_be_visible()
    # Every quote stands in what the candidate typed.
    typed = " ".join([ANSWER, *MORE])
    quotes = page.locator("blockquote").all_text_contents()
    assert quotes
    assert [quote for quote in quotes if " ".join(quote.split()) not in typed] == []
    picture(page, "report")
    for name, width, scheme in (("desk-dark", 1100, "dark"), ("phone", 390, "light")):
        page.set_viewport_size({"width": width, "height": 860})
        page.emulate_media(color_scheme=scheme)
        picture(page, f"report-{name}")
