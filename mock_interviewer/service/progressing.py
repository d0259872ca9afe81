"""Whose progress one may see, and where it is read from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import NotAllowedError, NotFoundError
from mock_interviewer.service.access import Person, may_begin
from mock_interviewer.service.coaching import check_coach, is_coach
from mock_interviewer.service.progress import Progress, Rated, progress
from mock_interviewer.service.self_rating import keeps_grade_back
from mock_interviewer.storage.coached import Candidate, CoachedGroup, CoachedStore
from mock_interviewer.storage.judgements import JudgementStore
from mock_interviewer.storage.rated import RatedAnswer, RatedStore
from mock_interviewer.storage.store import Store


@dataclass(frozen=True)
class OwnProgress:
    """A candidate's own progress."""

    progress: Progress
    kept_back: tuple[str, ...]
    """Ids of the interviews that are not in it: their grades have not been looked at yet."""


@dataclass(frozen=True)
class CandidateProgress:
    """A candidate's progress from what they share."""

    candidate: Candidate
    progress: Progress


@dataclass(frozen=True)
class GroupProgress:
    """A group's progress by weeks, and each candidate's."""

    group: CoachedGroup
    progress: Progress
    candidates: tuple[CandidateProgress, ...]
    """By name, as the group has them."""


class Progressing:
    """The progress of candidates and groups."""

    def __init__(self, store: Store, rubric: Rubric) -> None:
        self._rated = RatedStore(store.sessions)
        self._coached = CoachedStore(store.sessions)
        self._judgements = JudgementStore(store.sessions)
        self._rubric = rubric

    def own(self, person: Person) -> OwnProgress:
        """One's own, from all whose grades one has looked at. Raises `NotAllowedError`."""
        if not may_begin(person):
            raise NotAllowedError("An admin manages accounts, and holds no interviews.")
        answers = self._rated.of([person.id], shared_only=False)
        shown = [a for a in answers if not _kept_back(a)]
        back = [a.interview_id for a in answers if _kept_back(a)]
        return OwnProgress(self._progress(shown), tuple(dict.fromkeys(back)))

    def of_candidate(self, coach: Person, candidate_id: str) -> CandidateProgress:
        """A candidate's, from what they share. Raises `NotFoundError` for one of other groups."""
        check_coach(coach)
        for group in self._coached.groups(coach.id):
            for candidate in group.candidates:
                if candidate.id == candidate_id:
                    shared = self._shared(coach, [candidate.id])
                    return CandidateProgress(candidate, self._progress(shared))
        raise NotFoundError("There is no such candidate in your groups.")

    def of_group(self, coach: Person, group_id: int) -> GroupProgress:
        """All candidates of a group. Raises `NotFoundError` for a group that is not the coach's."""
        check_coach(coach)
        for group in self._coached.groups(coach.id):
            if group.id == group_id:
                answers = self._shared(coach, [candidate.id for candidate in group.candidates])
                return GroupProgress(
                    group,
                    self._progress(answers, weekly=True),
                    tuple(
                        CandidateProgress(
                            each,
                            self._progress([a for a in answers if a.candidate_id == each.id]),
                        )
                        for each in group.candidates
                    ),
                )
        raise NotFoundError("There is no such group among yours.")

    def looks_after(self, coach: Person, candidate_id: str) -> bool:
        """Whether it is a candidate of this coach's groups."""
        groups = self._coached.groups(coach.id) if is_coach(coach) else []
        return any(candidate_id == who.id for group in groups for who in group.candidates)

    def _shared(self, coach: Person, candidate_ids: Collection[str]) -> list[RatedAnswer]:
        """Without the interviews of which a grade is still kept from this coach."""
        hidden = self._judgements.interviews_hidden_from(coach.id)
        answers = self._rated.of(candidate_ids, shared_only=True)
        return [answer for answer in answers if answer.interview_id not in hidden]

    def _progress(self, answers: Sequence[RatedAnswer], *, weekly: bool = False) -> Progress:
        return progress([_rated(answer) for answer in answers], self._rubric, weekly=weekly)


def _kept_back(answer: RatedAnswer) -> bool:
    return keeps_grade_back(answer.mode, answer.rates_first, said=answer.said)


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
