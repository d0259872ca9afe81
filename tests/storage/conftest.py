from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_interviewer.storage.store import Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on a SQLite file, and again on a PostgreSQL server."""
    store = Store(database_url)
    yield store
    store.close()
