"""What a person may do with what is stored of them: see it, have all of it, delete it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mock_interviewer.core.price import Price
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import NotAllowedError, NotFoundError
from mock_interviewer.service.exports.archive import zipped
from mock_interviewer.service.exports.drills import drills_json
from mock_interviewer.service.exports.role_plays import role_plays_json
from mock_interviewer.storage.deletion import OnGone, delete_interviews, empty_the_log
from mock_interviewer.storage.drill_attempts import DrillAttempts
from mock_interviewer.storage.records import StoredInterview
from mock_interviewer.storage.role_play_records import StoredRolePlay
from mock_interviewer.storage.role_plays import NO_ROLE_PLAY, RolePlays
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.whole import (
    InterviewSummary,
    WholeInterview,
    ids_of,
    summaries_of,
    whole,
)


def check_owner(interview: StoredInterview, person_id: str) -> None:
    """Raise `NotAllowedError` unless the interview is this person's own."""
    if interview.candidate_id != person_id:
        raise NotAllowedError(
            "Only the person whose interview this is can do that, in the browser in which it was "
            "held."
        )


class OwnData:
    """Everybody's own, asked for by the person's id. May be used from several threads."""

    def __init__(self, store: Store, rubric: Rubric, price: Price | None, on_gone: OnGone) -> None:
        self._store = store
        self._rubric = rubric
        self._price = price
        self._on_gone = on_gone
        self._drills = DrillAttempts(store.sessions)
        self._role_plays = RolePlays(store.sessions)

    def interviews(self, person_id: str) -> Sequence[InterviewSummary]:
        """This person's interviews, the latest first."""
        return summaries_of(self._store.sessions, person_id)

    def drill_attempts(self, person_id: str) -> int:
        """How many attempts at drills are this person's."""
        return len(self._drills.for_spacing(person_id))

    def role_plays(self, person_id: str) -> list[StoredRolePlay]:
        """This person's role-plays, the latest first."""
        return self._role_plays.of_person(person_id)[::-1]

    def interview(self, person_id: str, interview_id: str) -> WholeInterview:
        """One of theirs. Raises `NotFoundError`, and `NotAllowedError` for another person's."""
        found = whole(self._store.sessions, interview_id)
        check_owner(found.interview, person_id)
        return found

    def all_zipped(self, person_id: str) -> Iterator[bytes]:
        """All of theirs as a zip, in pieces as they are made."""
        ids = ids_of(self._store.sessions, person_id)
        drills = drills_json(self._drills.of_person(person_id))
        return zipped(
            lambda: existing(self._store, ids),
            self._rubric,
            self._price,
            drills=drills,
            role_plays=role_plays_json(self._role_plays.of_person(person_id)),
        )

    def delete(self, person_id: str, interview_id: str) -> None:
        """Delete one of theirs for good. Raises like `interview`."""
        check_owner(self._store.interview(interview_id), person_id)
        self._delete([interview_id])

    def delete_all(self, person_id: str) -> int:
        """Delete all of theirs for good, attempts at drills and role-plays too; returns how many
        interviews."""
        self._drills.delete_of(person_id)
        self._role_plays.delete_of(person_id)
        return self._delete(ids_of(self._store.sessions, person_id))

    def delete_role_play(self, person_id: str, role_play_id: str) -> None:
        """Delete one of their role-plays for good; its branches stay. Raises `NotFoundError`."""
        if self._role_plays.get(role_play_id).candidate_id != person_id:
            raise NotFoundError(NO_ROLE_PLAY)
        self._role_plays.delete(role_play_id)
        empty_the_log(self._store.sessions)

    def _delete(self, ids: Sequence[str]) -> int:
        gone = delete_interviews(self._store.sessions, ids, on_gone=self._on_gone)
        empty_the_log(self._store.sessions)
        return gone


def existing(store: Store, ids: Sequence[str]) -> Iterator[WholeInterview]:
    """These interviews one after the other, without those that are deleted in the meantime."""
    for interview_id in ids:
        try:
            yield whole(store.sessions, interview_id)
        except NotFoundError:
            continue
