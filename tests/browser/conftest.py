"""The app as a real process, a scripted model, and pages that tell on what they should not do."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.scripted_model import ScriptedModel, scripted_model
from tests.loopback import free_port

START_SECONDS = 60.0
FIRST_TOKEN_SECONDS = 2.0
PATIENCE_MS = 30_000
"""A machine with other work is slow; what is there at once is not waited for."""
CHECKOUT = Path(__file__).parents[2]

expect.set_options(timeout=PATIENCE_MS)


class App:
    """`mock-interviewer serve` on a free port of loopback."""

    def __init__(self, model_url: str, data: Path, **environ: str) -> None:
        self.data = data
        self._model_url = model_url
        self._environ = environ
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.log: list[str] = []

    def start(self) -> None:
        """Start it and wait until the first page can be had."""
        port = int(urlsplit(self.url).port or 0) or free_port()
        env = {
            **os.environ,
            "OPENAI_BASE_URL": self._model_url,
            "MOCK_INTERVIEWER_MODEL": "scripted",
            "MOCK_INTERVIEWER_STRATEGY": "levels",
            "MOCK_INTERVIEWER_DATA": str(self.data),
            "MOCK_INTERVIEWER_FIRST_TOKEN_SECONDS": str(FIRST_TOKEN_SECONDS),
            "PYTHONUNBUFFERED": "1",
            **self._environ,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mock_interviewer", "serve", "--port", str(port)],
            cwd=CHECKOUT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        found = threading.Event()
        threading.Thread(target=self._read, args=(found,), daemon=True).start()
        if not found.wait(START_SECONDS):
            raise AssertionError("the app said no address:\n" + "".join(self.log))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, "the app does not answer:\n" + "".join(self.log)
            time.sleep(0.1)

    @property
    def process_id(self) -> int:
        """Of the running app."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end; returns its exit status."""
        assert self._process is not None
        self._process.terminate()
        try:
            return self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _read(self, found: threading.Event) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.log.append(line)
            address = re.search(r"Open http://localhost:(\d+)/", line)
            if address:
                self.url = f"http://127.0.0.1:{address[1]}"
                found.set()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):  # noqa: S310
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@pytest.fixture(scope="session")
def shared_model() -> Iterator[ScriptedModel]:
    """One scripted model for all browser tests; take `model` in a test."""
    with scripted_model() as model:
        yield model


@pytest.fixture(scope="session")
def app(shared_model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One app for all browser tests; each has a browser context, so a candidate, of its own."""
    app = App(shared_model.url, tmp_path_factory.mktemp("browser-data"))
    app.start()
    yield app
    app.stop()


@pytest.fixture
def model(shared_model: ScriptedModel) -> Iterator[ScriptedModel]:
    """The scripted model as at first, whatever the test before made of it."""
    shared_model.reset()
    yield shared_model
    shared_model.reset()


@pytest.fixture
def own_app(model: ScriptedModel, tmp_path: Path) -> Iterator[App]:
    """An app for a test that kills it."""
    app = App(model.url, tmp_path / "data")
    app.start()
    yield app
    app.stop()


@dataclass
class Watch:
    """What the pages of a test have asked for and complained of."""

    requests: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Responses of status 400 and above."""
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def add(self, page: Page) -> None:
        """Watch a page from now on."""
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "response",
            lambda response: (
                self.refused.append(f"{response.status} {response.url}")
                if response.status >= 400
                else None
            ),
        )
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))


@pytest.fixture
def watch() -> Watch:
    """Asserted on at the end of every test: see `new_context`."""
    return Watch()


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(chromium: Browser, watch: Watch) -> Iterator[NewContext]:
    """Make a browser context: a candidate nobody has seen before.

    Whatever the test is about, no page may ask another host, run into an address that is not
    there, raise a script error or open a dialog.
    """
    contexts: list[BrowserContext] = []

    def new(**options: object) -> BrowserContext:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.on("page", watch.add)
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()
    hosts = {urlsplit(url).hostname for url in watch.requests if not url.startswith("data:")}
    assert hosts == {"127.0.0.1"}
    assert watch.refused == []
    assert watch.errors == []
    assert watch.dialogs == []


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """A page on a desktop screen."""
    return new_context(viewport={"width": 1200, "height": 850}, accept_downloads=True).new_page()
