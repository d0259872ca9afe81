"""The page on which a coach makes a case of an answer, and the addresses beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest

from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.web.site import make_site
from tests.web.judged import review
from tests.web.people import TURN, World, world
from tests.web.serving import Answer, Client, serving

OTHER_WORD = "Robin"


class Desk(NamedTuple):
    world: World
    client: Client
    file: Path

    @property
    def path(self) -> str:
        return f"/desk/reviews/{self.world.review}/case"

    def sent(self, **form: str) -> Answer:
        return self.client.ask("POST", self.path, form=form)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A coach at an answer of Ada's, reviewed, and to become a case if she agreed."""
    with world(tmp_path / "data") as ada:
        ada.program.people.groups.share(ada.people["Ada"], ada.finished, True)
        ada.program.store.set_may_become_case(ada.finished, True)
        review(ada, "coach", ada.finished)
        with serving(make_site(ada.program)) as port:
            client = Client(port, ada.cookie("coach"))
            yield Desk(ada, client, ada.data / "cases.jsonl")


def test_a_coach_corrects_what_is_replaced_reads_it_and_makes_the_case(desk: Desk) -> None:
    assert desk.path in desk.client.ask("GET", f"/desk/interviews/{desk.world.finished}?part=1")
    assert TURN in desk.client.ask("GET", desk.path)
    looked = desk.sent(old=TURN, new=OTHER_WORD, do="look")
    assert looked.status == 200
    assert f"<mark>{OTHER_WORD}</mark>" in looked
    assert not desk.file.exists()
    made = desk.sent(old=TURN, new=OTHER_WORD, do="make", read="true")
    (case,) = load_cases([desk.file])
    assert str(desk.file) in made
    assert OTHER_WORD in case.text
    assert TURN not in case.text
    (link,) = re.findall(r'href="data:[^,]*,([^"]*)" download="case-\w+.jsonl"', made.body.decode())
    assert Case.model_validate_json(unquote(unescape(link))) == case


def test_nothing_is_written_before_the_coach_says_that_all_is_read(desk: Desk) -> None:
    refused = desk.sent(do="make")
    assert refused.status == 400
    assert "Tick that you have read" in refused
    assert not desk.file.exists()


def test_a_replacement_that_does_not_fit_is_refused_with_what_was_written_still_there(
    desk: Desk,
) -> None:
    refused = desk.sent(old="nobody", new=OTHER_WORD, do="make", read="true")
    assert refused.status == 400
    assert "stands nowhere in the answer" in refused
    assert f'value="{OTHER_WORD}"' in refused
    assert not desk.file.exists()


def test_a_word_with_nothing_to_stand_for_it_stays(desk: Desk) -> None:
    assert TURN in desk.sent(old=TURN, new="", do="look")
    assert f"<mark>{TURN}" not in desk.sent(old=TURN, new="", do="look")


def test_the_same_answer_is_refused_the_second_time(desk: Desk) -> None:
    assert desk.sent(do="make", read="true").status == 200
    again = desk.sent(do="make", read="true")
    assert again.status == 400
    assert "has the same answer" in again
    assert len(load_cases([desk.file])) == 1


def test_without_consent_the_review_says_so_and_the_page_is_refused(desk: Desk) -> None:
    desk.world.program.store.set_may_become_case(desk.world.finished, False)
    page = desk.client.ask("GET", f"/desk/interviews/{desk.world.finished}?part=1")
    assert "its candidate has not agreed" in page
    assert desk.path not in page
    for answer in (desk.client.ask("GET", desk.path), desk.sent(do="make", read="true")):
        assert answer.status == 403
        assert TURN not in answer
    assert not desk.file.exists()


def test_a_review_leads_to_the_grades_side_by_side(desk: Desk) -> None:
    link = f"/regrades/interviews/{desk.world.finished}"
    assert link in desk.client.ask("GET", f"/desk/interviews/{desk.world.finished}?part=1")
    assert desk.client.ask("GET", link).status == 200


def test_the_icon_is_there_for_whoever_is_not_logged_in_and_every_page_names_it(
    desk: Desk,
) -> None:
    nobody = Client(desk.client.port)
    icon = nobody.ask("GET", "/favicon.ico")
    assert (icon.status, icon.headers["content-type"]) == (200, "image/svg+xml")
    (address,) = re.findall(
        r'rel="icon"[^>]* href="([^"]+)"', nobody.ask("GET", "/login").body.decode()
    )
    assert nobody.ask("GET", address).body == icon.body
    assert "../static/icon.svg" in desk.client.ask("GET", "/practice/")
