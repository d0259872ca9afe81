"""Opening the database that is set, with a message for whoever starts the program if it fails."""

from __future__ import annotations

from mock_interviewer.errors import ConfigurationError, StorageError
from mock_interviewer.settings import Settings
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.waiting import OnWaiting


def open_store(
    settings: Settings, on_waiting: OnWaiting = lambda connection, answer_id: None
) -> Store:
    """The store. `on_waiting`: see `Store`. Raises `ConfigurationError`."""
    if settings.database:
        return Store(settings.database_url, on_waiting)
    other = "MOCK_INTERVIEWER_DATA names another folder."
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {settings.data} for the interviews cannot be made: {error.strerror}. "
            f"{other}"
        ) from error
    try:
        return Store(settings.database_url)
    except StorageError as error:
        raise ConfigurationError(
            f"{error} The interviews are kept in {settings.data}; {other}"
        ) from error
