"""What a coach sees while reviewing, worked out from the desk; faces only lay it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mock_interviewer.core.findings import Findings, changes
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import NotFoundError, StaleReviewError
from mock_interviewer.service.access import Person
from mock_interviewer.service.queue import SOMEBODY
from mock_interviewer.service.review_answer import AnswerPart, Opinion, answer_part, remarks_of
from mock_interviewer.service.reviewing import Desk, Reviewing
from mock_interviewer.storage.records import StoredInterview
from mock_interviewer.storage.reviewers import Reviewers
from mock_interviewer.storage.reviews import ReviewState, StoredChange, StoredReview
from mock_interviewer.storage.store import Store

WHOLE = "whole"
"""The place of the interview as a whole, after its answers, which go by their number."""


@dataclass(frozen=True)
class Step:
    """One part of the interview on the way through it."""

    place: str
    name: str
    state: str
    """Begun, done, or nothing written yet: ""."""


@dataclass(frozen=True)
class HistoryLine:
    """Who changed what."""

    at: datetime
    who: str
    where: str
    what: str
    before: str
    after: str
    why: str


@dataclass(frozen=True)
class OverviewRow:
    """A criterion's levels over all answers: the coach's, and the machine's beside them."""

    name: str
    levels: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Conflict:
    """A draft that was written on top of an old version, beside what is stored by now."""

    text: str
    version: int
    """Of what is stored."""
    rows: tuple[tuple[str, str, str], ...]
    """What differs: the field, as it is stored, and as it stands in the draft."""


@dataclass(frozen=True)
class ReviewPage:
    """One part of an interview on a coach's desk."""

    interview: StoredInterview
    candidate: str
    steps: tuple[Step, ...]
    step: Step
    before: Step | None
    after: Step | None
    review: StoredReview
    draft: Findings
    """What the form is filled with: what is stored, or what could not be stored."""
    version: int
    answer: AnswerPart | None
    """None for the interview as a whole."""
    overview: tuple[OverviewRow, ...]
    remarks: tuple[Opinion, ...]
    """Other coaches' comments on this part."""
    history: tuple[HistoryLine, ...]
    """Of this part; of all parts where it is the interview as a whole."""

    @property
    def all_done(self) -> bool:
        """Whether every part is finished."""
        return all(step.state == ReviewState.DONE.value for step in self.steps)

    @property
    def unpublished(self) -> bool:
        """Whether it was finished and changed since, which nobody else sees yet."""
        return self.review.content is not None and self.review.draft != self.review.content


class ReviewPages:
    """The pages of all reviews."""

    def __init__(self, store: Store, rubric: Rubric, reviewing: Reviewing) -> None:
        self._rubric = rubric
        self._reviewing = reviewing
        self._reviewers = Reviewers(store.sessions)

    def of(
        self, coach: Person, interview_id: str, place: str = "", draft: Findings | None = None
    ) -> ReviewPage | None:
        """One part of an interview that this coach has begun to review; None if they have not.

        `place`: an answer's number from 1, `WHOLE`, or nothing for the first that is not done.
        `draft`: what to show in the form instead of what is stored. Raises as `Reviewing.open`
        does, and `NotFoundError` for a place that is not there.
        """
        desk = self._reviewing.resume(coach, interview_id)
        if desk is None:
            return None
        steps = _steps(desk)
        index = _index(steps, place)
        here = desk.answers[index] if index < len(desk.answers) else None
        review = here.review if here else desk.whole
        changed = self._reviewing.history(coach, interview_id)
        others = here.others if here else desk.others
        known = {desk.interview.candidate_id, *(o.coach_id for o in others)}
        names = self._reviewers.names(known | {line.who for line in changed})
        candidate = names.get(desk.interview.candidate_id, "")
        names[coach.id] = "you"
        shown = review.draft if draft is None else draft
        places = _places(desk, steps)
        if here:
            changed = [line for line in changed if places.get(line.review_id) is steps[index]]
        return ReviewPage(
            interview=desk.interview,
            candidate=candidate,
            steps=steps,
            step=steps[index],
            before=steps[index - 1] if index else None,
            after=steps[index + 1] if index + 1 < len(steps) else None,
            review=review,
            draft=shown,
            version=review.version,
            answer=answer_part(desk.interview, here, shown, self._rubric, names) if here else None,
            overview=() if here else tuple(_overview(desk, self._rubric)),
            remarks=remarks_of(others, names),
            history=tuple(self._history(changed, places, names)),
        )

    def conflict(self, error: StaleReviewError, draft: Findings) -> Conflict:
        """Both sides of a draft that was refused, so that neither is lost."""
        rows = []
        for each in changes(Findings.model_validate(error.present), draft):
            mine = " · ".join(filter(None, (each.after, each.why)))
            rows.append((told_field(each.what, self._rubric), each.before or "", mine))
        return Conflict(str(error), error.version, tuple(rows))

    def _history(
        self, changed: Sequence[StoredChange], places: Mapping[int, Step], names: Mapping[str, str]
    ) -> list[HistoryLine]:
        return [
            HistoryLine(
                at=line.at,
                who=names.get(line.who, SOMEBODY),
                where=places[line.review_id].name if line.review_id in places else "",
                what=told_field(line.change.what, self._rubric),
                before=line.change.before or "",
                after=line.change.after or "",
                why=line.change.why,
            )
            for line in changed
        ]


def told_field(what: str, rubric: Rubric) -> str:
    """What a change is about, as a coach calls it."""
    kind, _, name = what.partition(".")
    if kind == "ratings":
        known = {criterion.id: criterion.name for criterion in rubric.criteria}
        return known.get(name, name)
    if kind == "sentences":
        return f"Comment on sentence {name}"
    return _FIELDS.get(what, what)


_FIELDS = {
    "not_an_answer": "Not an answer",
    "comment": "Comment",
    "note": "Note to the candidate",
    "state": "Review",
    "grade": "The machine's levels",
}


def _steps(desk: Desk) -> tuple[Step, ...]:
    found = []
    for number, each in enumerate(desk.answers, start=1):
        attempt = f", attempt {each.answer.attempt + 1}" if each.answer.attempt else ""
        name = f"Question {each.answer.question + 1}{attempt}"
        found.append(Step(str(number), name, _state(each.review)))
    return (*found, Step(WHOLE, "The whole interview", _state(desk.whole)))


def _places(desk: Desk, steps: Sequence[Step]) -> dict[int, Step]:
    """By review, all coaches' that may be seen here, the part that it is of."""
    places = {review.id: steps[-1] for review in (desk.whole, *desk.others)}
    for each, step in zip(desk.answers, steps, strict=False):
        places |= {review.id: step for review in (each.review, *each.others)}
    return places


def _state(review: StoredReview) -> str:
    if review.state is ReviewState.BEGUN and review.version == 0:
        return ""
    return review.state.value


def _index(steps: Sequence[Step], place: str) -> int:
    if not place:
        undone = [n for n, step in enumerate(steps) if step.state != ReviewState.DONE.value]
        return undone[0] if undone else 0
    for number, step in enumerate(steps):
        if step.place == place:
            return number
    raise NotFoundError("There is no such answer in this interview.")


def _overview(desk: Desk, rubric: Rubric) -> list[OverviewRow]:
    rows = []
    for criterion in rubric.criteria:
        levels = []
        for each in desk.answers:
            own = each.review.draft.levels
            grade = each.answer.grade
            rating = grade.ratings.get(criterion.id) if grade else None
            machine = "" if rating is None else "–" if rating.level is None else str(rating.level)
            level = own.get(criterion.id)
            mine = "" if criterion.id not in own else "–" if level is None else str(level)
            levels.append((mine, machine))
        rows.append(OverviewRow(criterion.name, tuple(levels)))
    return rows
