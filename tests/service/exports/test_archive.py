"""The zip: whole, safe to unpack, the same each time, and made in bounded memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mock_interviewer.service.exports.archive import readme, zipped
from mock_interviewer.service.exports.table import COLUMNS, csv_rows
from mock_interviewer.storage.whole import WholeInterview
from tests.exported import TEXT, told
from tests.pdf_text import text_of
from tests.toy_rubric import RUBRIC


def made(*interviews: WholeInterview) -> bytes:
    return b"".join(zipped(lambda: interviews, RUBRIC))


def test_each_interview_has_a_folder_and_all_of_them_a_table() -> None:
    interviews = (told(TEXT, id="../../etc/passwd"), told(TEXT, id="CON", trade="=1"))
    with zipfile.ZipFile(io.BytesIO(made(*interviews))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            *(
                f"000{number}-2026-11-01/{name}"
                for number in (1, 2)
                for name in ("interview.json", "report.md", "report.pdf")
            ),
            "answers.csv",
            "README.txt",
        ]
        assert archive.read("answers.csv") == b"".join(csv_rows(interviews, RUBRIC))
        assert "In May I helped." in archive.read("0001-2026-11-01/report.md").decode()
        assert "In May I helped." in text_of(archive.read("0002-2026-11-01/report.pdf"))
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 1, 9, 30, 0)}


def test_the_readme_explains_every_column() -> None:
    for name in COLUMNS:
        assert f"\n  {name}: " in readme()
    assert max(map(len, readme().splitlines())) <= 80


def test_the_same_interviews_are_the_same_bytes() -> None:
    assert made(told(TEXT), told(TEXT)) == made(told(TEXT), told(TEXT))


def test_a_clock_from_before_zips_were_made_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "old.zip").write_bytes(
        made(told(TEXT, created_at=datetime(1970, 1, 1, tzinfo=UTC)))
    )
    with zipfile.ZipFile(tmp_path / "old.zip") as archive:
        assert archive.namelist()[0] == "0001-1970-01-01/interview.json"


def test_one_interview_is_read_and_sent_before_the_next() -> None:
    asked: list[int] = []

    def interviews() -> Iterator[WholeInterview]:
        for number in range(5):
            asked.append(number)
            yield told(TEXT)

    pieces = zipped(interviews, RUBRIC)
    sent = b""
    while b"0002-2026-11-01/report.pdf" not in sent:
        sent += next(pieces)
    assert asked == [0, 1]
