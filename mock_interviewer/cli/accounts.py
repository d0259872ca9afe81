"""`mock-interviewer user` and `group`: accounts, for those who run the program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from mock_interviewer.errors import ConfigurationError
from mock_interviewer.service import passwords
from mock_interviewer.service.access import Role
from mock_interviewer.service.directory import Directory, open_directory
from mock_interviewer.settings import load_settings


def password_options(command: Callable[..., None]) -> Callable[..., None]:
    """Where the password comes from; it is never an argument, which others could see."""
    generate = click.option("--generate", is_flag=True, help="Make a password and print it, once.")
    from_input = click.option(
        "--password-stdin", is_flag=True, help="Read the password from standard input."
    )
    return generate(from_input(command))


@click.group()
def user() -> None:
    """Accounts: add, list, disable, enable, password."""


@user.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.CANDIDATE.value,
    show_default=True,
    help="What the account is for.",
)
@click.option("--group", "groups", multiple=True, help="A group to join; may be repeated.")
@password_options
def add(
    name: str, role: str, groups: tuple[str, ...], password_stdin: bool, generate: bool
) -> None:
    """Make an account for NAME."""
    with _directory() as directory:
        for group in groups:
            directory.groups.check(group)
        first = not directory.accounts.any()
        person = directory.accounts.add(name, Role(role), _password(password_stdin, generate))
        for group in groups:
            directory.groups.join(group, person.name)
    click.echo(f"{person.name} can log in, as {role}.")
    if first:
        click.echo(
            "This is the first account: the program asks everybody to log in from its next start."
        )


@user.command("list")
def list_users() -> None:
    """Show all accounts."""
    with _directory() as directory:
        found = directory.accounts.all()
        groups = directory.groups.all()
    for account in found:
        of = [group.name for group in groups if account.id in {m.id for m in group.members}]
        parts = [account.name, account.role, ", ".join(of) or "no group"]
        if account.disabled:
            parts.append("disabled")
        click.echo("  ".join(parts))
    if not found:
        click.echo("There are no accounts. `mock-interviewer user add NAME` makes one.")


@user.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Close NAME's account, at once."""
    with _directory() as directory:
        directory.accounts.disable(name)
    click.echo(f"{name} can no longer log in, and is logged out everywhere.")


@user.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Open NAME's account again."""
    with _directory() as directory:
        directory.accounts.enable(name)
    click.echo(f"{name} can log in again.")


@user.command("password")
@click.argument("name")
@password_options
def password(name: str, password_stdin: bool, generate: bool) -> None:
    """Give NAME another password."""
    with _directory() as directory:
        directory.accounts.named(name)
        directory.accounts.set_password(name, _password(password_stdin, generate))
    click.echo(f"{name} has a new password, and is logged out everywhere.")


@click.group()
def group() -> None:
    """Groups of candidates and their coaches: add, list, join, leave."""


@group.command("add")
@click.argument("name")
def add_group(name: str) -> None:
    """Make a group."""
    with _directory() as directory:
        directory.groups.add(name)
    click.echo(f"There is a group {name} now.")


@group.command("list")
def list_groups() -> None:
    """Show all groups with their members."""
    with _directory() as directory:
        found = directory.groups.all()
    for each in found:
        members = ", ".join(
            f"{member.name} (coach)" if member.role == Role.COACH else member.name
            for member in each.members
        )
        click.echo(f"{each.name}: {members or 'nobody yet'}")
    if not found:
        click.echo("There are no groups. `mock-interviewer group add NAME` makes one.")


@group.command("join")
@click.argument("group_name", metavar="GROUP")
@click.argument("name")
def join(group_name: str, name: str) -> None:
    """Make NAME a member of GROUP."""
    with _directory() as directory:
        directory.groups.join(group_name, name)
    click.echo(f"{name} is in {group_name}.")


@group.command("leave")
@click.argument("group_name", metavar="GROUP")
@click.argument("name")
def leave(group_name: str, name: str) -> None:
    """Take NAME out of GROUP."""
    with _directory() as directory:
        directory.groups.leave(group_name, name)
    click.echo(f"{name} is not in {group_name}.")


@contextmanager
def _directory() -> Iterator[Directory]:
    with open_directory(load_settings()) as directory:
        yield directory


def _password(from_input: bool, generate: bool) -> str:
    if from_input and generate:
        raise ConfigurationError("Choose one of --password-stdin and --generate.")
    if generate:
        made = passwords.make_one()
        click.echo(f"Password: {made}")
        return made
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    return typed
