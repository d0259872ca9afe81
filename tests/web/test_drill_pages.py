"""Drills on their pages, through a real server, as a browser without scripts sends them."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

import pytest

from mock_interviewer.core.drills import BestReply, Drill, EmpathicLine, NameFeeling
from mock_interviewer.grading import drill_feedback
from mock_interviewer.service.program import Program
from mock_interviewer.service.retention import Retention
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.drill_attempts import DrillAttempts
from mock_interviewer.web.site import make_site
from tests.model_server import Answer as Reply
from tests.model_server import Received, completion, error, json_answer
from tests.model_server import serving as model_serving
from tests.web.serving import Answer, Client, serving

T = TypeVar("T", BestReply, EmpathicLine, NameFeeling)
LINE = "Twenty minutes is long. I am here now, and I stay until it is settled."


class Model:
    """Finds every point met in the first sentence; or is away, or slow."""

    def __init__(self) -> None:
        self.away = False
        self.free = threading.Event()
        self.free.set()
        self.asked = 0

    def __call__(self, received: Received) -> Reply:
        self.asked += 1
        if self.away:
            return error(400, "away")
        self.free.wait(30)
        points = received.body["response_format"]["json_schema"]["schema"]["properties"]["points"]
        found = {name: {"evidence": [1], "met": True} for name in points["properties"]}
        told = {"not_an_attempt": False, "points": found, "advice": "Ask what she needs."}
        return json_answer(completion(json.dumps(told)))


@dataclass
class Site:
    """The running site; `me` and `you` are the ids of Ada and Bob."""

    program: Program
    model: Model
    port: int
    me: str = ""
    you: str = ""

    @property
    def ada(self) -> Client:
        return Client(self.port, f"mock_interviewer_candidate={self.me}")

    @property
    def bob(self) -> Client:
        return Client(self.port, f"mock_interviewer_candidate={self.you}")

    def drill(self, kind: type[T]) -> T:
        return next(d for d in self.program.drills.bank.drills if isinstance(d, kind))

    def send(self, drill: Drill, **form: str) -> Answer:
        """As Ada, up to the page with the feedback."""
        sent = self.ada.ask("POST", f"/drills/{drill.id}", form=form)
        if sent.status != 303:
            return sent
        return self.ada.ask("GET", sent.headers["location"].partition("#")[0])

    @property
    def attempts(self) -> DrillAttempts:
        return DrillAttempts(self.program.store.sessions)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    model = Model()
    with model_serving(model) as server:
        environ = {
            "MOCK_INTERVIEWER_DATA": str(tmp_path_factory.mktemp("drills")),
            "MOCK_INTERVIEWER_MODEL": "scripted",
            "MOCK_INTERVIEWER_STRATEGY": "levels",
            "MOCK_INTERVIEWER_TURN_SECONDS": "1",
            "OPENAI_BASE_URL": server.url,
        }
        program = Program(load_settings(environ))
        with serving(make_site(program)) as port:
            yield Site(program, model, port)
        model.free.set()


_numbers = count()


@pytest.fixture
def site(running: Site) -> Iterator[Site]:
    """With two people whom nobody has seen before."""
    number = next(_numbers)
    running.me, running.you = f"ada-{number}", f"bob-{number}"
    running.model.away, running.model.asked = False, 0
    yield running
    running.model.free.set()


def test_every_drill_has_a_page_with_its_form(site: Site) -> None:
    listed = site.ada.ask("GET", "/drills")
    for drill in site.program.drills.bank.drills:
        assert f"/drills/{drill.id}" in listed
        page = site.ada.ask("GET", f"/drills/{drill.id}")
        assert page.status == 200
        assert '<button class="button primary" type="submit">Send</button>' in page
        assert "Feedback</h2>" not in page


def test_a_keyed_drill_tells_what_was_right_and_each_ones_fault(site: Site) -> None:
    drill = site.drill(BestReply)
    assert isinstance(drill, BestReply)
    shown = site.send(drill, best=str(drill.best))
    assert "You chose the best reply; 0 of the 3 faults are named." in shown
    assert shown.body.count("✓ Right".encode()) == 1
    (attempt,) = site.attempts.of_person(site.me)
    assert (attempt.drill_id, attempt.feedback.score) == (drill.id, 0.5)
    assert site.model.asked == 0


def test_nothing_chosen_is_said_and_what_was_filled_in_is_kept(site: Site) -> None:
    shown = site.send(site.drill(BestReply), **{"fault-1": "blames"})
    assert shown.status == 400
    assert "Choose one first" in shown
    assert re.search(rb'value="blames" selected', shown.body)
    assert site.attempts.of_person(site.me) == []


def test_a_line_is_read_by_the_model_and_its_words_are_kept(site: Site) -> None:
    shown = site.send(site.drill(EmpathicLine), line=LINE)
    assert "Read by the model, which can be wrong." in shown
    assert "Ask what she needs." in shown
    assert shown.body.count(LINE.encode()) >= 2  # as it was sent, and in the box
    (attempt,) = site.attempts.of_person(site.me)
    assert (attempt.feedback.score, attempt.sent) == (1.0, LINE)
    assert "Which of these are in your line?" not in shown


def test_where_the_model_is_away_its_author_marks_the_line(site: Site) -> None:
    site.model.away = True
    drill = site.drill(EmpathicLine)
    shown = site.send(drill, line=LINE)
    assert "The model could not read your line just now" in shown
    assert "How it could be said" in shown
    (attempt,) = site.attempts.of_person(site.me)
    path = f"/drills/{drill.id}/points"
    form = {"attempt": str(attempt.id), "met": "respect"}
    assert site.bob.ask("POST", path, form=form).status == 404
    assert site.ada.ask("POST", path, form=form).status == 303
    (marked,) = site.attempts.of_person(site.me)
    assert (marked.feedback.score, marked.feedback.marked_by) == (0.25, "self")
    shown = site.ada.ask("GET", f"/drills/{drill.id}?attempt={attempt.id}")
    assert "You found 1 of 4 points in your line." in shown


def test_what_a_key_or_a_model_marked_its_author_cannot_mark(site: Site) -> None:
    drill = site.drill(EmpathicLine)
    site.send(drill, line=LINE)
    (attempt,) = site.attempts.of_person(site.me)
    form = {"attempt": str(attempt.id)}
    assert site.ada.ask("POST", f"/drills/{drill.id}/points", form=form).status == 400
    assert site.attempts.of_person(site.me) == [attempt]


def test_a_slow_model_keeps_nobody_waiting_and_no_page_from_others(site: Site) -> None:
    site.model.free.clear()
    shown = site.send(site.drill(EmpathicLine), line=LINE)
    assert drill_feedback.MODEL_AWAY in shown
    assert site.bob.ask("GET", "/drills", seconds=5).status == 200


@pytest.mark.parametrize(("line", "told"), [("", "There is nothing"), ("x" * 2001, "at most 2000")])
def test_what_says_nothing_is_not_stored(site: Site, line: str, told: str) -> None:
    shown = site.send(site.drill(EmpathicLine), line=line)
    assert shown.status == 400
    assert told in shown
    assert site.attempts.of_person(site.me) == []
    assert site.model.asked == 0


def test_markup_in_a_line_is_shown_as_it_was_typed(site: Site) -> None:
    shown = site.send(site.drill(EmpathicLine), line="I am sorry <script>alert(1)</script> for it.")
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown


def test_faster_than_anybody_can_is_refused_and_the_text_is_kept(site: Site) -> None:
    drill = site.drill(NameFeeling)
    for _ in range(20):
        assert site.send(drill, feeling=drill.options[0]).status == 200
    refused = site.send(drill, feeling=drill.options[0])
    assert refused.status == 429
    assert re.search(rf'value="{drill.options[0]}" required checked', refused.body.decode())


def test_what_was_done_comes_back_another_day(site: Site) -> None:
    drill = site.drill(NameFeeling)
    assert "Back today" not in site.ada.ask("GET", "/drills")
    site.send(drill, feeling=drill.options[0])
    assert "Back today" not in site.ada.ask("GET", "/drills")
    (attempt,) = site.attempts.of_person(site.me)
    yesterday = datetime.now(UTC) - timedelta(days=2)
    site.attempts.add(site.you, drill.id, attempt.sent, attempt.feedback, yesterday)
    assert "Back today" in site.bob.ask("GET", "/drills")


def test_a_person_has_their_attempts_and_deletes_them_with_everything(site: Site) -> None:
    line = f"{LINE} The umbrella of {site.me} is safe."
    site.send(site.drill(EmpathicLine), line=line)
    drill = site.drill(NameFeeling)
    site.bob.ask("POST", f"/drills/{drill.id}", form={"feeling": drill.options[0]})
    assert "1 attempt at" in site.ada.ask("GET", "/your-data")
    archive = site.ada.ask("GET", "/your-data/all.zip")
    with zipfile.ZipFile(io.BytesIO(archive.body)) as files:
        (told,) = json.loads(files.read("drills.json"))
    assert (told["sent"], told["feedback"]["score"]) == (line, 1.0)
    asked = site.ada.ask("GET", "/your-data/delete-everything")
    assert "Your 1 attempt at drills." in asked
    site.ada.ask("POST", "/your-data/delete-everything")
    assert site.attempts.of_person(site.me) == []
    assert len(site.attempts.of_person(site.you)) == 1
    for path in site.program.settings.data.glob("interviews.sqlite3*"):
        assert line.encode() not in path.read_bytes(), path.name


def test_old_attempts_are_deleted_with_old_interviews(site: Site) -> None:
    site.send(site.drill(NameFeeling), feeling=site.drill(NameFeeling).options[0])
    for days, left in ((29, 1), (31, 0)):
        later = datetime.now(UTC) + timedelta(days=days)
        Retention(site.program.store, 30, lambda *_: None, now=lambda at=later: at).look()
        assert len(site.attempts.of_person(site.me)) == left
