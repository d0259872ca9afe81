"""Attempts at drills on disk, on a SQLite file and on a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.orm import sessionmaker

from mock_interviewer.core.drill_marks import Feedback, mark, read_attempt
from mock_interviewer.core.spacing import Attempt, standings
from mock_interviewer.grading import drill_feedback
from mock_interviewer.storage.drill_attempts import DrillAttempts
from mock_interviewer.storage.engine import make_engine
from mock_interviewer.storage.store import Store
from tests.core.toy_drills import FEELING, LINE, STAR
from tests.toy_rubric import RUBRIC

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYED = mark(FEELING, read_attempt(FEELING, {"feeling": "tired"}))


@pytest.fixture
def attempts(database_url: str) -> Iterator[DrillAttempts]:
    Store(database_url).close()
    engine = make_engine(database_url)
    yield DrillAttempts(sessionmaker(engine, expire_on_commit=False))
    engine.dispose()


def unread(line: str) -> Feedback:
    return drill_feedback.feedback(LINE, line, RUBRIC, drill_feedback.NO_MODEL)


@pytest.mark.parametrize(
    ("drill_id", "sent", "feedback"),
    [
        ("feeling", {"feeling": "tired"}, KEYED),
        ("star", {"parts": {"1": "situation"}}, mark(STAR, read_attempt(STAR, {"parts": {}}))),
        ("line", "I understand your anger – sorry.\n", unread("I understand your anger – sorry.")),
    ],
)
def test_an_attempt_comes_back_as_it_was_sent_with_its_feedback(
    attempts: DrillAttempts, drill_id: str, sent: Any, feedback: Feedback
) -> None:
    number = attempts.add("ana", drill_id, sent, feedback, NOON)
    (stored,) = attempts.of_person("ana")
    assert (stored.id, stored.drill_id, stored.sent) == (number, drill_id, sent)
    assert (stored.made_at, stored.feedback) == (NOON, feedback)


def test_what_is_for_spacing_is_the_persons_own_with_the_scores(attempts: DrillAttempts) -> None:
    attempts.add("ana", "feeling", {}, KEYED, NOON)
    attempts.add("ben", "feeling", {}, KEYED, NOON)
    attempts.add("ana", "line", "Hm.", unread("Hm."), NOON - timedelta(days=1))
    found = attempts.for_spacing("ana")
    assert found == [
        Attempt("ana", "line", NOON - timedelta(days=1), None),
        Attempt("ana", "feeling", NOON, 0.8),
    ]
    assert set(standings(found, UTC)) == {"line", "feeling"}


def test_a_moment_of_another_time_zone_is_kept_as_the_same_moment(attempts: DrillAttempts) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    attempts.add("ana", "feeling", {}, KEYED, there)
    (found,) = attempts.for_spacing("ana")
    assert found.when == NOON
    assert found.when.tzinfo is not None


def test_a_line_with_a_character_nul_is_stored(attempts: DrillAttempts) -> None:
    line = "You came\x00back."
    attempts.add("ana", "line", line, unread(line), NOON)
    (stored,) = attempts.of_person("ana")
    assert stored.sent.startswith("You came")


def test_deleting_takes_all_of_one_person_and_nothing_of_another(attempts: DrillAttempts) -> None:
    for person in ("ana", "ana", "ben"):
        attempts.add(person, "feeling", {}, KEYED, NOON)
    assert attempts.delete_of("ana") == 2
    assert attempts.of_person("ana") == []
    assert len(attempts.of_person("ben")) == 1
    assert attempts.delete_of("ana") == 0
