"""A coach's people at the browser: invited, given practice, and asking for a look."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mock_interviewer.service.access import Role
from mock_interviewer.service.directory import open_directory
from mock_interviewer.settings import load_settings
from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App, NewContext, Watch
from tests.browser.scripted_model import ScriptedModel
from tests.browser.test_access import NAMELESS, WIDER_THAN_THE_SCREEN
from tests.browser.test_accounts import PASSWORD, log_in

pytestmark = pytest.mark.browser

SCREENS = [
    {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    for width, scheme in ((1280, "light"), (390, "dark"))
]


@pytest.fixture(scope="module")
def shared(shared_model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with a coach who has nobody yet."""
    data = tmp_path_factory.mktemp("people") / "data"
    with open_directory(load_settings({"MOCK_INTERVIEWER_DATA": str(data)})) as directory:
        directory.groups.add("Spring")
        directory.accounts.add("Cora", Role.COACH, PASSWORD)
        directory.groups.join("Spring", "Cora")
    app = App(shared_model.url, data)
    app.start()
    yield app
    app.stop()


def check(page: Page, name: str) -> None:
    """Every control has a name, nothing is wider than the screen, on a desk and on a phone."""
    before = page.viewport_size
    for screen in SCREENS:
        page.set_viewport_size(screen["viewport"])  # type: ignore[arg-type]
        page.emulate_media(color_scheme=screen["color_scheme"])  # type: ignore[arg-type]
        assert page.evaluate(NAMELESS) == []
        assert not page.evaluate(WIDER_THAN_THE_SCREEN), (name, screen)
        if folder := os.environ.get("SCREENSHOTS"):
            width = screen["viewport"]["width"]  # type: ignore[index]
            file = Path(folder) / f"{name}-{width}-{screen['color_scheme']}.png"
            page.screenshot(path=file, full_page=True)
    if before:
        page.set_viewport_size(before)


def test_a_coach_invites_somebody_who_joins_does_what_they_are_given_and_asks_for_a_look(
    shared: App, model: ScriptedModel, new_context: NewContext, watch: Watch
) -> None:
    model.probes = []
    coach = new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    desk = coach.new_page()
    desk.goto(f"{shared.url}/people")
    log_in(desk, "Cora")
    spring = desk.get_by_role("region", name="Spring")
    spring.get_by_label("For whom").fill("Ben from the Tuesday course")
    spring.get_by_role("button", name="Make a link").click()
    link = desk.get_by_label("Link of the invitation").input_value()
    expect(desk.get_by_role("region", name="Invitations that you sent")).to_contain_text("Ben from")

    page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(link)
    expect(page.get_by_role("heading", name="You are invited to Spring")).to_be_visible()
    check(page, "invitation")
    page.get_by_label("Name").fill("Ben")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill("something else")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("alert")).to_have_text("The two passwords are not the same.")
    assert [line.split()[0] for line in watch.refused] == ["400"]
    watch.refused.clear()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("Signed in as Ben")).to_be_visible()
    desk.goto(link)
    expect(desk.get_by_role("heading", name="does not work any more")).to_be_visible()
    assert [line.split()[0] for line in watch.refused] == ["404"]
    watch.refused.clear()
    assert link.rpartition("/")[2] not in "".join(shared.log)

    desk.goto(f"{shared.url}/people")
    spring.get_by_role("link", name="Give practice to Ben").click()
    desk.get_by_label("Title").fill("Bad news")
    desk.get_by_label("Due on").fill("2090-01-31")
    desk.get_by_role("radio", name="Practice").check()
    desk.get_by_role("checkbox").first.check()
    first = desk.get_by_role("checkbox").first.get_attribute("value")
    desk.get_by_label("About", exact=True).select_option(label="Bad news")
    desk.get_by_role("button", name="Filter").click()
    expect(desk.get_by_label("To whom")).to_have_value(choice_of_ben(desk))
    expect(desk.get_by_role("checkbox").first).to_be_checked()
    assert desk.get_by_role("checkbox").first.get_attribute("value") == first
    check(desk, "assign")
    desk.get_by_role("button", name="Give it").click()
    standings = desk.get_by_role("region", name="How far they are")
    expect(standings.get_by_role("listitem")).to_contain_text("assigned")

    page.goto(shared.url)
    given = page.get_by_role("region", name="Assigned to you")
    expect(given).to_contain_text("due 2090-01-31")
    check(page, "home")
    given.get_by_role("button", name="Begin with Bad news").click()
    candidate = Candidate(page, shared.url)
    candidate.is_asked("Question 1 of 1")
    desk.reload()
    expect(standings.get_by_role("listitem")).to_contain_text("begun")
    candidate.says(ANSWER)
    expect(candidate.go_on).to_be_visible()
    candidate.end.click()
    candidate.opens_report()
    page.get_by_role("button", name="Ask for a look").click()
    expect(page.get_by_role("status")).to_contain_text("your coaches see that you ask for a look")
    desk.goto(f"{shared.url}/people")
    expect(desk.get_by_role("region", name="Given to practise")).to_contain_text("1 of 1 done")
    spring.get_by_text("Invite somebody to Spring").click()
    check(desk, "people")
    desk.get_by_role("link", name="Bad news").click()
    expect(standings.get_by_role("listitem")).to_contain_text("done")
    check(desk, "assignment")
    standings.get_by_role("link", name="Open at the desk for Ben").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Ben")


def choice_of_ben(desk: Page) -> str:
    """The value by which the list of people knows Ben."""
    value = desk.get_by_role("option", name="Ben").get_attribute("value")
    assert value
    return value
