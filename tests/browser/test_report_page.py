"""The report by itself: it follows the grading without taking anything away, and can be kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App
from tests.browser.scripted_model import ScriptedModel

pytestmark = pytest.mark.browser


def reported_while_away(page: Page, app: App, model: ScriptedModel) -> None:
    """Hold an interview whose grade waits for the model, and open its report."""
    candidate = Candidate(page, app.url)
    model.probes = []
    candidate.begins(mode="Interview")
    model.away = True
    candidate.says(ANSWER)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    candidate.end.click()
    page.get_by_role("link", name="Open your report").click()
    candidate.sees_grades()
    expect(page.get_by_text("1 of 1 answer is still being graded")).to_be_visible()


def test_a_grade_that_is_not_there_is_no_missing_opportunity(
    page: Page, app: App, model: ScriptedModel
) -> None:
    reported_while_away(page, app, model)
    figures = page.get_by_role("region", name="At a glance")
    # Each question on STAR stories calls for STAR; not each calls for empathy.
    star = figures.locator(".bars.section").filter(has_text="STAR")
    expect(star.get_by_text("not graded yet").first).to_be_visible()
    expect(star.get_by_text("no opportunity")).to_have_count(0)


def test_a_report_that_is_being_read_offers_what_is_new_and_keeps_its_place(
    page: Page, app: App, model: ScriptedModel
) -> None:
    reported_while_away(page, app, model)
    hide = page.get_by_label("Hide the numbers")
    hide.check()
    model.away = False
    show = page.get_by_role("link", name="Show it")
    expect(show).to_be_visible()
    expect(hide).to_be_focused()
    show.click()
    expect(page.locator("#waiting")).to_have_count(0)
    expect(hide).to_be_checked()


def test_the_download_is_markdown_that_a_renderer_reads_as_it_is_meant(
    page: Page, app: App, model: ScriptedModel
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    candidate.answers()
    expect(candidate.go_on).to_be_visible()
    candidate.end.click()
    candidate.opens_report()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as Markdown").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    # A quote or a list goes on in the next line unless an empty one ends it.
    for number, line in enumerate(lines[:-1]):
        after = lines[number + 1]
        if line.startswith(">"):
            assert not after or after.startswith(">"), after
        if line.startswith("- **"):
            assert not after or after.startswith(("- **", "  - ")), after
        assert "  - " not in line[3:], line
    assert any(line.startswith("## Question 1") for line in lines)
    assert lines.count("You:") == 2
