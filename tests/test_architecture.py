"""Who may use whom, as docs/architecture.md says, read off the imports."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "mock_interviewer"

MAY_USE = {
    "errors": set(),
    "settings": {"core", "errors"},
    "core": {"errors"},
    "llm": {"core", "errors", "settings"},
    "grading": {"core", "llm", "errors"},
    "interviewing": {"core", "llm", "grading", "errors"},
    "storage": {"core", "errors"},
    "evaluation": {"core", "llm", "grading", "interviewing", "errors"},
    "service": {
        "core",
        "llm",
        "grading",
        "interviewing",
        "storage",
        "evaluation",
        "errors",
        "settings",
    },
    "web": {"core", "service", "errors"},
}
"""By floor, what it may import of the package; the command line stands above them all."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Names of the package's modules that this one imports when it is loaded or called."""
    known = {name_of(other) for other in modules()}
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else node.module for name in inner}
    return {name for name in found if name.split(".")[0] == "mock_interviewer"}


@pytest.mark.parametrize("floor", sorted(MAY_USE))
def test_a_floor_uses_only_what_stands_below_it(floor: str) -> None:
    used = {
        name.split(".")[1]
        for path in modules()
        if name_of(path).split(".")[1:2] == [floor]
        for name in imports_of(path)
    }
    assert used - {floor} <= MAY_USE[floor]


def test_every_floor_is_spoken_for() -> None:
    floors = {name_of(path).split(".")[1] for path in modules() if "." in name_of(path)}
    assert floors - {"cli", "__main__"} == set(MAY_USE)


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name_of(path): imports_of(path) for path in modules()}
    TopologicalSorter(graph).prepare()  # raises CycleError, naming the circle


def test_only_the_chat_and_the_batches_import_the_openai_client() -> None:
    users = {
        name_of(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(alias.name == "openai" for alias in node.names)
    }
    assert users == {"mock_interviewer.llm.openai_chat", "mock_interviewer.llm.batches"}
