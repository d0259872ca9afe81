"""Own levels before the feedback of a practice: what reaches the browser, through a real server."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI

from mock_interviewer.web.site import make_site
from tests.web.judged import in_practice
from tests.web.people import GRADE, World, world
from tests.web.serving import Client, serving

QUEUE = "/practice/gradio_api/queue"
FORM = "How do you see it?"


class Site(NamedTuple):
    world: World
    app: FastAPI
    port: int

    def of(self, name: str) -> Client:
        return Client(self.port, self.world.cookie(name))

    def said(self, interview_id: str) -> list[Any]:
        return list(self.world.program.desk.self_rating.said(interview_id).values())

    def answer(self, interview_id: str) -> int:
        (answer,) = self.world.program.store.answers(interview_id)
        return answer.id

    def handlers(self) -> dict[int, Any]:
        """Of the chat, by the number under which a page calls them; the first loads it."""
        (mounted,) = [r for r in self.app.routes if getattr(r, "path", "") == "/practice"]
        found: dict[int, Any] = mounted.app.get_blocks().fns  # type: ignore[attr-defined]
        return {number: each for number, each in found.items() if each.fn is not None}

    def told(self, held: str, number: int = 0) -> str:
        """All that Ada's page is sent when it calls this handler."""
        ada, session = self.of("Ada"), f"ada-{number}-{held}"
        turns = len(self.world.program.store.interview(held).turns)
        given = [held, turns, "", None][: len(self.handlers()[number].inputs)]
        sent = {"data": given, "fn_index": number, "session_hash": session, "trigger_id": 1}
        assert ada.ask("POST", f"{QUEUE}/join?interview={held}", sent=sent).status == 200
        path = f"{QUEUE}/data?session_hash={session}"
        events = ada.ask("GET", path, until=b"close_stream").body.decode()
        assert '"success":true' in events
        return html.unescape(events)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("own-levels") / "data"
    with world(data) as made:
        app = make_site(made.program)
        with serving(app) as port:
            yield Site(made, app, port)


def practice(site: Site, *, ticked: bool = True) -> str:
    return in_practice(site.world, ticked=ticked, advice=f"Say {GRADE}.")


def test_the_tick_is_kept_with_the_interview_and_off_without(site: Site) -> None:
    ada = site.of("Ada")
    question = site.world.program.bank.questions[0].id
    posting = {"text": "You handle complaints.", "do": "begin", "questions": question}
    for path, form in (("/interviews", {"focus": "star"}), ("/posting", posting)):
        for ticked in (False, True):
            tick = {"rates_first": "true"} if ticked else {}
            begun = ada.ask("POST", path, form={"mode": "practice", **form, **tick})
            held = begun.headers["location"].partition("interview=")[2]
            assert site.world.program.store.interview(held).rates_first is ticked


def test_no_event_of_the_chat_tells_a_grade_before_its_candidate_has_said(site: Site) -> None:
    assert GRADE in site.told(practice(site, ticked=False))
    assert len(site.handlers()) > 8
    for number, handler in site.handlers().items():
        held = practice(site)
        shown = site.told(held, number)
        assert GRADE not in shown, handler.name
        assert "Overall" not in shown, handler.name
        assert site.said(held) == []
    assert FORM in site.told(practice(site))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"do": "show"}, None),
        ({"do": "show", "level-{}-action": "4"}, None),
        ({"level-{}-action": "4", "level-{}-result": ""}, {"action": 4}),
    ],
)
def test_either_button_leads_back_to_the_chat_with_the_feedback(
    site: Site, form: dict[str, str], said: dict[str, int] | None
) -> None:
    held = practice(site)
    number = site.answer(held)
    filled = {name.format(number): value for name, value in form.items()}
    sent = site.of("Ada").ask("POST", f"/report/{held}/own-levels/{number}", form=filled)
    assert sent.headers["location"].endswith(f"/practice/?interview={held}#feedback")
    assert site.said(held) == [said]
    shown = site.told(held)
    assert GRADE in shown
    assert FORM not in shown
    assert ("Your own levels" in shown) is (said is not None)


def test_no_level_chosen_is_told_and_the_feedback_stays_back(site: Site) -> None:
    held = practice(site)
    path = f"/report/{held}/own-levels/{site.answer(held)}"
    asked = site.of("Ada").ask("POST", path, form={})
    assert asked.status == 400
    assert "No level is chosen yet." in asked
    assert f'action="{path}"' in asked
    assert GRADE not in asked
    for forged in ("6", "-1", "five"):
        form = {f"level-{site.answer(held)}-empathy": forged}
        assert site.of("Ada").ask("POST", path, form=form).status == 400
    assert site.said(held) == []


def test_what_was_said_first_stands_and_another_interviews_answer_is_not_touched(
    site: Site,
) -> None:
    held, other = practice(site), practice(site)
    for level in ("2", "5"):
        form = {f"level-{site.answer(held)}-action": level}
        path = f"/report/{held}/own-levels/{site.answer(held)}"
        assert site.of("Ada").ask("POST", path, form=form).status == 303
    assert site.said(held) == [{"action": 2}]
    form = {f"level-{site.answer(other)}-action": "2"}
    site.of("Ada").ask("POST", f"/report/{held}/own-levels/{site.answer(other)}", form=form)
    assert site.said(other) == []


def test_the_report_asks_about_what_was_passed_over_in_the_chat(site: Site) -> None:
    held = practice(site)
    report = site.of("Ada").ask("GET", f"/report/{held}")
    assert "How do you see it yourself?" in report
    assert GRADE not in report


@pytest.mark.parametrize("ending", ["md", "pdf", "json"])
def test_a_file_that_is_handed_out_counts_as_seen(site: Site, ending: str) -> None:
    held = practice(site)
    assert site.of("Ada").ask("GET", f"/report/{held}.{ending}").status == 200
    assert site.said(held) == [None]
    assert FORM not in site.told(held)
