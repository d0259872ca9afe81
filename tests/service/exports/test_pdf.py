"""The report as PDF: all of it is there, nothing is cut off, and any text can be shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fpdf import FPDF

from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.service import demo, reports
from mock_interviewer.service.exports import sheet
from mock_interviewer.service.exports.pdf import report_pdf
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.whole import WholeInterview
from tests.exported import TEXT, demo_whole, told
from tests.pdf_text import Shown, pages_of, shown, text_of
from tests.toy_rubric import RUBRIC

POINTS_PER_MM = 72 / 25.4
LONG = "I asked her what had happened; she told me that the parcel was lost, so I rang. " * 62
EVERYTHING = (
    "{nb} was 😀 👨‍👩‍👧 and 她很高兴. مرحبا שלום สวัสดี. Cafe\u0301 Z\u0351\u036b\u0343. Ж. "
    "Жизнь Ωραία ő ß Đặng. tab\there\x07\u2028New line "
    "\ud7ff\ufffe\U0010ffff. <b>bold</b> **md** (a) \\) \r\n end."
)


def pdf_of(whole: WholeInterview, rubric: Rubric = RUBRIC) -> bytes:
    return report_pdf(reports.make(whole.interview, whole.stored_answers, rubric))


def squeezed(text: str) -> str:
    return "".join(text.split())


def measured() -> Callable[[Shown], float]:
    """How wide a stretch of text is, in points, as the fonts themselves say."""
    pdf = FPDF(unit="pt")
    for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        pdf.add_font("DejaVu", style, package_file("service", "exports", "fonts", name))

    def width(each: Shown) -> float:
        pdf.set_font("DejaVu", "B" if each.bold else "", each.size)
        return float(pdf.get_string_width(each.text))

    return width


def test_the_report_is_all_there() -> None:
    report = demo.report()
    text = squeezed(text_of(report_pdf(report)))
    for view in report.answers:
        assert squeezed(view.question.text) in text
        assert squeezed(view.next_time) in text
        for rating in view.ratings:
            assert squeezed(rating.criterion.name) in text
            assert squeezed(rating.rating.missing) in text
            assert squeezed(rating.rating.next_step) in text
            if rating.rating.level is not None:
                assert squeezed(f"{rating.bar.word} · {rating.rating.level} of") in text
            for evidence in rating.rating.evidence:
                assert squeezed(f"{evidence.sentence}. “{evidence.quote}”") in text
    assert "hiringdecision" in text
    assert squeezed(report.stamps[0]) in text


def test_each_page_has_its_number() -> None:
    pdf = report_pdf(demo.report())
    count = pages_of(pdf)
    assert count > 3
    feet = [each.text for each in shown(pdf) if re.fullmatch(r"page \d+ of \d+", each.text)]
    assert feet == [f"page {number} of {count}" for number in range(1, count + 1)]


@pytest.mark.parametrize(
    "text",
    [LONG[:5000], "W" * 5000, "日本語" * 1600, EVERYTHING, "a\n" * 2000 + "end", EVERYTHING * 30],
    ids=["5000 characters", "one word", "no spaces", "every script", "many lines", "long and odd"],
)
def test_nothing_stands_beyond_the_margins(text: str) -> None:
    pdf = pdf_of(told(text, said=text, draft=text))
    width = measured()
    for each in shown(pdf):
        # What is raised, the marks of evidence, may hang into the margin.
        hangs = 12.0 if each.bold and each.size < 8 else 0.0
        assert each.x >= sheet.LEFT * POINTS_PER_MM - 0.1
        assert each.x + width(each) <= (sheet.WIDTH - sheet.RIGHT + hangs) * POINTS_PER_MM + 0.1, (
            each
        )
        assert 20 < each.y < (sheet.HEIGHT - 15) * POINTS_PER_MM, each


def test_every_letter_of_a_long_answer_is_there_in_its_order() -> None:
    text = LONG[:4990] + " The end."
    unrated = dict.fromkeys(("story", "end", "heart", "care"))
    found = shown(pdf_of(told(text, levels=unrated)))
    whole = squeezed("".join(each.text for each in found if not _foot(each)))
    assert squeezed(text) in whole


def _foot(each: Shown) -> bool:
    return each.y < (sheet.BOTTOM - 5) * POINTS_PER_MM


def test_what_the_fonts_do_not_have_is_replaced_and_the_page_says_so() -> None:
    text = text_of(pdf_of(told("She was glad, 很好, שלום.")))
    assert "She was glad, ��, ����." in text
    assert "� stands for a character that cannot be shown here" in text
    assert "� stands" not in text_of(pdf_of(told(TEXT)))


def test_letters_of_many_alphabets_are_shown() -> None:
    text = "Zoë, Łukasz, Đặng, Ωραία, Жизнь, İğdır, ½ → “so” — fin…"
    assert text in text_of(pdf_of(told(text)))
    assert "Café" in text_of(pdf_of(told("The Cafe\u0301 was shut.")))


def test_a_mark_for_the_number_of_pages_is_no_way_to_change_a_text() -> None:
    assert "{nb} said so" in text_of(pdf_of(told("{nb} said so to her.")))


def test_evidence_is_tinted_and_underlined_where_it_was_said() -> None:
    pdf = pdf_of(told(TEXT))
    said = next(each for each in shown(pdf) if each.text.startswith("In May I helped."))
    mark = next(each for each in shown(pdf) if each.bold and each.size < 8)
    assert mark.text == "SEH"  # story, end and heart rest on it
    assert mark.y > said.y


def test_what_is_not_graded_says_so() -> None:
    assert "still being graded" in text_of(pdf_of(told(TEXT, state=AnswerState.WAITING)))
    refused = told(TEXT, state=AnswerState.UNGRADED, reason="the model declined")
    assert "could not be graded: the model declined" in text_of(pdf_of(refused))


def test_an_interview_without_an_answer_has_a_report() -> None:
    whole = demo_whole()
    assert "no answer to report on" in text_of(
        report_pdf(reports.make(whole.interview, [], RUBRIC))
    )


def test_the_same_report_is_the_same_bytes_whenever_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = pdf_of(told(TEXT))
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert pdf_of(told(TEXT)) == first
    assert b"D:20261101093000Z" in first


def test_the_fonts_are_embedded_and_come_with_their_licence() -> None:
    pdf = pdf_of(told(TEXT))
    assert pdf.count(b"/FontFile2") == 2
    folder = package_file("service", "exports", "fonts")
    assert "Bitstream Vera" in (folder / "LICENSE.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in folder.glob("*.ttf")) < 1_500_000
