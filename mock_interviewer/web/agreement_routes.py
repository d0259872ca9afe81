"""The page of agreement: coaches with the machine, and with each other."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mock_interviewer.errors import NotAllowedError, NotFoundError
from mock_interviewer.service.access import Person
from mock_interviewer.service.agreements import Agreement
from mock_interviewer.service.levels_apart import LEAST_ANSWERS
from mock_interviewer.service.program import Program
from mock_interviewer.web.agreement_view import YOU, Comparison, Place, comparison
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page


def agreement_routes(program: Program) -> APIRouter:
    """Reading only: there is nothing to be done here."""
    router = APIRouter()
    desk = program.desk

    @router.get("/agreement")
    def agreement(request: Request, group: int | None = None, blind: bool = True) -> Response:
        coach = person_of(request)
        if group is None:
            found = desk.agreements.of_coach(coach, blind=blind)
        else:
            found = desk.agreements.of_group(coach, group, blind=blind)
        return page(
            request,
            "agreement.html",
            comparisons=_comparisons(found, coach, program),
            groups=desk.assignments.groups(coach),
            group=group,
            blind=blind,
            least=LEAST_ANSWERS,
        )

    return router


def _comparisons(found: Agreement, viewer: Person, program: Program) -> list[Comparison]:
    """The viewer's own first."""

    def called(coach_id: str, name: str) -> str:
        return YOU if coach_id == viewer.id else name or "another coach"

    place = _places(viewer, program)
    with_machine = [
        (each.coach_id != viewer.id, called(each.coach_id, each.coach), "the machine", each.machine)
        for each in found.coaches
    ]
    with_others = [
        (
            viewer.id not in (each.first_id, each.second_id),
            called(each.first_id, each.first),
            called(each.second_id, each.second),
            each.apart,
        )
        for each in found.pairs
    ]
    return [
        comparison(first, second, apart, program.rubric, place)
        for part in (with_machine, with_others)
        for _, first, second, apart in sorted(part, key=lambda each: each[0])
    ]


def _places(viewer: Person, program: Program) -> Callable[[str], Place]:
    """Finds where an answer stands, by its case: `interview id/question/attempt`."""

    def place(case: str) -> Place:
        interview_id, question, attempt = case.split("/")
        named = f"question {question}" + (f", attempt {attempt}" if attempt != "1" else "")
        try:
            line = program.desk.queue.line(viewer, interview_id)
        except (NotFoundError, NotAllowedError):
            line = None
        if line is None:  # reviewed once, and since then with another group's coaches
            return Place(f"An interview you can open no more, {named}", "")
        entry = line.entry
        who = f"{entry.candidate}, " if entry.candidate else ""
        day = entry.answered_at.strftime("%Y-%m-%d")
        return Place(f"{who}{day}, {named}", f"/desk/interviews/{interview_id}")

    return place
