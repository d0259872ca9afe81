"""The desk's addresses: who gets in, what is refused, and what a blind coach is kept from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from mock_interviewer.core.findings import Findings
from mock_interviewer.web.site import make_site
from tests.desk import graded
from tests.web.judged import calibrated
from tests.web.people import GRADE, World, world
from tests.web.serving import Answer, Client, serving

SCRIPT = {"Accept": "application/json"}


class Desk:
    """The site, Ada's finished interview being shared with her coach."""

    def __init__(self, ada: World, port: int) -> None:
        self.world = ada
        self.port = port
        self.coach = self.client("coach")
        self.reviewing = ada.program.desk.reviewing
        self.interview = ada.finished

    def client(self, who: str) -> Client:
        return Client(self.port, self.world.cookie(who))

    def sent(self, who: Client, **form: str) -> Answer:
        """The coach's review of Ada's answer, sent as a form."""
        fields = {name.replace("__", "."): value for name, value in form.items()}
        return who.ask("POST", f"/desk/reviews/{self.world.review}", form=fields)


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with world(tmp_path_factory.mktemp("desk") / "data") as ada:
        ada.program.people.groups.share(ada.people["Ada"], ada.finished, True)
        with serving(make_site(ada.program)) as port:
            yield Desk(ada, port)


def blind(desk: Desk) -> Client:
    """Another coach of Ada's, who grades before seeing the machine's levels."""
    desk.world.program.people.groups.join("A", "other coach")
    client = desk.client("other coach")
    begun = client.ask(
        "POST", f"/desk/interviews/{desk.interview}/begin", form={"blind": "true", "beside": "true"}
    )
    assert begun.status == 303
    return client


@pytest.mark.parametrize("who", ["Ada", "fellow", "admin"])
def test_the_desk_is_for_coaches(desk: Desk, who: str) -> None:
    client = desk.client(who)
    assert client.ask("GET", "/desk").status == 403
    assert client.ask("POST", "/desk/blind", form={"blind": "true"}).status == 403
    begun = client.ask("POST", f"/desk/interviews/{desk.interview}/begin", form={})
    assert begun.status in (403, 404)


def test_whoever_grades_blind_gets_no_level_from_the_page_nor_from_the_report(desk: Desk) -> None:
    client = blind(desk)
    page = client.ask("GET", f"/desk/interviews/{desk.interview}")
    assert page.status == 200
    assert GRADE not in page
    assert "by-machine" not in page
    for ending in ("", ".md", ".pdf"):
        refused = client.ask("GET", f"/report/{desk.interview}{ending}")
        assert refused.status == 403
        assert GRADE not in refused
    (answer,) = desk.reviewing.resume(desk.world.people["other coach"], desk.interview).answers
    desk.reviewing.reveal(desk.world.people["other coach"], answer.review.id)
    assert client.ask("GET", f"/report/{desk.interview}").status == 200
    assert "by-machine" in client.ask("GET", f"/desk/interviews/{desk.interview}")


def test_opening_the_page_begins_nothing(desk: Desk) -> None:
    desk.world.program.people.groups.join("A", "other coach")
    client = desk.client("other coach")
    page = client.ask("GET", f"/desk/interviews/{desk.interview}")
    assert "Begin" in page
    assert desk.reviewing.resume(desk.world.people["other coach"], desk.interview) is None


def test_a_claimed_interview_is_refused_with_the_name_and_can_be_reviewed_beside(
    desk: Desk,
) -> None:
    path = f"/desk/interviews/{desk.interview}/begin"
    assert desk.coach.ask("POST", path, form={}).status == 303
    desk.world.program.people.groups.join("A", "other coach")
    other = desk.client("other coach")
    refused = other.ask("POST", path, form={})
    assert refused.status == 409
    assert "coach has been at this interview since" in refused
    assert other.ask("POST", path, form={"beside": "true"}).status == 303


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"version": "1", "level__situation": "9"}, "situation.level"),
        ({"version": "1", "level__situation": "high"}, "a whole number"),
        ({"version": "1", "level__charm": "3"}, "no such rating"),
        ({"version": "1", "sentence__99": "Where?"}, "there is no such sentence"),
        ({"version": "1", "sentence__two": "Where?"}, "a whole number"),
        ({"version": "1", "comment": "a" * 5000}, "4000 characters"),
        ({"version": "soon"}, "the version of the review"),
        ({}, "the version of the review"),
    ],
)
def test_what_no_review_can_say_is_refused_and_changes_nothing(
    desk: Desk, form: dict[str, str], told: str
) -> None:
    coach = desk.world.people["coach"]
    before = desk.reviewing.get(coach, desk.world.review)
    refused = desk.sent(desk.coach, **form)
    assert refused.status == 400
    assert told in refused
    assert desk.reviewing.get(coach, desk.world.review) == before


def test_a_script_is_told_the_new_version_and_which_levels_lack_a_reason(desk: Desk) -> None:
    path = f"/desk/reviews/{desk.world.review}"
    form = {"version": "1", "level.situation": "1", "level.listening": "none"}
    told = desk.coach.ask("POST", path, form=form, headers=SCRIPT)
    assert told.body == b'{"version":2,"lacking":["situation","listening"]}'
    stale = desk.coach.ask("POST", path, form=form, headers=SCRIPT)
    assert stale.status == 409
    assert "saved elsewhere" in stale


def test_a_form_keeps_levels_reasons_and_comments(desk: Desk) -> None:
    form = {
        "version": "1",
        "level__situation": "4",
        "reason__situation": "A phone call.\r\nNot more.",
        "level__task": "",
        "reason__task": "Of no level.",
        "level__action": "none",
        "sentence__1": "Whose parcel?",
        "sentence__2": "  ",
        "not_an_answer": "true",
        "note": "Go on.",
    }
    assert desk.sent(desk.coach, **form).status == 303
    kept = desk.reviewing.get(desk.world.people["coach"], desk.world.review).draft
    assert kept == Findings.model_validate(
        {
            "ratings": {
                "situation": {"level": 4, "reason": "A phone call.\nNot more."},
                "action": {"level": None},
            },
            "sentences": {1: "Whose parcel?"},
            "not_an_answer": True,
            "note": "Go on.",
        }
    )


def test_nobody_writes_in_anothers_review(desk: Desk) -> None:
    desk.world.program.people.groups.join("A", "other coach")
    refused = desk.sent(desk.client("other coach"), version="1", comment="Mine now.")
    assert refused.status == 403
    assert GRADE not in refused


def test_an_unfinished_review_is_in_no_report(desk: Desk) -> None:
    told = "is well seen"
    ada = desk.client("Ada")
    assert told not in ada.ask("GET", f"/report/{desk.interview}")
    assert desk.sent(desk.coach, version="1", comment=f"This {told}.", do="done").status == 303
    assert told in ada.ask("GET", f"/report/{desk.interview}")


def test_a_candidate_asks_for_a_look_and_takes_it_back(desk: Desk) -> None:
    ada = desk.client("Ada")
    desk.world.program.people.groups.share(desk.world.people["Ada"], desk.interview, False)
    asked = re.compile(rb'Asked for <span class="count">(\d)</span>')
    for wish, count in (("true", b"1"), ("false", b"0")):
        saved = ada.ask("POST", f"/report/{desk.interview}/ask", form={"asked": wish})
        assert saved.status == 303
        (found,) = asked.findall(desk.coach.ask("GET", "/desk").body)
        assert found == count


def test_a_link_to_a_page_that_is_damaged_says_so(desk: Desk) -> None:
    refused = desk.coach.ask("GET", f"/desk?{urlencode({'after': 'abc'})}")
    assert refused.status == 400
    assert "begin at the first page" in refused


BEFORE, AT_ONCE = "You grade <strong>before</strong>", "machine’s levels <strong>at once</strong>"


def test_who_calibrates_grades_before_seeing_the_machines_levels(desk: Desk) -> None:
    assert AT_ONCE in desk.coach.ask("GET", "/desk")
    calibrated(desk.world, "coach")
    assert BEFORE in desk.coach.ask("GET", "/desk")
    assert AT_ONCE in desk.client("other coach").ask("GET", "/desk")


@pytest.mark.parametrize(("calibrates", "wish"), [(True, "false"), (False, "true")])
def test_what_a_coach_has_chosen_counts_for_them_alone_and_before_any_default(
    desk: Desk, calibrates: bool, wish: str
) -> None:
    if calibrates:
        calibrated(desk.world, "coach")
        calibrated(desk.world, "other coach")
    before, after = (BEFORE, AT_ONCE) if calibrates else (AT_ONCE, BEFORE)
    answer = desk.coach.ask("POST", "/desk/blind", form={"blind": wish})
    chosen = answer.headers["set-cookie"].partition(";")[0]
    for cookie, told in ((desk.coach.cookie, after), (desk.world.cookie("other coach"), before)):
        assert told in Client(desk.port, f"{cookie}; {chosen}").ask("GET", "/desk")


def test_every_interview_is_on_one_page_of_the_queue(desk: Desk) -> None:
    store, ada = desk.world.program.store, desk.world.people["Ada"]
    made = {graded(store, ada.id, grades=[None]) for _ in range(30)}
    found: list[str] = []
    path = "/desk?which=unreviewed&sort=newest"
    while path:
        page = desk.coach.ask("GET", path)
        assert page.status == 200
        found += re.findall(r"/desk/interviews/([\w-]+)/begin", page.body.decode())
        links = re.findall(r'href="([^"]*after=[^"]*)"', page.body.decode())
        path = unescape(links[0]) if links else ""
    assert len(found) == 31
    assert set(found) == made | {desk.interview}


def test_without_accounts_the_one_person_has_a_desk(tmp_path: Path) -> None:
    with world(tmp_path / "data") as ada:
        ada.program.accounts_on = False
        with serving(make_site(ada.program)) as port:
            person = Client(port, "mock_interviewer_candidate=somebody")
            assert "Coach’s desk" in person.ask("GET", "/")
            assert f"/desk/interviews/{ada.finished}/begin" in person.ask("GET", "/desk")
            begun = person.ask("POST", f"/desk/interviews/{ada.finished}/begin", form={})
            assert begun.status == 303
            page = person.ask("GET", f"/desk/interviews/{ada.finished}?part=1")
            assert "by-machine" in page


def test_the_history_says_who_changed_what_and_in_which_part(desk: Desk) -> None:
    form = {"version": "1", "level__situation": "3", "reason__situation": "Thin.", "do": "done"}
    assert desk.sent(desk.coach, **form).status == 303
    desk.world.program.people.groups.join("A", "other coach")
    other = desk.client("other coach")
    begin = f"/desk/interviews/{desk.interview}/begin"
    assert other.ask("POST", begin, form={"blind": "false"}).status == 303
    for part, told in (("1", "coach: Situation"), ("whole", "coach, Question 1: Situation")):
        page = other.ask("GET", f"/desk/interviews/{desk.interview}?part={part}")
        assert f"{told} to “3”. Thin." in page
