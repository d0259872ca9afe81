"""A disk that takes nothing more while somebody practises: the page says so and loses nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App, Watch
from tests.browser.scripted_model import PROBE, ScriptedModel

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="limits another process as Linux can"),
]

REASON = "Nothing can be saved just now: the disk reports an error."


@contextmanager
def nothing_can_be_written(app: App) -> Iterator[None]:
    """Each write of the app to a file fails, until the end of the block."""
    import resource

    before = resource.prlimit(app.process_id, resource.RLIMIT_FSIZE)
    resource.prlimit(app.process_id, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(app.process_id, resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_nothing_typed_or_said_is_lost_and_the_interview_goes_on_afterwards(
    page: Page, app: App, model: ScriptedModel, watch: Watch
) -> None:
    logged = len(app.log)
    candidate = Candidate(page, app.url)
    candidate.begins()
    asked = candidate.messages()
    alert = page.get_by_role("alert").filter(has_text=REASON)
    with nothing_can_be_written(app):
        candidate.box.fill(ANSWER)
        expect(candidate.counter).to_contain_text("draft not kept")
        candidate.send.click()
        expect(alert).to_contain_text("What you wrote is still in the box.")
        expect(candidate.box).to_have_value(ANSWER)
        assert candidate.messages() == asked
    model.pause_seconds = 0.2
    candidate.send.click()
    expect(candidate.interviewer.last).to_contain_text("What did you")
    with nothing_can_be_written(app):
        expect(alert).to_contain_text("Then reload this page")
    page.reload()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages() == [*asked, ANSWER, PROBE]
    assert "Traceback" not in "".join(app.log[logged:])
    assert {line.split()[0] for line in watch.refused} == {"503"}
    watch.refused.clear()
