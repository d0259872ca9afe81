"""The page that somebody invited opens; whoever has the link may, without a login."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mock_interviewer.errors import ConfigurationError, NotFoundError
from mock_interviewer.service.program import Program
from mock_interviewer.web.identity import client_address, login_token, set_login
from mock_interviewer.web.responses import page, see, status_of


def invitation_routes(program: Program) -> APIRouter:
    """/invitation/{token}."""
    router = APIRouter()
    accounts, invitations = program.people.accounts, program.desk.invitations

    def form(
        request: Request, token: str, name: str = "", error: Exception | None = None
    ) -> Response:
        return page(
            request,
            "invitation.html",
            code=status_of(error) if error else 200,
            invitation=invitations.look(token),
            token=token,
            name=name,
            error=str(error) if error else "",
        )

    def used_up(request: Request, error: Exception) -> Response:
        heading = "This invitation does not work any more"
        return page(request, "message.html", code=404, heading=heading, text=str(error))

    @router.get("/invitation/{token}")
    def invitation(request: Request, token: str) -> Response:
        try:
            return form(request, token)
        except NotFoundError as error:
            return used_up(request, error)

    @router.post("/invitation/{token}")
    def accept(
        request: Request,
        token: str,
        name: Annotated[str, Form()] = "",
        new: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            try:
                if new != again:
                    raise ConfigurationError("The two passwords are not the same.")
                person = invitations.accept(token, name, new)
            except ConfigurationError as error:
                return form(request, token, name, error)
        except NotFoundError as error:
            return used_up(request, error)
        login = accounts.log_in(person.name, new, client_address(request))
        accounts.log_out(login_token(request))  # whoever this browser was before
        response = see(request, "/")
        set_login(request, response, login.token, login.seconds)
        return response

    return router
