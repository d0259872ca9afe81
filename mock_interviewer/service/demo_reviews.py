"""The demo's reviews: what its coaches find in the answers, near to what the raters found."""

from __future__ import annotations

import random
from collections.abc import Sequence

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.review import ReviewedRating
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.service.access import Person
from mock_interviewer.service.demo_plan import PlannedInterview, PlannedReview, seen_levels
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.storage.reviews import StoredReview

FROM_CASES = "Demo: levels drawn from those of the raters, not given by a person."

_OTHER_LEVELS = ((0.15, 0.5), (0.25, 0.2))
"""Of each coach: the share that is moved from the raters' level, and how much of it upwards."""


class DemoReviews:
    """Puts the reviews of the demo's coaches into the database."""

    def __init__(
        self, reviewing: Reviewing, rubric: Rubric, coaches: Sequence[Person], rng: random.Random
    ) -> None:
        self._reviewing = reviewing
        self._rubric = rubric
        self._coaches = coaches
        self._rng = rng

    def make(self, review: PlannedReview, planned: PlannedInterview, interview_id: str) -> None:
        """One coach's review of an interview that is in the database."""
        coach, reviewing = self._coaches[review.coach], self._reviewing
        desk = reviewing.open(coach, interview_id, blind=review.blind)
        for on_desk in desk.answers:
            case = planned.cases[on_desk.answer.question]
            draft = self._findings(case, review, on_desk.answer.grade)
            saved = reviewing.save(coach, on_desk.review.id, on_desk.review.version, draft)
            if not review.done:
                return  # it was put down after the first answer
            finished = reviewing.finish(coach, saved.id, saved.version)
            if review.blind and on_desk.answer.question == planned.candidate % 2:
                self._change_mind(coach, finished, case)
        whole = Findings(comment=FROM_CASES, note="Demo: a good hour. Bring the end of each story.")
        saved = reviewing.save(coach, desk.whole.id, desk.whole.version, whole)
        reviewing.finish(coach, saved.id, saved.version)

    def seen(self, case: Case, coach: int) -> dict[str, int | None]:
        """The levels that this coach sees in an answer, near to those of its raters."""
        return seen_levels(case.reference, self._rubric, self._rng, *_OTHER_LEVELS[coach])

    def _change_mind(self, coach: Person, finished: StoredReview, case: Case) -> None:
        """Once the grade is seen, the coach goes back to the raters' level of one criterion."""
        ratings = dict(finished.draft.ratings)
        for name, level in case.reference.items():
            if ratings[name].level != level:
                why = "Demo: read again, the raters' level holds."
                ratings[name] = ReviewedRating(level=level, reason=why)
                draft = finished.draft.model_copy(update={"ratings": ratings})
                saved = self._reviewing.save(coach, finished.id, finished.version, draft)
                self._reviewing.finish(coach, saved.id, saved.version)
                return

    def _findings(self, case: Case, review: PlannedReview, grade: Grade | None) -> Findings:
        """What this coach finds in an answer; `grade` is the one that they have seen."""
        machine = {name: r.level for name, r in grade.ratings.items()} if grade else {}
        ratings = {}
        for name, level in self.seen(case, review.coach).items():
            raters, reason = case.reference[name], ""
            if level != raters:
                reason = f"Demo: one level from the raters' {raters}."
            elif name in machine and machine[name] != level:
                reason = "Demo: as the raters have it."
            ratings[name] = ReviewedRating(level=level, reason=reason)
        known = {name: rating.level for name, rating in ratings.items() if rating.level is not None}
        criteria = [c for c in self._rubric.criteria if c.id in known]
        weakest = min(criteria, key=lambda c: (known[c.id] - c.lowest) / (c.highest - c.lowest))
        return Findings(
            ratings=ratings,
            not_an_answer=case.not_an_answer,
            sentences={1: "Demo: a clear place to begin."},
            comment=FROM_CASES,
            note=f"Demo: next time, look after this: {weakest.name}.",
        )
