"""Parts of the program in a process of their own, killed before the interview can begin."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from huggingface_hub import constants
from sqlalchemy import Engine, event

from mock_interviewer.llm import model_files
from mock_interviewer.llm.model_sources import Hub
from mock_interviewer.storage.store import Store
from tests.llm.toy_model import TOY
from tests.machine.killed_program import die

COMMIT = "COMMIT"
DONE = "the end"


def bring_up(url: str, last: str) -> None:
    """Open the store; killed after the statement that begins with `last`, or before COMMIT."""

    def executed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split("(")[0].strip().startswith(last):
            die()

    def commits(_connection: Any) -> None:
        if last == COMMIT:
            die()

    event.listen(Engine, "after_cursor_execute", executed)
    event.listen(Engine, "commit", commits)
    Store(url)
    if last == DONE:
        die()


def download(endpoint: str, folder: str, last: str) -> None:
    """Fetch the toy model; killed as soon as `last` is told, done or about to be done."""
    constants.HF_HUB_OFFLINE = False
    replace = os.replace

    def told(done: int, total: int, stage: str) -> None:
        if last == f"{stage} {done}":
            die()

    def replacing(old: Path, new: Path) -> None:
        if last == f"before {new.name}":
            die()
        replace(old, new)
        if last == f"after {new.name}":
            die()

    os.replace = replacing
    model_files.fetch(TOY, Path(folder), told, sources=[Hub(endpoint=endpoint)])
