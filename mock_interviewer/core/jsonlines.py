"""Files that only grow, a JSON object a line. A kill can cut the last line short, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mock_interviewer.errors import DataFileError


def read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each line's number, from 1, and object; a last line without its end is left out.

    A file that does not exist is empty. Raises `DataFileError`.
    """
    if not path.exists():
        return
    try:
        lines = _whole_lines(path, path.read_bytes())
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataFileError(f"{path}: line {number}: not valid JSON: {error}") from error
        if not isinstance(data, dict):
            raise DataFileError(f"{path}: line {number}: expected an object")
        yield number, data


class Appender:
    """Adds lines; each has left the program before `add` returns. A line cut short is dropped.

    Raises `DataFileError` if the file holds something else.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        self._file.seek(0)
        lines = _whole_lines(path, self._file.read())
        self._file.truncate(sum(len(line) + 1 for line in lines))

    def add(self, data: dict[str, Any]) -> None:
        """Write one line."""
        self._file.write(json.dumps(data, ensure_ascii=False).encode() + b"\n")
        self._file.flush()

    def __enter__(self) -> Appender:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _whole_lines(path: Path, content: bytes) -> list[bytes]:
    *lines, cut = content.split(b"\n")
    if cut and not cut.startswith(b"{"):
        raise DataFileError(f"{path}: its last line is not JSON; this is another kind of file")
    return lines
