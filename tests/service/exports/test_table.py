"""The table of many interviews: a row for each answer and criterion."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from mock_interviewer.service.exports.cells import original
from mock_interviewer.service.exports.table import COLUMNS, csv_rows
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.whole import WholeInterview
from tests.exported import TEXT, told
from tests.toy_rubric import RUBRIC

DOCS = Path(__file__).parents[3] / "docs" / "exports.md"


def written(*interviews: WholeInterview) -> bytes:
    return b"".join(csv_rows(interviews, RUBRIC))


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def column(found: Iterable[dict[str, str]], name: str) -> list[str]:
    return [row[name] for row in found]


def test_there_is_a_row_for_each_answer_and_criterion() -> None:
    found = rows(written(told(TEXT, "Another. Story."), told("A third one.")))
    assert [(row["question"], row["criterion"]) for row in found[:8]] == [
        (number, name) for number in ("1", "2") for name in ("story", "end", "heart", "care")
    ]
    assert len(found) == 12
    first = found[0]
    assert (first["level"], first["lowest"], first["highest"]) == ("4", "1", "5")
    assert (first["word"], first["state"], first["sentences"]) == ("much", "graded", "2")
    assert first["answer"] == TEXT
    assert first["evidence_sentences"] == "1 2"
    assert first["evidence_quotes"] == "In May I helped.\nShe was glad!"
    assert (first["begun_at"], first["grader_key"]) == ("2026-11-01 09:30:00", "grader-1")


def test_numbers_stay_numbers_and_texts_are_in_quotes() -> None:
    line = written(told("Told.")).decode().splitlines()[1]
    assert ',4,1,5,"much",' in line


def test_an_answer_without_a_grade_has_rows_without_levels_that_say_why() -> None:
    waiting = rows(written(told(TEXT, state=AnswerState.WAITING)))
    assert column(waiting, "level") == [""] * 4
    assert set(column(waiting, "no_level_because")) == {"waiting"}
    given_up = rows(written(told(TEXT, state=AnswerState.UNGRADED, reason="declined")))
    assert column(given_up, "criterion") == ["story", "end", "heart", "care"]
    assert set(column(given_up, "state_reason")) == {"declined"}
    not_rated = {"story": None, "end": 3, "heart": 5, "care": 1}
    assert rows(written(told(TEXT, levels=not_rated)))[0]["no_level_because"] == "not_applicable"


def test_the_file_begins_with_a_byte_order_mark_and_holds_any_text() -> None:
    text = 'Zoë sagte „ja“, 她很高兴 😀, and "quoted", twice.\r\nOn a line; =1+1 of its own.'
    data = written(told(text))
    assert data.startswith(b"\xef\xbb\xbf")
    assert original(rows(data)[0]["answer"]) == text


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", " =1", "＝1"])
def test_what_people_and_models_wrote_is_no_formula(evil: str) -> None:
    told_so = f"{evil} was what I helped her with."
    found = rows(written(told(told_so, said=evil, trade=evil, reason=evil)))
    for row in found:
        for name in COLUMNS:
            assert not re.match(r"\s*[=+\-@＝]", row[name]), name
        assert original(row["missing"]) == evil.strip()
        assert original(row["answer"]) == told_so


def test_the_candidates_id_is_not_in_it() -> None:
    assert b"a-secret-cookie" not in written(told(TEXT, candidate_id="a-secret-cookie"))


def test_the_documented_columns_are_the_real_ones() -> None:
    page = DOCS.read_text(encoding="utf-8")
    table = page.partition("## CSV")[2].partition("\n## ")[0]
    told_so = re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE)
    assert [(name, text.replace("`", "")) for name, text in told_so] == list(COLUMNS.items())
