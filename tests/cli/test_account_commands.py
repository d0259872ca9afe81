"""`user` and `group` as whoever runs the program types them."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.errors import LoginError, MockInterviewerError
from mock_interviewer.service.directory import open_directory
from mock_interviewer.settings import load_settings

PASSWORD = "correct horse battery"


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, arguments, input=typed)


def refused(*arguments: str, typed: str = "") -> str:
    result = run(*arguments, typed=typed)
    assert result.exit_code != 0
    fault = result.exception
    return str(fault) if isinstance(fault, MockInterviewerError) else result.output


def added(name: str, *options: str) -> None:
    result = run("user", "add", name, *options, "--password-stdin", typed=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output


def logs_in(name: str, password: str = PASSWORD) -> bool:
    with open_directory(load_settings()) as directory:
        try:
            return bool(directory.accounts.log_in(name, password, "127.0.0.1"))
        except LoginError:
            return False


def test_a_password_is_asked_for_twice_and_not_shown() -> None:
    result = run("user", "add", "Ada", "--role", "admin", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.output.splitlines() == [
        "Password: ",
        "Once more: ",
        "Ada can log in, as admin.",
        "This is the first account: the program asks everybody to log in from its next start.",
    ]
    assert logs_in("ada")


def test_two_different_passwords_make_no_account() -> None:
    typed = f"{PASSWORD}\nanother password\n"
    assert "do not match" in refused("user", "add", "Ada", typed=typed)
    assert not logs_in("Ada")


def test_a_generated_password_is_printed_and_works() -> None:
    result = run("user", "add", "Ada", "--generate")
    password = result.output.partition("Password: ")[2].splitlines()[0]
    assert len(password) >= 16
    assert logs_in("Ada", password)


def test_a_password_comes_from_one_place_only() -> None:
    assert "Choose one" in refused("user", "add", "Ada", "--generate", "--password-stdin")


def test_a_password_is_never_an_argument() -> None:
    assert "unexpected extra argument" in refused("user", "add", "Ada", PASSWORD)
    assert "No such option" in refused("user", "add", "Ada", "--password", PASSWORD)


def test_accounts_and_groups_are_listed_with_who_is_in_them() -> None:
    assert "There are no accounts" in run("user", "list").output
    assert "There are no groups" in run("group", "list").output
    run("group", "add", "Spring")
    run("group", "add", "Autumn")
    added("Ada", "--group", "Spring")
    added("Cora", "--role", "coach", "--group", "spring", "--group", "Autumn")
    run("user", "disable", "ada")
    assert run("user", "list").output.splitlines() == [
        "Ada  candidate  Spring  disabled",
        "Cora  coach  Autumn, Spring",
    ]
    assert run("group", "list").output.splitlines() == [
        "Autumn: Cora (coach)",
        "Spring: Ada, Cora (coach)",
    ]
    run("group", "leave", "Spring", "Ada")
    run("group", "join", "Autumn", "Ada")
    assert run("group", "list").output.splitlines() == [
        "Autumn: Ada, Cora (coach)",
        "Spring: Cora (coach)",
    ]


def test_a_group_that_is_not_there_makes_no_account() -> None:
    told = refused("user", "add", "Ada", "--group", "Spring", "--generate")
    assert "mock-interviewer group add 'Spring'" in told
    assert "There are no accounts" in run("user", "list").output


def test_an_account_is_closed_opened_and_given_another_password() -> None:
    added("Ada")
    run("user", "disable", "Ada")
    assert not logs_in("Ada")
    run("user", "enable", "Ada")
    assert logs_in("Ada")
    run("user", "password", "Ada", "--password-stdin", typed="another password\n")
    assert not logs_in("Ada")
    assert logs_in("Ada", "another password")


@pytest.mark.parametrize(
    "command", [("disable",), ("enable",), ("password", "--generate")], ids=lambda c: c[0]
)
def test_an_account_that_is_not_there_is_named(command: tuple[str, ...]) -> None:
    assert "no account of the name Ada" in refused("user", *command, "Ada")
