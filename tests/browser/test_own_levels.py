"""A candidate rates themselves before the grades, and finds over time how the views lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from mock_interviewer.web.site import make_site
from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App, NewContext
from tests.browser.scripted_model import NEXT_STEP, ScriptedModel
from tests.browser.test_access import NAMELESS, WIDER_THAN_THE_SCREEN
from tests.web.judged import interview, levels, review
from tests.web.people import World, world
from tests.web.serving import serving

pytestmark = pytest.mark.browser

TABLET, PHONE = {"width": 820, "height": 1180}, {"width": 390, "height": 844}


@dataclass
class Place:
    """The site, and a browser in which somebody is logged in."""

    world: World
    url: str

    def page(self, new_context: NewContext, who: str = "Ada", **options: object) -> Page:
        context = new_context(**{"viewport": {"width": 1280, "height": 850}, **options})
        name, value = self.world.cookie(who).split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": self.url}])
        return context.new_page()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("own-levels") / "data"
    with world(data) as made, serving(make_site(made.program)) as port:
        yield Place(made, f"http://127.0.0.1:{port}")


def fits(page: Page) -> None:
    """Every control has a name, and nothing is wider than the screen, smaller ones as well."""
    before = page.viewport_size
    assert before
    for size in (before, TABLET, PHONE):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert page.evaluate(NAMELESS) == []
        assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    page.set_viewport_size(before)


def group(page: Page, criterion: str) -> Locator:
    return page.get_by_role("group", name=criterion, exact=True).first


def test_by_keyboard_and_without_a_script_own_levels_come_to_stand_beside_the_others(
    place: Place, new_context: NewContext
) -> None:
    held = interview(place.world, answers=2, action=2)
    review(place.world, "coach", held, action=4)
    page = place.page(new_context, java_script_enabled=False)
    page.goto(f"{place.url}/report/{held}")
    expect(page.get_by_role("heading", level=1)).to_have_text("How do you see it yourself?")
    expect(page.get_by_text("So it seems.")).to_have_count(0)
    expect(page.get_by_text("At a glance")).to_have_count(0)
    for more in page.get_by_text("5 more, one by one").all():
        more.click()
    fits(page)

    first = page.get_by_role("region", name="Question 1")
    first.get_by_text("Read your answer again").click()
    expect(first.locator(".turn.candidate")).to_be_visible()
    # "Leave out" is chosen at first; one key goes from there to the level before it.
    action = group(page, "Action")
    action.get_by_role("radio", name="leave out").focus()
    page.keyboard.press("ArrowLeft")
    expect(action.get_by_role("radio", name="5 step by step")).to_be_checked()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("your own levels stand beside the others’")
    seen = page.get_by_role("article", name="Question 1").get_by_role("region", name="coach says")
    expect(seen.get_by_role("columnheader")).to_have_text(["Criterion", "coach", "You", "Machine"])
    row = seen.get_by_role("row", name=re.compile("^Action"))
    expect(row.get_by_role("cell")).to_contain_text(["particular", "step by step", "vague"])
    fits(page)


def test_in_practice_one_rates_an_answer_by_keyboard_before_its_feedback(
    page: Page, app: App, model: ScriptedModel
) -> None:
    model.probes, model.grading_seconds = [], 1.0
    candidate = Candidate(page, app.url)
    page.goto(app.url)
    page.get_by_role("checkbox", name="Rate my answers myself").press("Space")
    page.get_by_role("radio", name="STAR stories").press("Space")
    page.get_by_role("button", name="Start the interview").press("Enter")
    form = page.get_by_role("region", name="How do you see it?")

    # The form is there at once, with the focus on it; one key goes to a level, one sends it.
    candidate.is_asked("Question 1 of 3")
    candidate.box.fill(ANSWER)
    candidate.box.press("Control+Enter")
    expect(group(page, "Situation").get_by_role("radio", name="leave out")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("how do you see it yourself?")
    expect(candidate.feedback).to_have_count(0)
    assert NEXT_STEP not in page.content()
    # A question that calls for a story alone has no more criteria.
    for more in form.get_by_text("5 more, one by one").all():
        more.press("Enter")
    fits(page)
    situation = group(page, "Situation")
    situation.get_by_role("radio", name="leave out").press("ArrowLeft")
    expect(situation.get_by_role("radio", name="5 vivid")).to_be_checked()
    page.keyboard.press("Enter")
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()
    own = candidate.feedback.get_by_role("row", name=re.compile("^Situation"))
    expect(own.get_by_role("cell")).to_contain_text(["vivid", "clear"])
    expect(candidate.go_on).to_be_focused()
    assert NEXT_STEP in page.content()
    fits(page)

    page.keyboard.press("Enter")
    candidate.is_asked("Question 2 of 3")
    candidate.says(ANSWER)
    form.get_by_role("button", name="Show the feedback without").press("Enter")
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()
    expect(candidate.feedback.get_by_role("row")).to_have_count(0)

    # Going on says nothing, so that the report asks first, and about this answer only.
    candidate.go_on.click()
    candidate.is_asked("Question 3 of 3")
    candidate.says(ANSWER)
    expect(form).to_be_visible()
    candidate.end.click()
    page.get_by_role("link", name="Open your report").click()
    expect(page.get_by_role("region", name=re.compile("^Question"))).to_have_count(1)
    expect(page.get_by_role("region", name="Question 3")).to_be_visible()
    candidate.sees_grades()
    first = page.get_by_role("article", name="Question 1")
    expect(first.get_by_role("row", name=re.compile("^Situation"))).to_contain_text("vivid")


def test_progress_is_a_line_for_each_criterion_whose_points_lead_to_the_answers(
    place: Place, new_context: NewContext
) -> None:
    desk, ada = place.world.program.desk, place.world.people["Ada"]
    for number in range(4):
        held = interview(place.world, answers=2, task=1 + number)
        if number == 2:
            review(place.world, "coach", held)
        for answer in desk.self_rating.to_rate(ada, held):
            desk.self_rating.rate(ada, held, answer.id, levels(place.world, number))
    page = place.page(new_context)
    page.goto(place.url)
    page.get_by_role("link", name="Your progress").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your progress")
    fits(page)

    task = page.get_by_role("region", name="Task", exact=True)
    drawn = task.get_by_role("img", name=re.compile(r"^Task: strong, 4 of 5, on .*; at first"))
    expect(drawn).to_be_visible()
    # By shape, and not by colour alone: a square where a coach gave a level.
    expect(drawn.locator("rect.coach")).not_to_have_count(0)
    expect(drawn.locator("circle.machine")).not_to_have_count(0)
    expect(task.get_by_role("table")).to_be_hidden()
    task.get_by_text("answers in it").click()
    expect(task.get_by_role("table")).to_be_visible()
    fits(page)

    hide = page.get_by_label("Hide the numbers")
    hide.check()
    expect(task.locator(".number").first).to_be_hidden()
    expect(task.get_by_text("strong").first).to_be_visible()
    hide.uncheck()
    own = page.get_by_role("region", name="Your own levels")
    own.get_by_text("The figures").click()
    expect(own.get_by_role("columnheader", name="From a coach’s")).to_be_visible()

    link = task.get_by_role("link", name="question 2").first
    address = link.get_attribute("href") or ""
    link.click()
    expect(page).to_have_url(f"{place.url}{address}")
    expect(page.locator(f"#{address.partition('#')[2]}")).to_be_in_viewport()


def test_the_table_behind_a_groups_plot_fits_its_card_on_a_tablet(
    place: Place, new_context: NewContext
) -> None:
    interview(place.world, answers=2)
    (group,) = place.world.program.desk.assignments.groups(place.world.people["coach"])
    page = place.page(new_context, "coach", viewport=TABLET)
    page.goto(f"{place.url}/people/{group.id}/progress")
    task = page.get_by_role("region", name="Task", exact=True)
    task.get_by_text("in it").click()
    card, table = task.bounding_box(), task.get_by_role("table").bounding_box()
    assert card
    assert table
    assert table["x"] + table["width"] < card["x"] + card["width"]
    fits(page)
