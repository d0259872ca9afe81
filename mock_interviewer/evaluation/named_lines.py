"""Files of what has an id, one a line: cases, and reference replies."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from mock_interviewer.core import jsonlines
from mock_interviewer.core.datafile import Strict, validated
from mock_interviewer.errors import DataFileError


class Named(Strict):
    """Something that is called by its id."""

    id: str = Field(min_length=1)


N = TypeVar("N", bound=Named)


def load_named(model: type[N], paths: Iterable[Path], what: str) -> list[N]:
    """Read files of `what`. Raises `DataFileError`, naming file, line and key."""
    found: dict[str, N] = {}
    for path in paths:
        if not path.is_file():
            raise DataFileError(f"{path}: there is no such file of {what}")
        for number, data in jsonlines.read(path):
            source = f"{path}: line {number}"
            each = validated(model, data, source)
            if each.id in found:
                raise DataFileError(f"{source}: id: {each.id!r} is there twice")
            found[each.id] = each
    return list(found.values())
