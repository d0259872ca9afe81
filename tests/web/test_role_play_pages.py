"""Role-plays on their pages, through a real server, as a browser without scripts sends them.

No model answers here: code observes, and the customer has the scenario's lines.
"""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.price import Price
from mock_interviewer.grading.grader import Grader
from mock_interviewer.service.program import Program
from mock_interviewer.service.retention import Retention
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.web.mood_line import mood_line
from mock_interviewer.web.site import make_site
from tests.model_server import error
from tests.model_server import serving as model_serving
from tests.web.serving import Answer, Client, serving

CHRIS = "chris-and-the-fifth-call"
TYPED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "interviewing/role_plays.yaml").read_text(encoding="utf-8")
)
REPLIES: dict[str, str] = TYPED[CHRIS]["replies"]
STANDING_BY_HIM: list[str] = TYPED[CHRIS]["endings"]["standing_by_him"]


@dataclass
class Site:
    """The running site; `me` and `you` are the ids of Ada and Bob."""

    program: Program
    port: int
    me: str = ""
    you: str = ""

    @property
    def ada(self) -> Client:
        return Client(self.port, f"mock_interviewer_candidate={self.me}")

    @property
    def bob(self) -> Client:
        return Client(self.port, f"mock_interviewer_candidate={self.you}")

    @property
    def role_plays(self) -> RolePlays:
        return RolePlays(self.program.store.sessions)

    def begin(self, scenario: str = CHRIS) -> str:
        """As Ada; gives the role-play's address."""
        begun = self.ada.ask("POST", f"/role-plays/scenario/{scenario}/begin")
        assert begun.status == 303
        return begun.headers["location"]

    def say(self, address: str, text: str) -> Answer:
        """As Ada, up to the page with the customer's answer."""
        number = re.search(rb'name="number" value="(\d+)"', self.ada.ask("GET", address).body)
        assert number is not None
        form = {"number": number[1].decode(), "text": text}
        return self.follow(self.ada.ask("POST", f"{address}/reply", form=form))

    def follow(self, answer: Answer) -> Answer:
        if answer.status != 303:
            return answer
        return self.ada.ask("GET", answer.headers["location"].partition("#")[0])

    def held(self, *names: str) -> str:
        """A role-play of Ada's in which she has sent these replies to Chris."""
        address = self.begin()
        for name in names:
            assert self.say(address, REPLIES[name]).status == 200
        return address


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with model_serving(error(400, "no such model")) as server:
        environ = {
            "MOCK_INTERVIEWER_DATA": str(tmp_path_factory.mktemp("role-plays")),
            "MOCK_INTERVIEWER_MODEL": "scripted",
            "MOCK_INTERVIEWER_STRATEGY": "checklist",
            "OPENAI_BASE_URL": server.url,
        }
        program = Program(load_settings(environ))
        with pytest.MonkeyPatch.context() as patch:
            # What is finished waits here for as long as a test looks at it.
            patch.setattr(program.role_play_grading, "start", lambda: None)
            with serving(make_site(program)) as port:
                yield Site(program, port)


_numbers = count()


@pytest.fixture
def site(running: Site) -> Site:
    """With two people whom nobody has seen before."""
    number = next(_numbers)
    running.me, running.you = f"ada-{number}", f"bob-{number}"
    return running


def test_every_scenario_has_a_page_and_gives_nothing_away(site: Site) -> None:
    listed = site.ada.ask("GET", "/role-plays")
    for scenario in site.program.role_playing.scenarios:
        assert f"/role-plays/scenario/{scenario.id}" in listed
        shown = site.ada.ask("GET", f"/role-plays/scenario/{scenario.id}").body.decode()
        talk = site.ada.ask("GET", site.begin(scenario.id)).body.decode()
        assert ("’s mood" in talk) is scenario.mood_shown
        for text in (scenario.need.what, scenario.customer.story, *scenario.need.key_phrases):
            assert text.lower() not in (shown + talk).lower()
        for fact in scenario.facts:
            assert fact.label in talk


def test_a_role_play_goes_to_its_end_and_is_read_again(site: Site) -> None:
    address = site.held(*STANDING_BY_HIM)
    over = site.ada.ask("GET", address)
    assert "A plan for seven o&#39;clock, and for Thursday" in over
    assert "See the debrief" in over
    assert 'id="reply-form"' not in over
    debrief = site.ada.ask("GET", f"{address}/debrief")
    assert "You found it, with reply 2." in debrief
    assert "What the customer answered were lines that had been prepared" in debrief
    assert "The mood from 2 at the start to" in debrief
    assert "<blockquote>Five calls, and three times you were told it was fixed.</blockquote>" in (
        debrief
    )
    assert debrief.body.count(b"Try again from here") == len(STANDING_BY_HIM)


def test_after_a_reply_that_does_harm_the_debrief_has_a_line_that_could_have_been_said(
    site: Site,
) -> None:
    address = site.held("blames", "neutral")
    debrief = site.ada.ask("GET", f"{address}/debrief")
    assert "Chris hangs up" in debrief
    assert "At this point you could have said" in debrief
    assert "It stayed unsaid." in debrief


def test_another_try_stands_beside_the_first_and_each_leads_to_the_other(site: Site) -> None:
    first = site.held("owns", "blames", "blames")
    branched = site.ada.ask("POST", f"{first}/branch", form={"number": "2"})
    branch = branched.headers["location"].partition("#")[0]
    assert branch != first
    for name in STANDING_BY_HIM[1:]:
        site.say(branch, REPLIES[name])
    told = site.ada.ask("GET", f"{branch}/debrief")
    assert "Your tries of this" in told
    assert f"{first}/debrief" in told
    assert f"{branch}/debrief" in site.ada.ask("GET", f"{first}/debrief")
    assert "Chris hangs up" in site.ada.ask("GET", f"{first}/debrief")


def test_a_second_tab_is_told_that_it_was_behind_and_keeps_its_text(site: Site) -> None:
    address = site.held("owns")
    form = {"number": "1", "text": "Another <first> reply."}
    late = site.ada.ask("POST", f"{address}/reply", form=form)
    assert late.status == 409
    assert "This page was behind" in late
    assert "Another &lt;first&gt; reply.</textarea>" in late
    assert 'name="number" value="2"' in late
    assert "Another &lt;first&gt; reply." not in site.ada.ask("GET", address)


def test_a_reply_that_is_too_long_stays_in_the_box(site: Site) -> None:
    address = site.begin()
    late = site.say(address, "x" * 1501)
    assert late.status == 400
    assert "x" * 1501 in late


def test_markup_in_a_reply_is_shown_as_it_was_typed(site: Site) -> None:
    address = site.begin()
    site.say(address, 'Please <script>alert("x")</script> & wait.')
    site.ada.ask("POST", f"{address}/end")
    for path in (address, f"{address}/debrief"):
        shown = site.ada.ask("GET", path)
        assert "&lt;script&gt;" in shown
        assert "<script>alert" not in shown


def test_a_reply_without_an_answer_is_answered_when_the_page_is_loaded(site: Site) -> None:
    address = site.begin()
    site.role_plays.reply(address.rpartition("/")[2], 1, REPLIES["owns"])
    shown = site.ada.ask("GET", address)
    assert "has not answered yet" not in shown
    assert 'name="number" value="2"' in shown


def test_a_customer_who_takes_long_keeps_no_page_waiting(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, grader = threading.Event(), site.program.graders.grader

    def slow() -> Grader:
        free.wait(20)
        return grader()

    monkeypatch.setattr(site.program.role_playing, "_seconds", 0.01)
    monkeypatch.setattr(site.program.role_playing, "_grader", slow)
    address = site.begin()
    shown = site.say(address, REPLIES["owns"])
    assert "Chris Marlow has not answered yet. Your reply is kept." in shown
    assert 'id="reply-form"' not in shown
    monkeypatch.setattr(site.program.role_playing, "_seconds", 20.0)
    free.set()
    assert 'name="number" value="2"' in site.ada.ask("GET", address)


def test_the_representative_may_end_it_and_sees_the_debrief(site: Site) -> None:
    address = site.held("owns")
    assert site.ada.ask("GET", f"{address}/debrief").status == 303  # it still goes on
    ended = site.follow(site.ada.ask("POST", f"{address}/end"))
    assert "You ended the conversation" in ended
    assert "The conversation is being graded" in ended


def test_what_cannot_be_graded_says_why_and_can_be_tried_again(site: Site) -> None:
    address = site.held("owns")
    site.ada.ask("POST", f"{address}/end")
    site.role_plays.give_up(address.rpartition("/")[2], "the model refuses")
    told = site.ada.ask("GET", f"{address}/debrief")
    assert "It could not be graded: the model refuses. No grade is made up." in told
    assert site.follow(site.ada.ask("POST", f"{address}/grade")).status == 200
    assert "is being graded" in site.ada.ask("GET", f"{address}/debrief")


def test_the_debrief_tells_the_tokens_and_what_they_cost(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = site.held("owns")
    site.ada.ask("POST", f"{address}/end")
    assert "Tokens:" not in site.ada.ask("GET", f"{address}/debrief")  # no model answered
    role_play = address.rpartition("/")[2]
    spent = Usage(prompt=12_345, cached=45, completion=678)
    exchange = site.role_plays.get(role_play).answered[0]
    site.role_plays.answer(role_play, 1, exchange, ends=False, usage=spent)
    told = "Tokens: 12,345 read (45 of them kept from before), 678 written"
    shown = site.ada.ask("GET", f"{address}/debrief").body.decode()
    # The page's script takes this section anew when the grade is there.
    assert f"{told}." in shown.partition('id="grade"')[2].partition("</section>")[0]
    priced = replace(site.program.settings, price=Price(prompt=1.0, cached=0.0, completion=10.0))
    monkeypatch.setattr(site.program, "settings", priced)
    assert f"{told}; about $0.0191." in site.ada.ask("GET", f"{address}/debrief")
    archive = site.ada.ask("GET", "/your-data/all.zip")
    with zipfile.ZipFile(io.BytesIO(archive.body)) as files:
        assert json.loads(files.read("role-plays.json"))[0]["usage"] == spent.model_dump()


def test_somebody_elses_role_play_is_not_found(site: Site) -> None:
    address = site.held("owns")
    for path in (address, f"{address}/debrief", f"{address}/delete"):
        assert site.bob.ask("GET", path).status == 404
    reply = {"number": "2", "text": "Hello."}
    for act, form in (("reply", reply), ("end", {}), ("branch", {"number": "1"}), ("delete", {})):
        assert site.bob.ask("POST", f"{address}/{act}", form=form).status == 404
    assert 'name="number" value="2"' in site.ada.ask("GET", address)


def test_a_person_has_their_role_plays_and_deletes_one_or_all(site: Site) -> None:
    address, other = site.held("owns"), site.held("thanks")
    site.bob.ask("POST", f"/role-plays/scenario/{CHRIS}/begin")
    listed = site.ada.ask("GET", "/your-data")
    assert address in listed
    archive = site.ada.ask("GET", "/your-data/all.zip")
    with zipfile.ZipFile(io.BytesIO(archive.body)) as files:
        told = json.loads(files.read("role-plays.json"))
    assert [each["exchanges"][0]["reply"] for each in told] == [REPLIES["owns"], REPLIES["thanks"]]
    assert told[0]["exchanges"][0]["said"]
    assert "Delete this role-play?" in site.ada.ask("GET", f"{address}/delete")
    gone = site.follow(site.ada.ask("POST", f"{address}/delete"))
    assert "Deleted: that role-play." in gone
    assert site.ada.ask("GET", address).status == 404
    asked = site.ada.ask("GET", "/your-data/delete-everything")
    assert "Your 1 role-play." in asked
    site.ada.ask("POST", "/your-data/delete-everything")
    assert site.ada.ask("GET", other).status == 404
    assert len(site.role_plays.of_person(site.you)) == 1
    for path in site.program.settings.data.glob("interviews.sqlite3*"):
        assert REPLIES["thanks"].encode() not in path.read_bytes(), path.name


def test_old_role_plays_are_deleted_with_old_interviews(site: Site) -> None:
    site.held("owns")
    for days, left in ((29, 1), (31, 0)):
        later = datetime.now(UTC) + timedelta(days=days)
        Retention(site.program.store, 30, lambda *_: None, now=lambda at=later: at).look()
        assert len(site.role_plays.of_person(site.me)) == left


def test_the_plan_leads_to_a_role_play(site: Site) -> None:
    plan = site.ada.ask("GET", "/plan?train=empathy")
    assert "Open the role-play" in plan
    wanted = re.search(rb'href="(/role-plays/scenario/[^"]+)"', plan.body)
    assert wanted is not None
    assert "Begin" in site.ada.ask("GET", wanted[1].decode())


def test_the_line_tells_a_rise_a_fall_and_a_stay_apart_by_form() -> None:
    line = mood_line([2, 5, 5, 0])
    assert [point.mark for point in line.points] == ["start", "up", "same", "down"]
    heights = [point.y for point in line.points]
    assert heights[1] == heights[2] < heights[0] < heights[3]
    assert [stripe.band for stripe in line.bands] == ["shut", "wary", "open", "settled"]
    assert all(0 <= point.x <= 360 and 0 <= point.y <= 190 for point in line.points)
