"""A coach makes a case of the evals from an answer that they have reviewed."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mock_interviewer.errors import NotFoundError
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.service.access import Person
from mock_interviewer.service.case_making import (
    AnswerPlace,
    DraftCase,
    check_new,
    draft_case,
    write_case,
)
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.storage.records import StoredAnswer
from mock_interviewer.storage.reviews import StoredReview
from mock_interviewer.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MadeCase:
    """A case that a coach has made."""

    case: Case
    file: Path | None
    """Where it was written; None: nothing can be written there, so only this is left of it."""

    @property
    def line(self) -> str:
        """The case as a line of a file of cases."""
        return json.dumps(self.case.model_dump(mode="json"), ensure_ascii=False) + "\n"


class DeskCases:
    """Makes cases from finished reviews whose candidate agreed, and adds them to one file."""

    def __init__(self, store: Store, reviewing: Reviewing, file: Path) -> None:
        self._store = store
        self._reviewing = reviewing
        self.file = file

    def draft(
        self, coach: Person, review_id: int, replace: Mapping[str, str] | None = None
    ) -> DraftCase:
        """The case as it would be written.

        `replace`: words with what shall stand for them; a word with itself stays. Raises
        `NotAllowedError` without the candidate's consent or for another coach's review,
        `DataFileError` unless it is finished and rates every criterion, and `ConfigurationError`
        for replacements that do not fit, or if the answer is a case already.
        """
        review = self._reviewing.as_case_review(coach, review_id)
        place = self._place(self._reviewing.get(coach, review_id))
        draft = draft_case(self._store, place, [review], source="the review", replace=replace or {})
        check_new(draft.case, self.file)
        return draft

    def make(self, coach: Person, review_id: int, replace: Mapping[str, str]) -> MadeCase:
        """Write the case, if the file can be written. Raises as `draft` does."""
        draft = self.draft(coach, review_id, replace)
        try:
            write_case(self._store, draft, self.file)
        except OSError as error:
            log.warning("A case could not be written: %s", error)
            return MadeCase(draft.case, None)
        return MadeCase(draft.case, self.file)

    def _place(self, review: StoredReview) -> AnswerPlace:
        answer = self._answer(review)
        return AnswerPlace(review.interview_id, answer.question + 1, answer.attempt + 1)

    def _answer(self, review: StoredReview) -> StoredAnswer:
        for answer in self._store.answers(review.interview_id):
            if answer.id == review.answer_id:
                return answer
        raise NotFoundError("Only a single answer becomes a case, not the whole interview.")
