"""Invitations: one link, one account, and only for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from mock_interviewer.errors import (
    ConfigurationError,
    MockInterviewerError,
    NotAllowedError,
    NotFoundError,
)
from mock_interviewer.service.access import Role
from mock_interviewer.service.accounts import Accounts
from mock_interviewer.service.invitations import Invitations
from mock_interviewer.storage.accounts import AccountStore
from mock_interviewer.storage.coached import CoachedStore
from mock_interviewer.storage.store import Store
from tests.desk import ADA, COACH, GROUP, OTHER, OTHER_GROUP, with_people

PASSWORD = "a garden and a key in May"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    with_people(store)
    yield store
    store.close()


@pytest.fixture
def invitations(store: Store) -> Invitations:
    return Invitations(store)


def members(store: Store) -> list[str]:
    (group,) = CoachedStore(store.sessions).groups(COACH.id)
    return [name for _, name in group.candidates]


def test_a_link_brings_a_new_candidate_into_the_group_who_can_then_log_in(
    store: Store, invitations: Invitations
) -> None:
    token = invitations.invite(COACH, GROUP, label="Cleo from Tuesday").token
    found = invitations.look(token)
    assert (found.group, found.label, found.invited_by) == ("Group 1", "Cleo from Tuesday", "ines")
    person = invitations.accept(token, "Cleo", PASSWORD)
    assert person.role is Role.CANDIDATE
    assert members(store) == ["Ada", "Ben", "Cleo"]
    accounts = Accounts(AccountStore(store.sessions), 1.0)
    assert accounts.log_in("cleo", PASSWORD, "127.0.0.1").person == person
    (sent,) = invitations.sent(COACH)
    assert sent.used_by == person.id


def test_it_works_once_even_for_two_at_the_same_time(
    store: Store, invitations: Invitations
) -> None:
    token = invitations.invite(COACH, GROUP).token
    told: list[str] = []

    def accept(name: str) -> None:
        try:
            invitations.accept(token, name, PASSWORD)
            told.append("in")
        except NotFoundError as fault:
            told.append(str(fault))

    threads = [threading.Thread(target=accept, args=(name,)) for name in ("Cleo", "Dan")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told)[1] == "in"
    assert "cannot be used" in sorted(told)[0]
    assert len(members(store)) == 3
    with pytest.raises(NotFoundError, match="cannot be used"):
        invitations.look(token)


def test_it_runs_out(store: Store, invitations: Invitations) -> None:
    made = invitations.invite(COACH, GROUP, days=3)
    assert timedelta(days=2.9) < made.expires_at - datetime.now(UTC) <= timedelta(days=3)
    with store.sessions.begin() as session:
        session.execute(text("update invitations set expires_at = :at"), {"at": datetime.now(UTC)})
    for call in (
        lambda: invitations.look(made.token),
        lambda: invitations.accept(made.token, "Cleo", PASSWORD),
    ):
        with pytest.raises(NotFoundError, match="has run out"):
            call()


@pytest.mark.parametrize(("name", "password"), [("Ada", PASSWORD), ("Cleo", "x"), ("", PASSWORD)])
def test_a_name_or_password_that_will_not_do_leaves_the_link_usable(
    store: Store, invitations: Invitations, name: str, password: str
) -> None:
    token = invitations.invite(COACH, GROUP).token
    with pytest.raises(ConfigurationError):
        invitations.accept(token, name, password)
    assert members(store) == ["Ada", "Ben"]
    invitations.accept(token, "Cleo", PASSWORD)


def test_taken_back_it_works_no_more_and_only_its_sender_takes_it_back(
    invitations: Invitations,
) -> None:
    token = invitations.invite(COACH, GROUP).token
    (sent,) = invitations.sent(COACH)
    assert invitations.sent(OTHER) == []
    with pytest.raises(NotFoundError, match="no open invitation"):
        invitations.withdraw(OTHER, sent.token_hash)
    invitations.look(token)
    invitations.withdraw(COACH, sent.token_hash)
    with pytest.raises(NotFoundError):
        invitations.look(token)


def test_the_database_holds_nothing_that_opens_a_door(
    store: Store, invitations: Invitations
) -> None:
    token = invitations.invite(COACH, GROUP).token
    with store.sessions() as session:
        (row,) = session.execute(text("select * from invitations"))
    assert token not in str(row)


def test_a_coach_invites_only_into_their_own_groups_and_nobody_else_at_all(
    invitations: Invitations,
) -> None:
    with pytest.raises(NotAllowedError, match="your own groups"):
        invitations.invite(COACH, OTHER_GROUP)
    with pytest.raises(NotAllowedError, match="Only coaches"):
        invitations.invite(ADA, GROUP)
    for wrong in ({"days": 0}, {"days": 61}, {"label": "x" * 121}):
        with pytest.raises(MockInterviewerError):
            invitations.invite(COACH, GROUP, **wrong)  # type: ignore[arg-type]
