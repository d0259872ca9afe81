"""Accounts at the browser: logging in and out, sharing with a coach, a login that runs out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mock_interviewer.service.access import Role
from mock_interviewer.service.directory import open_directory
from mock_interviewer.settings import load_settings
from tests.browser.candidate import ANSWER, Candidate
from tests.browser.conftest import App, NewContext, Watch
from tests.browser.scripted_model import ScriptedModel
from tests.browser.test_access import NAMELESS, OUTLINE, WIDER_THAN_THE_SCREEN

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
PEOPLE = {"Ada": Role.CANDIDATE, "Cora": Role.COACH, "Root": Role.ADMIN}


@pytest.fixture(scope="module")
def shared(shared_model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with accounts."""
    data = tmp_path_factory.mktemp("accounts") / "data"
    with open_directory(load_settings({"MOCK_INTERVIEWER_DATA": str(data)})) as directory:
        directory.groups.add("Spring")
        for name, role in PEOPLE.items():
            directory.accounts.add(name, role, PASSWORD)
            directory.groups.join("Spring", name)
    app = App(shared_model.url, data)
    app.start()
    yield app
    app.stop()


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def end_logins(data: Path) -> None:
    """As if their hours were over."""
    with closing(sqlite3.connect(data / "interviews.sqlite3")) as raw, raw:
        raw.execute("delete from logins")


def test_a_candidate_logs_in_practises_shares_and_logs_out_and_their_coach_reads_it(
    page: Page, shared: App, model: ScriptedModel
) -> None:
    page.goto(shared.url)
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    log_in(page, "ada")
    expect(page.get_by_text("Signed in as Ada")).to_be_visible()

    model.probes = []
    candidate = Candidate(page, shared.url)
    candidate.begins()
    expect(page.get_by_text("Signed in as Ada")).to_be_visible()
    candidate.says(ANSWER)
    expect(candidate.go_on).to_be_visible()
    candidate.end.click()
    candidate.opens_report()
    report = page.url
    share = page.get_by_role("region", name="May your coaches read this interview?")
    box = share.get_by_role("checkbox")
    expect(box).not_to_be_checked()
    box.check()
    share.get_by_role("button", name="Save").click()
    expect(share.get_by_role("status")).to_have_text(
        "Saved: the coaches of your groups can read it."
    )
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.goto(report)
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()

    log_in(page, "Cora")  # which leads to the report that was asked for
    expect(page.get_by_role("heading", name="Report of Ada")).to_be_visible()
    expect(page.locator("article .turn.candidate .who").first).to_have_text("Ada")
    expect(page.locator("main form")).to_have_count(0)
    page.goto(shared.url)
    page.get_by_role("link", name="Open the queue").click()
    expect(page.get_by_role("rowheader", name="Ada").first).to_be_visible()


def test_a_login_that_runs_out_is_told_and_what_was_typed_is_sent_after_logging_in_again(
    page: Page, shared: App, model: ScriptedModel, watch: Watch
) -> None:
    page.goto(shared.url)
    log_in(page, "Ada")
    candidate = Candidate(page, shared.url)
    candidate.begins()
    candidate.drafts("I had begun to tell of")
    end_logins(shared.data)
    candidate.box.press_sequentially(" a woman whose parcel had not come.")
    expect(page.get_by_role("alert").filter(has_text="no longer logged in")).to_be_visible()

    again = page.context.new_page()
    again.goto(shared.url)
    log_in(again, "Ada")
    expect(again.get_by_text("Signed in as Ada")).to_be_visible()
    again.close()
    typed = "I had begun to tell of a woman whose parcel had not come."
    expect(candidate.box).to_have_value(typed)
    expect(candidate.counter).to_contain_text("draft kept")
    candidate.send.click()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages()[1] == typed
    refused = {line.split()[0] for line in watch.refused}
    assert refused == {"401"}
    watch.refused.clear()


def test_after_a_reload_that_asks_to_log_in_the_page_comes_back_with_its_draft(
    page: Page, shared: App, model: ScriptedModel
) -> None:
    page.goto(shared.url)
    log_in(page, "Ada")
    candidate = Candidate(page, shared.url)
    candidate.begins()
    candidate.drafts("I had begun to tell of")
    end_logins(shared.data)
    page.reload()
    log_in(page, "Ada")
    candidate.is_asked("Question 1 of 3")
    expect(candidate.box).to_have_value("I had begun to tell of")


def test_a_wrong_password_is_told_and_the_name_stays(page: Page, shared: App, watch: Watch) -> None:
    page.goto(shared.url)
    log_in(page, "Root", "a wrong password")
    expect(page.get_by_role("alert")).to_have_text("This name and password do not go together.")
    expect(page.get_by_label("Name")).to_have_value("Root")
    expect(page.get_by_label("Password")).to_have_value("")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Accounts and groups")).to_be_visible()
    assert [line.split()[0] for line in watch.refused] == ["401"]
    watch.refused.clear()


def test_somebody_else_with_the_link_of_an_interview_sees_nothing_of_it(
    page: Page, shared: App, model: ScriptedModel, new_context: NewContext, watch: Watch
) -> None:
    page.goto(shared.url)
    log_in(page, "Ada")
    candidate = Candidate(page, shared.url)
    candidate.begins()
    candidate.drafts("Nobody else is to read this.")
    coach = new_context().new_page()
    coach.goto(page.url)
    log_in(coach, "Cora")
    expect(coach.get_by_role("heading", name="No interview")).to_be_visible()
    expect(coach.get_by_text("There is no such interview here.")).to_be_visible()
    assert "Nobody else" not in coach.content()
    coach.goto(f"{shared.url}/report/{page.url.partition('=')[2]}")
    expect(coach.get_by_role("heading", name="Not found")).to_be_visible()
    assert [line.split()[0] for line in watch.refused] == ["404"]
    watch.refused.clear()


def test_ones_password_is_changed_and_elsewhere_one_is_logged_out(
    page: Page, shared: App, new_context: NewContext
) -> None:
    elsewhere = new_context().new_page()
    for tab in (page, elsewhere):
        tab.goto(shared.url)
        log_in(tab, "Root")
    page.get_by_role("link", name="Password").click()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("another password")
    page.get_by_label("New password, once more").fill("another password")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="Log in")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_accounts_fit_a_phone_and_have_names_for_everything(
    shared: App, new_context: NewContext, scheme: str
) -> None:
    page = new_context(viewport={"width": 320, "height": 640}, color_scheme=scheme).new_page()
    page.goto(f"{shared.url}/password")
    for path in ("/login", "/password", "/"):
        if path == "/password":
            log_in(page, "Cora")
            expect(page.get_by_text("Signed in as Cora")).to_be_visible()
        elif path == "/":
            page.goto(shared.url)
        assert not page.evaluate(WIDER_THAN_THE_SCREEN), path
        assert page.evaluate(NAMELESS) == [], path
        page.keyboard.press("Tab")
        assert page.evaluate(OUTLINE), path
