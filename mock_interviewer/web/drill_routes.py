"""The pages of drills: a list, and one page for each drill, with feedback where it was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from mock_interviewer.core.drill_guide import load_guide
from mock_interviewer.core.drills import (
    BestReply,
    Channel,
    Drill,
    DrillKind,
    NameFeeling,
    Part,
    SpotStar,
    Stance,
    SympathyOrEmpathy,
    Written,
)
from mock_interviewer.core.interview import Trade
from mock_interviewer.core.transcript import split
from mock_interviewer.errors import ConfigurationError, LimitError, MockInterviewerError
from mock_interviewer.service import drill_practice
from mock_interviewer.service.program import Program
from mock_interviewer.web.form_fields import fields
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, see, status_of

CHANNELS = {
    Channel.PHONE: "on the phone",
    Channel.COUNTER: "at the counter",
    Channel.CHAT: "in a chat",
    Channel.EMAIL: "by e-mail",
    Channel.VISIT: "face to face",
    Channel.INTERVIEW: "in an interview",
}
NOTHING_CHOSEN = "Choose one first; the rest may be left."


def drill_routes(program: Program) -> APIRouter:
    """Everything under /drills."""
    router = APIRouter()
    drills = program.drills

    @router.get("/drills")
    def all_drills(request: Request) -> Response:
        today = drills.today(person_of(request))
        kinds = [
            (load_guide().kinds[kind], [d for d in drills.bank.drills if d.kind is kind])
            for kind in DrillKind
        ]
        return page(
            request,
            "drills.html",
            today=today,
            kinds=[(guide, found) for guide, found in kinds if found],
            guide=load_guide(),
            title=title,
            place=place,
        )

    @router.get("/drills/{drill_id}")
    def one_drill(request: Request, drill_id: str, attempt: int | None = None) -> Response:
        return _drill_page(request, program, drills.bank.get(drill_id), attempt)

    @router.post("/drills/{drill_id}")
    def send(
        request: Request, drill_id: str, form: Annotated[Mapping[str, str], Depends(fields)]
    ) -> Response:
        drill = drills.bank.get(drill_id)
        person = person_of(request)
        try:
            number = drills.send(person, drill_id, _sent(drill, form))
        except (ConfigurationError, LimitError) as error:
            return _drill_page(request, program, drill, filled=form, error=error)
        return see(request, f"/drills/{drill.id}?attempt={number}#feedback")

    @router.post("/drills/{drill_id}/points")
    def mark_oneself(
        request: Request,
        drill_id: str,
        attempt: Annotated[int, Form()],
        met: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        drills.mark_oneself(person_of(request), drill_id, attempt, met or ())
        return see(request, f"/drills/{drill_id}?attempt={attempt}#feedback")

    return router


def title(drill: Drill) -> str:
    """A drill in a list: the first sentence of its situation."""
    spans = split(drill.situation)
    return drill.situation[: spans[0].end] if spans else drill.situation


def place(drill: Drill) -> str:
    """Where it plays, such as `Retail, on the phone`."""
    where = CHANNELS[drill.channel]
    if drill.trade is Trade.OTHER:
        return where.capitalize()
    return f"{drill.trade.label}, {where}"


def _drill_page(
    request: Request,
    program: Program,
    drill: Drill,
    number: int | None = None,
    *,
    filled: Mapping[str, str] | None = None,
    error: MockInterviewerError | None = None,
) -> Response:
    person, drills = person_of(request), program.drills
    drill_practice.check(person)
    attempt = drills.attempt(person, drill.id, number) if number is not None else None
    if attempt is not None and isinstance(attempt.sent, str):
        filled = {"line": attempt.sent}
    return page(
        request,
        "drill.html",
        code=status_of(error) if error else 200,
        error=str(error) if error else "",
        drill=drill,
        written=isinstance(drill, Written),
        guide=load_guide().kinds[drill.kind],
        faults=load_guide().faults,
        stances=list(Stance),
        parts=[Part.NONE, *(part for part in Part if part is not Part.NONE)],
        place=place(drill),
        texts=_texts(drill),
        attempt=attempt,
        feedback=attempt.feedback if attempt else None,
        points=drills.points(drill) if isinstance(drill, Written) else (),
        filled=filled or {},
        another=drills.another(person, drill) if attempt else None,
    )


def _texts(drill: Drill) -> Sequence[str]:
    """The texts that the feedback's notes speak of, by their places."""
    match drill:
        case BestReply():
            return [reply.text for reply in drill.replies]
        case SympathyOrEmpathy():
            return [line.text for line in drill.lines]
        case SpotStar():
            return [sentence.text for sentence in drill.story]
        case _:
            return []


def _sent(drill: Drill, form: Mapping[str, str]) -> Any:
    """What a form says of a drill. Raises `ConfigurationError` if the one choice is missing."""
    match drill:
        case BestReply():
            best = _chosen(form, "best")
            faults = _numbered(form, "fault-", drill.replies)
            return {"best": best, "faults": {n: f for n, f in faults.items() if n != best}}
        case SympathyOrEmpathy():
            return {"stances": _numbered(form, "stance-", drill.lines)}
        case NameFeeling():
            return {"feeling": _chosen(form, "feeling")}
        case SpotStar():
            return {"parts": _numbered(form, "part-", drill.story)}
        case _:
            return form.get("line", "").replace("\r\n", "\n")


def _chosen(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise ConfigurationError(NOTHING_CHOSEN)
    return form[name]


def _numbered(form: Mapping[str, str], name: str, of: Sequence[object]) -> dict[str, str]:
    found = {str(n): form.get(f"{name}{n}", "") for n in range(1, len(of) + 1)}
    return {number: value for number, value in found.items() if value}
