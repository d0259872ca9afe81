"""A coach makes a case of an answer that they have reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.errors import (
    ConfigurationError,
    DataFileError,
    NotAllowedError,
    NotFoundError,
)
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.service.access import Person
from mock_interviewer.service.desk_cases import DeskCases
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.storage.store import Store
from tests.desk import COACH, OTHER, STRANGER, findings, graded, with_people
from tests.toy_rubric import RUBRIC

LEVELS = dict.fromkeys((criterion.id for criterion in RUBRIC.criteria), 2)
WORD, OTHER_WORD = "garden", "orchard"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield store
    store.close()


@pytest.fixture
def reviewing(store: Store) -> Reviewing:
    return Reviewing(store, RUBRIC, with_people(store))


@pytest.fixture
def cases(store: Store, reviewing: Reviewing, tmp_path: Path) -> DeskCases:
    return DeskCases(store, reviewing, tmp_path / "kept" / "cases.jsonl")


def reviewed(store: Store, reviewing: Reviewing, coach: Person = COACH, **levels: int) -> int:
    """A finished review, whose candidate agreed to a case."""
    interview = graded(store)
    store.set_may_become_case(interview, True)
    review = reviewing.open(coach, interview, blind=True).answers[0].review
    review = reviewing.save(coach, review.id, review.version, findings(**(levels or LEVELS)))
    return reviewing.finish(coach, review.id, review.version).id


def test_a_reviewed_answer_is_added_to_the_file_with_the_coachs_levels(
    store: Store, reviewing: Reviewing, cases: DeskCases
) -> None:
    made = cases.make(COACH, reviewed(store, reviewing), {})
    assert made.file == cases.file
    (case,) = load_cases([cases.file])
    assert case == made.case
    assert case.reference == LEVELS
    assert list(case.raters) == ["coach 1"]


def test_what_the_coach_corrects_is_in_the_case(
    store: Store, reviewing: Reviewing, cases: DeskCases
) -> None:
    review = reviewed(store, reviewing)
    assert WORD in cases.draft(COACH, review).case.text
    made = cases.make(COACH, review, {WORD: OTHER_WORD})
    assert OTHER_WORD in made.case.text
    assert WORD not in made.case.text


def test_a_draft_writes_nothing(store: Store, reviewing: Reviewing, cases: DeskCases) -> None:
    cases.draft(COACH, reviewed(store, reviewing))
    assert not cases.file.exists()


def test_the_same_answer_is_refused_the_second_time(
    store: Store, reviewing: Reviewing, cases: DeskCases
) -> None:
    review = reviewed(store, reviewing)
    cases.make(COACH, review, {})
    with pytest.raises(ConfigurationError, match="same answer"):
        cases.make(COACH, review, {WORD: OTHER_WORD})
    assert len(load_cases([cases.file])) == 1


def test_where_nothing_can_be_written_the_case_is_handed_over(
    store: Store, reviewing: Reviewing, cases: DeskCases
) -> None:
    cases.file.parent.write_text("This is a file and no folder.")
    made = cases.make(COACH, reviewed(store, reviewing), {})
    assert made.file is None
    assert Case.model_validate_json(made.line) == made.case


def test_without_the_candidates_consent_there_is_no_case(
    store: Store, reviewing: Reviewing, cases: DeskCases
) -> None:
    review = reviewed(store, reviewing)
    store.set_may_become_case(reviewing.get(COACH, review).interview_id, False)
    for call in (lambda: cases.draft(COACH, review), lambda: cases.make(COACH, review, {})):
        with pytest.raises(NotAllowedError, match="has not agreed"):
            call()
    assert not cases.file.exists()


@pytest.mark.parametrize(("who", "refused"), [(OTHER, NotAllowedError), (STRANGER, NotFoundError)])
def test_nobody_makes_a_case_of_anothers_review(
    store: Store,
    reviewing: Reviewing,
    cases: DeskCases,
    who: Person,
    refused: type[Exception],
) -> None:
    review = reviewed(store, reviewing)
    with pytest.raises(refused):
        cases.make(who, review, {})
    assert not cases.file.exists()


def test_a_review_with_a_criterion_left_out_makes_no_case(
    store: Store, reviewing: Reviewing, cases: DeskCases
) -> None:
    with pytest.raises(DataFileError, match="it is missing"):
        cases.draft(COACH, reviewed(store, reviewing, story=2))


def test_a_draft_of_a_review_makes_no_case(
    store: Store, reviewing: Reviewing, cases: DeskCases
) -> None:
    interview = graded(store)
    store.set_may_become_case(interview, True)
    review = reviewing.open(COACH, interview, blind=True).answers[0].review
    with pytest.raises(DataFileError, match="Finish the review first"):
        cases.draft(COACH, review.id)


def test_the_whole_interview_is_no_case(
    store: Store, reviewing: Reviewing, cases: DeskCases
) -> None:
    interview = graded(store)
    store.set_may_become_case(interview, True)
    whole = reviewing.open(COACH, interview, blind=False).whole
    with pytest.raises(DataFileError):
        cases.draft(COACH, whole.id)
    saved = reviewing.save(COACH, whole.id, whole.version, findings(**LEVELS))
    reviewing.finish(COACH, saved.id, saved.version)
    with pytest.raises(NotFoundError, match="single answer"):
        cases.draft(COACH, whole.id)
