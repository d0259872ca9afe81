"""The report of an evaluation in a real browser, opened as a file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from mock_interviewer.evaluation.report import write_report
from mock_interviewer.evaluation.whole import Whole
from tests.evaluation import told_suite

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}

CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility() || element.closest(".hide, .skip")) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(faint)];
}"""


@dataclass
class Report:
    """A report on disk, with the run that it tells of."""

    path: Path
    whole: Whole

    def url(self, part: str = "") -> str:
        return self.path.as_uri() + part


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A run with a changed prompt, worse grades and a rating without a level; and a green one."""
    green = told_suite.make(tmp_path_factory.mktemp("green"))
    folder = tmp_path_factory.mktemp("red")
    shutil.copytree(green.parent.parent, folder, dirs_exist_ok=True)
    red = folder / "suites" / green.name
    told_suite.change_prompt(red)
    told_suite.record_worse(red)
    whole = told_suite.whole(red)
    other = red.with_name("other.yaml")
    other.write_text(green.read_text().replace("id: small", "id: other"))
    write_report([whole, told_suite.whole(other)], folder / "report")
    return Report(folder / "report" / "report.html", whole)


OpenPage = Callable[..., Page]


@pytest.fixture
def open_report(made: Report, chromium: Browser) -> Iterator[OpenPage]:
    """Open a part of the report; it may ask for nothing but itself and complain of nothing."""
    requests: list[str] = []
    complaints: list[str] = []
    contexts = []

    def opened(part: str = "", **options: object) -> Page:
        context = chromium.new_context(**{"viewport": DESK, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url.partition("#")[0]))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.goto(made.url(part))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert set(requests) <= {made.url(), "data:,"}
    assert complaints == []


def rows(page: Page) -> Locator:
    return page.locator("section:visible table.cases tbody tr:visible")


def cases(page: Page) -> list[str]:
    return rows(page).locator("th").all_text_contents()


def column(page: Page, number: int) -> list[str]:
    return [row.locator("th, td").nth(number).inner_text() for row in rows(page).all()]


def test_the_first_view_says_what_each_suite_comes_to(open_report: OpenPage) -> None:
    page = open_report()
    cards = page.locator(".card")
    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text("Fails")
    expect(cards.nth(1)).to_contain_text("Passes")
    expect(page.locator("section.case:visible")).to_have_count(0)
    cards.nth(0).get_by_role("link", name="small").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("small")
    expect(page.get_by_role("table", name="Gates that fail")).to_contain_text("✗ FAIL")


def test_cases_are_sorted_by_keyboard(open_report: OpenPage) -> None:
    page = open_report("#small")
    head = page.locator("section:visible .cases th", has_text="Case").first
    furthest = page.locator("section:visible .cases th", has_text="Furthest")
    assert column(page, 2) == sorted(column(page, 2), reverse=True)
    expect(furthest).to_have_attribute("aria-sort", "descending")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(furthest).to_have_attribute("aria-sort", "none")
    assert cases(page) == sorted(cases(page))
    page.keyboard.press("Space")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert cases(page) == sorted(cases(page), reverse=True)


def test_a_rating_sorts_by_how_far_it_is_off(open_report: OpenPage) -> None:
    page = open_report("#small")
    page.locator("section:visible .cases").get_by_role("button", name="Action").click()
    off = [
        -1 if cell.strip() == "·" else abs(int(cell[0]) - int(cell.split("/")[1][0]))
        for cell in (
            text.replace("▲", "").replace("▼", "").split(" was")[0] for text in column(page, 5)
        )
    ]
    assert off == sorted(off, reverse=True)
    assert off[0] > 1


def test_cases_are_filtered_by_words_kind_and_what_is_wrong(
    open_report: OpenPage, made: Report
) -> None:
    page = open_report("#small")
    all_of_them = cases(page)
    form = page.locator("section:visible form.filter")
    status = form.get_by_role("status")
    expect(status).to_have_text("7 of 7 cases")
    form.get_by_label("Words").fill("mrs OKORO")
    expect(status).to_have_text("2 of 7 cases")
    assert sorted(cases(page)) == ["a001", "x1"]
    form.get_by_label("Words").fill("")
    form.get_by_label("Kind").select_option("hypothetical")
    kinds = {result.case.id: result.case.kind.value for result in made.whole.graded}
    assert sorted(cases(page)) == sorted(c for c in kinds if kinds[c] == "hypothetical")
    form.get_by_label("Kind").select_option("")
    form.get_by_label("is more than one level away").check()
    far = cases(page)
    assert set(all_of_them) - set(far) == {"a002"}
    form.get_by_label("is ungraded").check()
    expect(status).to_have_text("0 of 7 cases")
    form.get_by_label("is ungraded").uncheck()
    form.get_by_label("is more than one level away").uncheck()
    form.get_by_label("moved since the baseline").check()
    assert sorted(cases(page)) == sorted(far)


def test_a_case_shows_its_evidence_and_the_raters(open_report: OpenPage, made: Report) -> None:
    page = open_report("#small")
    page.locator("section:visible .cases").get_by_role("link", name="a001").click()
    case = page.locator("section.case:visible")
    expect(case.get_by_role("heading", level=2)).to_have_text("a001")
    expect(case.get_by_role("heading", level=2)).to_be_focused()
    (result,) = [result for result in made.whole.graded if result.case.id == "a001"]
    assert result.grade
    expect(case).to_contain_text(result.case.question)
    for rating in ("situation", "empathy"):
        page.keyboard.press("Tab")
        case.locator(f"input[value={rating}]").focus()
        page.keyboard.press("Space")
        marked = case.locator(".s").evaluate_all(
            """all => all.filter(e => getComputedStyle(e).textDecorationLine === "underline")
                .map(e => e.textContent)"""
        )
        evidence = result.grade.ratings[rating].evidence
        assert marked == [f"{e.sentence}{e.quote}" for e in evidence]
        row = case.locator("tbody", has=page.locator(f"input[value={rating}]"))
        expect(row).to_contain_text(", ".join(str(e.sentence) for e in evidence))
    row = case.locator("tbody", has=page.locator("input[value=listening]"))
    expect(row).to_contain_text("1 2 2")
    moved = case.locator("tbody", has=page.locator("input[value=action]"))
    expect(moved).to_contain_text("was 5")


def test_steps_follow_the_table_and_keep_the_chosen_rating(open_report: OpenPage) -> None:
    page = open_report("#small")
    page.locator("section:visible .cases").get_by_role("button", name="Case").click()
    order = cases(page)
    page.get_by_role("link", name=order[1], exact=True).last.click()
    case = page.locator("section.case:visible")
    case.get_by_label("Task").check()
    case.get_by_role("link", name=f"{order[2]} →").click()
    expect(case.get_by_role("heading", level=2)).to_have_text(order[2])
    expect(case.get_by_label("Task")).to_be_checked()
    page.go_back()
    expect(case.get_by_role("heading", level=2)).to_have_text(order[1])
    case.get_by_role("link", name="All of small").click()
    expect(
        page.locator("section:visible .cases").get_by_role("link", name=order[1])
    ).to_be_focused()


def test_markup_in_an_answer_is_shown_and_not_run(open_report: OpenPage) -> None:
    page = open_report("#small/x1")
    said = page.locator("section.case:visible .said")
    expect(said).to_contain_text("<script>alert(1)</script>")
    assert said.locator("b, script").count() == 0
    # `open_report` asserts that no dialog opened and that the policy refused nothing.


def test_without_scripts_everything_can_be_read(open_report: OpenPage) -> None:
    page = open_report("#small/a016", java_script_enabled=False)
    case = page.locator("[id='small/a016']")
    expect(case).to_be_visible()
    expect(page.locator("section.case")).to_have_count(14)
    expect(page.locator("[id='other/a001']")).to_be_visible()
    expect(page.locator("form.filter").first).to_be_hidden()
    case.locator("input[value=situation]").check()
    assert (
        case.locator(".s[data-e~=situation]").first.evaluate(
            "e => getComputedStyle(e).textDecorationLine"
        )
        == "underline"
    )


@pytest.mark.parametrize("part", ["", "#small", "#small/a016"], ids=["all", "suite", "case"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_fits_a_phone_and_is_legible(
    open_report: OpenPage, part: str, scheme: str
) -> None:
    page = open_report(part, viewport=PHONE, color_scheme=scheme)
    if part.endswith("a016"):
        page.locator("section.case:visible").get_by_label("Action").check()
    for details in page.locator("details:visible").all():
        details.evaluate("e => { e.open = true; }")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("part", ["", "#small", "#small/a016"], ids=["all", "suite", "case"])
def test_headings_step_down_one_by_one_and_every_field_has_a_name(
    open_report: OpenPage, part: str
) -> None:
    page = open_report(part)
    levels = page.locator(":is(h1, h2, h3, h4):visible").evaluate_all(
        "all => all.map(e => Number(e.tagName[1]))"
    )
    assert levels[:2] == [1, 2]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    unnamed = page.locator(":is(input, select, button):visible").evaluate_all(
        "all => all.filter(e => !e.textContent.trim() && !e.labels?.length).map(e => e.outerHTML)"
    )
    assert unnamed == []
    assert page.locator("svg:not([role=img][aria-label])").count() == 0


def test_a_chart_is_told_apart_without_colour_and_stands_as_a_table_too(
    open_report: OpenPage, made: Report
) -> None:
    page = open_report("#small")
    figures = page.locator("section:visible figure")
    expect(figures).to_have_count(12)
    for figure in figures.all():
        figure.get_by_text("As a table").click()
        expect(figure.get_by_role("table")).to_be_visible()
    action = figures.filter(has_text="Action").first
    drawn = action.locator(".count").all_text_contents()
    table = action.locator("td").all_text_contents()
    assert drawn == [count for count in table if count != "0"]
    assert sum(map(int, drawn)) == sum(
        r.level("action") is not None and r.case.reference["action"] is not None
        for r in made.whole.graded
    )
