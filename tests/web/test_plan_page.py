"""The practice plan's page, through a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.observation import Exchange, Observation
from mock_interviewer.service.program import Program
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.web.site import make_site
from tests.interviews import grade, question, turn
from tests.web.serving import Client, serving


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, int]]:
    data: Path = tmp_path_factory.mktemp("plan")
    environ = {
        "MOCK_INTERVIEWER_DATA": str(data),
        "MOCK_INTERVIEWER_MODEL": "scripted",
        "MOCK_INTERVIEWER_STRATEGY": "levels",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }
    program = Program(load_settings(environ))
    with serving(make_site(program)) as port:
        yield program, port


def held(program: Program, person: str) -> str:
    """An interview with one answer: all at the highest level, but for its action."""
    store, rubric = program.store, program.rubric
    interview = store.create_interview(
        candidate_id=person, mode=Mode.PRACTICE, trade="retail", questions=[question()]
    )
    turns = [
        turn(0, TurnKind.QUESTION, "Tell me."),
        turn(1, TurnKind.ANSWER, "I helped her. She was glad."),
        turn(2, TurnKind.END),
        turn(3, TurnKind.CLOSING, "Thank you."),
    ]
    store.append(interview, turns, [(0, 0)])
    (answer,) = store.answers(interview)
    levels = {c.id: c.highest for c in rubric.criteria} | {"action": 2}
    store.waiting.save_grade(answer.id, grade(levels))
    return interview


def test_without_answers_it_is_early_and_suggests_a_mixed_interview_and_a_drill(
    site: tuple[Program, int],
) -> None:
    _, port = site
    shown = Client(port, "mock_interviewer_candidate=new").ask("GET", "/plan")
    assert "It is a little early for a plan" in shown
    assert "A mixed interview" in shown
    assert "Open the drill" in shown


def test_it_names_the_weakest_criterion_and_links_the_answers_behind_that(
    site: tuple[Program, int],
) -> None:
    program, port = site
    interviews = [held(program, "ada") for _ in range(3)]
    shown = Client(port, "mock_interviewer_candidate=ada").ask("GET", "/plan")
    assert "In your last 3 graded answers, Action has the most room to grow." in shown
    for interview in interviews:
        assert f'href="/report/{interview}"' in shown
    assert "Try this question again" in shown
    assert "Open the role-play" in shown
    other = Client(port, "mock_interviewer_candidate=eve").ask("GET", "/plan")
    assert all(interview not in other for interview in interviews)


def played(program: Program, person: str) -> str:
    """A finished role-play with one reply: all at the highest level, but for validation."""
    role_plays = RolePlays(program.store.sessions)
    scenario = program.role_playing.scenarios[0]
    role_play = role_plays.create(person, scenario.model_dump(mode="json"))
    role_plays.reply(role_play, 1, "Good morning.")
    exchange = Exchange(reply="Good morning.", observation=Observation(), said="Is it?")
    role_plays.answer(role_play, 1, exchange, ends=False)
    role_plays.finish(role_play)
    story = dict.fromkeys(("situation", "task", "action", "result"))
    levels = {c.id: c.highest for c in program.rubric.criteria} | {"validation": 0} | story
    role_plays.save_grade(role_play, grade(levels))
    return role_play


def test_a_role_play_counts_beside_answers_and_its_debrief_is_linked(
    site: tuple[Program, int],
) -> None:
    program, port = site
    for _ in range(2):
        held(program, "dan")
    role_play = played(program, "dan")
    dan = Client(port, "mock_interviewer_candidate=dan")
    shown = dan.ask("GET", "/plan")
    assert "In your latest work (2 graded answers and 1 role-play), Validation has the " in shown
    assert "From 2 graded answers and 1 role-play; these have the most room." in shown
    title = program.role_playing.scenarios[0].title
    assert f"Role-play: {title}" in shown
    assert f"A role-play to try again: {title}" in shown
    assert f'href="/role-plays/{role_play}/debrief"' in shown
    debrief = dan.ask("GET", f"/role-plays/{role_play}/debrief")
    assert debrief.status == 200
    assert 'href="/plan?train=validation"' in debrief
    other = Client(port, "mock_interviewer_candidate=eve").ask("GET", "/plan?train=validation")
    assert role_play not in other


def test_a_report_links_each_criterion_to_the_plan_that_trains_it(
    site: tuple[Program, int],
) -> None:
    program, port = site
    interview = held(program, "cid")
    own = Client(port, "mock_interviewer_candidate=cid")
    report = own.ask("GET", f"/report/{interview}")
    for criterion in program.rubric.criteria:
        assert f'href="/plan?train={criterion.id}"' in report
        plan = own.ask("GET", f"/plan?train={criterion.id}")
        assert f"You chose {criterion.name}." in plan
    assert "/plan?train=" not in own.ask("GET", "/demo")
    reader = Client(port, "mock_interviewer_candidate=eve")
    assert "/plan?train=" not in reader.ask("GET", f"/report/{interview}")


def test_a_criterion_that_there_is_not_is_said(site: tuple[Program, int]) -> None:
    _, port = site
    asked = Client(port, "mock_interviewer_candidate=ada").ask("GET", "/plan?train=charm")
    assert asked.status == 404
    assert "no criterion" in asked
