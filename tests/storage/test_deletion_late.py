"""What comes for an interview while it is deleted, or afterwards, is not stored."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import event

from mock_interviewer.core.interview import TurnKind
from mock_interviewer.errors import NotFoundError
from mock_interviewer.storage.deletion import delete_interviews
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.whole import ids_of
from tests.interviews import grade, turn
from tests.storage.deleted import MARK, engine_of, held, rows


def test_whatever_comes_late_for_a_deleted_interview_is_told_so(store: Store) -> None:
    interview = held(store, graded=False)
    answer = store.answers(interview)[0].id
    delete_interviews(store.sessions, [interview])
    for late in (
        lambda: store.append(interview, [turn(4, TurnKind.END)]),
        lambda: store.save_draft(interview, MARK),
        lambda: store.set_may_become_case(interview, True),
        lambda: store.waiting.save_grade(answer, grade({"story": 4})),
        lambda: store.waiting.put_off(answer, "away", 5),
        lambda: store.waiting.give_up(answer, "refused"),
    ):
        with pytest.raises(NotFoundError):
            late()
    assert set(rows(store).values()) == {0}


@pytest.mark.parametrize("late", ["turn", "consent", "grade"])
def test_what_was_read_before_the_deletion_is_not_written_after_it(store: Store, late: str) -> None:
    interview = held(store, graded=False)
    answer = store.answers(interview)[0].id
    writes = {
        "turn": lambda: store.append(interview, [turn(4, TurnKind.END)]),
        "consent": lambda: store.set_may_become_case(interview, True),
        "grade": lambda: store.waiting.put_off(answer, "away", 5),
    }
    deleting = threading.Event()

    def between(_session: Any, *_: Any) -> None:
        if not deleting.is_set():
            deleting.set()
            thread = threading.Thread(target=delete_interviews, args=(store.sessions, [interview]))
            thread.start()
            # On PostgreSQL it waits for this transaction where this one has a lock on the row.
            thread.join(1.0)

    event.listen(store.sessions, "before_flush", between)
    try:
        writes[late]()
    except NotFoundError:
        pass
    finally:
        event.remove(store.sessions, "before_flush", between)
    assert deleting.is_set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.name.startswith("Thread-"):
            thread.join(5)
    assert set(rows(store).values()) == {0}


def test_the_number_of_a_deleted_answer_does_not_bring_its_grade_to_another(
    store: Store,
) -> None:
    first = held(store, graded=False)
    answer = store.answers(first)[1].id
    delete_interviews(store.sessions, [first])
    second = held(store, candidate="bob", graded=False)
    with pytest.raises(NotFoundError):
        store.waiting.save_grade(answer, grade({"story": 5}), first)
    with pytest.raises(NotFoundError):
        store.waiting.give_up(answer, "refused", first)
    with pytest.raises(NotFoundError):
        store.waiting.put_off(answer, "away", 5, first)
    assert [each.state for each in store.answers(second)] == ["waiting", "waiting"]
    assert rows(store)["grades"] == 0
    assert ids_of(store.sessions, "ada") == []


@pytest.mark.parametrize("table", ["grades", "answers", "interviews"])
def test_a_grade_that_comes_in_the_middle_of_a_deletion_is_dropped(
    store: Store, table: str
) -> None:
    interview = held(store, graded=False)
    answer = store.answers(interview)[0].id
    dropped = threading.Event()

    def save() -> None:
        try:
            store.waiting.save_grade(answer, grade({"story": 4}))
        except NotFoundError:
            dropped.set()

    saving = threading.Thread(target=save)

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split()[:3] == ["DELETE", "FROM", table]:
            saving.start()
            saving.join(0.5)  # it waits for the deletion

    event.listen(engine_of(store), "before_cursor_execute", before)
    assert delete_interviews(store.sessions, [interview]) == 1
    event.remove(engine_of(store), "before_cursor_execute", before)
    saving.join(10)
    assert dropped.is_set()
    assert set(rows(store).values()) == {0}
