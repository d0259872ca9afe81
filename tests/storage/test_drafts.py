"""Drafts: kept while they are typed, and gone with the answer."""

from __future__ import annotations

import contextlib
from functools import partial

import pytest

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.errors import StaleTurnError
from mock_interviewer.storage.store import Store
from tests.at_once import at_once
from tests.interviews import turn
from tests.storage.stored import ANSWER, QUESTION, started


def test_a_draft_is_kept_and_replaced(store: Store) -> None:
    interview = started(store)
    for text in ("I was", "I was on the desk", ""):
        store.save_draft(interview, text)
        assert store.interview(interview).draft == text


def test_a_draft_of_a_page_that_does_not_know_of_an_answer_is_refused(store: Store) -> None:
    interview = started(store)
    store.append(interview, [turn(0, QUESTION, "Why?"), turn(1, ANSWER, "I rang her.")])
    with pytest.raises(StaleTurnError):
        store.save_draft(interview, "I rang", seen=1)
    assert store.interview(interview).draft == ""
    store.save_draft(interview, "And then", seen=2)
    assert store.interview(interview).draft == "And then"


def test_a_hint_since_does_not_refuse_a_draft(store: Store) -> None:
    interview = started(store)
    store.append(interview, [turn(0, QUESTION, "Why?"), turn(1, TurnKind.HINT, "Think of May.")])
    store.save_draft(interview, "I rang", seen=1)
    assert store.interview(interview).draft == "I rang"


def test_a_draft_saved_while_its_answer_is_sent_never_outlives_it(store: Store) -> None:
    kept = []
    for _ in range(25):
        interview = started(store)
        store.append(interview, [turn(0, QUESTION, "Why?")])

        def typed(interview: str = interview) -> None:
            with contextlib.suppress(StaleTurnError):
                store.save_draft(interview, "I rang her", seen=1)

        sent = partial(store.append, interview, [turn(1, ANSWER, "I rang her.")])
        at_once(typed, sent)
        kept.append(store.interview(interview).draft)
    assert kept == [""] * 25


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        (TurnKind.ANSWER, False),
        (TurnKind.NO_EXAMPLE, False),
        (TurnKind.SKIP, False),
        (TurnKind.NEXT, False),
        (TurnKind.RETRY, False),
        (TurnKind.END, True),
        (TurnKind.HINT, True),
        (TurnKind.PROBE, True),
        (TurnKind.QUESTION, True),
    ],
)
def test_a_draft_goes_with_the_answer_or_the_question_and_not_with_a_hint_or_the_end(
    store: Store, kind: TurnKind, kept: bool
) -> None:
    interview = started(store)
    store.save_draft(interview, "draft")
    store.append(interview, [turn(0, kind, "Text.")])
    assert store.interview(interview).draft == ("draft" if kept else "")
