"""The addresses of logging in and out, and of one's own password. Only where there are accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mock_interviewer.errors import ConfigurationError, LoginError, StorageError
from mock_interviewer.service.program import Program
from mock_interviewer.web.identity import (
    client_address,
    known_person,
    login_token,
    person_of,
    set_login,
)
from mock_interviewer.web.responses import page, see, status_of


def login_routes(program: Program) -> APIRouter:
    """/login, /logout and /password."""
    router = APIRouter()
    accounts = program.people.accounts

    @router.get("/login")
    def login_page(request: Request, next: str = "/") -> Response:
        if known_person(request):
            return see(request, local_path(next))
        return page(request, "login.html", next=local_path(next), name="", error="")

    @router.post("/login")
    def log_in(
        request: Request,
        name: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",
    ) -> Response:
        try:
            login = accounts.log_in(name, password, client_address(request))
        except (LoginError, StorageError) as error:
            return page(
                request,
                "login.html",
                code=status_of(error),
                next=local_path(next),
                name=name,
                error=str(error),
            )
        accounts.log_out(login_token(request))  # whoever this browser was before
        response = see(request, local_path(next))
        set_login(request, response, login.token, login.seconds)
        return response

    @router.post("/logout")
    def log_out(request: Request) -> Response:
        person_of(request)
        accounts.log_out(login_token(request))
        response = see(request, "/login")
        set_login(request, response, "", 0)
        return response

    @router.get("/password")
    def password_page(request: Request, saved: bool = False) -> Response:
        person_of(request)
        return page(request, "password.html", error="", saved=saved)

    @router.post("/password")
    def change_password(
        request: Request,
        present: Annotated[str, Form()] = "",
        new: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        person = person_of(request)
        try:
            if new != again:
                raise ConfigurationError("The two new passwords are not the same.")
            accounts.change_password(
                person, login_token(request), present, new, client_address(request)
            )
        except (LoginError, ConfigurationError, StorageError) as error:
            return page(
                request, "password.html", code=status_of(error), error=str(error), saved=False
            )
        return see(request, "/password?saved=true")

    return router


def local_path(wanted: str) -> str:
    """Where to go on after logging in: an address of this site, or else its first page."""
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else "/"
