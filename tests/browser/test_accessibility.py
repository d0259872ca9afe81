"""No page of the app has a serious fault of accessibility that a program can find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from mock_interviewer.web.site import make_site
from tests.browser.conftest import NewContext
from tests.web.judged import in_practice, interview, levels, review
from tests.web.people import World, world
from tests.web.serving import serving

pytestmark = pytest.mark.browser

PAGES = [
    ("nobody", "/login"),
    ("nobody", "/demo"),
    ("Ada", "/"),
    ("Ada", "/password"),
    ("Ada", "/practice/?interview={open}"),
    ("Ada", "/practice/?interview={finished}"),
    ("Ada", "/report/{finished}"),
    ("Ada", "/report/{rated}"),
    ("Ada", "/report/{asked}"),
    ("Ada", "/progress"),
    ("stranger", "/progress"),
    ("Ada", "/your-data"),
    ("Ada", "/your-data/delete-everything"),
    ("Ada", "/your-data/delete/{finished}"),
    ("coach", "/"),
    ("coach", "/desk"),
    ("coach", "/desk/interviews/{finished}?part=1"),
    ("coach", "/desk/interviews/{finished}?part=whole"),
    ("coach", "/desk/reviews/{review}/case"),
    ("other coach", "/desk"),
    ("coach", "/people"),
    ("coach", "/people/assign"),
    ("coach", "/people/assignments/{assignment}"),
    ("nobody", "/invitation/{token}"),
    ("coach", "/people/candidates/{ada}/progress"),
    ("coach", "/people/{group}/progress"),
    ("coach", "/agreement"),
    ("coach", "/calibration"),
    ("coach", "/calibration/{exercise}"),
    ("coach", "/regrades"),
    ("coach", "/regrades/{batch}?still=true"),
    ("coach", "/regrades/interviews/{finished}"),
    ("Ada", "/drills"),
    ("Ada", "/drills/{drill}"),
    ("Ada", "/drills/{drill}?attempt={attempt}"),
    ("Ada", "/role-plays"),
    ("Ada", "/role-plays/scenario/{scenario}"),
    ("Ada", "/role-plays/{role_play}"),
    ("Ada", "/role-plays/{ended_role_play}/debrief"),
    ("Ada", "/role-plays/{role_play}/delete"),
    ("Ada", "/plan"),
    ("Ada", "/posting"),
    ("admin", "/"),
]
NO_PAGES = {
    *("/model", "/session", "/manifest.json", "/healthz", "/favicon.ico", "/static", "/practice"),
    *("/report/{interview_id}.md", "/report/{interview_id}.pdf", "/report/{interview_id}.json"),
    *("/demo.md", "/demo.pdf", "/your-data/all.zip", "/desk/export.csv", "/desk/export.zip"),
}
"""Addresses that give no page of their own: parts, downloads, and the chat, which is above."""


class Place(NamedTuple):
    world: World
    site: FastAPI
    url: str
    named: dict[str, str]
    """What stands in the braces of the addresses."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with world(tmp_path_factory.mktemp("accessible") / "data") as people:
        people.program.people.groups.share(people.people["Ada"], people.finished, True)
        desk, coach = people.program.desk, people.people["coach"]
        review(people, "coach", people.finished)
        people.program.store.set_may_become_case(people.finished, True)
        named = {
            "open": people.open,
            "finished": people.finished,
            "drill": people.drill,
            "attempt": str(people.attempt),
            "scenario": people.program.role_playing.scenarios[0].id,
            "role_play": people.role_play,
            "ended_role_play": people.ended_role_play,
            "exercise": desk.calibrating.exercises(coach)[0].id,
            "assignment": people.assignment,
            "token": people.invitation,
            "ada": people.people["Ada"].id,
            "group": str(desk.assignments.groups(coach)[0].id),
            "rated": own_rated(people),
            "asked": interview(people, answers=2),
            "review": str(people.review),
            "batch": desk.regrades.ask(coach, [people.finished]).id,
        }
        site = make_site(people.program)
        with serving(site) as port:
            yield Place(people, site, f"http://127.0.0.1:{port}", named)


def own_rated(people: World) -> str:
    """An interview of which there are all three views."""
    ada, desk = people.people["Ada"], people.program.desk
    held = interview(people, answers=2)
    review(people, "coach", held)
    for number, answer in enumerate(desk.self_rating.to_rate(ada, held)):
        desk.self_rating.rate(ada, held, answer.id, levels(people, number + 1))
    return held


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("who", "path"), PAGES)
def test_a_page_has_no_serious_fault(
    place: Place, new_context: NewContext, who: str, path: str, scheme: str
) -> None:
    page = shown(place, new_context, who, path, scheme)
    assert serious_faults(page) == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_own_levels_beside_the_chat_have_none_before_the_feedback_and_in_it(
    place: Place, new_context: NewContext, scheme: str
) -> None:
    held = in_practice(place.world)
    page = shown(place, new_context, "Ada", f"/practice/?interview={held}", scheme)
    form = page.get_by_role("region", name="How do you see it?")
    form.get_by_text("5 more, one by one").click()
    form.get_by_text("What the levels mean").first.click()
    form.get_by_role("radio").first.check()
    assert serious_faults(page) == set()
    form.get_by_role("button", name="Keep my levels").click()
    expect(page.get_by_role("region", name="Your own levels")).to_be_visible()
    assert serious_faults(page) == set()


def test_the_page_after_a_case_was_made_has_none(place: Place, new_context: NewContext) -> None:
    people, held = place.world, interview(place.world)
    review(people, "coach", held)
    people.program.store.set_may_become_case(held, True)
    coach, reviewing = people.people["coach"], people.program.desk.reviewing
    (answer,) = reviewing.open(coach, held, blind=True).answers
    address = f"/desk/reviews/{answer.review.id}/case"
    page = shown(place, new_context, "coach", address, "light")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Make the case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The case is made")
    assert serious_faults(page) == set()
    page.emulate_media(color_scheme="dark")
    assert serious_faults(page) == set()


def shown(place: Place, new_context: NewContext, who: str, path: str, scheme: str) -> Page:
    context = new_context(viewport={"width": 1200, "height": 850}, color_scheme=scheme)
    if who != "nobody":
        name, _, value = place.world.cookie(who).partition("=")
        context.add_cookies([{"name": name, "value": value, "url": place.url}])
    page = context.new_page()
    page.goto(place.url + path.format(**place.named))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def serious_faults(page: Page) -> set[tuple[str, str]]:
    return {
        (fault["id"], " ".join(map(str, node["target"])))
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    }


def test_the_check_finds_a_fault_where_there_is_one(place: Place, page: Page) -> None:
    page.goto(f"{place.url}/demo")
    page.evaluate("document.querySelector('main').innerHTML = '<input id=\"nameless\">'")
    assert serious_faults(page) == {("label", "#nameless")}


def test_every_page_is_among_them(place: Place) -> None:
    templates = {getattr(route, "path", "") for route in _routes(place.site)}
    called = {
        **dict.fromkeys(("{finished}", "{rated}", "{asked}"), "{interview_id}"),
        **{"{drill}": "{drill_id}", "{ada}": "{candidate}"},
    }
    called |= {"{role_play}": "{role_play_id}", "{ended_role_play}": "{role_play_id}"}
    called["{review}"] = "{review_id}"
    shown = {path.partition("?")[0] for _, path in PAGES}
    for ours, name in called.items():
        shown = {path.replace(ours, name) for path in shown}
    assert templates - NO_PAGES - {path.rstrip("/") or "/" for path in shown} == set()


def _routes(site: FastAPI) -> Iterator[object]:
    """The site's own addresses that can be read."""
    for route in site.routes:
        router = getattr(route, "original_router", None)
        for each in router.routes if router else [route]:
            if "GET" in (getattr(each, "methods", None) or {"GET"}):
                yield each
