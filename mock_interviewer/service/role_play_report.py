"""A role-play read again, as a page shows it: faces only lay it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mock_interviewer.core.grade import NOT_APPLICABLE, Grade, Usage
from mock_interviewer.core.mood import Band, band_of
from mock_interviewer.core.price import Price
from mock_interviewer.core.questions import label
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.interviewing.debrief import Debrief, Moment, Moved, debrief
from mock_interviewer.interviewing.role_play import Cause
from mock_interviewer.service.reports import (
    BY_ANOTHER_RUBRIC,
    RatingView,
    by_criteria_of,
    cost,
    rating_view,
    told_stamp,
)
from mock_interviewer.service.role_playing import RolePlay
from mock_interviewer.storage.records import AnswerState


@dataclass(frozen=True)
class Why:
    """One thing that moved the mood, with the candidate's own words that it rests on."""

    by: int
    what: str
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """One reply with what came before and after it."""

    moment: Moment
    why: tuple[Why, ...]
    band_before: Band
    band_after: Band
    suggested: str
    """The behaviour that the line which could have been said is an example of."""

    @property
    def number(self) -> int:
        """Counted from 1."""
        return self.moment.step.number

    @property
    def by(self) -> int:
        """How far the mood moved."""
        return self.moment.step.after - self.moment.step.before


@dataclass(frozen=True)
class RolePlayReport:
    """The whole debrief."""

    role_play: RolePlay
    debrief: Debrief
    turns: tuple[Turn, ...]
    unanswered: str
    """A last reply that nobody answered any more."""
    state: AnswerState | None
    reason: str
    ratings: tuple[RatingView, ...]
    """Of the criteria that apply to a role-play, in the rubric's order."""
    stamp: str
    usage: Usage
    """Of reading the replies, of the customer's words and of the grade."""
    cost: float | None
    """US dollars; None where no price is set."""

    @property
    def waiting(self) -> bool:
        """Whether its grade is still to come."""
        return self.state is AnswerState.WAITING


def make(role_play: RolePlay, rubric: Rubric, price: Price | None = None) -> RolePlayReport:
    """Work out the debrief as far as the conversation and its grade go."""
    stored, scenario = role_play.stored, role_play.scenario
    found = debrief(scenario, stored.answered)
    grade, state, reason = stored.grade, stored.grading, stored.reason
    usage = stored.usage + grade.stamp.usage if grade else stored.usage
    if grade and not by_criteria_of(rubric, grade):
        grade, state, reason = None, AnswerState.UNGRADED, BY_ANOTHER_RUBRIC
    last = stored.exchanges[-1] if stored.exchanges else None
    return RolePlayReport(
        role_play=role_play,
        debrief=found,
        turns=tuple(_turn(scenario, moment) for moment in found.moments),
        unanswered=last.reply if last and last.whole is None else "",
        state=state,
        reason=reason,
        ratings=tuple(_ratings(grade, rubric)) if grade else (),
        stamp=told_stamp(grade.stamp) if grade else "",
        usage=usage,
        cost=cost(usage, price),
    )


def _turn(scenario: Scenario, moment: Moment) -> Turn:
    return Turn(
        moment=moment,
        why=tuple(_why(scenario, moved) for moved in moment.moved),
        band_before=band_of(moment.step.before),
        band_after=band_of(moment.step.after),
        suggested=label(moment.could_say.behaviour) if moment.could_say else "",
    )


def _why(scenario: Scenario, moved: Moved) -> Why:
    movement = moved.movement
    act = movement.cause is Cause.ACT
    what = scenario.act(movement.name).what.rstrip(".") if act else label(movement.name)
    return Why(movement.by, what, tuple(evidence.quote for evidence in moved.evidence))


def _ratings(grade: Grade, rubric: Rubric) -> Iterator[RatingView]:
    for criterion in rubric.criteria:
        rating = grade.ratings[criterion.id]
        if rating.reason != NOT_APPLICABLE:
            yield rating_view(criterion, rating, counts=True)
