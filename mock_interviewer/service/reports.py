"""The report of an interview, worked out from what is stored; faces only lay it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mock_interviewer.core.findings import NO_OPPORTUNITY
from mock_interviewer.core.grade import Grade, Rating, Stamp, Usage, overall, scores
from mock_interviewer.core.interview import Mode, Phase, TurnKind
from mock_interviewer.core.price import Price
from mock_interviewer.core.questions import Question
from mock_interviewer.core.rubric import Criterion, Rubric, Score
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.core.transcript import pieces as transcript_pieces
from mock_interviewer.interviewing import flow
from mock_interviewer.service.bars import (
    NOT_GRADED,
    Bar,
    criterion_bar,
    level_bar,
    score_bar,
)
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.records import AnswerState, StoredAnswer, StoredInterview

BY_ANOTHER_RUBRIC = (
    "its grade is by another rubric than the one in use; the download as JSON holds it"
)


@dataclass(frozen=True)
class Piece:
    """A stretch of a turn's text, and the marks of the criteria that it is evidence for."""

    text: str
    number: int | None = None
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class TurnView:
    """One turn of an answer, cut into pieces."""

    role: Role
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class RatingView:
    """One rating of one answer as it is shown."""

    criterion: Criterion
    rating: Rating
    bar: Bar
    anchor: str
    next_anchor: str
    counts: bool
    """Whether the question calls for it; where it does not, it is "no opportunity"."""


@dataclass(frozen=True)
class AnswerView:
    """One answer as it is shown."""

    place: int
    attempt: int
    question: Question
    turns: tuple[TurnView, ...]
    state: AnswerState
    reason: str
    ratings: tuple[RatingView, ...]
    overall: Bar
    next_time: str
    grade: Grade | None

    @property
    def by_another_rubric(self) -> bool:
        """Whether it has a grade that cannot be shown by the rubric in use."""
        return self.reason == BY_ANOTHER_RUBRIC


@dataclass(frozen=True)
class Section:
    """A score with the bars of its criteria."""

    score: Bar
    criteria: tuple[Bar, ...]


@dataclass(frozen=True)
class Report:
    """The whole report."""

    interview: StoredInterview
    overall: Bar
    sections: tuple[Section, ...]
    answers: tuple[AnswerView, ...]
    unanswered: tuple[Question, ...]
    """Asked, and skipped or left without an answer."""
    waiting: int
    ungraded: int
    counted: str
    """Such as "2 of 3 answers"."""
    stamps: tuple[str, ...]
    usage: Usage
    cost: float | None
    finished: bool
    date: datetime
    marked: tuple[Criterion, ...]
    """The criteria whose evidence is marked in the answers."""

    @property
    def practice(self) -> bool:
        """Whether it was practice mode, in which a question can show its model answer."""
        return self.interview.mode is Mode.PRACTICE


def make(
    interview: StoredInterview,
    answers: Sequence[StoredAnswer],
    rubric: Rubric,
    price: Price | None = None,
) -> Report:
    """Work out the report as far as the grades go."""
    views = tuple(_answer(interview, answer, rubric) for answer in answers)
    first = [view for view in views if view.attempt == 0]
    graded = [view for view in first if view.grade is not None]
    answered = {view.place for view in views}
    asked = sorted({t.question for t in interview.turns if t.kind is TurnKind.QUESTION})
    open_place = flow.position(interview.turns).question if not _finished(interview) else None
    usage = interview.usage
    for view in views:
        if view.grade:
            usage = usage + view.grade.stamp.usage
    return Report(
        interview=interview,
        overall=score_bar(
            "Overall",
            [_overall(view, rubric) for view in graded],
            rubric,
            NO_OPPORTUNITY if len(graded) == len(first) else NOT_GRADED,
        ),
        sections=tuple(_section(score, first, rubric) for score in rubric.scores),
        answers=views,
        unanswered=tuple(
            interview.questions[place]
            for place in asked
            if place not in answered and place != open_place
        ),
        waiting=sum(1 for view in views if view.state is AnswerState.WAITING),
        ungraded=sum(1 for answer in answers if answer.state is AnswerState.UNGRADED),
        counted=f"{len(graded)} of {len(first)} answers",
        stamps=_stamps(views),
        usage=usage,
        cost=cost(usage, price),
        finished=_finished(interview),
        date=interview.created_at,
        marked=tuple(c for c in rubric.criteria if c.id in _marked(rubric)),
    )


def by_criteria_of(rubric: Rubric, grade: Grade) -> bool:
    """Whether a grade has a level, or none, for each criterion of this rubric."""
    return all(criterion.id in grade.ratings for criterion in rubric.criteria)


def answer_view(interview: StoredInterview, answer: StoredAnswer, rubric: Rubric) -> AnswerView:
    """One answer on its own, for feedback in practice mode."""
    return _answer(interview, answer, rubric)


def cost(usage: Usage, price: Price | None) -> float | None:
    """US dollars, or None if no price is configured."""
    return price.cost(usage) if price else None


def _answer(interview: StoredInterview, answer: StoredAnswer, rubric: Rubric) -> AnswerView:
    question = interview.questions[answer.question]
    lines = transcript(interview, answer.question, answer.attempt)
    grade, state, reason = answer.grade, answer.state, answer.reason
    if grade and not by_criteria_of(rubric, grade):
        grade, state, reason = None, AnswerState.UNGRADED, BY_ANOTHER_RUBRIC
    ratings = tuple(_ratings(grade, question, rubric)) if grade else ()
    view = AnswerView(
        place=answer.question,
        attempt=answer.attempt,
        question=question,
        turns=_turns(lines, ratings, rubric),
        state=state,
        reason=reason,
        ratings=ratings,
        overall=score_bar("Overall", [], rubric),
        next_time=grade.next_time if grade else "",
        grade=grade,
    )
    figure = score_bar("Overall", [_overall(view, rubric)], rubric)
    return AnswerView(**{**view.__dict__, "overall": figure})


def _ratings(grade: Grade, question: Question, rubric: Rubric) -> Iterable[RatingView]:
    for criterion in rubric.criteria:
        rating = grade.ratings[criterion.id]
        score = _score_of(criterion, rubric)
        yield rating_view(criterion, rating, counts=score is None or score.id in question.calls_for)


def rating_view(criterion: Criterion, rating: Rating, *, counts: bool) -> RatingView:
    """One criterion's rating; `counts`: whether the question calls for it."""
    level = rating.level
    bar = level_bar(criterion, level, "" if counts else NO_OPPORTUNITY)
    anchor = "" if level is None else criterion.anchor(level)
    above = "" if level is None else criterion.next_anchor(level)
    return RatingView(criterion, rating, bar, anchor, above, counts)


def _score_of(criterion: Criterion, rubric: Rubric) -> Score | None:
    for score in rubric.scores:
        if criterion.id in (*score.mean_of, *score.with_it):
            return score
    return None


def _overall(view: AnswerView, rubric: Rubric) -> float | None:
    if view.grade is None:
        return None
    return overall(scores(view.grade, rubric), view.question.calls_for)


def _section(score: Score, first: Sequence[AnswerView], rubric: Rubric) -> Section:
    called = [view for view in first if score.id in view.question.calls_for]
    ungraded = any(view.grade is None for view in called)
    note = NOT_GRADED if ungraded else NO_OPPORTUNITY
    values = [scores(view.grade, rubric).get(score.id) for view in called if view.grade]
    criteria = []
    # A score that is one rating's mean is that rating: it needs no bar of its own.
    parts = score.mean_of if len(score.mean_of) > 1 else ()
    for name in (*parts, *score.with_it):
        criterion = rubric.criterion(name)
        levels = [view.grade.ratings[name].level for view in called if view.grade]
        criteria.append(criterion_bar(criterion, levels, note))
    return Section(score_bar(score.name, values, rubric, note), tuple(criteria))


def _turns(
    lines: Sequence[Line], ratings: Sequence[RatingView], rubric: Rubric
) -> tuple[TurnView, ...]:
    cited: dict[int, list[str]] = {}
    marked = _marked(rubric)
    for view in ratings:
        if view.criterion.id in marked:
            for evidence in view.rating.evidence:
                cited.setdefault(evidence.sentence, []).append(view.criterion.id)
    turns = []
    for line, cut in zip(lines, transcript_pieces(lines, rubric.graded_role), strict=True):
        pieces = [Piece(p.text, p.number, tuple(cited.get(p.number or 0, ()))) for p in cut]
        turns.append(TurnView(line.role, tuple(pieces)))
    return tuple(turns)


def _marked(rubric: Rubric) -> set[str]:
    return {name for score in rubric.scores for name in score.mean_of}


def _stamps(views: Sequence[AnswerView]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for view in views:
        if view.grade:
            found[told_stamp(view.grade.stamp)] = None
    return tuple(found)


def told_stamp(stamp: Stamp) -> str:
    """What made a grade, in a sentence."""
    prompts = ", ".join(f"{name} {number}" for name, number in stamp.prompts.items())
    return (
        f"Graded by {stamp.model}, strategy {stamp.strategy}, calibration {stamp.calibration}; "
        f"rubric {stamp.rubric}; prompts {prompts}; program {stamp.package_version}."
    )


def _finished(interview: StoredInterview) -> bool:
    return flow.position(interview.turns).phase is Phase.FINISHED
