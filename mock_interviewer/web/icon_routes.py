"""The site's icon, for browsers that ask for it where no page has named one."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from mock_interviewer.core.resources import package_file

ICON_PATH = "/favicon.ico"


def icon_routes() -> APIRouter:
    """One address, which browsers ask for beside a download."""
    router = APIRouter()
    drawn = package_file("web", "static", "icon.svg").read_bytes()

    @router.get(ICON_PATH)
    def icon() -> Response:
        return Response(drawn, media_type="image/svg+xml")

    return router
