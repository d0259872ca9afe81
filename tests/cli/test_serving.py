"""`serve`: which addresses it listens on, and for whom."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mock_interviewer.service.access import Role
from mock_interviewer.service.directory import open_directory
from mock_interviewer.settings import load_settings

ROOT = Path(__file__).parents[2]


def started(data: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mock_interviewer", "serve", *options],
        cwd=ROOT,
        env={
            **os.environ,
            "MOCK_INTERVIEWER_DATA": str(data),
            "MOCK_INTERVIEWER_MODEL": "scripted",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
            "PYTHONUNBUFFERED": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def serving(data: Path, *options: str) -> Iterator[str]:
    """Runs it until the block ends; gives the address that it prints."""
    process = started(data, *options)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"Open (\S+) in your browser", line)
        assert found, line + process.stdout.read()
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield found[1]
    finally:
        process.terminate()
        process.wait(20)


def answers(address: str) -> bool:
    with urllib.request.urlopen(f"{address}healthz", timeout=30) as response:  # noqa: S310
        return bool(response.read() == b"ok")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "interviews.example"])  # noqa: S104
def test_without_accounts_no_other_address_is_listened_on(tmp_path: Path, host: str) -> None:
    process = started(tmp_path, "--host", host)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 2, told
    assert "mock-interviewer user add NAME --role admin" in told
    assert "Open http" not in told


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_without_accounts_loopback_is_listened_on(tmp_path: Path, host: str) -> None:
    with serving(tmp_path, "--host", host, "--port", "7890") as address:
        assert answers(address)


def test_with_an_account_any_address_is_listened_on(tmp_path: Path) -> None:
    with open_directory(load_settings({"MOCK_INTERVIEWER_DATA": str(tmp_path)})) as directory:
        directory.accounts.add("Root", Role.ADMIN, "correct horse battery")
    with serving(tmp_path, "--host", "0.0.0.0", "--port", "7890") as address:  # noqa: S104
        assert answers(address)
        asked = urllib.request.Request(address, headers={"Accept": "text/html"})  # noqa: S310
        with urllib.request.urlopen(asked, timeout=30) as page:  # noqa: S310
            assert page.url.endswith("/login?next=%2F")


def test_two_that_start_at_once_print_two_addresses_and_both_answer(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "one", "--port", "7890") as one,
        serving(tmp_path / "two", "--port", "7890") as two,
    ):
        assert one != two
        assert answers(one)
        assert answers(two)


def test_a_port_that_cannot_be_is_told_in_a_sentence(tmp_path: Path) -> None:
    process = started(tmp_path, "--port", "65536")
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "65536 is not in the range" in told
    assert "Traceback" not in told
