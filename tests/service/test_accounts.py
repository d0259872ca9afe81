"""Accounts: names, passwords, logins and their limits, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from mock_interviewer.errors import ConfigurationError, LoginError, NotFoundError
from mock_interviewer.service import passwords
from mock_interviewer.service.access import Role
from mock_interviewer.service.accounts import Accounts, network_of
from mock_interviewer.storage.accounts import AccountStore
from mock_interviewer.storage.store import Store

PASSWORD = "correct horse battery"
HOME = "192.0.2.7"


class Clock:
    """A time that a test can move."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def passes(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are digested with little work, so that a hundred attempts take no minute."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_NOBODYS", hasher.hash("nobody's password"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(store: Store, clock: Clock) -> Accounts:
    made = Accounts(AccountStore(store.sessions), 12, clock)
    made.add("Ada", Role.CANDIDATE, PASSWORD)
    return made


def raw(url: str, statement: str) -> list[Any]:
    engine = create_engine(url)
    with engine.begin() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def fail(accounts: Accounts, times: int, name: str = "Ada", address: str = HOME) -> None:
    for _ in range(times):
        with pytest.raises(LoginError) as refused:
            accounts.log_in(name, "a wrong password", address)
        assert not refused.value.locked


def is_locked(accounts: Accounts, name: str = "Ada", address: str = HOME) -> bool:
    try:
        accounts.log_in(name, PASSWORD, address)
    except LoginError as refused:
        return refused.locked
    return False


def test_a_login_is_known_again_by_its_token(accounts: Accounts) -> None:
    login = accounts.log_in("Ada", PASSWORD, HOME)
    assert login.person.role is Role.CANDIDATE
    assert not login.person.local
    assert accounts.person(login.token) == login.person
    assert accounts.person(login.token + "x") is None
    assert accounts.person("") is None


@pytest.mark.parametrize("name", ["ada", "ADA", " Ada ", "\uff21da"])
def test_a_name_is_the_same_however_it_is_written(accounts: Accounts, name: str) -> None:
    assert accounts.log_in(name, PASSWORD, HOME).person.name == "Ada"
    with pytest.raises(ConfigurationError, match="There is an account of the name"):
        accounts.add(name, Role.COACH, PASSWORD)


@pytest.mark.parametrize("name", ["", "  ", "a" * 65, "a\x00b", "a\u202eb", "-rf", "\ufdfa" * 30])
def test_a_name_that_cannot_be_shown_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(ConfigurationError, match="A name has from 1 to 64"):
        accounts.add(name, Role.CANDIDATE, PASSWORD)


@pytest.mark.parametrize("length", [0, 9, 201])
def test_a_password_that_is_too_short_or_too_long_is_refused(
    accounts: Accounts, length: int
) -> None:
    with pytest.raises(ConfigurationError, match="from 10 to 200 characters"):
        accounts.add("Bob", Role.CANDIDATE, "x" * length)
    with pytest.raises(ConfigurationError, match="from 10 to 200 characters"):
        accounts.set_password("Ada", "x" * length)
    assert accounts.log_in("Ada", PASSWORD, HOME)


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ada", "a wrong password"), ("Bob", PASSWORD), ("Ada", ""), ("Ada", "x" * 100_000)],
)
def test_a_wrong_name_and_a_wrong_password_are_told_in_the_same_words(
    accounts: Accounts, name: str, password: str
) -> None:
    with pytest.raises(LoginError, match=r"^This name and password do not go together\.$"):
        accounts.log_in(name, password, HOME)


def test_as_much_work_is_done_for_a_name_that_is_not_there(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:
            compared.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=1, memory_cost=8))
    accounts.disable("Ada")
    for name in ("Ada", "nobody"):
        with pytest.raises(LoginError):
            accounts.log_in(name, PASSWORD, HOME)
    assert len(compared) == 2


def test_neither_passwords_nor_tokens_nor_mistyped_names_are_in_the_database(
    accounts: Accounts, database_url: str
) -> None:
    token = accounts.log_in("Ada", PASSWORD, HOME).token
    fail(accounts, 1, name="my secret passphrase")
    everything = str(
        [
            raw(database_url, "select * from users"),
            raw(database_url, "select * from logins"),
            raw(database_url, "select * from login_attempts"),
        ]
    )
    assert "$argon2id$" in everything
    for secret in (PASSWORD, token, "my secret passphrase"):
        assert secret not in everything


def test_a_login_ends_after_its_hours_however_much_it_is_used(
    accounts: Accounts, clock: Clock
) -> None:
    token = accounts.log_in("Ada", PASSWORD, HOME).token
    clock.passes(hours=11, minutes=59)
    assert accounts.person(token)
    clock.passes(minutes=1)
    assert accounts.person(token) is None


def test_whoever_logs_out_is_out_there_and_stays_in_elsewhere(accounts: Accounts) -> None:
    here, elsewhere = (accounts.log_in("Ada", PASSWORD, HOME).token for _ in range(2))
    accounts.log_out(here)
    assert accounts.person(here) is None
    assert accounts.person(elsewhere)


def test_a_disabled_account_is_out_at_once_and_its_old_logins_stay_ended(
    accounts: Accounts,
) -> None:
    token = accounts.log_in("Ada", PASSWORD, HOME).token
    accounts.disable("ada")
    assert accounts.person(token) is None
    with pytest.raises(LoginError, match="do not go together"):
        accounts.log_in("Ada", PASSWORD, HOME)
    accounts.enable("ada")
    assert accounts.person(token) is None
    assert accounts.log_in("Ada", PASSWORD, HOME)


def test_changing_ones_password_ends_all_other_logins(accounts: Accounts) -> None:
    here, elsewhere = (accounts.log_in("Ada", PASSWORD, HOME) for _ in range(2))
    accounts.change_password(here.person, here.token, PASSWORD, "another password", HOME)
    assert accounts.person(here.token)
    assert accounts.person(elsewhere.token) is None
    assert accounts.log_in("Ada", "another password", HOME)
    with pytest.raises(LoginError):
        accounts.log_in("Ada", PASSWORD, HOME)


def test_changing_ones_password_takes_the_present_one(accounts: Accounts) -> None:
    login = accounts.log_in("Ada", PASSWORD, HOME)
    with pytest.raises(LoginError, match="not your present password"):
        accounts.change_password(login.person, login.token, "a guess", "another password", HOME)
    with pytest.raises(ConfigurationError, match="from 10 to 200"):
        accounts.change_password(login.person, login.token, PASSWORD, "short", HOME)
    assert accounts.log_in("Ada", PASSWORD, HOME)


def test_guessing_the_present_password_is_limited_as_logging_in_is(accounts: Accounts) -> None:
    login = accounts.log_in("Ada", PASSWORD, HOME)
    for _ in range(5):
        with pytest.raises(LoginError, match="not your present"):
            accounts.change_password(login.person, login.token, "a guess", "another password", HOME)
    with pytest.raises(LoginError, match="Too many attempts"):
        accounts.change_password(login.person, login.token, PASSWORD, "another password", HOME)


def test_a_password_given_by_an_admin_ends_all_logins_and_the_lock(accounts: Accounts) -> None:
    token = accounts.log_in("Ada", PASSWORD, HOME).token
    fail(accounts, 5)
    assert is_locked(accounts)
    accounts.set_password("ADA", "another password")
    assert accounts.person(token) is None
    assert accounts.log_in("Ada", "another password", HOME)


def test_a_login_that_is_overtaken_by_a_new_password_does_not_begin(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = passwords.fits

    def slowly(password: str, kept: str | None) -> bool:
        found = fits(password, kept)
        accounts.set_password("Ada", "another password")
        return found

    monkeypatch.setattr(passwords, "fits", slowly)
    with pytest.raises(LoginError):
        accounts.log_in("Ada", PASSWORD, HOME)


def test_an_outdated_digest_is_renewed_at_the_next_login(
    accounts: Accounts, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(2, 16, 1))
    token = accounts.log_in("Ada", PASSWORD, HOME).token
    ((kept,),) = raw(database_url, "select password_hash from users")
    assert "m=16,t=2" in kept
    assert accounts.person(token)
    assert accounts.log_in("Ada", PASSWORD, HOME)


def test_after_five_failures_not_even_the_right_password_gets_in_for_a_quarter_of_an_hour(
    accounts: Accounts, clock: Clock
) -> None:
    fail(accounts, 5)
    with pytest.raises(LoginError, match=r"Try again in 15 minutes\.") as refused:
        accounts.log_in("Ada", PASSWORD, HOME)
    assert refused.value.locked
    clock.passes(minutes=14, seconds=30)
    with pytest.raises(LoginError, match=r"Try again in 1 minute\."):
        accounts.log_in("Ada", PASSWORD, "198.51.100.1")
    clock.passes(seconds=31)
    assert accounts.log_in("Ada", PASSWORD, HOME)


def test_trying_while_locked_does_not_make_the_lock_longer(
    accounts: Accounts, clock: Clock
) -> None:
    fail(accounts, 5)
    for _ in range(10):
        clock.passes(minutes=1)
        assert is_locked(accounts)
    clock.passes(minutes=5, seconds=1)
    assert accounts.log_in("Ada", PASSWORD, HOME)


def test_a_login_that_succeeds_clears_the_failures_of_its_name(accounts: Accounts) -> None:
    for _ in range(3):
        fail(accounts, 4)
        assert accounts.log_in("Ada", PASSWORD, HOME)


def test_a_name_that_is_not_there_is_locked_as_others_are(accounts: Accounts) -> None:
    fail(accounts, 5, name="nobody")
    assert is_locked(accounts, name="nobody")
    assert is_locked(accounts, name="NOBODY")
    assert not is_locked(accounts)


def test_one_address_cannot_try_many_names(accounts: Accounts) -> None:
    for number in range(20):
        fail(accounts, 1, name=f"guess {number}")
    assert is_locked(accounts)
    assert not is_locked(accounts, address="198.51.100.1")


def test_a_right_password_does_not_clear_what_its_address_tried_with_other_names(
    accounts: Accounts,
) -> None:
    for number in range(20):
        fail(accounts, 1, name=f"guess {number}")
        if number < 19:
            assert accounts.log_in("Ada", PASSWORD, HOME)
    assert is_locked(accounts)


def test_attempts_are_counted_across_restarts_and_processes(
    accounts: Accounts, database_url: str, clock: Clock
) -> None:
    fail(accounts, 5)
    other = Store(database_url)
    assert is_locked(Accounts(AccountStore(other.sessions), 12, clock))
    other.close()


def test_many_attempts_at_the_same_time_are_no_way_around_the_limit(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    fits = passwords.fits

    def counting(password: str, kept: str | None) -> bool:
        looked.append(password)
        return fits(password, kept)

    monkeypatch.setattr(passwords, "fits", counting)
    together = threading.Barrier(12)

    def guess() -> None:
        together.wait()
        with pytest.raises(LoginError):
            accounts.log_in("Ada", "a wrong password", HOME)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked) <= 5


def test_a_clock_that_is_set_back_locks_nobody_out_for_long(
    accounts: Accounts, clock: Clock
) -> None:
    fail(accounts, 5)
    clock.passes(days=-1)
    assert accounts.log_in("Ada", PASSWORD, HOME)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_the_addresses_that_one_person_has_are_counted_together(address: str, counted: str) -> None:
    assert network_of(address) == counted


def test_accounts_that_are_not_there_are_named(accounts: Accounts) -> None:
    for change in (accounts.disable, accounts.enable):
        with pytest.raises(NotFoundError, match="no account of the name Bob"):
            change("Bob")
    with pytest.raises(NotFoundError, match="no account of the name Bob"):
        accounts.set_password("Bob", PASSWORD)


def test_there_are_accounts_as_soon_as_there_is_one_even_if_it_is_closed(store: Store) -> None:
    accounts = Accounts(AccountStore(store.sessions), 12)
    assert not accounts.any()
    accounts.add("Ada", Role.ADMIN, PASSWORD)
    accounts.disable("Ada")
    assert accounts.any()
    assert [(each.name, each.role, each.disabled) for each in accounts.all()] == [
        ("Ada", "admin", True)
    ]
