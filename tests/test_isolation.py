"""The promises of conftest.py: tests reach this machine only and see nothing of the developer's."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError
from pytest_socket import SocketConnectBlockedError

ELSEWHERE = ("192.0.2.1", 9)  # an address that is reserved for documentation: nobody's


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_connecting_to_another_host_is_refused() -> None:
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(ELSEWHERE, timeout=1)
    with socket.socket() as connection, pytest.raises(SocketConnectBlockedError):
        connection.connect_ex(ELSEWHERE)


def test_looking_up_another_host_fails_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(socket.gaierror, match="tests have no network"):
        socket.getaddrinfo("example.invalid", 443)

    async def look_up() -> None:
        await asyncio.get_running_loop().getaddrinfo(b"example.invalid", 443)

    with pytest.raises(socket.gaierror, match="tests have no network"):
        asyncio.run(look_up())
    assert time.monotonic() - started < 1


def test_loopback_can_be_reached_by_name_and_by_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, port), timeout=1).close()
            with socket.socket() as connection:
                assert connection.connect_ex((host, port)) == 0


def test_the_developers_settings_and_home_are_out_of_sight(tmp_path: Path) -> None:
    assert [name for name in os.environ if name.startswith("OPENAI_")] == []
    assert os.environ["MOCK_INTERVIEWER_DATA"] == str(tmp_path / "data")
    assert os.environ["MOCK_INTERVIEWER_CACHE"] == str(tmp_path / "cache")
    assert "mock-interviewer-tests-" in platformdirs.user_data_dir("mock-interviewer")


@given(st.integers())
def test_property_tests_run_within_this_isolation(number: int) -> None:
    assert isinstance(number, int)


@pytest.mark.model
def test_model_tests_see_the_real_cache(tmp_path: Path) -> None:
    assert not os.environ["MOCK_INTERVIEWER_CACHE"].startswith(str(tmp_path))


@pytest.mark.browser
def test_the_browser_shows_pages_of_this_machine_and_finds_no_other_host(
    chromium: Browser,
) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<title>here</title>")

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    assert page.title() == "here"
    with pytest.raises(BrowserError, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.invalid/")
    with pytest.raises(BrowserError, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://127.0.0.2/")  # not even an address, other than the one allowed
    server.shutdown()
