"""The fields of forms whose names are not known beforehand."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request


async def fields(request: Request) -> Mapping[str, str]:
    """What a form sent, without files."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}
