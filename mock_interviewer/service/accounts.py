"""Accounts: who they are, and how they log in."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mock_interviewer.errors import ConfigurationError, LoginError, NotFoundError
from mock_interviewer.service import passwords
from mock_interviewer.service.access import Person, Role
from mock_interviewer.storage.accounts import AccountStore, StoredUser

WINDOW = timedelta(minutes=15)
ATTEMPTS_BY_NAME = 5
ATTEMPTS_BY_ADDRESS = 20
"""Attempts within the window that may fail before the next ones are refused."""
LONGEST_NAME, LONGEST_KEY = 64, 256
LONGEST_LOGIN = timedelta(days=365)

WRONG = "This name and password do not go together."


class Login(NamedTuple):
    """A login that has just begun."""

    token: str
    """For the person's cookie; only its digest is stored."""
    person: Person
    seconds: int
    """How long it lasts."""


class Accounts:
    """All accounts. May be used from several threads; several processes may share a database."""

    def __init__(
        self,
        store: AccountStore,
        login_hours: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._now = now
        self._lasts = min(timedelta(hours=min(login_hours, 1e5)), LONGEST_LOGIN)

    def any(self) -> bool:
        """Whether there are accounts at all."""
        return self._store.any()

    def add(self, name: str, role: Role, password: str) -> Person:
        """Make an account. Raises `ConfigurationError` for a name or password that will not do."""
        shown = fit_name(name)
        digest = passwords.digest(password)
        return _person(
            self._store.add(name=shown, key=key_of(shown), role=role.value, password_hash=digest)
        )

    def all(self) -> list[StoredUser]:
        """All accounts, by name."""
        return self._store.all()

    def named(self, name: str) -> StoredUser:
        """The account of this name. Raises `NotFoundError`."""
        found = self._store.named(key_of(name))
        if found is None:
            raise NotFoundError(f"There is no account of the name {name}.")
        return found

    def name_of(self, user_id: str) -> str:
        """The name of the account of this id. Raises `NotFoundError`."""
        return self._store.get(user_id).name

    def disable(self, name: str) -> None:
        """Close an account; its logins end at once. Raises `NotFoundError`."""
        self._store.set_disabled(self.named(name).id, True)

    def enable(self, name: str) -> None:
        """Open an account again. Raises `NotFoundError`."""
        self._store.set_disabled(self.named(name).id, False)

    def set_password(self, name: str, password: str) -> None:
        """Give somebody another password: their logins end, and attempts that failed are forgotten.

        Raises `NotFoundError`, and `ConfigurationError` for a password that will not do.
        """
        user = self.named(name)
        self._store.set_password_hash(user.id, passwords.digest(password))
        self._store.forget_attempts(_digest(key_of(user.name)))

    def change_password(
        self, person: Person, token: str, present: str, new: str, address: str
    ) -> None:
        """Change one's own password; all other logins of this person end.

        Raises `LoginError` if `present` is not the password now, or attempts are locked, and
        `ConfigurationError` if the new one will not do.
        """
        digest = passwords.digest(new)
        user = self._verify(person.name, present, address)
        if user is None or user.id != person.id:
            raise LoginError("That is not your present password.")
        self._store.set_password_hash(user.id, digest, keep_login=_digest(token))

    def log_in(self, name: str, password: str, address: str) -> Login:
        """Begin a login. Raises `LoginError`, with the same words whatever does not fit."""
        user = self._verify(name, password, address)
        if user is None or user.password_hash is None:
            raise LoginError(WRONG)
        token = secrets.token_urlsafe(32)
        now = self._now()
        ends = now + self._lasts
        if not self._store.add_login(
            user.id, _digest(token), now, ends, verified=user.password_hash
        ):
            raise LoginError(WRONG)
        return Login(token, _person(user), int(self._lasts.total_seconds()))

    def person(self, token: str) -> Person | None:
        """Who holds this login, as long as it lasts."""
        user = self._store.logged_in(_digest(token), self._now()) if token else None
        return _person(user) if user else None

    def log_out(self, token: str) -> None:
        """End a login."""
        self._store.end_login(_digest(token))

    def _verify(self, name: str, password: str, address: str) -> StoredUser | None:
        """The account, if the password is its own and it is open.

        The attempt is counted before the password is looked at, so that many at the same time
        are no way around the limits. Raises `LoginError` while they are reached.
        """
        now = self._now()
        name_hash = _digest(key_of(name))
        place = network_of(address)
        attempt = self._store.add_attempt(name_hash, place, now, since=now - WINDOW)
        lock_ends = self._lock_ends(name_hash, place, now)
        if lock_ends:
            self._store.forget_attempt(attempt)  # which would push the end further away
            minutes = max(1, -(-int((lock_ends - now).total_seconds()) // 60))
            raise LoginError(
                "Too many attempts to log in have failed. Try again in "
                f"{minutes} minute{'' if minutes == 1 else 's'}.",
                locked=True,
            )
        user = self._store.named(key_of(name))
        kept = user.password_hash if user else None
        if not passwords.fits(password, kept) or user is None or user.disabled:
            return None
        self._store.forget_attempts(name_hash)
        if kept and passwords.is_outdated(kept):
            renewed = passwords.digest(password)
            self._store.replace_password_hash(user.id, kept, renewed)
            return self._store.get(user.id)
        return user

    def _lock_ends(self, name_hash: str, place: str, now: datetime) -> datetime | None:
        """When the limits that are reached, this attempt counted, let somebody in again."""
        since = now - WINDOW
        ends = []
        for found, limit in (
            (self._store.attempts_for(name_hash), ATTEMPTS_BY_NAME),
            (self._store.attempts_from(place), ATTEMPTS_BY_ADDRESS),
        ):
            # Another process's clock may be a little ahead; and this one may have been set back.
            recent = [at for at in found if since < at < now + WINDOW]
            if len(recent) > limit:
                ends.append(recent[limit] + WINDOW)
        return max(ends, default=None)


def fit_name(name: str) -> str:
    """The name as it is shown. Raises `ConfigurationError` if it will not do."""
    shown = " ".join(unicodedata.normalize("NFC", name).split())
    fits = 0 < len(shown) <= LONGEST_NAME and len(key_of(shown)) <= LONGEST_KEY
    if not fits or not shown.isprintable() or shown[0] == "-":
        raise ConfigurationError(
            f"A name has from 1 to {LONGEST_NAME} characters that can be printed, and does not "
            "begin with a dash."
        )
    return shown


def key_of(name: str) -> str:
    """The name as it is compared: upper and lower case are the same, and so are look-alikes that
    differ only in how they are encoded."""
    return " ".join(unicodedata.normalize("NFKC", name[:LONGEST_KEY]).casefold().split())


def network_of(address: str) -> str:
    """Where attempts are counted together: an address, or the IPv6 network that one person has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found), 64), strict=False))
    return str(found)


def _person(user: StoredUser) -> Person:
    return Person(id=user.id, name=user.name, role=Role(user.role))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
