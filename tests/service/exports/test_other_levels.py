"""Own levels and coaches' levels in the files of a report, beside the machine's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_interviewer.core.findings import Findings
from mock_interviewer.service import reports
from mock_interviewer.service.exports.markdown import report_markdown
from mock_interviewer.service.exports.other_levels import Others, others_of_views, others_of_whole
from mock_interviewer.service.exports.pdf import report_pdf
from mock_interviewer.service.exports.record import pseudonym
from mock_interviewer.service.self_rating import ThreeViews
from mock_interviewer.storage.judgements import Judgement
from mock_interviewer.storage.whole import WholeInterview, WholeReview
from tests.exported import BEGUN, TEXT, told
from tests.pdf_text import text_of
from tests.toy_rubric import RUBRIC

CONTENT = Findings.model_validate({"ratings": {"story": {"level": 2}, "heart": {"level": None}}})
OWN = {"story": 5}


def rated() -> WholeInterview:
    """Two answers, of which the first has levels of a coach and of its candidate."""
    found = told(TEXT, TEXT)
    first, second = found.answers
    review = WholeReview(first.answer.id, "ines", True, BEGUN, CONTENT, None)
    return replace(found, answers=(replace(first, own=OWN), second), reviews=(review,))


def text_in(form: str, found: WholeInterview, others: Others) -> str:
    report = reports.make(found.interview, found.stored_answers, RUBRIC)
    text = report_markdown(report, others) if form == "md" else text_of(report_pdf(report, others))
    return " ".join(text.split()).lower()


@pytest.mark.parametrize("form", ["md", "pdf"])
def test_they_stand_under_the_criterion_that_they_are_of(form: str) -> None:
    found = rated()
    text = text_in(form, found, others_of_whole(found))
    told_by = f"coach {pseudonym('ines')}"
    for line in (f"{told_by}: 2 of 5, hint", f"{told_by}: no opportunity", "grade: 5 of 5, all"):
        assert text.count(line) == 1, line
    assert text.index(f"{told_by}: 2 of 5") < text.index("you, before you saw the grade: 5")
    first = text[text.index("question 1") : text.index("question 2")]
    assert "grade: 5 of 5, all" in first


@pytest.mark.parametrize("form", ["md", "pdf"])
def test_without_them_a_report_has_no_word_of_them(form: str) -> None:
    text = text_in(form, told(TEXT), {})
    assert "coach" not in text
    assert "before you saw" not in text


@pytest.mark.parametrize(("name", "who"), [("Ines", "coach Ines"), ("", "coach")])
def test_a_report_that_is_read_names_its_coaches_before_its_candidate(name: str, who: str) -> None:
    judged = Judgement("i1", "ada", True, 1, 0, 0, "ines", name, None, CONTENT, BEGUN, None)
    views = [ThreeViews(1, 0, 0, OWN, None, (judged,)), ThreeViews(2, 1, 0, None, None, ())]
    others = others_of_views(views)
    assert [each.who for each in others[0, 0]] == [who, "you, before you saw the grade"]
    assert others[1, 0] == []
