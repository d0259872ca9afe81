"""Reports for those who may read them; none of it for a coach who grades the interview blind."""

from __future__ import annotations

from mock_interviewer.core.price import Price
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import NotAllowedError
from mock_interviewer.service import reports
from mock_interviewer.service.access import Access, Person, may_change
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.service.self_rating import SelfRating
from mock_interviewer.storage.store import Store


class Reading:
    """The one way of a face to a report. May be used from several threads."""

    def __init__(
        self,
        store: Store,
        access: Access,
        reviewing: Reviewing,
        self_rating: SelfRating,
        rubric: Rubric,
        price: Price | None,
    ) -> None:
        self._store = store
        self._access = access
        self._reviewing = reviewing
        self._self_rating = self_rating
        self._rubric = rubric
        self._price = price

    def report(self, person: Person, interview_id: str) -> reports.Report:
        """The report as it stands now; once its candidate has it, they have seen the grades.

        Raises `NotFoundError` to whoever may not read it, and `NotAllowedError` to a coach who
        has begun to grade it without the machine's levels and has not finished.
        """
        interview = self._access.readable(person, interview_id)
        others = not may_change(person, interview)
        if others and not self._reviewing.may_see_grades(person, interview_id):
            raise NotAllowedError(
                "You are grading this interview without the machine's levels. The report opens "
                "once your review is done, or once you have had them shown at the desk."
            )
        self._self_rating.handed_out(person, interview_id)
        answers = self._store.answers(interview_id)
        return reports.make(interview, answers, self._rubric, self._price)
