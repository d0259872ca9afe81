"""One answer as a coach reviews it: its sentences with evidence, its criteria with all levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mock_interviewer.core.findings import Findings, told
from mock_interviewer.core.grade import NOT_APPLICABLE, UNSURE_LEVELS, Rating
from mock_interviewer.core.questions import Question
from mock_interviewer.core.review import ReviewedRating
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.core.transcript import Role, pieces
from mock_interviewer.service.queue import SOMEBODY
from mock_interviewer.service.reviewing import DeskAnswer, without_reason
from mock_interviewer.storage.records import StoredInterview
from mock_interviewer.storage.reviews import StoredReview


@dataclass(frozen=True)
class Opinion:
    """What somebody found about one criterion, in words."""

    who: str
    told: str
    reason: str = ""


@dataclass(frozen=True)
class CriterionView:
    """One criterion to be rated."""

    criterion: Criterion
    rated: ReviewedRating | None
    machine: Opinion | None
    """None while it is hidden, or there is no grade."""
    machine_level: int | None
    unsure: str
    """Such as "2 to 4", where the machine is not sure."""
    others: tuple[Opinion, ...]
    needs_reason: bool

    @property
    def anchors(self) -> list[tuple[int, str, str]]:
        """By level: its word and, if it has one of its own, its anchor."""
        c = self.criterion
        return [(level, c.words[level], c.levels.get(level, "")) for level in c.scale]

    @property
    def chosen(self) -> str:
        """The coach's choice as a form has it: a level, `none`, or nothing."""
        if self.rated is None:
            return ""
        return "none" if self.rated.level is None else str(self.rated.level)


@dataclass(frozen=True)
class SentenceView:
    """A numbered sentence, or, without a number, what stands between two."""

    text: str
    number: int | None
    evidence: tuple[str, ...]
    """Ids of the criteria that the machine rests on it."""
    comment: str
    others: tuple[Opinion, ...]


@dataclass(frozen=True)
class DeskTurn:
    """One turn of the transcript."""

    role: Role
    citable: bool
    pieces: tuple[SentenceView, ...]


@dataclass(frozen=True)
class AnswerPart:
    """The answer that is being reviewed."""

    question: Question
    turns: tuple[DeskTurn, ...]
    criteria: tuple[CriterionView, ...]
    hidden: bool
    graded: bool
    reason: str
    """Why there is no grade, as far as that is known."""


def answer_part(
    interview: StoredInterview,
    here: DeskAnswer,
    draft: Findings,
    rubric: Rubric,
    names: Mapping[str, str],
) -> AnswerPart:
    """The answer with the levels and comments of `draft`. `names`: of coaches, by id."""
    return AnswerPart(
        question=interview.questions[here.answer.question],
        turns=tuple(_turns(here, draft, rubric, names)),
        criteria=tuple(_criteria(here, draft, rubric, names)),
        hidden=here.hidden,
        graded=here.answer.grade is not None,
        reason=here.answer.reason,
    )


def _turns(
    here: DeskAnswer, draft: Findings, rubric: Rubric, names: Mapping[str, str]
) -> list[DeskTurn]:
    cited: dict[int, list[str]] = {}
    ratings = here.answer.grade.ratings if here.answer.grade else {}
    for name, rating in ratings.items():
        for evidence in rating.evidence:
            cited.setdefault(evidence.sentence, []).append(name)
    said: dict[int, list[Opinion]] = {}
    for other in here.others:
        for number, text in (other.content or Findings()).sentences.items():
            said.setdefault(number, []).append(Opinion(_name(other, names), text))
    cut = pieces(here.lines, rubric.graded_role)
    return [
        DeskTurn(
            role=line.role,
            citable=line.role is rubric.graded_role,
            pieces=tuple(
                SentenceView(
                    text=piece.text,
                    number=piece.number,
                    evidence=tuple(cited.get(piece.number or 0, ())),
                    comment=draft.sentences.get(piece.number or 0, ""),
                    others=tuple(said.get(piece.number or 0, ())),
                )
                for piece in line_pieces
            ),
        )
        for line, line_pieces in zip(here.lines, cut, strict=True)
    ]


def _criteria(
    here: DeskAnswer, draft: Findings, rubric: Rubric, names: Mapping[str, str]
) -> list[CriterionView]:
    grade = here.answer.grade
    lacking = set(without_reason(here.review, grade))
    found = []
    for criterion in rubric.criteria:
        rating = grade.ratings.get(criterion.id) if grade else None
        found.append(
            CriterionView(
                criterion=criterion,
                rated=draft.ratings.get(criterion.id),
                machine=_machine(rating, criterion) if rating else None,
                machine_level=rating.level if rating else None,
                unsure=_unsure(rating) if rating else "",
                others=tuple(
                    Opinion(_name(other, names), _told(given.level, criterion), given.reason)
                    for other in here.others
                    if other.content and (given := other.content.ratings.get(criterion.id))
                ),
                needs_reason=criterion.id in lacking,
            )
        )
    return found


def _machine(rating: Rating, criterion: Criterion) -> Opinion:
    if rating.level is not None:
        return Opinion("machine", _told(rating.level, criterion), rating.missing)
    if rating.reason == NOT_APPLICABLE:
        return Opinion("machine", "does not apply")
    return Opinion("machine", "not graded", rating.reason or "")


def _unsure(rating: Rating) -> str:
    if not rating.likely:
        return ""
    low, high = rating.likely
    return f"{low} to {high}" if high - low >= UNSURE_LEVELS else ""


def _told(level: int | None, criterion: Criterion) -> str:
    return told(level) if level is None else criterion.told(level)


def remarks_of(others: Sequence[StoredReview], names: Mapping[str, str]) -> tuple[Opinion, ...]:
    """Other coaches' comments on an answer, or on the whole."""
    found = []
    for other in others:
        content = other.content or Findings()
        who = _name(other, names)
        if content.comment:
            found.append(Opinion(who, content.comment))
        if content.note:
            found.append(Opinion(f"{who}, to the candidate", content.note))
    return tuple(found)


def _name(review: StoredReview, names: Mapping[str, str]) -> str:
    return names.get(review.coach_id, SOMEBODY)
