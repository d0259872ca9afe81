"""Whether an answer may become a case of the evals: asked on the report, off until it is ticked."""

from __future__ import annotations

import sqlite3

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.candidate import held
from tests.browser.conftest import App, NewContext
from tests.browser.scripted_model import ScriptedModel

pytestmark = pytest.mark.browser

BOX = "Yes, answers of this interview may be used"


def agreed(app: App, interview_id: str) -> bool:
    with sqlite3.connect(app.data / "interviews.sqlite3") as raw:
        (stored,) = raw.execute(
            "select may_become_case from interviews where id = ?", (interview_id,)
        ).fetchone()
    return bool(stored)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_the_candidate_agrees_on_the_report_and_takes_it_back_there(
    app: App, model: ScriptedModel, new_context: NewContext, scripts: bool
) -> None:
    context = new_context()
    page = context.new_page()
    interview_id = held(page, app, model)
    if not scripts:  # the chat needs them, the report does not
        plain = new_context(java_script_enabled=False)
        plain.add_cookies(context.cookies())  # type: ignore[arg-type]
        page = plain.new_page()
        page.goto(f"{app.url}/report/{interview_id}")
    box = page.get_by_role("checkbox", name=BOX)
    save = page.get_by_role("button", name="Save")
    expect(box).not_to_be_checked()
    assert not agreed(app, interview_id)

    box.check()
    assert not agreed(app, interview_id)
    save.click()
    status = page.get_by_role("status").get_by_text("Saved: answers of this interview may be used.")
    expect(status).to_be_visible()
    expect(status).to_be_in_viewport()
    assert agreed(app, interview_id)

    page.goto(f"{app.url}/report/{interview_id}")
    expect(box).to_be_checked()
    expect(status).to_have_count(0)

    box.uncheck()
    save.click()
    expect(page.get_by_text("Saved: answers of this interview are not used.")).to_be_visible()
    expect(box).not_to_be_checked()
    assert not agreed(app, interview_id)


def test_what_was_saved_is_where_a_screen_reader_goes_on(
    page: Page, app: App, model: ScriptedModel
) -> None:
    held(page, app, model)
    page.get_by_role("checkbox", name=BOX).press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="May your answers help")).to_be_focused()


def test_somebody_else_with_the_link_is_not_asked_and_cannot_agree(
    page: Page, app: App, model: ScriptedModel, new_context: NewContext
) -> None:
    interview_id = held(page, app, model)
    coach = new_context()
    looking = coach.new_page()
    looking.goto(page.url)
    expect(looking.get_by_role("heading", name="Your report")).to_be_visible()
    expect(looking.get_by_role("checkbox", name=BOX)).to_have_count(0)

    address = f"{app.url}/report/{interview_id}/may-become-case"
    refused = coach.request.post(address, form={"agreed": "true"})
    assert refused.status == 403
    assert "Only the person whose interview this is" in refused.text()
    assert not agreed(app, interview_id)


def test_another_site_cannot_agree_in_the_candidates_name(
    page: Page, app: App, model: ScriptedModel, chromium: Browser
) -> None:
    interview_id = held(page, app, model)
    # Without the word, some browsers send a new cookie along with another site's form.
    given = chromium.new_context().request.get(app.url).headers["set-cookie"]
    assert "SameSite=Lax" in given
    action = f"{app.url}/report/{interview_id}/may-become-case"
    form = f'<form method="post" action="{action}"><input name="agreed" value="true"></form>'
    # A browser that holds the candidate's cookie, and goes to a page that nobody here watches.
    browser = chromium.new_context()
    browser.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    elsewhere = browser.new_page()
    elsewhere.route(
        "**/elsewhere", lambda route: route.fulfill(body=form, content_type="text/html")
    )
    elsewhere.goto("http://elsewhere.localhost/elsewhere")
    elsewhere.evaluate("document.forms[0].submit()")
    expect(elsewhere.get_by_text("This was sent by another site's page")).to_be_visible()
    browser.close()
    assert not agreed(app, interview_id)


def test_the_demo_report_asks_nothing(page: Page, app: App) -> None:
    page.goto(f"{app.url}/demo")
    expect(page.get_by_role("heading", name="Your report")).to_be_visible()
    expect(page.get_by_role("checkbox", name=BOX)).to_have_count(0)
