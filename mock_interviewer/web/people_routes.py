"""The addresses of a coach's people: groups, invitations, and what is given to practise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.questions import Kind, label
from mock_interviewer.errors import ConfigurationError, MockInterviewerError
from mock_interviewer.service.assignments import LONGEST_TITLE, MOST_QUESTIONS
from mock_interviewer.service.invitations import LONGEST_LABEL, MOST_DAYS, USUAL_DAYS, Invitation
from mock_interviewer.service.program import Program
from mock_interviewer.web.assignment_form import AssignmentForm
from mock_interviewer.web.identity import person_of
from mock_interviewer.web.responses import base_of, page, see, status_of

LISTED = 10


def people_routes(program: Program) -> APIRouter:
    """Everything under /people, and how a candidate begins what they were given."""
    router = APIRouter()
    assignments, invitations = program.desk.assignments, program.desk.invitations

    def overview(
        request: Request,
        *,
        every: bool = False,
        saved: str = "",
        made: Invitation | None = None,
        error: Exception | None = None,
        label: str = "",
    ) -> Response:
        coach = person_of(request)
        groups = assignments.groups(coach)
        names = {who.id: who.name for group in groups for who in group.candidates}
        sent, given = invitations.sent(coach), assignments.given(coach)
        limit = max(len(sent), len(given)) if every else LISTED
        return page(
            request,
            "people.html",
            code=status_of(error) if error else 200,
            groups=groups,
            names=names,
            group_names={group.id: group.name for group in groups},
            sent=sent[:limit],
            given=[(each, assignments.standings(coach, each.id)) for each in given[:limit]],
            more=max(len(sent), len(given)) > limit,
            now=datetime.now(UTC),
            link=_link(request, made) if made else "",
            made=made,
            label=label,
            saved=saved,
            error=str(error) if error else "",
            usual_days=USUAL_DAYS,
            most_days=MOST_DAYS,
            longest_label=LONGEST_LABEL,
        )

    @router.get("/people")
    def people(request: Request, every: bool = False, saved: str = "") -> Response:
        return overview(request, every=every, saved=saved)

    @router.post("/people/{group}/invite")
    def invite(
        request: Request,
        group: int,
        label: Annotated[str, Form()] = "",
        days: Annotated[int, Form()] = USUAL_DAYS,
    ) -> Response:
        try:
            made = invitations.invite(person_of(request), group, label=label, days=days)
        except ConfigurationError as error:
            return overview(request, error=error)
        # Answered here and not at another address, which would carry the link's token.
        return overview(request, made=made, label=label.strip())

    @router.post("/people/invitations/{invitation}/withdraw")
    def withdraw_invitation(request: Request, invitation: str) -> Response:
        invitations.withdraw(person_of(request), invitation)
        return see(request, "/people?saved=invitation#invitations")

    def assignment_page(
        request: Request, form: AssignmentForm, error: Exception | None = None
    ) -> Response:
        groups = assignments.groups(person_of(request))
        return page(
            request,
            "assign.html",
            code=status_of(error) if error else 200,
            form=form,
            groups=groups,
            chosen=form.chosen(program.bank),
            found=form.found(program.bank),
            all_questions=len(program.bank),
            competencies=[(name, label(name)) for name in program.bank.competencies],
            kinds=[(kind.value, label(kind.value)) for kind in Kind],
            label=label,
            trades=[] if program.settings.rubric else list(Trade),
            most_questions=MOST_QUESTIONS,
            longest_title=LONGEST_TITLE,
            error=str(error) if error else "",
        )

    @router.get("/people/assign")
    def new_assignment(request: Request, form: Annotated[AssignmentForm, Query()]) -> Response:
        return assignment_page(request, form)

    @router.post("/people/assign")
    def assign(request: Request, form: Annotated[AssignmentForm, Form()]) -> Response:
        coach = person_of(request)
        assignments.groups(coach)  # nobody but a coach learns what is wrong with the form
        try:
            given = assignments.give(
                coach,
                form.question,
                candidate_id=form.candidate_id,
                group_id=form.group_id,
                title=form.title,
                mode=form.mode,
                trade=Trade.OTHER if program.settings.rubric else form.trade,
                due_at=form.due_at,
            )
        except MockInterviewerError as error:
            return assignment_page(request, form, error)
        return see(request, f"/people/assignments/{given.id}?saved=given")

    @router.get("/people/assignments/{assignment}")
    def show_assignment(request: Request, assignment: str, saved: str = "") -> Response:
        coach = person_of(request)
        standings = assignments.standings(coach, assignment)
        groups = assignments.groups(coach)
        return page(
            request,
            "assignment.html",
            assignment=assignments.known(coach, assignment),
            group_names={group.id: group.name for group in groups},
            standings=standings,
            practice=Mode.PRACTICE,
            now=datetime.now(UTC),
            saved=saved,
        )

    @router.post("/people/assignments/{assignment}/withdraw")
    def withdraw_assignment(request: Request, assignment: str) -> Response:
        assignments.withdraw(person_of(request), assignment)
        return see(request, f"/people/assignments/{assignment}?saved=withdrawn")

    @router.post("/assignments/{assignment}/begin")
    def begin(request: Request, assignment: str) -> Response:
        interview_id = assignments.begin(person_of(request), assignment)
        return see(request, f"/practice/?interview={interview_id}")

    return router


def _link(request: Request, made: Invitation) -> str:
    place = f"{request.url.scheme}://{request.url.netloc}{base_of(request)}"
    return f"{place}/invitation/{made.token}"
