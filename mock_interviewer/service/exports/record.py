"""One interview as JSON: everything that is stored of it, for machines and for its candidate.

`docs/exports.md` lists the fields; the form has a name, `format`, and gets a new one when a field
changes its meaning or goes. Questions, attempts and sentences count from 1, as people are shown
them; turns count from 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mock_interviewer.core.grade import Evidence, Grade, Rating, Stamp, Usage
from mock_interviewer.core.interview import Phase
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import sentences
from mock_interviewer.interviewing import flow
from mock_interviewer.interviewing.flow import is_citable
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.records import StoredInterview
from mock_interviewer.storage.whole import WholeAnswer, WholeInterview, WholeReview

FORMAT: Literal["mock-interviewer/interview/1"] = "mock-interviewer/interview/1"


class Record(BaseModel):
    """Base of the parts; texts stand as they were written, white space included."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class QuestionRecord(Record):
    """A question of the plan."""

    question: int
    id: str
    kind: str
    text: str
    competencies: list[str]
    calls_for: list[str]


class TurnRecord(Record):
    """What one side said or pressed, and when."""

    turn: int
    at: datetime
    role: str
    kind: str
    text: str
    question: int
    attempt: int
    aim: str | None


class SentenceRecord(Record):
    """A sentence of an answer by the number that grades cite, and the turn it stands in."""

    sentence: int
    turn: int
    text: str


class RatingRecord(Record):
    """One criterion's level with what it rests on."""

    criterion: str
    name: str
    level: int | None
    lowest: int | None
    highest: int | None
    word: str
    reason: str | None
    likely: tuple[int, int] | None
    evidence: list[Evidence]
    missing: str
    next_step: str
    items: dict[str, float]


class GradeRecord(Record):
    """One grade with its stamp."""

    not_an_answer: bool
    ratings: list[RatingRecord]
    next_time: str
    stamp: Stamp


class ReviewedRecord(Record):
    """A coach's level of one criterion."""

    criterion: str
    name: str
    level: int | None
    blind_level: int | None
    reason: str


class SentenceCommentRecord(Record):
    """A coach's comment on a sentence."""

    sentence: int
    comment: str


class ReviewRecord(Record):
    """What one coach has finished on one answer."""

    coach: str
    blind: bool
    finished_at: datetime
    not_an_answer: bool
    ratings: list[ReviewedRecord]
    sentences: list[SentenceCommentRecord]
    comment: str
    note: str


class OwnLevelRecord(Record):
    """The candidate's own level of one criterion, given before they saw the grade."""

    criterion: str
    name: str
    level: int | None


class RemarksRecord(Record):
    """What one coach has finished on the interview as a whole."""

    coach: str
    finished_at: datetime
    comment: str
    note: str


class AnswerRecord(Record):
    """A finished answer; its grades, the one that is shown last, reviews, and own levels."""

    question: int
    attempt: int
    state: str
    reason: str
    finished_at: datetime
    sentences: list[SentenceRecord]
    grades: list[GradeRecord]
    reviews: list[ReviewRecord]
    own_levels: list[OwnLevelRecord]


class InterviewRecord(Record):
    """The whole interview."""

    format: Literal["mock-interviewer/interview/1"]
    id: str
    candidate: str
    begun_at: datetime
    mode: str
    trade: str
    finished: bool
    may_become_case: bool
    draft: str
    usage: Usage
    questions: list[QuestionRecord]
    turns: list[TurnRecord]
    answers: list[AnswerRecord]
    reviews: list[RemarksRecord]


def interview_record(whole: WholeInterview, rubric: Rubric) -> InterviewRecord:
    """The interview as it is exported; names and words of criteria are the rubric's."""
    interview = whole.interview
    return InterviewRecord(
        format=FORMAT,
        id=interview.id,
        candidate=pseudonym(interview.candidate_id),
        begun_at=interview.created_at,
        mode=interview.mode.value,
        trade=interview.trade,
        finished=flow.position(interview.turns).phase is Phase.FINISHED,
        may_become_case=interview.may_become_case,
        draft=interview.draft,
        usage=interview.usage,
        questions=[
            QuestionRecord(
                question=number,
                id=question.id,
                kind=question.kind.value,
                text=question.text,
                competencies=[str(name) for name in question.competencies],
                calls_for=[str(name) for name in question.calls_for],
            )
            for number, question in enumerate(interview.questions, start=1)
        ],
        turns=[
            TurnRecord(
                turn=turn.number,
                at=at,
                role=turn.role.value,
                kind=turn.kind.value,
                text=turn.text,
                question=turn.question + 1,
                attempt=turn.attempt + 1,
                aim=turn.aim.value if turn.aim else None,
            )
            for turn, at in zip(interview.turns, whole.said_at, strict=True)
        ],
        answers=[
            _answer(interview, answer, rubric, _of_answer(whole, answer))
            for answer in whole.answers
        ],
        reviews=[
            RemarksRecord(
                coach=pseudonym(review.coach_id),
                finished_at=review.done_at,
                comment=review.content.comment,
                note=review.content.note,
            )
            for review in whole.reviews
            if review.answer_id is None
        ],
    )


def interview_json(whole: WholeInterview, rubric: Rubric) -> str:
    """The interview as JSON text, the same bytes for the same interview."""
    return interview_record(whole, rubric).model_dump_json(indent=1) + "\n"


def pseudonym(person_id: str) -> str:
    """Who it was, candidate or coach, the same wherever this person is named.

    The id itself may be what opens them, and an export is passed on.
    """
    return hashlib.sha256(person_id.encode()).hexdigest()[:12]


def _of_answer(whole: WholeInterview, answer: WholeAnswer) -> list[WholeReview]:
    return [review for review in whole.reviews if review.answer_id == answer.answer.id]


def _answer(
    interview: StoredInterview, whole: WholeAnswer, rubric: Rubric, reviews: Sequence[WholeReview]
) -> AnswerRecord:
    answer = whole.answer
    return AnswerRecord(
        question=answer.question + 1,
        attempt=answer.attempt + 1,
        state=answer.state.value,
        reason=answer.reason,
        finished_at=whole.finished_at,
        sentences=list(_sentences(interview, answer.question, answer.attempt, rubric)),
        grades=[_grade(grade, rubric) for grade in whole.grades],
        reviews=[_review(review, rubric) for review in reviews],
        own_levels=[
            OwnLevelRecord(criterion=name, name=_names(rubric).get(name, name), level=level)
            for name, level in whole.own.items()
        ],
    )


def _names(rubric: Rubric) -> dict[str, str]:
    return {criterion.id: criterion.name for criterion in rubric.criteria}


def _review(review: WholeReview, rubric: Rubric) -> ReviewRecord:
    names = _names(rubric)
    blind = review.unseen.levels if review.unseen else {}
    found = review.content
    return ReviewRecord(
        coach=pseudonym(review.coach_id),
        blind=review.blind,
        finished_at=review.done_at,
        not_an_answer=found.not_an_answer,
        ratings=[
            ReviewedRecord(
                criterion=name,
                name=names.get(name, name),
                level=rating.level,
                blind_level=blind.get(name),
                reason=rating.reason,
            )
            for name, rating in found.ratings.items()
        ],
        sentences=[
            SentenceCommentRecord(sentence=number, comment=text)
            for number, text in sorted(found.sentences.items())
        ],
        comment=found.comment,
        note=found.note,
    )


def _sentences(
    interview: StoredInterview, question: int, attempt: int, rubric: Rubric
) -> Iterator[SentenceRecord]:
    lines = transcript(interview, question, attempt)
    spoken = [
        turn.number
        for turn in interview.turns
        if (turn.question, turn.attempt) == (question, attempt)
        and (is_citable(turn) or turn.kind.value == "probe")
    ]
    for sentence in sentences(lines, rubric.graded_role):
        yield SentenceRecord(
            sentence=sentence.number, turn=spoken[sentence.line], text=sentence.text
        )


def _grade(grade: Grade, rubric: Rubric) -> GradeRecord:
    return GradeRecord(
        not_an_answer=grade.not_an_answer,
        ratings=[_rating(name, rating, rubric) for name, rating in grade.ratings.items()],
        next_time=grade.next_time,
        stamp=grade.stamp,
    )


def _rating(name: str, rating: Rating, rubric: Rubric) -> RatingRecord:
    # A grade by another rubric than the one in use keeps its level; only the words are not known.
    criterion = next((each for each in rubric.criteria if each.id == name), None)
    level = rating.level
    return RatingRecord(
        criterion=name,
        name=criterion.name if criterion else name,
        level=level,
        lowest=criterion.lowest if criterion else None,
        highest=criterion.highest if criterion else None,
        word=criterion.words.get(level, "") if criterion and level is not None else "",
        reason=rating.reason,
        likely=rating.likely,
        evidence=list(rating.evidence),
        missing=rating.missing,
        next_step=rating.next_step,
        items=rating.items,
    )
