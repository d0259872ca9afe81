"""A coach at an interview: what they see of it, and their judgement beside the grade.

Whoever grades blind gets no level of the machine's, nor another coach's, before their own are
finished or they ask for it; the history tells which. That is decided here and not by a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.review import Review
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Line, sentences
from mock_interviewer.errors import DataFileError, NotAllowedError, NotFoundError
from mock_interviewer.service.access import Access, Person
from mock_interviewer.service.coaching import coachable
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.records import StoredAnswer, StoredInterview
from mock_interviewer.storage.reviews import ReviewState, ReviewStore, StoredChange, StoredReview
from mock_interviewer.storage.store import Store


@dataclass(frozen=True)
class DeskAnswer:
    """One answer as its coach may see it now."""

    answer: StoredAnswer
    """Without its grade while that is hidden."""
    lines: tuple[Line, ...]
    review: StoredReview
    others: tuple[StoredReview, ...]
    """Other coaches' finished reviews of it; none while the grade is hidden."""

    @property
    def hidden(self) -> bool:
        """Whether the grade is kept from this coach."""
        return self.review.hides_grade


@dataclass(frozen=True)
class Desk:
    """An interview on a coach's desk."""

    interview: StoredInterview
    whole: StoredReview
    """This coach's review of the interview as a whole."""
    others: tuple[StoredReview, ...]
    """Other coaches' finished reviews of it as a whole; none while any grade is hidden."""
    answers: tuple[DeskAnswer, ...]

    @property
    def hidden(self) -> bool:
        """Whether anything is kept from this coach, and with it every figure of the whole."""
        return any(answer.hidden for answer in self.answers)


class Reviewing:
    """The reviews of all coaches. May be used from several threads."""

    def __init__(self, store: Store, rubric: Rubric, access: Access) -> None:
        self._store = store
        self._reviews = ReviewStore(store.sessions)
        self._rubric = rubric
        self._access = access

    def resume(self, coach: Person, interview_id: str) -> Desk | None:
        """The desk as this coach has begun it; None if they have not. Raises as `open` does."""
        self._interview(coach, interview_id)
        begun = self._reviews.of(interview_id, coach.id)
        return self.open(coach, interview_id, blind=begun[0].blind) if begun else None

    def open(self, coach: Person, interview_id: str, *, blind: bool) -> Desk:
        """Begin this coach's reviews, or go on with them.

        `blind` counts for what is begun now: what was begun before stays as it was begun. Raises
        `NotFoundError`, `NotAllowedError`.
        """
        interview = self._interview(coach, interview_id)
        whole, *begun = self._reviews.begin(interview_id, coach.id, blind)
        own = {review.answer_id: review for review in begun}
        others = [
            review
            for review in self._reviews.of(interview_id)
            if review.coach_id != coach.id and review.state is ReviewState.DONE
        ]
        # An answer that was finished in between gets its review when the desk is next opened.
        answers = tuple(
            _desk_answer(interview, answer, own[answer.id], others)
            for answer in self._store.answers(interview_id)
            if answer.id in own
        )
        desk = Desk(interview, whole, (), answers)
        if desk.hidden:
            return desk
        return replace(desk, others=tuple(o for o in others if o.answer_id is None))

    def save(self, coach: Person, review_id: int, version: int, draft: Findings) -> StoredReview:
        """Keep a draft, written on top of this version.

        Raises `StaleReviewError` with what is there now if it was saved elsewhere since, and
        `DataFileError` if a level is off the scale or a sentence is not there.
        """
        review = self._own(coach, review_id)
        self._check(draft, self._lines(review))
        return self._reviews.save(review_id, version, draft)

    def finish(self, coach: Person, review_id: int, version: int) -> StoredReview:
        """Let others see it; a blind review's coach now sees the machine's levels.

        Raises `StaleReviewError`, and `DataFileError` where a level needs a reason: it differs
        from the machine's, which the coach has seen, or from what was finished before.
        """
        review = self._own(coach, review_id)
        lacking = [self._name(each) for each in self.unexplained(coach, review)]
        if lacking and review.version == version:
            raise DataFileError(
                f"Say in a few words why, for: {', '.join(lacking)}. The level differs from the "
                "grade's, or from the one that you gave before."
            )
        return self._reviews.finish(review_id, version)

    def unexplained(self, coach: Person, review: StoredReview) -> list[str]:
        """Ids of the criteria whose level needs a reason before the review can be finished."""
        self._own(coach, review.id)
        return without_reason(review, None if review.hides_grade else self._grade(review))

    def get(self, coach: Person, review_id: int) -> StoredReview:
        """A review of this coach's own. Raises `NotFoundError`, `NotAllowedError`."""
        return self._own(coach, review_id)

    def reveal(self, coach: Person, review_id: int) -> StoredReview:
        """Show the machine's levels before the review is finished: then it is not a blind one."""
        self._own(coach, review_id)
        return self._reviews.reveal(review_id)

    def may_see_grades(self, coach: Person, interview_id: str) -> bool:
        """Whether nothing of the interview is kept from this coach: ask before its report."""
        own = self._reviews.of(interview_id, coach.id)
        return not any(review.hides_grade for review in own if review.answer_id is not None)

    def history(self, coach: Person, interview_id: str) -> list[StoredChange]:
        """Who changed what in the reviews that this coach may see, the first change first."""
        self._interview(coach, interview_id)
        all_of_them = self._reviews.of(interview_id)
        hidden = {r.answer_id for r in all_of_them if r.coach_id == coach.id and r.hides_grade}
        seen = [
            review.id
            for review in all_of_them
            if review.coach_id == coach.id
            or not (review.answer_id in hidden or (hidden and review.answer_id is None))
        ]
        return self._reviews.history(seen)

    def finished(self, interview_id: str) -> list[StoredReview]:
        """What coaches have finished on an interview, for its candidate, who may see all of it.

        The caller has made sure that it is the candidate's.
        """
        return [r for r in self._reviews.of(interview_id) if r.state is ReviewState.DONE]

    def as_case_review(self, coach: Person, review_id: int) -> Review:
        """A finished review in the form that becomes a case of the evals.

        Raises `NotAllowedError` unless the candidate agreed to that, and `DataFileError` unless
        it is finished and rates every criterion.
        """
        review = self._own(coach, review_id)
        if not self._store.interview(review.interview_id).may_become_case:
            raise NotAllowedError(
                "The candidate has not agreed that answers of this interview be used as cases."
            )
        if review.content is None or review.done_at is None:
            raise DataFileError("Finish the review first: a draft becomes no case.")
        return review.content.as_review(coach.name, review.done_at.date(), self._rubric)

    def _interview(self, coach: Person, interview_id: str) -> StoredInterview:
        return coachable(self._access, coach, interview_id)

    def _own(self, coach: Person, review_id: int) -> StoredReview:
        review = self._reviews.get(review_id)
        self._interview(coach, review.interview_id)
        if review.coach_id != coach.id:
            raise NotAllowedError("This is another coach's review; write your own beside it.")
        return review

    def _lines(self, review: StoredReview) -> list[Line]:
        if review.answer_id is None:
            return []
        answer = self._answer(review)
        return transcript(
            self._store.interview(review.interview_id), answer.question, answer.attempt
        )

    def _answer(self, review: StoredReview) -> StoredAnswer:
        for answer in self._store.answers(review.interview_id):
            if answer.id == review.answer_id:
                return answer
        raise NotFoundError("The answer of this review is no longer here.")

    def _grade(self, review: StoredReview) -> Grade | None:
        return None if review.answer_id is None else self._answer(review).grade

    def _check(self, draft: Findings, lines: Sequence[Line]) -> None:
        count = len(sentences(lines, self._rubric.graded_role))
        if faults := list(draft.faults(self._rubric, count)):
            raise DataFileError("\n".join(faults))

    def _name(self, criterion_id: str) -> str:
        return self._rubric.criterion(criterion_id).name


def without_reason(review: StoredReview, grade: Grade | None) -> list[str]:
    """Criteria whose level in the draft is another than the grade's, or than before, unexplained.

    `grade` is the one that the coach has seen, if any.
    """
    before = review.content.levels if review.content else {}
    machine = {name: r.level for name, r in grade.ratings.items()} if grade else {}
    return [
        name
        for name, rating in review.draft.ratings.items()
        if not rating.reason
        and any(
            name in other and other[name] != rating.level
            # A blind review's first levels were given for themselves, and still stand so.
            for other in ((before,) if name in before else (before, machine))
        )
    ]


def _desk_answer(
    interview: StoredInterview,
    answer: StoredAnswer,
    review: StoredReview,
    others: Sequence[StoredReview],
) -> DeskAnswer:
    hidden = review.hides_grade
    return DeskAnswer(
        answer=replace(answer, grade=None) if hidden else answer,
        lines=tuple(transcript(interview, answer.question, answer.attempt)),
        review=review,
        others=() if hidden else tuple(o for o in others if o.answer_id == answer.id),
    )
