"""Many interviews as one table: a row for each answer and criterion, as CSV.

`COLUMNS` says what each column holds, and so does `docs/exports.md`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.service.exports.cells import harmless
from mock_interviewer.service.exports.record import (
    AnswerRecord,
    InterviewRecord,
    RatingRecord,
    ReviewRecord,
    interview_record,
)
from mock_interviewer.storage.whole import WholeInterview

COLUMNS = {
    "interview": "id of the interview",
    "candidate": "a made-up name, the same for all of a person's interviews",
    "begun_at": "when the interview began, UTC, such as 2026-11-01 09:30:00",
    "mode": "practice or interview",
    "trade": "kind of work that was chosen",
    "may_become_case": "yes if answers may be used to check the grading",
    "question": "number of the question",
    "question_id": "its id in the question bank",
    "question_kind": "behavioural, hypothetical, opinion or role_play",
    "question_text": "the question",
    "attempt": "which attempt",
    "finished_at": "when the answer was finished, UTC",
    "answer": "the candidate's messages, one on each line",
    "sentences": "how many sentences it has",
    "state": "waiting, graded or ungraded",
    "state_reason": "why it waits longer or is not graded",
    "criterion": "id of the criterion",
    "criterion_name": "its name",
    "level": "the level of the grade that is shown; empty where there is none",
    "lowest": "lowest level of the criterion",
    "highest": "highest level",
    "word": "the level's word",
    "no_level_because": "waiting, ungraded, not_applicable, or a sentence",
    "likely_lowest": "lowest level that the grader thinks likely, if it can tell",
    "likely_highest": "highest one",
    "evidence_sentences": "numbers of the sentences that the level rests on, with spaces between",
    "evidence_quotes": "the sentences, one on each line",
    "missing": "what was not found",
    "next_step": "what the next level would take",
    "not_an_answer": "yes if it was no answer to the question",
    "next_time": "the answer as it could be told next time",
    "graded_at": "when it was graded, UTC",
    "grader_key": "hash of all that could change the levels",
    "model": "the model",
    "strategy": "how it graded",
    "rubric": "the rubric, its version and hash",
    "prompts": "the prompts with versions and hashes",
    "calibration": "the calibration",
    "program": "version of the program",
    "reviews": "how many coaches have finished a review of the answer",
    "coach": "whose review was finished last: a made-up name; this and what follows are of it",
    "coach_finished_at": "when it was finished, UTC",
    "coach_blind": "yes if the coach gave levels before seeing the grade",
    "coach_level": "the coach's level; empty where there is none",
    "coach_blind_level": "the level as it was given before the grade was seen",
    "coach_reason": "why",
    "coach_sentences": "comments on sentences, one on each line after the sentence's number",
    "coach_comment": "comment on the answer",
    "coach_note": "note to the candidate",
}
"""What each column holds."""

BOM = "\ufeff"
"""Without it, Excel reads UTF-8 as something else."""

Cell = str | int | None


def csv_rows(interviews: Iterable[WholeInterview], rubric: Rubric) -> Iterator[bytes]:
    """The table, line by line, the head first; UTF-8 with a byte order mark."""
    yield (BOM + _line(COLUMNS)).encode()
    for whole in interviews:
        record = interview_record(whole, rubric)
        for answer in record.answers:
            for row in _rows(record, answer, rubric):
                yield _line(row[column] for column in COLUMNS).encode()


def _line(cells: Iterable[Cell]) -> str:
    out = io.StringIO()
    # Texts are in quotes, numbers are not.
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(
        "" if cell is None else harmless(cell) if isinstance(cell, str) else cell for cell in cells
    )
    return out.getvalue()


def _rows(
    record: InterviewRecord, answer: AnswerRecord, rubric: Rubric
) -> Iterator[dict[str, Cell]]:
    grade = answer.grades[-1] if answer.grades else None
    question = record.questions[answer.question - 1]
    row: dict[str, Cell] = dict.fromkeys(COLUMNS)
    row |= {
        "interview": record.id,
        "candidate": record.candidate,
        "begun_at": _moment(record.begun_at),
        "mode": record.mode,
        "trade": record.trade,
        "may_become_case": _yes_no(record.may_become_case),
        "question": answer.question,
        "question_id": question.id,
        "question_kind": question.kind,
        "question_text": question.text,
        "attempt": answer.attempt,
        "finished_at": _moment(answer.finished_at),
        "answer": "\n".join(_told(record, answer)),
        "sentences": len(answer.sentences),
        "state": answer.state,
        "state_reason": answer.reason,
    }
    review = answer.reviews[-1] if answer.reviews else None
    row |= {"reviews": len(answer.reviews)} | (_review(review) if review else {})
    if grade is None:
        for criterion in rubric.criteria:
            yield row | {
                "criterion": criterion.id,
                "criterion_name": criterion.name,
                "lowest": criterion.lowest,
                "highest": criterion.highest,
                "no_level_because": answer.state,
                **_coach_level(review, criterion.id),
            }
        return
    stamp = grade.stamp
    row |= {
        "not_an_answer": _yes_no(grade.not_an_answer),
        "next_time": grade.next_time,
        "graded_at": _moment(stamp.graded_at),
        "grader_key": stamp.grader_key,
        "model": stamp.model,
        "strategy": stamp.strategy,
        "rubric": stamp.rubric,
        "prompts": ", ".join(f"{name} {version}" for name, version in stamp.prompts.items()),
        "calibration": stamp.calibration,
        "program": stamp.package_version,
    }
    for rating in grade.ratings:
        yield row | _rating(rating) | _coach_level(review, rating.criterion)


def _review(review: ReviewRecord) -> dict[str, Cell]:
    return {
        "coach": review.coach,
        "coach_finished_at": _moment(review.finished_at),
        "coach_blind": _yes_no(review.blind),
        "coach_sentences": "\n".join(
            f"{each.sentence} {' '.join(each.comment.split())}" for each in review.sentences
        ),
        "coach_comment": review.comment,
        "coach_note": review.note,
    }


def _coach_level(review: ReviewRecord | None, criterion: str) -> dict[str, Cell]:
    for rating in review.ratings if review else ():
        if rating.criterion == criterion:
            return {
                "coach_level": rating.level,
                "coach_blind_level": rating.blind_level,
                "coach_reason": rating.reason,
            }
    return {}


def _rating(rating: RatingRecord) -> dict[str, Cell]:
    likely = rating.likely or (None, None)
    return {
        "criterion": rating.criterion,
        "criterion_name": rating.name,
        "level": rating.level,
        "lowest": rating.lowest,
        "highest": rating.highest,
        "word": rating.word,
        "no_level_because": rating.reason or "",
        "likely_lowest": likely[0],
        "likely_highest": likely[1],
        "evidence_sentences": " ".join(str(each.sentence) for each in rating.evidence),
        "evidence_quotes": "\n".join(" ".join(each.quote.split()) for each in rating.evidence),
        "missing": rating.missing,
        "next_step": rating.next_step,
    }


def _told(record: InterviewRecord, answer: AnswerRecord) -> list[str]:
    turns = dict.fromkeys(sentence.turn for sentence in answer.sentences)
    texts = {turn.turn: turn.text for turn in record.turns}
    return [texts[number] for number in turns]


def _moment(moment: datetime) -> str:
    """A form that spreadsheets take for a date and time, in UTC."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
