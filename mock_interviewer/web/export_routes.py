"""Downloads of many interviews, for coaches."""

from __future__ import annotations

from itertools import chain

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from mock_interviewer.service.coach_exports import Export
from mock_interviewer.service.program import Program
from mock_interviewer.web.identity import person_of


def export_routes(program: Program) -> APIRouter:
    """What a coach downloads of what is shared in their groups."""
    router = APIRouter()
    exports = program.desk.exports

    @router.get("/desk/export.csv")
    def as_csv(request: Request) -> Response:
        return _sent(exports.as_csv(person_of(request)), "csv", "text/csv; charset=utf-8")

    @router.get("/desk/export.zip")
    def as_zip(request: Request) -> Response:
        return _sent(exports.as_zip(person_of(request)), "zip", "application/zip")

    return router


def _sent(export: Export, ending: str, media_type: str) -> Response:
    first = next(export.pieces)  # so that a fault at the start is told on a page
    less = f"-{export.left_out}-left-out" if export.left_out else ""
    return StreamingResponse(
        chain([first], export.pieces),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="interviews{less}.{ending}"',
            "Cache-Control": "no-store",
        },
    )
