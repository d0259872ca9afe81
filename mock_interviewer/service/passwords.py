"""Passwords: which will do, and how they are kept and compared."""

from __future__ import annotations

import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mock_interviewer.errors import ConfigurationError

SHORTEST, LONGEST = 10, 200
"""Of a password, in characters."""
GENERATED_BYTES = 12

AT_ONCE = 4
"""Comparisons at the same time: each takes 64 MiB."""

_hasher = PasswordHasher()
_comparing = threading.BoundedSemaphore(AT_ONCE)
_NOBODYS = _hasher.hash(secrets.token_urlsafe(GENERATED_BYTES))


def digest(password: str) -> str:
    """What is kept of a password. Raises `ConfigurationError` if it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigurationError(
            f"A password has from {SHORTEST} to {LONGEST} characters; this one has {len(password)}."
        )
    with _comparing:
        return _hasher.hash(_normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether this is the password. Takes as long where none is kept."""
    if len(password) > LONGEST:
        password, kept = "", None
    with _comparing:
        try:
            return _hasher.verify(kept or _NOBODYS, _normal(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether it was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(kept)


def make_one() -> str:
    """A password that nobody guesses."""
    return secrets.token_urlsafe(GENERATED_BYTES)


def _normal(password: str) -> str:
    """The same characters whatever keyboard they were typed on."""
    return unicodedata.normalize("NFKC", password)
