"""The people: accounts, groups and access over one database, put together once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mock_interviewer.service.access import Access
from mock_interviewer.service.accounts import Accounts
from mock_interviewer.service.groups import Groups
from mock_interviewer.service.opening import open_store
from mock_interviewer.settings import Settings
from mock_interviewer.storage.accounts import AccountStore
from mock_interviewer.storage.groups import GroupStore
from mock_interviewer.storage.store import Store


class Directory:
    """Everybody who has to do with the interviews of a store."""

    def __init__(self, store: Store, login_hours: float) -> None:
        groups = GroupStore(store.sessions)
        self.accounts = Accounts(AccountStore(store.sessions), login_hours)
        self.access = Access(store, groups)
        self.groups = Groups(groups, self.accounts, self.access)


@contextmanager
def open_directory(settings: Settings) -> Iterator[Directory]:
    """The people of the database that is set, without the rest of the program.

    Raises `ConfigurationError` if it cannot be used.
    """
    store = open_store(settings)
    try:
        yield Directory(store, settings.login_hours)
    finally:
        store.close()
