"""What holds for every request: no other site, no other name, no other script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.service.program import Program
from mock_interviewer.settings import load_settings
from mock_interviewer.web.site import make_site
from tests.web.people import World, world
from tests.web.serving import Client, serving


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A browser at a program without accounts."""
    environ = {
        "MOCK_INTERVIEWER_DATA": str(tmp_path_factory.mktemp("local")),
        "MOCK_INTERVIEWER_MODEL": "scripted",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }
    with serving(make_site(Program(load_settings(environ)))) as port:
        yield Client(port, "mock_interviewer_candidate=ada")


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("ada") / "data") as made:
        yield made


@pytest.fixture(scope="module")
def port(ada: World) -> Iterator[int]:
    """Where a program with accounts answers, behind a proxy on this machine."""
    site = make_site(ada.program)
    with serving(site, proxy_headers=True, forwarded_allow_ips=["127.0.0.1"]) as number:
        yield number


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:7860", "127.0.0.1:1", "[::1]:7860", "LOCALHOST"]
)
def test_without_accounts_the_program_answers_to_loopback_names(local: Client, host: str) -> None:
    assert local.ask("GET", "/", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "localhost.evil.example", "192.0.2.1", "", "["]
)
@pytest.mark.parametrize("path", ["/", "/static/style.css", "/practice/", "/healthz"])
def test_without_accounts_no_other_name_reaches_the_program(
    local: Client, host: str, path: str
) -> None:
    assert local.ask("GET", path, headers={"Host": host}).status == 421


FROM_ELSEWHERE: list[dict[str, str]] = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:3000"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:3000"},
]


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=str)
@pytest.mark.parametrize("path", ["/interviews", "/practice/gradio_api/queue/join"])
def test_another_sites_page_does_nothing_here_without_accounts(
    local: Client, headers: dict[str, str], path: str
) -> None:
    answer = local.ask("POST", path, form={"focus": "star"}, headers=headers)
    assert answer.status == 403
    assert "another site's page" in answer


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=str)
@pytest.mark.parametrize("path", ["/interviews", "/login", "/logout", "/password"])
def test_another_sites_page_does_nothing_here_with_accounts(
    ada: World, port: int, headers: dict[str, str], path: str
) -> None:
    client = Client(port, ada.cookie("fellow"))
    assert client.ask("POST", path, form={}, headers=headers).status == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1:{port}"}]
)
def test_the_programs_own_pages_do(local: Client, headers: dict[str, str]) -> None:
    given = {name: value.format(port=local.port) for name, value in headers.items()}
    form = {"mode": "practice", "focus": "star"}
    assert local.ask("POST", "/interviews", form=form, headers=given).status == 303


def test_another_sites_page_reads_nothing_but_its_links_are_followed(local: Client) -> None:
    read = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    framed = {**read, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    followed = {**read, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert local.ask("GET", "/", headers=read).status == 403
    assert local.ask("GET", "/", headers=framed).status == 403
    assert local.ask("GET", "/", headers=followed).status == 200


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://evil.example"])
@pytest.mark.parametrize("path", ["/", "/practice/", "/practice/theme.css", "/demo"])
def test_no_answer_may_be_read_from_elsewhere(local: Client, path: str, origin: str) -> None:
    answer = local.ask("GET", path, headers={"Origin": origin})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    assert local.ask("OPTIONS", path, headers=asked).status == 405


@pytest.mark.parametrize("path", ["/", "/demo", "/practice/", "/static/style.css", "/nowhere"])
def test_every_answer_says_what_a_browser_may_do_with_it(local: Client, path: str) -> None:
    headers = local.ask("GET", path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert not re.search(r"https?:|\*", policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    if not path.startswith("/practice"):
        assert "script-src 'self';" in policy
    if not path.startswith("/static"):
        assert headers["cache-control"] == "no-store"


def test_no_page_of_our_own_holds_a_script_that_its_policy_forbids() -> None:
    templates = Path(__file__).parents[2] / "mock_interviewer/web/templates"
    for file in templates.glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|javascript:", text), file.name


def test_a_login_is_a_cookie_that_scripts_and_other_sites_do_not_get(port: int) -> None:
    client = Client(port)
    form = {"name": "fellow", "password": "correct horse battery"}
    cookie = client.ask("POST", "/login", form=form).headers["set-cookie"]
    assert re.fullmatch(
        r"mock_interviewer_login=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", cookie
    )
    https = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.9"}
    cookie = client.ask("POST", "/login", form=form, headers=https).headers["set-cookie"]
    assert cookie.startswith("__Host-mock_interviewer_login=")
    assert "; Secure" in cookie


def test_attempts_are_counted_for_the_address_that_the_proxy_names(port: int) -> None:
    client = Client(port)

    def fails(number: int, address: str) -> int:
        form = {"name": f"guess {number}", "password": "wrong"}
        headers = {"X-Forwarded-For": address}
        return client.ask("POST", "/login", form=form, headers=headers).status

    assert {fails(number, "192.0.2.50") for number in range(20)} == {401}
    assert fails(21, "192.0.2.50") == 429
    # What a client itself says stands to the left of what the proxy adds.
    assert fails(22, "192.0.2.77, 192.0.2.50") == 429
    assert fails(23, "192.0.2.51") == 401


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example"),
        *("javascript:alert(1)", "/\t/evil.example", "", "evil", "/\r\nSet-Cookie: x=y"),
    ],
)
def test_logging_in_leads_to_no_other_site(port: int, wanted: str) -> None:
    form = {"name": "fellow", "password": "correct horse battery", "next": wanted}
    answer = Client(port).ask("POST", "/login", form=form)
    assert answer.status == 303
    assert answer.headers["location"] == "/"


def test_whoever_is_not_logged_in_is_led_back_to_the_page_afterwards(ada: World, port: int) -> None:
    address = f"/report/{ada.finished}?saved=share"
    answer = Client(port).ask("GET", address, headers={"Accept": "text/html"})
    assert answer.status == 303
    assert answer.headers["location"] == f"/login?next=%2Freport%2F{ada.finished}%3Fsaved%3Dshare"
    form = {"name": "Ada", "password": "correct horse battery", "next": address}
    assert Client(port).ask("POST", "/login", form=form).headers["location"] == address


def test_whoever_presses_a_button_without_a_login_is_led_to_log_in(port: int) -> None:
    headers = {"Accept": "text/html"}
    answer = Client(port).ask("POST", "/interviews", form={"focus": "star"}, headers=headers)
    assert answer.status == 303
    assert answer.headers["location"] == "/login?next=%2F"


def test_a_coach_reads_what_is_shared_and_changes_nothing_of_it(ada: World, port: int) -> None:
    ada.program.people.groups.share(ada.people["Ada"], ada.finished, True)
    before = ada.stored()
    client = Client(port, ada.cookie("coach"))
    page = client.ask("GET", f"/report/{ada.finished}")
    assert page.status == 200
    assert "Report of Ada" in page
    assert "Xturn7fQ" in page
    assert "Xdraft7fQ" not in page
    assert "Xdraft7fQ" not in client.ask("GET", f"/report/{ada.finished}.md")
    assert b"<form" not in page.body.partition(b"<main>")[2]
    for what in ("grade", "retry/0", "share", "may-become-case"):
        assert client.ask("POST", f"/report/{ada.finished}/{what}", form={}).status == 403
    join = {"data": [], "fn_index": 0, "session_hash": "coachs", "trigger_id": 1}
    path = "/practice/gradio_api/queue"
    client.ask("POST", f"{path}/join?interview={ada.finished}", sent=join)
    told = client.ask("GET", f"{path}/data?session_hash=coachs", until=b"close_stream")
    assert "Only the person whose interview this is" in told
    assert "Xturn7fQ" not in told
    assert ada.stored() == before
    ada.program.people.groups.share(ada.people["Ada"], ada.finished, False)


def test_an_admin_begins_no_interview(ada: World, port: int) -> None:
    client = Client(port, ada.cookie("admin"))
    assert client.ask("POST", "/interviews", form={"focus": "star"}).status == 403
    assert "mock-interviewer user add" in client.ask("GET", "/")
