"""Every error that this program raises on purpose.

    MockInterviewerError          a message fit to be shown as it stands
      ConfigurationError          settings, command line, a missing or unfit model
      DataFileError               a bank, rubric, prompt, catalogue or answers file
      NotFoundError               no such interview, question or page
      LimitError                  one person asks for more than there is for one
      NotAllowedError             it is there, and only somebody else may do this with it
      NotLoggedInError            somebody has to log in first
      LoginError                  a name and password that open nothing, or too many attempts
      StorageError                the database cannot be reached now
      StaleTurnError              the page that sent this is behind the stored interview
      StaleReviewError            a review has been saved elsewhere since this was written
      ClaimedError                another coach is at this interview
      ModelError                  a model gave nothing usable
        ModelUnavailableError     ... and the same request may succeed later
        ModelRefusedError         ... and the same request cannot succeed
          ModelAccessError        ... because of the key, the account, the model's name or address
        ReplyMissingError         ... because no reply to this request is recorded yet
      RecordingStoppedError       the model's server is away; what was recorded is kept
      ModelFileError              the embedded model's file could not be had or is damaged

Each message says what happened and what to do. Faces catch the base class at their edge;
anything else is a bug and is logged as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class MockInterviewerError(Exception):
    """Base of the tree: its text is written for the person who reads it."""


class ConfigurationError(MockInterviewerError):
    """Settings, environment or command line ask for something that cannot be done."""


class DataFileError(MockInterviewerError):
    """A data file is not of its form; the text names file, key and what was expected."""


class NotFoundError(MockInterviewerError):
    """Something asked for by id does not exist."""


class LimitError(MockInterviewerError):
    """Somebody has, or does in so short a time, as much as one person may; nothing is lost."""


class NotAllowedError(MockInterviewerError):
    """What was asked for is another person's to decide."""


class NotLoggedInError(MockInterviewerError):
    """Whoever asks has to log in first."""


class LoginError(MockInterviewerError):
    """Logging in did not succeed; `locked` if for a while no attempt does."""

    def __init__(self, message: str, *, locked: bool = False) -> None:
        super().__init__(message)
        self.locked = locked


class StorageError(MockInterviewerError):
    """The database cannot be reached now; `detail` is for who runs it, and names no password."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class StaleTurnError(MockInterviewerError):
    """A message was sent from a page that shows an older state than the stored one."""


class StaleReviewError(MockInterviewerError):
    """A review was saved elsewhere since this draft was begun; `present` is what stands there."""

    def __init__(
        self, message: str, *, by: str, at: datetime, version: int, present: Mapping[str, Any]
    ) -> None:
        super().__init__(message)
        self.by = by
        self.at = at
        self.version = version
        self.present = present


class ClaimedError(MockInterviewerError):
    """Another coach has claimed this interview, until `until`."""

    def __init__(self, message: str, *, by: str, until: datetime) -> None:
        super().__init__(message)
        self.by = by
        self.until = until


class ModelError(MockInterviewerError):
    """A model gave nothing usable."""


class ModelUnavailableError(ModelError):
    """The model could not be reached or was too slow; trying later may help.

    `retry_after`: seconds for which the server asks to be left alone, 0 if it does not say.
    """

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelRefusedError(ModelError):
    """The request cannot succeed as it is: refused, rejected, filtered or misread."""


class ModelAccessError(ModelRefusedError):
    """The server refuses this key, account, model or address, or does not speak as a model server.

    It says nothing of the model.
    """


class ReplyMissingError(ModelError):
    """Recorded replies are in use and this request is not among them."""


class RecordingStoppedError(MockInterviewerError):
    """A run that needs a live model cannot go on; run again, it goes on where it stopped."""


class ModelFileError(MockInterviewerError):
    """The embedded model's file could not be fetched, or its digest is wrong."""
