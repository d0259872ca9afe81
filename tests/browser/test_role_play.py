"""A role-play by keyboard alone with another try from a reply, and one without scripts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, NewContext
from tests.browser.test_drills import tab_to
from tests.model_server import Answer, Received, error, serving

pytestmark = pytest.mark.browser

TYPED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "interviewing/role_plays.yaml").read_text(encoding="utf-8")
)["chris-and-the-fifth-call"]
REPLIES: dict[str, str] = TYPED["replies"]
STANDING_BY_HIM: list[str] = TYPED["endings"]["standing_by_him"]


class Unfit:
    """A model that is of no use, so that code observes and the lines are the scenario's; `free`
    lets it say so."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()

    def __call__(self, received: Received) -> Answer:
        self.free.wait(30)
        return error(400, "no such model")


@pytest.fixture(scope="module")
def unfit() -> Unfit:
    return Unfit()


@pytest.fixture(scope="module")
def role_plays(unfit: Unfit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serving(unfit) as server:
        data = tmp_path_factory.mktemp("role-plays")
        app = App(server.url, data, MOCK_INTERVIEWER_STRATEGY="checklist")
        app.start()
        yield app
        unfit.free.set()
        app.stop()


def customer(page: Page) -> Locator:
    return page.locator(".talk .customer p")


def says(page: Page, name: str) -> None:
    """Type a reply and send it by keyboard; the customer has answered afterwards."""
    before = customer(page).count()
    expect(page.get_by_label("Your reply")).to_be_focused()
    page.keyboard.type(REPLIES[name])
    page.keyboard.press("Control+Enter")
    expect(customer(page)).to_have_count(before + 1)


def test_a_role_play_by_keyboard_with_another_try_beside_the_first(
    role_plays: App, unfit: Unfit, page: Page
) -> None:
    page.goto(role_plays.url)
    tab_to(page, page.get_by_role("link", name="Role-plays"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Chris and the fifth call"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Begin"))
    page.keyboard.press("Enter")
    expect(customer(page)).to_contain_text("This is the fifth time I'm ringing")
    expect(page.get_by_label("What you can look up")).to_contain_text("Old version")
    expect(page.locator(".mood")).to_contain_text("Shut · 2 of 10")

    tab_to(page, page.get_by_label("Your reply"))
    page.keyboard.type("I was going to say")
    page.reload()
    expect(page.get_by_label("Your reply")).to_have_value("I was going to say")
    page.route("**/reply", lambda route: route.abort())
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be sent")
    expect(page.get_by_label("Your reply")).to_have_value("I was going to say")
    page.unroute("**/reply")
    page.get_by_label("Your reply").fill("")
    says(page, "neutral")

    unfit.free.clear()
    page.keyboard.type(REPLIES["blames"])
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Chris Marlow is answering")).to_be_visible()
    unfit.free.set()
    expect(page.get_by_role("heading", name="Chris hangs up")).to_be_visible()
    expect(page.locator("#heard")).to_contain_text("Chris Marlow:")
    expect(page.get_by_role("link", name="See the debrief")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="The mood from 2 at the start")).to_be_visible()
    expect(page.get_by_text("It could not be graded")).to_be_visible()
    again = page.get_by_role("button", name="Try again from here (reply 1)")
    tab_to(page, again)
    page.keyboard.press("Enter")

    expect(page.get_by_text("again from reply 1")).to_be_visible()
    expect(customer(page)).to_have_count(1)
    tab_to(page, page.get_by_label("Your reply"))
    for name in STANDING_BY_HIM[:-1]:
        says(page, name)
    page.keyboard.type(REPLIES[STANDING_BY_HIM[-1]])
    page.keyboard.press("Shift+Enter")
    page.get_by_role("link", name="See the debrief").click()
    expect(page.get_by_text("You found it, with reply 2.")).to_be_visible()
    expect(page.locator(".replay > li")).to_have_count(len(STANDING_BY_HIM))
    tries = page.get_by_role("region", name="Your tries of this")
    tries.get_by_role("link", name="Debrief of try 1").click()
    expect(page.get_by_text("Chris hangs up.")).to_be_visible()
    expect(page.locator(".replay > li")).to_have_count(2)


def test_a_role_play_on_a_phone_without_scripts(role_plays: App, new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False, viewport={"width": 390, "height": 800}).new_page()
    page.goto(f"{role_plays.url}/role-plays/scenario/chris-and-the-fifth-call")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Your reply").fill(REPLIES["owns"])
    page.get_by_role("button", name="Send").click()
    expect(customer(page)).to_have_count(2)
    page.get_by_role("button", name="End the conversation").click()
    expect(page.get_by_role("heading", name="Debrief: Chris and the fifth call")).to_be_visible()
    page.get_by_role("button", name="Try again from here").click()
    expect(customer(page)).to_have_count(1)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
