"""Two web processes behind Debian's nginx with the site of `deploy/`, and four workers."""

from __future__ import annotations

import itertools
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mock_interviewer.cli import cli
from tests import nginx
from tests.browser.candidate import ANSWER, REPLY, Candidate
from tests.browser.conftest import CHECKOUT, PATIENCE_MS, App
from tests.browser.scripted_model import PROBE, ScriptedModel
from tests.loopback import free_port
from tests.nginx import HOST, Nginx

pytestmark = pytest.mark.browser

COOKIE = "mock_interviewer_candidate"
PERSON, PASSWORD = "ada", "correct horse battery staple"
WORKERS = 4
ICONS = ("/favicon.ico", "/static/icon.svg")
"""A browser asks for them when it likes, and gives up the request when a page is left."""

RECORD_WORDS = """() => {
  window.shown = [];
  const look = () => {
    const all = document.querySelectorAll('#chat [data-testid=bot]');
    const text = all.length ? all[all.length - 1].textContent.trim() : '';
    const last = window.shown[window.shown.length - 1];
    if (!last || last.text !== text) window.shown.push({at: performance.now(), text: text});
  };
  new MutationObserver(look).observe(document.querySelector('#chat'),
    {subtree: true, childList: true, characterData: true});
}"""


@dataclass
class Site:
    """What runs."""

    nginx: Nginx
    replicas: dict[str, App]
    """By address, as nginx names them."""

    def replica_of(self, text: str) -> set[str]:
        """The addresses that have answered requests with this in their path."""
        return {one.replica for one in self.nginx.passed() if text in one.path}


@pytest.fixture
def environ(model: ScriptedModel, postgres_url: str) -> dict[str, str]:
    """The settings of all processes, with an account where there are accounts."""
    found = {
        **os.environ,
        "MOCK_INTERVIEWER_DATABASE_URL": postgres_url,
        "OPENAI_BASE_URL": model.url,
        "MOCK_INTERVIEWER_MODEL": "scripted",
        "MOCK_INTERVIEWER_STRATEGY": "levels",
    }
    make_account(found)
    return found


@pytest.fixture
def site(model: ScriptedModel, environ: dict[str, str], tmp_path: Path) -> Iterator[Site]:
    program = nginx.installed()
    if program is None:
        pytest.skip(nginx.MISSING)
    apps = [App(model.url, tmp_path / name, **environ) for name in ("one", "two")]
    try:
        for app in apps:
            app.url = f"http://127.0.0.1:{free_port()}"
            app.start()
        urls = [app.url for app in apps]
        with nginx.serving(program, urls, tmp_path / "nginx") as running:
            yield Site(running, {urlsplit(app.url).netloc: app for app in apps})
    finally:
        for app in apps:
            app.stop()


@pytest.fixture
def workers(environ: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "mock_interviewer", "worker", "--heartbeat", "1"]
    started = [
        subprocess.Popen(command, cwd=CHECKOUT, env=environ, stdout=subprocess.DEVNULL)
        for _ in range(WORKERS)
    ]
    yield
    for worker in started:
        worker.kill()
        worker.wait()


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page of a browser that has not been here before, logged in where that is needed."""
    # The certificate of the test is its own.
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    log_in(context, site.nginx.url)
    yield context.new_page()
    context.close()
    assert errors == []


def make_account(environ: dict[str, str]) -> None:
    """An account to log in with, where the program has accounts."""
    if "user" in cli.commands:
        subprocess.run(
            [sys.executable, "-m", "mock_interviewer", "user", "add", PERSON, "--password-stdin"],
            cwd=CHECKOUT,
            env=environ,
            input=f"{PASSWORD}\n".encode(),
            check=True,
            stdout=subprocess.DEVNULL,
        )


def log_in(context: BrowserContext, url: str) -> None:
    """Log in, where the program has accounts."""
    if "user" in cli.commands:
        page = context.new_page()
        page.goto(f"{url}/login")
        page.get_by_label("Name").fill(PERSON)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{url}/")
        page.close()


def test_an_interview_is_practised_and_moves_to_the_other_replica_when_its_own_is_killed(
    site: Site, visitor: Page, workers: None
) -> None:
    candidate = Candidate(visitor, site.nginx.url)
    candidate.begins()
    candidate.drafts("Last year")
    candidate.says(ANSWER)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    said = candidate.messages()
    assert said[1:] == [ANSWER, PROBE]
    # Events and their stream are known to one process only.
    (first,) = site.replica_of("/practice/gradio_api/")
    hops = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
    assert visitor.evaluate(hops) == "h2"

    site.replicas[first].kill()
    visitor.reload()
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    assert candidate.messages() == said
    candidate.says(REPLY)
    expect(candidate.go_on).to_be_visible()
    expect(candidate.feedback.get_by_text("Overall")).to_be_visible()
    assert len(site.replica_of("/practice/gradio_api/")) == 2
    refused = [one for one in site.nginx.passed() if one.status >= 400]
    assert [one for one in refused if not one.path.startswith(ICONS)] == []


def test_words_arrive_one_after_the_other(site: Site, visitor: Page, model: ScriptedModel) -> None:
    model.pause_seconds = 0.25
    candidate = Candidate(visitor, site.nginx.url)
    candidate.begins()
    visitor.evaluate(RECORD_WORDS)
    candidate.says(ANSWER)
    candidate.is_asked("Question 1 of 3 · follow-up 1 of 2")
    shown = visitor.evaluate("window.shown")
    growing = [one for one in shown if one["text"] and PROBE.startswith(one["text"])]
    gaps = [b["at"] - a["at"] for a, b in itertools.pairwise(growing)]
    assert len(growing) >= len(PROBE.split()) - 4
    assert max(gaps) < 4 * 1000 * model.pause_seconds


def test_each_browser_keeps_to_one_replica_and_many_behind_one_address_use_both(
    site: Site,
) -> None:
    with _client(site) as client:
        for number in range(40):
            for _ in range(2):
                cookie = {"Cookie": f"{COOKIE}={number:04}-of-a-browser"}
                assert client.get(f"/healthz?{number:04}", headers=cookie).status_code == 200
    for _ in range(5):
        with _client(site) as client:
            client.get("/healthz?without-a-cookie")
    replicas = [site.replica_of(f"/healthz?{number:04}") for number in range(40)]
    assert {len(each) for each in replicas} == {1}
    assert set.union(*replicas) == set(site.replicas)
    assert len(site.replica_of("/healthz?without-a-cookie")) == 1


def test_a_login_counts_for_the_choice_of_the_replica(site: Site) -> None:
    with _client(site) as client:
        for number in range(40):
            cookie = f"other=1; __Host-mock_interviewer_login={number:04}-of-a-person; more=2"
            client.get("/healthz?logged-in", headers={"Cookie": cookie})
    assert site.replica_of("/healthz?logged-in") == set(site.replicas)


def test_what_is_larger_than_any_message_is_refused_before_it_reaches_the_program(
    site: Site,
) -> None:
    body = json.dumps({"data": ["x" * 300_000], "fn_index": 1, "session_hash": "abc"})
    with _client(site) as client:
        assert client.post("/practice/gradio_api/queue/join", content=body).status_code == 413
    assert site.nginx.passed()[-1].replica == "-"


def test_without_encryption_one_is_sent_on_to_the_same_page_with_it(site: Site) -> None:
    with httpx2.Client() as client:
        response = client.get(
            f"http://127.0.0.1:{site.nginx.plain_port}/demo", headers={"Host": HOST}
        )
    assert response.status_code == 301
    assert response.headers["Location"] == f"https://{HOST}/demo"


def _client(site: Site) -> httpx2.Client:
    """A client that takes the test's certificate, and asks for the site by its name."""
    context = ssl.create_default_context(cafile=str(site.nginx.folder / "certificate.pem"))
    context.check_hostname = False
    return httpx2.Client(
        base_url=f"https://127.0.0.1:{site.nginx.port}",
        verify=context,
        headers={"Host": f"{HOST}:{site.nginx.port}"},
    )
