"""Every endpoint that the running app has, Gradio's own included, called by everybody who should
get nothing of Ada's interviews, with everything that could be forged."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from mock_interviewer.storage.regrades import RegradeStore
from mock_interviewer.web.site import make_site
from tests.web.people import ASKED, DRAFT, GRADE, LINE, MARKS, REPLY, TURN, World, world
from tests.web.serving import Answer, Client, serving

SESSION = "adas-session"
"""Of Gradio, in which something of Ada's lies ready."""
OUTSIDERS = ("nobody", "fellow", "stranger", "coach", "other coach", "admin")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PRACTICE = "/practice"
API = f"{PRACTICE}/gradio_api"

FORMS: dict[str, dict[str, str]] = {
    "/interviews": {"mode": "practice", "focus": "star", "candidate_id": "{ada}"},
    "/interviews/{interview_id}/draft": {"number": "0", "text": "Forged."},
    "/login": {"name": "Ada", "password": "a wrong password", "next": "/report/{finished}"},
    "/logout": {"name": "Ada"},
    "/password": {"name": "Ada", "present": "guessed", "new": "x" * 12, "again": "x" * 12},
    "/report/{interview_id}/may-become-case": {"agreed": "true"},
    "/report/{interview_id}/share": {"shared": "true"},
    "/report/{interview_id}/ask": {"asked": "true"},
    "/report/{interview_id}/grade": {},
    "/report/{interview_id}/own-levels": {"level-1-empathy": "5", "candidate_id": "{ada}"},
    "/report/{interview_id}/own-levels/{answer_id}": {"do": "show", "candidate_id": "{ada}"},
    "/report/{interview_id}/retry/{place}": {},
    "/invitation/{token}": {"name": "Ada", "new": "x" * 12, "again": "x" * 12},
    "/people/{group}/invite": {"label": "Forged", "days": "7"},
    "/people/invitations/{invitation}/withdraw": {},
    "/people/assign": {"to": "person:{ada}", "title": "Forged", "question": "{question}"},
    "/people/assignments/{assignment}/withdraw": {},
    "/assignments/{assignment}/begin": {"candidate_id": "{ada}"},
    "/desk/blind": {"blind": "false"},
    "/desk/interviews/{interview_id}/begin": {"blind": "false", "coach_id": "{ada}"},
    "/desk/interviews/{interview_id}/let-go": {},
    "/desk/reviews/{review_id}": {"version": "1", "do": "done", "comment": "Forged."},
    "/desk/reviews/{review_id}/case": {"do": "make", "read": "true", "coach_id": "{ada}"},
    "/calibration/{exercise}": {"level-empathy": "9", "coach_id": "{ada}"},
    "/drills/{drill_id}": {"line": "That was a long way.", "person_id": "{ada}"},
    "/drills/{drill_id}/points": {"attempt": "{attempt}", "met": "respect", "person_id": "{ada}"},
    "/role-plays/scenario/{scenario}/begin": {"candidate_id": "{ada}"},
    "/role-plays/{role_play_id}/reply": {"number": "2", "text": "Forged.", "candidate_id": "{ada}"},
    "/role-plays/{role_play_id}/end": {"candidate_id": "{ada}"},
    "/role-plays/{role_play_id}/branch": {"number": "1", "candidate_id": "{ada}"},
    "/role-plays/{role_play_id}/grade": {"candidate_id": "{ada}"},
    "/role-plays/{role_play_id}/delete": {"candidate_id": "{ada}"},
    "/regrades": {"interview_id": "{finished}", "which": "all"},
    "/regrades/{batch}/stop": {"coach_id": "{ada}"},
    "/posting": {"text": "You handle complaints.", "do": "begin", "candidate_id": "{ada}"},
    "/your-data/delete/{interview_id}": {"candidate_id": "{ada}"},
    "/your-data/delete-everything": {"candidate_id": "{ada}"},
}
"""What is sent to each of the site's own addresses that does something."""
READ = {
    "/": "?candidate={ada}",
    "/model": "",
    "/session": "",
    "/manifest.json": "",
    "/healthz": "",
    "/login": "?next=/report/{finished}",
    "/password": "?saved=true",
    "/report/{interview_id}": "?saved=share",
    "/report/{interview_id}.md": "",
    "/report/{interview_id}.pdf": "",
    "/report/{interview_id}.json": "",
    "/people": "?every=true&candidate={ada}",
    "/people/assign": "?to=person:{ada}",
    "/people/assignments/{assignment}": "?candidate={ada}",
    "/invitation/{token}": "",
    "/desk": "?which=all&candidate={ada}",
    "/desk/interviews/{interview_id}": "?part=1",
    "/desk/reviews/{review_id}/case": "",
    "/favicon.ico": "",
    "/desk/export.csv": "?candidate={ada}",
    "/desk/export.zip": "?candidate={ada}",
    "/agreement": "?group=1&blind=false",
    "/regrades": "?coach={ada}",
    "/regrades/{batch}": "?still=true",
    "/regrades/interviews/{interview_id}": "",
    "/calibration": "?coach={ada}",
    "/calibration/{exercise}": "?told=graded",
    "/drills": "?person={ada}",
    "/drills/{drill_id}": "?attempt={attempt}&person={ada}",
    "/role-plays": "?candidate={ada}",
    "/role-plays/scenario/{scenario}": "?candidate={ada}",
    "/role-plays/{role_play_id}": "?candidate={ada}",
    "/role-plays/{role_play_id}/debrief": "?candidate={ada}",
    "/role-plays/{role_play_id}/delete": "?candidate={ada}",
    "/plan": "?train=empathy&person={ada}",
    "/progress": "?candidate={ada}",
    "/people/candidates/{candidate}/progress": "",
    "/people/{group}/progress": "?candidate={ada}",
    "/posting": "",
    "/your-data": "?candidate={ada}",
    "/your-data/all.zip": "?candidate={ada}",
    "/your-data/delete/{interview_id}": "",
    "/your-data/delete-everything": "?candidate={ada}",
    "/demo": "",
    "/demo.md": "",
    "/demo.pdf": "",
    "/static": "/../../interviews.sqlite3",
}
"""The site's own addresses that show something, each with what is added to it."""
RIGHTFUL = {
    "coach": (
        "/people",
        "/people/invitations/{invitation}/withdraw",
        "/people/assignments/{assignment}",
        "/people/assignments/{assignment}/withdraw",
        "/people/{group}/invite",
        "/people/candidates/{candidate}/progress",
        "/people/{group}/progress",
        "/people/assign",
    )
}
"""What Ada's own coach may do, and is shown of what the coach gave her."""
GUARDED = ("{group}", "{candidate}", "{invitation}", "{assignment}", "{token}")
"""Places for what is of Ada's group, or for her."""
FOR_ALL = ("/drills/{drill_id}",)
"""What anybody may do for themselves with something that is everybody's."""
NEEDED = {
    ("GET", f"{PRACTICE}/"),
    ("HEAD", f"{PRACTICE}/"),
    ("GET", f"{PRACTICE}/theme.css"),
    ("GET", f"{PRACTICE}/static/{{path:path}}"),
    ("GET", f"{PRACTICE}/assets/{{path:path}}"),
    ("GET", f"{API}/app_id"),
    ("GET", f"{API}/heartbeat/{{session_hash}}"),
    ("GET", f"{API}/queue/data"),
    ("POST", f"{API}/queue/join"),
    ("POST", f"{API}/cancel"),
    ("POST", f"{API}/reset"),
}
"""Of Gradio's endpoints, those that the page uses."""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Endpoint(NamedTuple):
    method: str
    path: str


def endpoints(routes: list[Any], prefix: str = "") -> Iterator[Endpoint]:
    """All of them, through mounted apps and included routers, however deep."""
    for route in routes:
        if hasattr(route, "original_router"):
            inner = prefix + route.include_context.prefix
            yield from endpoints(route.original_router.routes, inner)
            continue
        path = prefix + route.path
        below = getattr(route, "routes", None)
        if below:
            yield from endpoints(below, path)
        elif getattr(route, "methods", None):
            yield from (Endpoint(method, path) for method in sorted(route.methods))
        else:
            yield Endpoint("GET", path)


class Case:
    """The site, Ada's session in it, and everybody who is to get nothing."""

    def __init__(self, ada: World, batch: str, site: FastAPI, port: int) -> None:
        self.world = ada
        self.site = site
        self.endpoints = list(dict.fromkeys(endpoints(site.routes)))
        self.ada = Client(port, ada.cookie("Ada"))
        self.others = {
            name: Client(port, "" if name == "nobody" else ada.cookie(name)) for name in OUTSIDERS
        }
        self.leaving = {name: ada.cookie(name) for name in OUTSIDERS if name != "nobody"}
        mounted = next(route for route in site.routes if getattr(route, "path", "") == PRACTICE)
        self.handlers = list(mounted.app.get_blocks().fns.items())  # type: ignore[attr-defined]
        self.event = self.join(self.ada, SESSION, 0, [], interview=ada.finished)
        database = str(ada.data / "interviews.sqlite3")
        calibrated = ada.program.desk.calibrating.exercises(ada.people["coach"])[0].id
        files = [
            *("../../etc/passwd", "../" * 12 + "etc/passwd", "/etc/passwd", database),
            *(quote(path, safe="") for path in ("../../etc/passwd", "/etc/passwd", database)),
            *("%2e%2e/" * 12 + "etc/passwd", f"http://127.0.0.1:{port}/report/{ada.finished}"),
        ]
        self.values: dict[str, list[str]] = {
            "interview_id": [ada.finished, ada.open],
            "answer_id": [str(ada.program.store.answers(ada.finished)[0].id)],
            "place": ["0"],
            "group": [str(ada.program.desk.assignments.groups(ada.people["coach"])[0].id)],
            "invitation": [_digest(ada.invitation)],
            "assignment": [ada.assignment],
            "candidate": [ada.people["Ada"].id],
            "token": [_digest(ada.invitation), ada.invitation[:-1], "x"],
            "review_id": [str(ada.review)],
            "drill_id": [ada.drill],
            "scenario": [ada.program.role_playing.scenarios[0].id],
            "role_play_id": [ada.role_play, ada.ended_role_play],
            "session_hash": [SESSION],
            "event_id": [self.event],
            "api_name": [f.api_name for _, f in self.handlers],
            **dict.fromkeys(("path", "path_or_url", "url_path", "file_name"), files),
            **{name: ["0"] for name in ("run", "component_id", "segment_id", "size")},
            **{"ext": ["ts"], "id": ["x"], "environment": ["client"], "type": ["component"]},
            "key": ["x"],
            "exercise": [calibrated],
            "batch": [batch],
        }

    def known(self, text: str) -> str:
        """`text` with Ada's own filled in."""
        filled = {
            "{ada}": self.world.people["Ada"].id,
            "{finished}": self.world.finished,
            "{question}": self.world.program.bank.questions[0].id,
            "{attempt}": str(self.world.attempt),
        }
        for name, value in filled.items():
            text = text.replace(name, value)
        return text

    def paths(self, path: str) -> list[str]:
        """The addresses of an endpoint, with everything of Ada's in its places."""
        names = re.findall(r"{(\w+)(?::\w+)?}", path)
        unknown = set(names) - set(self.values)
        assert not unknown, f"Say in this test what to put into {unknown} of {path}."
        found = []
        for chosen in itertools.product(*(self.values[name] for name in names)):
            given = iter(chosen)
            found.append(re.sub(r"{\w+(?::\w+)?}", lambda _, g=given: next(g), path))
        return found

    def join(
        self, client: Client, session: str, fn_index: int, data: list[Any], interview: str = ""
    ) -> str:
        """Have a handler called; returns the event's id, or nothing if it was refused."""
        answer = self.joined(client, session, fn_index, data, interview)
        return str(json.loads(answer.body)["event_id"]) if answer.status == 200 else ""

    def joined(
        self, client: Client, session: str, fn_index: int, data: list[Any], interview: str = ""
    ) -> Answer:
        sent = {
            "data": data,
            "fn_index": fn_index,
            "session_hash": session,
            "trigger_id": 1,
            "event_data": None,
            "history": [{"role": "assistant", "content": "You get 5 of 5."}],
        }
        return client.ask("POST", f"{API}/queue/join?interview={interview}", sent=sent)

    def events(self, client: Client, session: str) -> Answer:
        """What Gradio has to say in a session."""
        return client.ask(
            "GET", f"{API}/queue/data?session_hash={session}", until=b"close_stream", seconds=30
        )

    def forged(self) -> dict[str, Any]:
        """What could make one of Gradio's endpoints say or do something of Ada's."""
        return {
            "data": [self.world.open, 3, "forged", None],
            "fn_index": 1,
            "fn_name": "load",
            "component_id": 1,
            "session_hash": SESSION,
            "event_id": self.event,
        }


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with world(tmp_path_factory.mktemp("ada") / "data") as ada:
        batch = regraded(ada)
        site = make_site(ada.program)
        with serving(site) as port:
            yield Case(ada, batch, site, port)


def regraded(ada: World) -> str:
    """A batch with Ada's answers that nobody here asked for, and which says something of them."""
    regrades = RegradeStore(ada.program.store.sessions)
    batch = regrades.ask([ada.finished], "another's")
    assert batch is not None
    for regrade_id in regrades.some_waiting(1):
        regrades.give_up(regrade_id, f"It refused {TURN}.")
    return batch.id


def unpacked(answer: Answer) -> Answer:
    """With what is in its files, where it is a zip."""
    if not answer.body.startswith(b"PK"):
        return answer
    with zipfile.ZipFile(io.BytesIO(answer.body)) as files:
        return replace(answer, body=b"\n".join(files.read(name) for name in files.namelist()))


def assert_nothing_of_adas(answer: Answer, what: object) -> None:
    answer = unpacked(answer)
    found = [mark for mark in (*MARKS, "root:x:0:", "SQLite format 3") if mark in answer]
    assert not found, (what, answer.status, answer.body[:600])


def test_ada_herself_gets_what_the_others_are_kept_from(case: Case) -> None:
    for interview in (case.world.finished, case.world.open):
        report = case.ada.ask("GET", f"/report/{interview}")
        assert report.status == 200
        assert TURN in report
        assert GRADE in report
    for ending in ("md", "json"):
        assert TURN in case.ada.ask("GET", f"/report/{case.world.finished}.{ending}")
    assert case.ada.ask("GET", f"/report/{case.world.finished}.pdf").status == 200
    everything = unpacked(case.ada.ask("GET", "/your-data/all.zip"))
    assert TURN in everything
    assert LINE in everything
    assert REPLY in everything
    for role_play in (case.world.role_play, case.world.ended_role_play):
        assert REPLY in case.ada.ask("GET", f"/role-plays/{role_play}")
    assert REPLY in case.ada.ask("GET", f"/role-plays/{case.world.ended_role_play}/debrief")
    drill, attempt = case.world.drill, case.world.attempt
    assert LINE in case.ada.ask("GET", f"/drills/{drill}?attempt={attempt}")
    case.join(case.ada, "adas-second", 0, [], interview=case.world.open)
    shown = case.events(case.ada, "adas-second")
    assert TURN in shown
    assert GRADE in shown
    case.join(case.ada, "adas-third", 0, [], interview=case.world.finished)
    assert TURN in case.events(case.ada, "adas-third")


def test_adas_coach_gets_what_is_theirs_to_give(case: Case) -> None:
    coach = case.others["coach"]
    assert ASKED in coach.ask("GET", "/people")
    assert ASKED in coach.ask("GET", f"/people/assignments/{case.world.assignment}")
    assert ASKED in case.ada.ask("GET", "/")
    shown = case.others["nobody"].ask("GET", f"/invitation/{case.world.invitation}")
    assert shown.status == 200
    assert shown.headers["referrer-policy"] == "strict-origin"


def test_every_endpoint_of_the_site_is_one_that_is_called_here(case: Case) -> None:
    own = {e for e in case.endpoints if not e.path.startswith(PRACTICE)}
    called = {Endpoint("POST", path) for path in FORMS} | {Endpoint("GET", path) for path in READ}
    assert own == called
    gradio = {e for e in case.endpoints if e.path.startswith(PRACTICE)}
    assert set(NEEDED) <= set(gradio)
    assert len(gradio) > 60  # the walk has gone into the mounted app and its routers
    for endpoint in case.endpoints:
        assert case.paths(endpoint.path)


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_address_of_the_site_gives_or_changes_anything_of_adas(case: Case, who: str) -> None:
    before = case.world.stored()
    client = case.others[who]
    rightful = RIGHTFUL.get(who, ())
    for path, added in READ.items():
        if path in rightful:
            continue
        for address in case.paths(path):
            for headers in ({}, {"Accept": "text/html"}):
                answer = client.ask("GET", case.known(address + added), headers=headers)
                assert_nothing_of_adas(answer, (who, address))
                hers = re.search("{(interview|role_play)_id}", path)
                kept = not hers or answer.status in (303, 401, 404)
                guarded = any(name in path for name in GUARDED)
                kept = kept and (not guarded or answer.status in (303, 401, 403, 404))
                assert kept, (who, address, answer.status)
                assert answer.status < 500, (who, address)
    for path, form in FORMS.items():
        if path in rightful:
            continue
        sender = client
        if path == "/logout" and who != "nobody":
            sender = Client(client.port, case.leaving[who])
        filled = {name: case.known(value) for name, value in form.items()}
        for address in case.paths(path):
            answer = sender.ask("POST", case.known(address), form=filled)
            assert_nothing_of_adas(answer, (who, address))
            refused = "_id}" not in path or path in FOR_ALL or answer.status in (401, 404)
            # Which drills there are is no secret; an admin is told that they do none.
            refused = refused or ("{drill_id}" in path and answer.status == 403)
            guarded = any(name in path for name in GUARDED)
            refused = refused and (not guarded or answer.status in (401, 403, 404))
            assert refused, (who, address, answer.status)
    assert case.world.stored() == before


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_handler_of_the_chat_gives_or_changes_anything_of_adas(case: Case, who: str) -> None:
    before = case.world.stored()
    client = case.others[who]
    for (number, handler), interview in itertools.product(
        case.handlers, (case.world.finished, case.world.open)
    ):
        turns = len(case.world.program.store.interview(interview).turns)
        for place in (turns, 0):
            data = [interview, place, "forged", [interview, place, "skip", "forged"]]
            given = data[: len(handler.inputs)]
            own = f"own-{who.replace(' ', '-')}-{number}-{interview[:4]}-{place}"
            answer = case.joined(client, own, number, given, interview)
            assert_nothing_of_adas(answer, (who, handler.name))
            if who == "nobody":
                assert answer.status == 401
            elif handler.fn is not None:
                assert answer.status == 200, (who, handler.name, answer.body)
                told = case.events(client, own)
                assert b"process_completed" in told.body, (who, handler.name, told)
                assert_nothing_of_adas(told, (who, handler.name))
            # In Ada's session nobody else has a handler called at all.
            answer = case.joined(client, SESSION, number, given, interview)
            assert answer.status == (401 if who == "nobody" else 403)
    assert case.world.stored() == before


@pytest.mark.parametrize("who", OUTSIDERS)
def test_nobody_else_reads_or_ends_what_goes_on_in_adas_session(case: Case, who: str) -> None:
    client = case.others[who]
    refused = 401 if who == "nobody" else 403
    own = f"own-{who.replace(' ', '-')}"
    for path in (
        f"{API}/queue/data?session_hash={SESSION}",
        f"{API}/queue/data?session_hash={own}&session_hash={SESSION}",
        f"{API}/heartbeat/{SESSION}",
    ):
        answer = client.ask("GET", path, until=b"}", seconds=3)
        assert answer.status == refused, (path, answer)
        assert_nothing_of_adas(answer, (who, path))
    for session in (SESSION, own):
        sent = {"session_hash": session, "event_id": case.event, "fn_index": 0}
        assert client.ask("POST", f"{API}/cancel", sent=sent).status == refused
    # Gradio's page may give up an event whose id has not come yet: nothing is ended by it.
    assert case.ada.ask("POST", f"{API}/cancel", sent={"session_hash": own}).status == 200


@pytest.mark.parametrize("who", OUTSIDERS)
def test_of_gradios_own_endpoints_those_that_no_page_needs_are_not_there(
    case: Case, who: str
) -> None:
    before = case.world.stored()
    client = case.others[who]
    for endpoint in case.endpoints:
        if not endpoint.path.startswith(PRACTICE) or tuple(endpoint) in NEEDED:
            continue
        for address in case.paths(endpoint.path):
            for sent in (case.forged(), None) if endpoint.method == "POST" else (None,):
                query = f"?session_hash={SESSION}&upload_id=1&deep_link=x&key=x"
                answer = client.ask(
                    endpoint.method, address + query, sent=sent, until=b"}", seconds=3
                )
                assert_nothing_of_adas(answer, (who, endpoint, address))
                assert answer.status == (401 if who == "nobody" else 404), (endpoint, address)
    assert case.world.stored() == before


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_those_that_the_page_needs_give_no_file_but_the_pages_own(case: Case, who: str) -> None:
    client = case.others[who]
    for method, path in sorted(NEEDED):
        for address in case.paths(path) if "path}" in path else [path]:
            if "{" in address or method == "POST" or "queue" in address:
                continue
            for query in ("", f"?deep_link=../../x&view=api&interview={case.world.finished}"):
                answer = client.ask(method, address + query, seconds=3)
                assert_nothing_of_adas(answer, (who, address))
                if "path}" in path:
                    assert answer.status in (401, 403, 404), (address, answer.status)


def test_no_endpoint_knows_any_method_but_its_own(case: Case) -> None:
    client = case.others["stranger"]
    for path in dict.fromkeys(endpoint.path for endpoint in case.endpoints):
        own = {endpoint.method for endpoint in case.endpoints if endpoint.path == path}
        for method in set(METHODS) - own - {"HEAD"}:
            answer = client.ask(method, case.paths(path)[0], seconds=3)
            assert answer.status in (307, 400, 404, 405), (method, path, answer)
            assert_nothing_of_adas(answer, (method, path))


def test_in_the_end_adas_session_still_says_what_lay_ready_in_it_and_only_to_her(
    case: Case,
) -> None:
    told = case.events(case.ada, SESSION)
    assert TURN in told
    assert DRAFT in told
