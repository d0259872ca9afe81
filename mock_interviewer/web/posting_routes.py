"""From a posting to an interview: one page, which carries all of its state in its own form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.questions import label
from mock_interviewer.errors import ConfigurationError, MockInterviewerError, NotAllowedError
from mock_interviewer.service import posting
from mock_interviewer.service.access import Person, may_begin
from mock_interviewer.service.plan import COUNTS, Setup
from mock_interviewer.service.posting import Pick, Posting
from mock_interviewer.service.practice import RECENT_INTERVIEWS
from mock_interviewer.service.program import Program
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import page, see, status_of


def posting_routes(program: Program) -> APIRouter:
    """The one address of it."""
    router = APIRouter()
    bank = program.bank

    @router.get("/posting")
    def empty(request: Request) -> Response:
        _practising(request)
        return _page(request, program)

    @router.post("/posting")
    def act(
        request: Request,
        text: Annotated[str, Form()] = "",
        do: Annotated[str, Form()] = "read",
        title: Annotated[str | None, Form()] = None,
        trade: Annotated[Trade | None, Form()] = None,
        mode: Annotated[Mode, Form()] = Mode.PRACTICE,
        rates_first: Annotated[bool, Form()] = False,
        count: Annotated[int, Form()] = 3,
        competencies: Annotated[list[str] | None, Form()] = None,
        questions: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        person = _practising(request)
        found = posting.read(text, bank)
        read_anew = do == "read"
        own_title = found.title if read_anew or title is None else posting.own_title(title)
        own_trade = found.trade if read_anew or trade is None else trade
        chosen = found.competencies if read_anew else tuple(competencies or ())
        ids = list(questions or ())
        error: MockInterviewerError | None = None
        try:
            if do == "begin":
                setup = Setup(trade=own_trade, mode=mode, rates_first=rates_first)
                begun = program.practice.start_with(person.id, setup, ids, own_title)
                return see(request, f"/practice/?interview={begun}")
            if do == "pick" or (read_anew and found.matches):
                recent = program.store.recent_questions(person.id, RECENT_INTERVIEWS)
                among = None if read_anew else chosen
                picks = posting.pick(found, bank, count, recent, chosen=among)
                ids = [each.question.id for each in picks]
            elif not read_anew:
                ids = _changed(ids, do, program, found)
            else:
                ids = []
        except MockInterviewerError as caught:
            error = caught
        return _page(
            request,
            program,
            text=text,
            found=found,
            title=own_title,
            trade=own_trade,
            mode=mode,
            rates_first=rates_first,
            count=count,
            chosen=chosen,
            picks=_picks(ids, program, found),
            error=error,
        )

    return router


def _practising(request: Request) -> Person:
    person = person_of(request)
    if not may_begin(person):
        raise NotAllowedError("An admin manages accounts, and holds no interviews.")
    return person


def _changed(ids: Sequence[str], do: str, program: Program, found: Posting) -> list[str]:
    """The questions after one of them was removed or gave its place to the next that fits."""
    kept = list(ids)
    verb, _, number = do.partition("-")
    if not (number.isascii() and number.isdigit() and int(number) < len(kept)):
        return kept
    place = int(number)
    if verb == "remove":
        del kept[place]
    if verb == "swap":
        picks = _picks(kept, program, found)
        if len(picks) != len(kept):
            raise ConfigurationError("A question is not in the bank. Pick the questions again.")
        order = [question.id for question in program.bank.questions]
        at = order.index(kept[place])
        fitting = [p.question.id for p in posting.others(picks, place, program.bank, found)]
        if not fitting:
            raise ConfigurationError("There is no other question in the bank for this.")
        kept[place] = min(fitting, key=lambda name: (order.index(name) - at) % len(order))
    return kept


def _picks(ids: Sequence[str], program: Program, found: Posting) -> list[Pick]:
    """The questions with why they are there; what is not in the bank is left out."""
    known = {question.id: question for question in program.bank.questions}
    return [
        Pick(
            known[name],
            tuple(m for m in found.matches if m.competency in known[name].competencies),
        )
        for name in dict.fromkeys(ids)
        if name in known
    ]


def _page(
    request: Request,
    program: Program,
    *,
    text: str = "",
    found: Posting | None = None,
    title: str = "",
    trade: Trade = Trade.OTHER,
    mode: Mode = Mode.PRACTICE,
    rates_first: bool = False,
    count: int = 3,
    chosen: Sequence[str] = (),
    picks: Sequence[Pick] = (),
    error: MockInterviewerError | None = None,
) -> Response:
    return page(
        request,
        "posting.html",
        code=status_of(error) if error else 200,
        error=str(error) if error else "",
        text=text[: posting.MAX_CHARACTERS],
        most=posting.MAX_CHARACTERS,
        found=found,
        title=title,
        trade=trade,
        trades=list(Trade),
        mode=mode,
        modes=list(Mode),
        rates_first=rates_first,
        count=count,
        counts=COUNTS,
        chosen=chosen,
        competencies=[(name, label(name)) for name in program.bank.competencies],
        picks=picks,
    )
