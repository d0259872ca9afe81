"""Whether answers of an interview may become cases of the evals: its own candidate says so."""

from __future__ import annotations

from mock_interviewer.errors import NotAllowedError
from mock_interviewer.storage.records import StoredInterview
from mock_interviewer.storage.store import Store


def may_say(interview: StoredInterview, candidate_id: str) -> bool:
    """Whether this visitor is the one to be asked: who has the link only, is not."""
    return interview.candidate_id == candidate_id


def say(store: Store, interview_id: str, candidate_id: str, agreed: bool) -> None:
    """Keep what the candidate says, until it is said otherwise.

    Raises `NotFoundError`, and `NotAllowedError` to anybody but the interview's candidate.
    """
    if not may_say(store.interview(interview_id), candidate_id):
        raise NotAllowedError(
            "Only the person whose interview this is can change that, in the browser in which "
            "it was held."
        )
    store.set_may_become_case(interview_id, agreed)
