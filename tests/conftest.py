"""What holds for every test: no network but loopback, nothing of the developer's own.

The environment is cleaned before any test module is imported. Each test has a data folder of
its own; only tests marked `model` see the real cache, because the model is 1.1 GB. Tests marked
`browser` take the `chromium` fixture and run last: Playwright keeps an event loop on the main
thread, in which no other test could start one.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import postgres
from tests.postgres import PostgresServer

_OWN = ("OPENAI_", "MOCK_INTERVIEWER_", "GRADIO_", "HF_", "XDG_", "TIKTOKEN_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")

_CHROMIUM_FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP interviews.example 127.0.0.1, MAP * ~NOTFOUND, "
    "EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--no-first-run",
]
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_CHROMIUM_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)

_patch = pytest.MonkeyPatch()
_home = tempfile.TemporaryDirectory(prefix="mock-interviewer-tests-", ignore_cleanup_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    """Clean the environment, before test modules import the program."""
    home = Path(_home.name)
    kept = {
        "MOCK_INTERVIEWER_CACHE": os.environ.get("MOCK_INTERVIEWER_CACHE")
        or platformdirs.user_cache_dir("mock-interviewer", appauthor=False),
        # Playwright looks for its own browser below the home folder.
        "PLAYWRIGHT_BROWSERS_PATH": os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
        or platformdirs.user_cache_dir("ms-playwright", appauthor=False, opinion=False),
    }
    for name in list(os.environ):
        if name.upper().startswith(_OWN) or name.upper() in _PROXIES:
            _patch.delenv(name)
    for name in _HOMES:
        _patch.setenv(name, str(home))
    for name, value in kept.items():
        _patch.setenv(name, value)
    _patch.setenv("MOCK_INTERVIEWER_DATA", str(home / "data"))
    _patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    _patch.setenv("HF_HUB_OFFLINE", "1")
    for function in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        _patch.setattr(socket, function, _only_this_machine(getattr(socket, function)))
    _patch.setattr(socket.socket, "connect_ex", _guarded_connect_ex)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give the environment back and remove the folders of this run."""
    _patch.undo()
    _home.cleanup()


def _only_this_machine(resolve: Any) -> Any:
    """`resolve`, but other hosts' names fail at once, as they do without a network."""

    def guarded(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in (None, "", "localhost") or _is_address(name):
            return resolve(host, *args, **options)
        raise socket.gaierror(socket.EAI_NONAME, f"tests have no network: {name} is not looked up")

    return guarded


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


_connect_ex = socket.socket.connect_ex


def _guarded_connect_ex(connection: socket.socket, address: Any) -> int:
    """`connect_ex`, which pytest-socket leaves open; its `connect` says what is not allowed."""
    host = address[0] if isinstance(address, tuple) else None
    if host is None or host == "localhost" or ipaddress.ip_address(host).is_loopback:
        return _connect_ex(connection, address)
    connection.connect(address)
    raise AssertionError(f"pytest-socket let a test connect to {host}")


@pytest.fixture(autouse=True)
def _own_folders(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_INTERVIEWER_DATA", str(tmp_path / "data"))
    if request.node.get_closest_marker("model") is None:
        monkeypatch.setenv("MOCK_INTERVIEWER_CACHE", str(tmp_path / "cache"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL server; each test takes a database of its own from it."""
    programs = postgres.installed()
    if programs is None:
        pytest.skip(postgres.MISSING)
    with postgres.serving(programs) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of an empty PostgreSQL database, as a user would give it."""
    return postgres_server.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, as the store wants it: the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'interviews.sqlite3'}"
    address: str = request.getfixturevalue("postgres_url")
    return address.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium that finds no host but this machine; make a new context in each test."""
    flags = [*_CHROMIUM_FLAGS]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        path = _installed_chromium() or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip(
                "there is no Chromium: install Chrome, or your system's chromium package, or run "
                f"`{sys.executable} -m playwright install chromium`"
            )
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


def _installed_chromium() -> str | None:
    found = (shutil.which(name) for name in _CHROMIUM_NAMES)
    paths = (path for path in _CHROMIUM_PATHS if Path(path).exists())
    return next((path for path in (*found, *paths) if path), None)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where CI_NO_SKIPS=1 is set, a run that skipped a test has failed."""
    if exitstatus == pytest.ExitCode.OK and _skips_forbidden() and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which tests were not run, and why."""
    skipped = _skipped(config)
    left_out = len(terminalreporter.stats.get("deselected", []))
    if not skipped and not left_out:
        return
    terminalreporter.section("not run")
    for reason, count in skipped.most_common():
        terminalreporter.line(f"{_tests(count)} skipped: {reason}")
    if left_out:
        chosen = [f"-{name} '{value}'" for name in "mk" if (value := config.getoption(f"-{name}"))]
        terminalreporter.line(f"{_tests(left_out)} left out by {' '.join(chosen) or 'choice'}")
    if skipped and _skips_forbidden():
        terminalreporter.line("CI_NO_SKIPS=1 is set, so a skipped test fails this run.", red=True)


def _skips_forbidden() -> bool:
    return os.environ.get("CI_NO_SKIPS") == "1"


def _skipped(config: pytest.Config) -> Counter[str]:
    """Reasons for which tests were skipped, with how many each."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # one of several processes: the one that gathers their reports has it
        return Counter()
    reasons = (report.longrepr[2] for report in reporter.stats.get("skipped", []))
    return Counter(reason.removeprefix("Skipped: ") for reason in reasons)


def _tests(count: int) -> str:
    return "1 test" if count == 1 else f"{count} tests"
