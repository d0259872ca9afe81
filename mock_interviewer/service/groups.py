"""Groups: candidates with their coaches, and what is shared within them."""

from __future__ import annotations

from mock_interviewer.errors import NotFoundError
from mock_interviewer.service.access import Access, Person
from mock_interviewer.service.accounts import Accounts, fit_name, key_of
from mock_interviewer.storage.groups import GroupStore, StoredGroup


class Groups:
    """All groups."""

    def __init__(self, store: GroupStore, accounts: Accounts, access: Access) -> None:
        self._store = store
        self._accounts = accounts
        self._access = access

    def add(self, name: str) -> None:
        """Make a group. Raises `ConfigurationError` for a name that is taken or will not do."""
        shown = fit_name(name)
        self._store.add(shown, key_of(shown))

    def all(self) -> list[StoredGroup]:
        """All groups with their members, by name."""
        return self._store.all()

    def check(self, name: str) -> None:
        """Raise `NotFoundError` if there is no such group."""
        if key_of(name) not in {key_of(group.name) for group in self._store.all()}:
            raise NotFoundError(_no_group(name))

    def join(self, group: str, name: str) -> None:
        """Make the account of this name a member. Raises `NotFoundError`."""
        user = self._accounts.named(name)
        self.check(group)
        self._store.join(key_of(group), user.id)

    def leave(self, group: str, name: str) -> None:
        """End a membership. Raises `NotFoundError`."""
        user = self._accounts.named(name)
        self.check(group)
        self._store.leave(key_of(group), user.id)

    def share(self, person: Person, interview_id: str, shared: bool) -> None:
        """Keep whether coaches may read an interview: its candidate says so.

        Raises as `Access.own` does.
        """
        self._access.own(person, interview_id)
        self._store.set_shared(interview_id, shared)


def _no_group(name: str) -> str:
    return f"There is no group of the name {name}. `mock-interviewer group add {name!r}` makes it."
