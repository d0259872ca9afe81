"""A candidate's own data: seen, downloaded and deleted, by nobody else, and said plainly."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.candidate import ANSWER, Candidate, held
from tests.browser.conftest import App, NewContext, Watch
from tests.browser.scripted_model import ScriptedModel
from tests.pdf_text import text_of

pytestmark = pytest.mark.browser

FOR_GOOD = "Delete it for good"


def downloaded(page: Page, link: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link).click()
    download: Download = waiting.value
    return download.suggested_filename, Path(download.path()).read_bytes()


def stored(app: App, table: str, interview_id: str) -> int:
    column = "id" if table == "interviews" else "interview_id"
    with sqlite3.connect(app.data / "interviews.sqlite3") as raw:
        (count,) = raw.execute(
            f"select count(*) from {table} where {column} = ?",  # noqa: S608
            (interview_id,),
        ).fetchone()
    return int(count)


def grades(app: App) -> int:
    with sqlite3.connect(app.data / "interviews.sqlite3") as raw:
        return int(raw.execute("select count(*) from grades").fetchone()[0])


def test_a_candidate_downloads_everything_deletes_one_and_deletes_all(
    page: Page, own_app: App, model: ScriptedModel
) -> None:
    first, second = held(page, own_app, model), held(page, own_app, model)

    name, pdf = downloaded(page, "Download as PDF")
    assert name.startswith("practice-report-2")
    assert "a woman rang our shop" in text_of(pdf)
    name, text = downloaded(page, "Download as JSON")
    assert json.loads(text)["id"] == second
    assert name.startswith("interview-2")

    page.get_by_role("link", name="Your data").click()
    mine = page.get_by_role("region", name="Your interviews")
    expect(mine.get_by_role("listitem")).to_have_count(2)
    name, archive = downloaded(page, "Download everything")
    assert name == "my-interviews.zip"
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        assert zipped.testzip() is None
        names = zipped.namelist()
        ids = [json.loads(zipped.read(n))["id"] for n in names if n.endswith("interview.json")]
        assert ids == [first, second]  # the earliest first
        assert [n.partition("/")[2] or n for n in names] == [
            *("interview.json", "report.md", "report.pdf") * 2, "answers.csv", "README.txt",
        ]  # fmt: skip
        assert ANSWER in zipped.read("answers.csv").decode("utf-8-sig")

    mine.get_by_role("link", name="Delete the interview").last.click()
    expect(page.get_by_role("heading", name="Delete this interview?")).to_be_visible()
    assert stored(own_app, "interviews", first) == 1
    page.get_by_role("link", name="Keep it").click()
    mine.get_by_role("link", name="Delete the interview").last.click()
    page.get_by_role("button", name=FOR_GOOD).click()
    expect(page.get_by_role("status")).to_have_text(
        "Deleted: that interview, with its answers and grades."
    )
    expect(mine.get_by_role("listitem")).to_have_count(1)
    assert [stored(own_app, table, first) for table in ("interviews", "turns", "answers")] == [
        0,
        0,
        0,
    ]
    assert stored(own_app, "interviews", second) == 1

    page.get_by_role("link", name="Delete everything").click()
    expect(page.get_by_role("heading", name="Delete everything of yours?")).to_be_visible()
    page.get_by_role("button", name=FOR_GOOD).click()
    expect(page.get_by_role("status")).to_have_text("Deleted: everything of yours.")
    expect(page.get_by_text("Nothing is stored of you")).to_be_visible()
    assert stored(own_app, "interviews", second) == 0
    for path in own_app.data.glob("interviews.sqlite3*"):
        assert b"a woman rang our shop" not in path.read_bytes(), path.name


def test_it_all_works_without_scripts(
    page: Page, app: App, model: ScriptedModel, new_context: NewContext
) -> None:
    interview = held(page, app, model)
    plain = new_context(java_script_enabled=False)
    plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(f"{app.url}/your-data")
    page.get_by_role("link", name="Delete everything").click()
    page.get_by_role("button", name=FOR_GOOD).click()
    expect(page.get_by_text("Nothing is stored of you")).to_be_visible()
    assert stored(app, "interviews", interview) == 0


def test_the_notice_names_the_interviews_whose_answers_may_have_been_copied(
    page: Page, app: App, model: ScriptedModel
) -> None:
    held(page, app, model)
    agreed = held(page, app, model)
    page.get_by_role("checkbox", name="Yes, answers of this interview").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Delete this interview").click()
    notice = page.get_by_role("region", name="What cannot be called back")
    expect(notice).to_contain_text("You have agreed that answers of this interview be used")
    page.goto(f"{app.url}/your-data/delete-everything")
    with sqlite3.connect(app.data / "interviews.sqlite3") as raw:
        query = "select created_at from interviews where id = ?"
        (begun,) = raw.execute(query, (agreed,)).fetchone()
    day, time = begun[:10], begun[11:16]
    expect(notice).to_contain_text(f"these interviews be used to check the grading: {day}, {time}")
    expect(notice).to_contain_text("it cannot be found again, and it stays")


def test_nobody_elses_is_given_or_deleted(
    page: Page, app: App, model: ScriptedModel, new_context: NewContext
) -> None:
    interview = held(page, app, model)
    other = new_context()
    looking = other.new_page()
    looking.goto(f"{app.url}/report/{interview}")
    expect(looking.get_by_role("heading", name="Your report")).to_be_visible()
    # Who has the link reads the report, also on paper; the rest is its candidate's.
    assert other.request.get(f"{app.url}/report/{interview}.pdf").ok
    for link in ("Download as JSON", "Delete this interview"):
        expect(looking.get_by_role("link", name=link)).to_have_count(0)
    for way, path in (
        ("GET", f"report/{interview}.json"),
        ("GET", f"your-data/delete/{interview}"),
        ("POST", f"your-data/delete/{interview}"),
    ):
        refused = other.request.fetch(f"{app.url}/{path}", method=way)
        assert refused.status == 403, path
        assert "Only the person whose interview this is" in refused.text()
    for path in ("report/none.pdf", "report/none.json", "your-data/delete/none"):
        assert other.request.get(f"{app.url}/{path}").status == 404, path
    assert other.request.post(f"{app.url}/your-data/delete-everything").ok
    empty = other.request.get(f"{app.url}/your-data/all.zip")
    with zipfile.ZipFile(io.BytesIO(empty.body())) as zipped:
        assert zipped.namelist() == ["answers.csv", "README.txt"]
    assert stored(app, "interviews", interview) == 1


@pytest.mark.parametrize("act", ["types", "sends", "skips", "ends", "reloads"])
def test_an_open_page_of_a_deleted_interview_says_that_it_was_deleted(
    page: Page, app: App, model: ScriptedModel, watch: Watch, act: str
) -> None:
    candidate = Candidate(page, app.url)
    candidate.begins()
    elsewhere = page.context.new_page()
    elsewhere.goto(f"{app.url}/your-data/delete-everything")
    elsewhere.get_by_role("button", name=FOR_GOOD).click()
    expect(elsewhere.get_by_text("Nothing is stored of you")).to_be_visible()
    if act == "types":
        candidate.box.fill("Last year a woman rang")
    elif act == "sends":
        candidate.says(ANSWER)
    elif act == "skips":
        candidate.skip.click()
    elif act == "ends":
        candidate.end.click()
    else:
        page.reload()
        expect(candidate.place).to_have_text("No interview")
        expect(page.get_by_text("or it has been deleted")).to_be_visible()
        return
    expect(candidate.place).to_have_text("This interview was deleted")
    expect(page.get_by_text("gone for good")).to_be_visible()
    expect(candidate.box).to_be_hidden()
    assert candidate.messages() == []
    page.get_by_role("link", name="New interview").click()
    expect(page.get_by_role("button", name="Start the interview")).to_be_visible()
    # What was typed has no place any more, and that is how the page learned of it.
    assert all(re.fullmatch(r"404 .*/draft", refused) for refused in watch.refused)
    watch.refused.clear()


def test_deleted_while_the_interviewer_speaks_or_an_answer_is_graded_the_page_says_so(
    page: Page, app: App, model: ScriptedModel
) -> None:
    model.pause_seconds = 0.5
    candidate = Candidate(page, app.url)
    candidate.begins()
    candidate.says(ANSWER)
    expect(candidate.status).to_contain_text("The interviewer is writing")
    assert page.context.request.post(f"{app.url}/your-data/delete-everything").ok
    expect(candidate.place).to_have_text("This interview was deleted")

    model.reset()
    model.probes, model.grading_seconds = [], 3.0
    candidate.begins()
    candidate.says(ANSWER)
    expect(candidate.feedback).to_contain_text("Your answer is being read")
    before = grades(app)
    assert page.context.request.post(f"{app.url}/your-data/delete-everything").ok
    expect(candidate.place).to_have_text("This interview was deleted")
    page.wait_for_timeout(3500)  # by then the grade has come, and been dropped
    assert grades(app) == before
    assert "Traceback" not in "".join(app.log)

    # And the worker goes on with others.
    model.reset()
    held(page, app, model)


def test_where_old_interviews_are_deleted_candidates_are_told(
    page: Page, app: App, model: ScriptedModel, tmp_path: Path
) -> None:
    page.goto(app.url)
    stored = page.get_by_role("region", name="What is stored, and where")
    expect(stored).to_contain_text("until you delete them on the page Your data.")
    keeping = App(model.url, tmp_path, MOCK_INTERVIEWER_RETENTION_DAYS="90")
    keeping.start()
    try:
        page.goto(keeping.url)
        expect(stored).to_contain_text(
            "and are deleted by themselves 90 days after their last message"
        )
        stored.get_by_role("link", name="Your data").click()
        expect(page.get_by_text("at the latest 90 days after its last message")).to_be_visible()
    finally:
        keeping.stop()


def test_the_demo_report_can_be_had_as_pdf(page: Page, app: App) -> None:
    page.goto(f"{app.url}/demo")
    name, pdf = downloaded(page, "Download as PDF")
    assert name == "demo-report.pdf"
    assert "passport counter" in text_of(pdf)
    expect(page.get_by_role("link", name="Download as JSON")).to_have_count(0)
