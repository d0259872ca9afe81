"""Interviews as a zip that is made while it is sent: no file, and one interview in memory."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from textwrap import fill

from mock_interviewer.core.price import Price
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.service import reports
from mock_interviewer.service.exports.markdown import report_markdown
from mock_interviewer.service.exports.other_levels import others_of_whole
from mock_interviewer.service.exports.pdf import report_pdf
from mock_interviewer.service.exports.record import FORMAT, interview_json
from mock_interviewer.service.exports.table import COLUMNS, csv_rows
from mock_interviewer.storage.whole import WholeInterview

_README = f"""Interviews held with Mock Interviewer

Each folder is one interview, the earliest first:

  report.pdf      the report, to read or print
  report.md       the same as plain text with Markdown
  interview.json  everything that is stored of the interview; its form has the
                  name {FORMAT}

drills.json has the attempts at drills: what was sent, when, and the feedback on
it. It is there if there are any, in a person's own download; and likewise
role-plays.json has the role-plays, with their scenarios and all that was said.

Where a report is missing, the interview was graded by another rubric than the
one in use; the JSON has its grades.

answers.csv is one table of all answers: a row for each answer and criterion, in
UTF-8, with commas between the cells. Texts that a spreadsheet could take for a
formula have an apostrophe before the sign that makes them one; it is no part of
the text. Times are in UTC. The columns:

"""


def zipped(
    interviews: Callable[[], Iterable[WholeInterview]],
    rubric: Rubric,
    price: Price | None = None,
    note: str = "",
    drills: str = "",
    role_plays: str = "",
) -> Iterator[bytes]:
    """The zip in pieces; the same bytes for the same interviews. They are asked for twice.

    `note`: for whoever reads it, at the head of its README. `drills`: what is to be in
    `drills.json`; without it there is no such file.
    """
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        first = None
        for number, whole in enumerate(interviews(), start=1):
            moment = whole.interview.created_at
            first = first or moment
            for name, data in _files(whole, rubric, price):
                # Numbers and a date only: a name that every system can unpack.
                folder = f"{number:04d}-{moment:%Y-%m-%d}"
                archive.writestr(_entry(f"{folder}/{name}", moment), data)
                yield from pipe.taken()
        with archive.open(_entry("answers.csv", first), "w") as table:
            for line in csv_rows(interviews(), rubric):
                table.write(line)
                yield from pipe.taken()
        if drills:
            archive.writestr(_entry("drills.json", first), drills)
        if role_plays:
            archive.writestr(_entry("role-plays.json", first), role_plays)
        archive.writestr(_entry("README.txt", first), readme(note))
        yield from pipe.taken()
    yield from pipe.taken()


def readme(note: str = "") -> str:
    """What the zip holds, and what each column of its table means."""
    head = f"{fill(note, 78)}\n\n" if note else ""
    columns = (
        fill(f"{name}: {text}", 78, initial_indent="  ", subsequent_indent="      ")
        for name, text in COLUMNS.items()
    )
    return head + _README + "\n".join(columns) + "\n"


def _files(
    whole: WholeInterview, rubric: Rubric, price: Price | None
) -> Iterator[tuple[str, bytes | str]]:
    yield "interview.json", interview_json(whole, rubric)
    if has_report(whole, rubric):
        report = reports.make(whole.interview, whole.stored_answers, rubric, price)
        others = others_of_whole(whole)
        yield "report.md", report_markdown(report, others)
        yield "report.pdf", report_pdf(report, others)


def has_report(whole: WholeInterview, rubric: Rubric) -> bool:
    """Whether its grades are by the criteria in use."""
    grades = (each.answer.grade for each in whole.answers)
    return all(reports.by_criteria_of(rubric, grade) for grade in grades if grade)


def _entry(name: str, moment: datetime | None) -> zipfile.ZipInfo:
    # A zip keeps no time before 1980.
    date = moment.timetuple()[:6] if moment and moment.year >= 1980 else (1980, 1, 1, 0, 0, 0)
    entry = zipfile.ZipInfo(name, date)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    entry.create_system = 3  # for these rights; else it would differ between systems
    return entry


class _Pipe:
    """A file that is written only, and gives away what was written."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep the data until it is taken."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> Iterator[bytes]:
        """What was written since the last time, in one piece."""
        data, self._pieces = b"".join(self._pieces), []
        if data:
            yield data
