"""A coach's afternoon at the desk: the queue, a blind grade, what the machine says, and why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.coach_desk import Desk, finish, kept, listening, rate, served_desk
from tests.browser.conftest import NewContext, Watch

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with served_desk(tmp_path / "data") as served:
        yield served


# From the queue to the candidate


def test_a_coach_grades_blind_sees_the_machine_says_why_not_and_the_candidate_reads_it(
    desk: Desk, new_context: NewContext, watch: Watch
) -> None:
    page = desk.page(new_context, "coach")
    page.goto(desk.url)
    page.get_by_role("link", name="Open the queue").click()
    row = page.get_by_role("row", name=re.compile("Ada"))
    expect(row).to_contain_text("nobody yet")
    row.get_by_role("button", name="Review Ada").click()

    expect(page.get_by_text("evidence is hidden until you are done")).to_be_visible()
    assert "Machine 2" not in page.inner_text("main")
    rate(page, "Situation", "4")
    rate(page, "Listening", "2")
    page.get_by_role("button", name="Sentence 2: comment").click()
    page.get_by_label("Comment on sentence 2").fill("Stay with her cold for a sentence.")
    kept(desk, "Stay with her cold")
    expect(page.locator("#saved")).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    finish(page)
    situation = page.get_by_role("group", name="Situation", exact=True)
    expect(situation.get_by_text("Machine 2 hinted at")).to_be_visible()

    # What was graded blind stands without a reason; what is changed after it does not.
    rate(page, "Situation", "5")
    expect(situation.get_by_text("Say why")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in a few words why, for: Situation.")
    watch.refused.clear()
    page.get_by_label("Why this level of Situation").fill("The guest stands before me.")
    finish(page)
    page.get_by_text("History (").click()
    expect(page.locator(".history")).to_contain_text("Situation from “4” to “5”")

    page.get_by_role("link", name="The whole interview").click()
    page.get_by_label("Note to Ada").fill("Dear Ada, you look after people.")
    kept(desk, "Dear Ada")
    finish(page)

    theirs = desk.page(new_context, "Ada")
    theirs.goto(f"{desk.url}/report/{desk.interview}")
    expect(theirs.get_by_text("Dear Ada, you look after people.")).to_be_visible()
    told = theirs.inner_text("main")
    first = told.index("Question 1")
    assert told.index("The guest stands before me.", first) < told.index("The machine’s view")
    row = theirs.get_by_role("row", name=re.compile("^Situation"))
    expect(row).to_contain_text("vivid · 5")
    expect(row).to_contain_text("hinted at · 2")
    expect(theirs.get_by_text("Stay with her cold for a sentence.")).to_be_visible()


def test_a_draft_is_nobody_elses(desk: Desk, new_context: NewContext) -> None:
    page = desk.review(new_context)
    page.get_by_label("Comment on this answer").fill("Not yet fit to be read.")
    kept(desk, "Not yet fit")
    for who, path in (("Ada", "report"), ("other coach", "desk/interviews")):
        other = desk.page(new_context, who)
        other.goto(f"{desk.url}/{path}/{desk.interview}")
        if who == "other coach":
            other.get_by_role("button", name="Begin").click()
            expect(other.get_by_role("heading", name="Your levels")).to_be_visible()
        assert "Not yet fit" not in other.content()


def test_the_queue_says_who_is_at_what_until_they_let_go(
    desk: Desk, new_context: NewContext
) -> None:
    page = desk.review(new_context)
    other = desk.page(new_context, "other coach")
    other.goto(f"{desk.url}/desk")
    expect(other.get_by_role("row", name=re.compile("Ada"))).to_contain_text("coach is at it until")
    expect(other.get_by_role("button", name="Review Ada")).to_have_count(0)
    page.goto(f"{desk.url}/desk?which=mine")
    page.get_by_role("button", name="Let go of Ada").click()
    other.reload()
    expect(other.get_by_role("button", name="Review Ada")).to_be_visible()
    page.goto(f"{desk.url}/desk?which=mine")
    expect(page.get_by_text("You have claimed no interview.")).to_be_visible()


def test_an_empty_queue_says_what_fills_it(desk: Desk, new_context: NewContext) -> None:
    desk.world.program.people.groups.share(desk.person("Ada"), desk.interview, False)
    page = desk.page(new_context, "coach")
    page.goto(f"{desk.url}/desk")
    expect(page.get_by_text("No interview is shared with you yet.")).to_be_visible()
    expect(page.get_by_text("Ask them to tick it.")).to_be_visible()


def test_the_evidence_of_the_chosen_criterion_is_marked_with_a_sign_and_in_words(
    desk: Desk, new_context: NewContext
) -> None:
    page = desk.review(new_context)
    page.get_by_role("button", name="Show the machine’s levels").click()
    expect(page.get_by_text("no longer counts as graded blind")).to_be_visible()
    for name, number in (("Situation", 1), ("Action", 3)):
        page.get_by_role("group", name=name, exact=True).locator("legend").click()
        expect(page.locator(".sentence.cited")).to_have_count(1)
        marked = page.locator(f"#s{number}")
        expect(marked.get_by_text("◆")).to_be_visible()
        expect(marked).to_contain_text("evidence:")
    page.get_by_role("group", name="Task", exact=True).locator("legend").click()
    expect(page.locator(".sentence.cited")).to_have_count(0)


# Two tabs


def test_a_second_tab_is_told_and_shown_both_and_what_it_keeps_is_kept(
    desk: Desk, new_context: NewContext, watch: Watch
) -> None:
    page = desk.review(new_context)
    second = page.context.new_page()
    second.goto(page.url)
    listening(second)
    page.get_by_label("Comment on this answer").fill("From the first tab.")
    kept(desk, "From the first tab.")

    second.get_by_label("Comment on this answer").fill("From the second tab.")
    conflict = second.get_by_role("alert")
    expect(conflict).to_contain_text("saved elsewhere")
    expect(conflict).to_contain_text("From the first tab.")
    expect(conflict).to_contain_text("From the second tab.")
    kept(desk, "From the first tab.")
    watch.refused.clear()
    # What is typed while it is open is kept, too; nothing is saved before there is a choice.
    second.get_by_label("Comment on this answer").fill("From both tabs.")
    second.get_by_role("button", name="Keep what stands here").click()
    expect(second.get_by_role("alert")).to_have_count(0)
    kept(desk, "From both tabs.")

    page.get_by_label("Comment on this answer").fill("Too late.")
    page.get_by_role("button", name="Take what is saved there").click()
    expect(page.get_by_label("Comment on this answer")).to_have_value("From both tabs.")
    watch.refused.clear()


def test_what_is_typed_just_before_leaving_is_kept(desk: Desk, new_context: NewContext) -> None:
    page = desk.review(new_context)
    page.get_by_label("Comment on this answer").fill("Quickly said.")
    page.get_by_role("link", name="Next: Question 2").click()
    expect(page.get_by_role("heading", name="Tell me about warmth.")).to_be_visible()
    kept(desk, "Quickly said.")
    listening(page)
    page.get_by_label("Comment on this answer").fill("And closed at once.")
    page.close()
    kept(desk, "And closed at once.")


def test_a_server_that_is_away_for_a_moment_costs_no_word(
    desk: Desk, new_context: NewContext
) -> None:
    page = desk.review(new_context)
    page.route("**/desk/reviews/*", lambda route: route.abort())
    page.get_by_label("Comment on this answer").fill("While it was away.")
    expect(page.locator("#saved")).to_contain_text("Not saved")
    page.unroute("**/desk/reviews/*")
    kept(desk, "While it was away.")
    expect(page.locator("#saved")).to_have_text(re.compile("^Saved"))
