"""The coach's desk: everything that coaches' pages ask for, put together once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from mock_interviewer.core.price import Price
from mock_interviewer.core.questions import Bank
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.service.access import Access
from mock_interviewer.service.agreements import Agreements
from mock_interviewer.service.assignments import Assignments
from mock_interviewer.service.calibrating import Calibrating
from mock_interviewer.service.coach_exports import CoachExports
from mock_interviewer.service.coach_views import CoachedReports
from mock_interviewer.service.desk_cases import DeskCases
from mock_interviewer.service.invitations import Invitations
from mock_interviewer.service.progressing import Progressing
from mock_interviewer.service.queue import Queue
from mock_interviewer.service.regrades import Regrades
from mock_interviewer.service.review_pages import ReviewPages
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.service.self_rating import SelfRating
from mock_interviewer.storage.store import Store


class CoachDesk:
    """All of it over one store."""

    def __init__(
        self,
        store: Store,
        access: Access,
        rubric: Rubric,
        bank: Bank,
        *,
        reply: Callable[[str], Iterable[object]],
        wake: Callable[[], None],
        cases: Path,
        price: Price | None = None,
    ) -> None:
        """`reply`: lets the interviewer speak. `wake`: told when there is something to grade.

        `cases`: the file to which cases that coaches make are added.
        """
        self.queue = Queue(store, access)
        self.reviewing = Reviewing(store, rubric, access)
        self.cases = DeskCases(store, self.reviewing, cases)
        self.review_pages = ReviewPages(store, rubric, self.reviewing)
        self.coached = CoachedReports(store, rubric, self.reviewing)
        self.assignments = Assignments(store, bank, reply)
        self.invitations = Invitations(store)
        self.agreements = Agreements(store, rubric)
        self.calibrating = Calibrating(store, rubric)
        self.regrades = Regrades(store, access, rubric, wake)
        self.progressing = Progressing(store, rubric)
        self.exports = CoachExports(store, access, self.reviewing, rubric, price)
        self.self_rating = SelfRating(store, access, rubric)
