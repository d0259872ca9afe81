"""A report as PDF, to be handed to its candidate: legible in greyscale, evidence marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from mock_interviewer.core.grade import NOT_APPLICABLE, Rating
from mock_interviewer.core.interview import Trade
from mock_interviewer.core.transcript import Role
from mock_interviewer.service.bars import Bar
from mock_interviewer.service.exports.markdown import figure
from mock_interviewer.service.exports.other_levels import Others, told
from mock_interviewer.service.exports.sheet import REPLACEMENT, Run, Sheet
from mock_interviewer.service.reports import AnswerView, RatingView, Report, TurnView
from mock_interviewer.storage.records import AnswerState

SMALL = 9.0
INDENT = 4.0
LONGEST_QUOTE = 400
"""Of characters; the answer itself, where it is marked, has all of it."""

_NOTE = (
    "Practice feedback, not a hiring decision. Levels come from a program and can be wrong; the "
    "sentences that they rest on are marked, so that you can judge for yourself."
)
_REPLACED = (
    f"{REPLACEMENT} stands for a character that cannot be shown here; "
    "the Markdown and JSON forms of this report have it."
)


def report_pdf(report: Report, others: Others | None = None) -> bytes:
    """The report as a PDF file; the same bytes for the same report.

    `others`: levels that people gave its answers.
    """
    date = _date(report.date)
    sheet = Sheet(f"Practice report, {date}", report.date)
    _head(sheet, report, date)
    for view in report.answers:
        _answer(sheet, view, others or {})
    if report.unanswered:
        sheet.heading("Asked and not answered", 13, bookmark="Asked and not answered")
        for question in report.unanswered:
            sheet.flow([Run(f"– {question.text}")], indent=INDENT)
    _end(sheet, report)
    return sheet.bytes(f"Mock Interviewer · Practice report, {date}", _REPLACED)


def _head(sheet: Sheet, report: Report, date: str) -> None:
    sheet.flow([Run("Practice report", bold=True)], size=20)
    count = len(report.interview.questions)
    trade = Trade(report.interview.trade) if report.interview.trade in set(Trade) else Trade.OTHER
    facts = [
        date,
        "" if trade is Trade.OTHER else trade.label,
        report.interview.mode.value.capitalize(),
        f"{count} question" if count == 1 else f"{count} questions",
        "" if report.finished else "not finished",
    ]
    sheet.flow([Run(" · ".join(filter(None, facts)), soft=True)])
    sheet.gap(2)
    sheet.flow([Run(_NOTE, soft=True)], size=SMALL)
    sheet.line()
    if not report.answers:
        sheet.flow([Run("There is no answer to report on yet.")])
        return
    sheet.heading("At a glance", 13)
    _bar(sheet, report.overall, main=True)
    again = "; first attempts count" if any(view.attempt for view in report.answers) else ""
    sheet.flow([Run(f"From {report.counted}{again}.", soft=True)], size=SMALL)
    for section in report.sections:
        sheet.gap(2)
        _bar(sheet, section.score, main=True)
        for bar in section.criteria:
            _bar(sheet, bar)
    sheet.gap(2)
    runs = [Run("How evidence is marked in the answers: ", soft=True)]
    for criterion in report.marked:
        runs += [Run(criterion.name, marked=True), Run(f" {criterion.id[0].upper()}", bold=True)]
        runs.append(Run("   "))
    sheet.flow(runs, size=SMALL)


def _answer(sheet: Sheet, view: AnswerView, others: Others) -> None:
    attempt = f", attempt {view.attempt + 1}" if view.attempt else ""
    place = f"Question {view.place + 1}{attempt}"
    sheet.gap(3)
    sheet.heading(place, 13, bookmark=place)
    sheet.flow([Run(view.question.text, bold=True)])
    sheet.gap(2)
    for turn in view.turns:
        _turn(sheet, turn)
    sheet.gap(1)
    if view.state is AnswerState.WAITING:
        sheet.flow([Run("This answer is still being graded.")])
        return
    if view.state is AnswerState.UNGRADED or view.grade is None:
        what = "No grade is shown" if view.by_another_rubric else "This answer could not be graded"
        text = f"{what}: {view.reason}. It counts in no figure."
        sheet.flow([Run(text)])
        return
    if view.grade.not_an_answer:
        text = "This does not answer the question yet, so everything stands at its lowest level."
        sheet.flow([Run(text)])
        sheet.gap(2)
    _bar(sheet, view.overall, main=True)
    if view.next_time:
        sheet.gap(1.5)
        sheet.room(14)
        sheet.flow([Run("Next time, say", bold=True)], indent=INDENT, rule=True)
        sheet.flow([Run(view.next_time)], indent=INDENT, rule=True)
    for rating in view.ratings:
        _rating(sheet, rating, told(others, view.place, view.attempt, rating.criterion))


def _turn(sheet: Sheet, turn: TurnView) -> None:
    own = turn.role is Role.CANDIDATE
    sheet.room(12)
    sheet.flow([Run("You" if own else "Interviewer", soft=True)], size=8.5, indent=INDENT)
    runs = []
    for piece in turn.pieces:
        runs.append(Run(piece.text, soft=not own, marked=bool(piece.marks)))
        if piece.marks:
            marks = "".join(mark[0].upper() for mark in piece.marks)
            runs.append(Run(marks, bold=True, raised=True))
    sheet.flow(runs, indent=INDENT, rule=not own)
    sheet.gap(1.5)


def _rating(sheet: Sheet, view: RatingView, others: Sequence[str]) -> None:
    rating = view.rating
    sheet.gap(2.5)
    sheet.room(16)
    if rating.level is None:
        sheet.figure(view.criterion.name, None, "no level")
        applies = "This does not apply to this kind of question."
        text = applies if rating.reason == NOT_APPLICABLE else f"{rating.reason}."
        sheet.flow([Run(text, soft=True)], size=SMALL, indent=INDENT)
    else:
        _bar(sheet, view.bar)
        for text in _explained(view, rating, rating.level):
            sheet.flow([Run(text)], size=SMALL, indent=INDENT)
    for text in others:
        who, _, level = text.partition(": ")
        runs = [Run(f"{who[:1].upper()}{who[1:]}: ", bold=True), Run(level)]
        sheet.flow(runs, size=SMALL, indent=INDENT)
    for evidence in rating.evidence:
        sheet.gap(0.8)
        quote = f"{evidence.sentence}. “{_shortened(evidence.quote)}”"
        sheet.flow([Run(quote)], size=SMALL, indent=2 * INDENT, rule=True)
    above = rating.next_step or ("" if rating.level is None else view.next_anchor)
    for name, text in (
        ("Not found: ", rating.missing),
        ("For the next level: " if rating.next_step else "A higher level would be: ", above),
    ):
        if text:
            sheet.gap(0.8)
            sheet.flow([Run(name, bold=True), Run(text)], size=SMALL, indent=INDENT)


def _explained(view: RatingView, rating: Rating, level: int) -> Iterator[str]:
    yield f"What this level means: {view.anchor}"
    if not view.counts:
        yield "This question gives no opportunity for it, so it counts in no figure."
    if rating.likely and rating.likely[0] != rating.likely[1]:
        words = [f"{view.criterion.words[each]} ({each})" for each in rating.likely]
        yield f"Not sure: anything from {words[0]} to {words[1]} is likely."


def _end(sheet: Sheet, report: Report) -> None:
    if report.finished and report.interview.draft.strip():
        sheet.heading("Typed and not sent when you stopped", 13)
        sheet.flow([Run(report.interview.draft)], indent=INDENT)
    if report.stamps:
        sheet.gap(4)
        sheet.line()
    for stamp in report.stamps:
        sheet.flow([Run(stamp, soft=True)], size=8)


def _bar(sheet: Sheet, bar: Bar, *, main: bool = False) -> None:
    if bar.value is None:
        sheet.figure(bar.name, None, bar.note or "–", main=main)
    else:
        text = " · ".join(filter(None, (bar.word, figure(bar))))
        sheet.figure(bar.name, bar.share, text, main=main)


def _shortened(quote: str) -> str:
    text = " ".join(quote.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1].rstrip()}…"


def _date(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
