"""Who may read and who may change an interview."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mock_interviewer.core.interview import Mode
from mock_interviewer.errors import ConfigurationError, NotAllowedError, NotFoundError
from mock_interviewer.service import passwords
from mock_interviewer.service.access import Person, Role, may_begin
from mock_interviewer.service.directory import Directory
from mock_interviewer.storage.store import Store
from tests.interviews import question


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def people(store: Store, monkeypatch: pytest.MonkeyPatch) -> dict[str, Person]:
    """Ada, her coach, a fellow candidate, and others who are in no group with her."""
    monkeypatch.setattr(passwords, "digest", lambda password: "unused")
    directory = Directory(store, 12)
    roles = {
        "Ada": Role.CANDIDATE,
        "fellow": Role.CANDIDATE,
        "other": Role.CANDIDATE,
        "coach": Role.COACH,
        "other coach": Role.COACH,
        "admin": Role.ADMIN,
    }
    found = {name: directory.accounts.add(name, role, "x") for name, role in roles.items()}
    for group, members in {
        "A": ("Ada", "fellow", "coach", "admin"),
        "B": ("other", "other coach"),
    }.items():
        directory.groups.add(group)
        for member in members:
            directory.groups.join(group, member)
    return found


@pytest.fixture
def interview(store: Store, people: dict[str, Person]) -> str:
    return store.create_interview(
        candidate_id=people["Ada"].id, mode=Mode.PRACTICE, trade="retail", questions=[question()]
    )


ANYONE_ELSE = ["fellow", "other", "coach", "other coach", "admin"]


def test_the_owner_reads_changes_and_decides(
    store: Store, people: dict[str, Person], interview: str
) -> None:
    access = Directory(store, 12).access
    for opened in (access.readable, access.changeable, access.own):
        assert opened(people["Ada"], interview).id == interview
    access.check_changeable(people["Ada"], interview)


def test_a_candidate_who_was_made_an_admin_goes_on_with_no_interview_of_before(
    store: Store, people: dict[str, Person], interview: str
) -> None:
    promoted = replace(people["Ada"], role=Role.ADMIN)
    access = Directory(store, 12).access
    for opened in (access.changeable, access.check_changeable):
        with pytest.raises(NotFoundError):
            opened(promoted, interview)


@pytest.mark.parametrize("who", ANYONE_ELSE)
def test_nobody_else_finds_an_interview_that_is_not_shared(
    store: Store, people: dict[str, Person], interview: str, who: str
) -> None:
    access = Directory(store, 12).access
    for opened in (access.readable, access.changeable, access.check_changeable, access.own):
        with pytest.raises(NotFoundError) as refused:
            opened(people[who], interview)
        with pytest.raises(NotFoundError) as missing:
            opened(people[who], "no-such-interview")
        assert str(refused.value) == str(missing.value)


def test_a_shared_interview_is_read_by_the_coaches_of_its_candidates_groups_and_nobody_else(
    store: Store, people: dict[str, Person], interview: str
) -> None:
    directory = Directory(store, 12)
    directory.groups.share(people["Ada"], interview, True)
    access = directory.access
    assert access.readable(people["coach"], interview).id == interview
    for who in set(ANYONE_ELSE) - {"coach"}:
        with pytest.raises(NotFoundError):
            access.readable(people[who], interview)


def test_what_was_typed_and_never_sent_is_not_shared(
    store: Store, people: dict[str, Person], interview: str
) -> None:
    directory = Directory(store, 12)
    store.save_draft(interview, "I would rather not say")
    directory.groups.share(people["Ada"], interview, True)
    assert directory.access.readable(people["coach"], interview).draft == ""
    assert directory.access.readable(people["Ada"], interview).draft == "I would rather not say"


def test_a_coach_who_reads_may_not_change_decide_or_share(
    store: Store, people: dict[str, Person], interview: str
) -> None:
    directory = Directory(store, 12)
    directory.groups.share(people["Ada"], interview, True)
    access = directory.access
    for opened in (access.changeable, access.check_changeable, access.own):
        with pytest.raises(NotAllowedError, match="Only the person whose interview this is"):
            opened(people["coach"], interview)
    with pytest.raises(NotAllowedError):
        directory.groups.share(people["coach"], interview, False)
    assert store.interview(interview).shared


@pytest.mark.parametrize("end", ["taken back", "coach leaves", "candidate leaves"])
def test_sharing_ends_when_it_is_taken_back_or_they_part(
    store: Store, people: dict[str, Person], interview: str, end: str
) -> None:
    directory = Directory(store, 12)
    directory.groups.share(people["Ada"], interview, True)
    assert directory.access.readable(people["coach"], interview).id == interview
    if end == "taken back":
        directory.groups.share(people["Ada"], interview, False)
    else:
        directory.groups.leave("a", "coach" if end == "coach leaves" else "Ada")
    with pytest.raises(NotFoundError):
        directory.access.readable(people["coach"], interview)


def test_an_admin_reads_nothing_not_even_what_carries_their_id(
    store: Store, people: dict[str, Person]
) -> None:
    access = Directory(store, 12).access
    admin = people["admin"]
    interview = store.create_interview(
        candidate_id=admin.id, mode=Mode.PRACTICE, trade="retail", questions=[]
    )
    assert not may_begin(admin)
    with pytest.raises(NotFoundError):
        access.readable(admin, interview)


def test_without_accounts_whoever_has_the_link_goes_on_and_only_its_own_browser_decides(
    store: Store,
) -> None:
    access = Directory(store, 12).access
    own, other = (Person(name, "", Role.CANDIDATE, local=True) for name in ("cookie", "another"))
    interview = store.create_interview(
        candidate_id="cookie", mode=Mode.PRACTICE, trade="retail", questions=[]
    )
    assert access.changeable(own, interview) == access.changeable(other, interview)
    assert access.own(own, interview)
    with pytest.raises(NotAllowedError, match="in the browser in which it was held"):
        access.own(other, interview)


def test_groups_that_are_not_there_or_there_already_are_named(
    store: Store, people: dict[str, Person]
) -> None:
    groups = Directory(store, 12).groups
    with pytest.raises(ConfigurationError, match="There is a group of the name a already"):
        groups.add("a")
    for change in (groups.join, groups.leave):
        with pytest.raises(NotFoundError, match="no group of the name Z"):
            change("Z", "Ada")
        with pytest.raises(NotFoundError, match="no account of the name nobody"):
            change("A", "nobody")


def test_joining_twice_and_leaving_twice_is_no_fault(
    store: Store, people: dict[str, Person]
) -> None:
    groups = Directory(store, 12).groups
    groups.join("A", "ada")
    groups.leave("A", "ada")
    groups.leave("A", "ada")
    assert "Ada" not in [member.name for group in groups.all() for member in group.members]
