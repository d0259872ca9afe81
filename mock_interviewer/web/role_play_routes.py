"""The pages of role-plays: the scenarios, the conversation, and the debrief."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mock_interviewer.core.interview import Trade
from mock_interviewer.core.scenario import Channel, Scenario
from mock_interviewer.errors import (
    ConfigurationError,
    LimitError,
    MockInterviewerError,
    StaleTurnError,
)
from mock_interviewer.service import role_play_report, role_playing
from mock_interviewer.service.program import Program
from mock_interviewer.service.role_playing import REPLY_CHARACTERS, RolePlay
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.mood_line import mood_line
from mock_interviewer.web.responses import page, see, status_of

CHANNELS = {
    Channel.CALL: "on the phone",
    Channel.CHAT: "in a chat",
    Channel.COUNTER: "at the counter",
}
DIFFICULTIES = {1: "easy to begin with", 2: "middling", 3: "hard"}
LISTED = 10


def role_play_routes(program: Program) -> APIRouter:
    """Everything under /role-plays."""
    router = APIRouter()
    _add_scenarios(router, program)
    _add_conversation(router, program)
    _add_debrief(router, program)
    return router


def place(scenario: Scenario) -> str:
    """Where it plays, such as `Retail, in a chat`."""
    where = CHANNELS[scenario.channel]
    return (
        where.capitalize() if scenario.trade is Trade.OTHER else f"{scenario.trade.label}, {where}"
    )


def outcome(role_play: RolePlay) -> str:
    """How it ended, in a few words."""
    if not role_play.finished:
        return "still open"
    return role_play.ending.title if role_play.ending else "you ended it"


def _add_scenarios(router: APIRouter, program: Program) -> None:
    playing = program.role_playing

    @router.get("/role-plays")
    def all_scenarios(request: Request) -> Response:
        person = person_of(request)
        return page(
            request,
            "role_plays.html",
            latest=playing.latest(person, LISTED),
            scenarios=sorted(playing.scenarios, key=lambda s: (s.difficulty, s.title)),
            place=place,
            outcome=outcome,
            difficulties=DIFFICULTIES,
        )

    @router.get("/role-plays/scenario/{scenario}")
    def one_scenario(request: Request, scenario: str) -> Response:
        return _scenario_page(request, program, scenario)

    @router.post("/role-plays/scenario/{scenario}/begin")
    def begin(request: Request, scenario: str) -> Response:
        try:
            role_play_id = playing.begin(person_of(request), scenario)
        except LimitError as error:
            return _scenario_page(request, program, scenario, error)
        return see(request, f"/role-plays/{role_play_id}")


def _add_conversation(router: APIRouter, program: Program) -> None:
    playing = program.role_playing

    @router.get("/role-plays/{role_play_id}")
    def conversation(request: Request, role_play_id: str) -> Response:
        return _conversation_page(request, program, role_play_id)

    @router.post("/role-plays/{role_play_id}/reply")
    def reply(
        request: Request,
        role_play_id: str,
        number: Annotated[int, Form()],
        text: Annotated[str, Form()] = "",
    ) -> Response:
        text = text.replace("\r\n", "\n")
        try:
            playing.reply(person_of(request), role_play_id, number, text)
        except (ConfigurationError, LimitError, StaleTurnError) as error:
            return _conversation_page(request, program, role_play_id, text, error)
        return see(request, f"/role-plays/{role_play_id}#said")

    @router.post("/role-plays/{role_play_id}/end")
    def end(request: Request, role_play_id: str) -> Response:
        playing.end(person_of(request), role_play_id)
        return see(request, f"/role-plays/{role_play_id}/debrief")


def _add_debrief(router: APIRouter, program: Program) -> None:
    playing = program.role_playing

    @router.get("/role-plays/{role_play_id}/debrief")
    def debrief(request: Request, role_play_id: str) -> Response:
        return _debrief_page(request, program, role_play_id)

    @router.post("/role-plays/{role_play_id}/branch")
    def branch(request: Request, role_play_id: str, number: Annotated[int, Form()]) -> Response:
        try:
            branch_id = playing.branch(person_of(request), role_play_id, number)
        except LimitError as error:
            return _debrief_page(request, program, role_play_id, error)
        return see(request, f"/role-plays/{branch_id}#said")

    @router.post("/role-plays/{role_play_id}/grade")
    def grade_again(request: Request, role_play_id: str) -> Response:
        try:
            playing.grade_again(person_of(request), role_play_id)
        except LimitError as error:
            return _debrief_page(request, program, role_play_id, error)
        return see(request, f"/role-plays/{role_play_id}/debrief#grade")

    @router.get("/role-plays/{role_play_id}/delete")
    def ask_deletion(request: Request, role_play_id: str) -> Response:
        stored = playing.own(person_of(request), role_play_id)
        return page(request, "role_play_delete.html", role_play=stored)

    @router.post("/role-plays/{role_play_id}/delete")
    def delete(request: Request, role_play_id: str) -> Response:
        program.own_data.delete_role_play(person_of(request).id, role_play_id)
        return see(request, "/your-data?deleted=role-play")


def _scenario_page(
    request: Request, program: Program, scenario_id: str, error: MockInterviewerError | None = None
) -> Response:
    role_playing.check(person_of(request))
    scenario = program.role_playing.scenario(scenario_id)
    strategy, model = program.graders.known_strategy(), program.connection.model.name
    return page(
        request,
        "role_play_scenario.html",
        code=status_of(error) if error else 200,
        error=str(error) if error else "",
        scenario=scenario,
        place=place(scenario),
        difficulty=DIFFICULTIES[scenario.difficulty],
        manner=role_playing.manner(strategy, model),
    )


def _conversation_page(
    request: Request,
    program: Program,
    role_play_id: str,
    filled: str = "",
    error: MockInterviewerError | None = None,
) -> Response:
    found = program.role_playing.answered(person_of(request), role_play_id)
    code = 200 if error is None else 409 if isinstance(error, StaleTurnError) else status_of(error)
    return page(
        request,
        "role_play.html",
        code=code,
        error=str(error) if error else "",
        filled=filled,
        found=found,
        scenario=found.scenario,
        place=place(found.scenario),
        most=REPLY_CHARACTERS,
    )


def _debrief_page(
    request: Request,
    program: Program,
    role_play_id: str,
    error: MockInterviewerError | None = None,
) -> Response:
    person, playing = person_of(request), program.role_playing
    found = playing.open(person, role_play_id)
    if not found.finished:
        return see(request, f"/role-plays/{role_play_id}")
    report = role_play_report.make(found, program.rubric, program.settings.price)
    return page(
        request,
        "role_play_debrief.html",
        code=status_of(error) if error else 200,
        error=str(error) if error else "",
        found=found,
        scenario=found.scenario,
        place=place(found.scenario),
        report=report,
        line=mood_line(report.debrief.moods),
        family=playing.family(person, role_play_id),
        outcome=outcome,
        own=True,
        owner="",
        open_all=False,
    )
