"""Whose progress one may see, and where it is read from."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import NotFoundError
from mock_interviewer.service.access import Person
from mock_interviewer.service.coaching import check_coach
from mock_interviewer.service.progress import Progress, Rated, progress
from mock_interviewer.storage.coached import CoachedStore
from mock_interviewer.storage.judgements import JudgementStore
from mock_interviewer.storage.rated import RatedAnswer, RatedStore
from mock_interviewer.storage.store import Store


class Progressing:
    """The progress of candidates and groups."""

    def __init__(self, store: Store, rubric: Rubric) -> None:
        self._rated = RatedStore(store.sessions)
        self._coached = CoachedStore(store.sessions)
        self._judgements = JudgementStore(store.sessions)
        self._rubric = rubric

    def own(self, person: Person) -> Progress:
        """One's own, with everything that one has answered."""
        return self._progress(self._rated.of([person.id], shared_only=False))

    def of_candidate(self, coach: Person, candidate_id: str) -> Progress:
        """A candidate's, from what they share. Raises `NotFoundError` for one of other groups."""
        check_coach(coach)
        groups = self._coached.groups(coach.id)
        if candidate_id not in {who.id for group in groups for who in group.candidates}:
            raise NotFoundError("There is no such candidate in your groups.")
        return self._shared(coach, [candidate_id])

    def of_group(self, coach: Person, group_id: int) -> Progress:
        """All candidates of a group. Raises `NotFoundError` for a group that is not the coach's."""
        check_coach(coach)
        for group in self._coached.groups(coach.id):
            if group.id == group_id:
                return self._shared(coach, [candidate.id for candidate in group.candidates])
        raise NotFoundError("There is no such group among yours.")

    def _shared(self, coach: Person, candidate_ids: Collection[str]) -> Progress:
        """Without the answers whose grades are still kept from this coach."""
        hidden = self._judgements.hidden_from(coach.id)
        answers = self._rated.of(candidate_ids, shared_only=True)
        return self._progress([answer for answer in answers if answer.id not in hidden])

    def _progress(self, answers: Sequence[RatedAnswer]) -> Progress:
        return progress([_rated(answer) for answer in answers], self._rubric)


def _rated(answer: RatedAnswer) -> Rated:
    grade = answer.grade
    return Rated(
        case=f"{answer.interview_id}/{answer.place + 1}/{answer.attempt + 1}",
        interview_id=answer.interview_id,
        candidate_id=answer.candidate_id,
        at=answer.finished_at,
        question=answer.question.text,
        machine={name: r.level for name, r in grade.ratings.items()} if grade else None,
        coach=answer.review.levels if answer.review else None,
        own=answer.own,
        calls_for=tuple(answer.question.calls_for),
    )
