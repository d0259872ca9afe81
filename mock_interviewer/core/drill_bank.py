"""The bank of drills, and reading it from its files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import get_args

from mock_interviewer.core import datafile
from mock_interviewer.core.drills import Drill, DrillKind
from mock_interviewer.core.resources import package_file
from mock_interviewer.errors import DataFileError, NotFoundError

_MODELS: dict[str, type[Drill]] = {
    get_args(model.model_fields["kind"].annotation)[0].value: model for model in get_args(Drill)
}


class DrillBank:
    """Drills by id, in the order of their files."""

    def __init__(self, drills: Iterable[Drill]) -> None:
        self.drills: tuple[Drill, ...] = tuple(drills)

    @cached_property
    def _by_id(self) -> dict[str, Drill]:
        return {drill.id: drill for drill in self.drills}

    def get(self, drill_id: str) -> Drill:
        """The drill with this id. Raises `NotFoundError`."""
        try:
            return self._by_id[drill_id]
        except KeyError:
            raise NotFoundError(
                f"There is no drill {drill_id!r}. The page of drills lists those there are."
            ) from None

    def __contains__(self, drill_id: str) -> bool:
        return drill_id in self._by_id

    def __len__(self) -> int:
        return len(self.drills)


def load_drills(criteria: Collection[str], extra: Sequence[Path] = ()) -> DrillBank:
    """Load the package's drills and the user's own files. Raises `DataFileError`.

    `criteria` are the ids of the rubric in use. The package's drills that train others are left
    out, as they belong to another trade; a user's that do are an error.
    """
    installed = sorted(package_file("drills").glob("*.yaml"))
    if not installed:
        raise DataFileError("No drill files are installed; reinstall the package.")
    home: dict[str, Path] = {}
    drills: list[Drill] = []
    for path in (*installed, *extra):
        for drill in load_drill_file(path):
            if drill.id in home:
                raise DataFileError(
                    f"{path}: {drill.id}: id: this id is already used in {home[drill.id]}; "
                    "give the drill another one"
                )
            home[drill.id] = path
            strange = [name for name in drill.trains if name not in criteria]
            if strange and path in extra:
                raise DataFileError(
                    f"{path}: {drill.id}: trains: the rubric has no criterion called "
                    f"{', '.join(strange)}; it has: {', '.join(criteria)}"
                )
            if not strange:
                drills.append(drill)
    return DrillBank(drills)


def load_drill_file(path: Path) -> tuple[Drill, ...]:
    """Load one file of drills on its own. Raises `DataFileError`, naming entries by their id."""
    data = datafile.read_yaml(path)
    entries = data.get("drills") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not entries or set(data) != {"drills"}:
        raise DataFileError(f"{path}: expected one key, `drills`, that holds a list of drills")
    return tuple(
        _drill(entry, f"{path}: {_entry_name(entry, number)}")
        for number, entry in enumerate(entries, start=1)
    )


def _drill(entry: object, source: str) -> Drill:
    kind = entry.get("kind") if isinstance(entry, dict) else None
    model = _MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        kinds = ", ".join(kind.value for kind in DrillKind)
        raise DataFileError(f"{source}: kind: expected one of {kinds}; got {kind!r}")
    return datafile.validated(model, entry, source)


def _entry_name(entry: object, number: int) -> str:
    if isinstance(entry, dict) and isinstance(entry.get("id"), str):
        return str(entry["id"])
    return f"drills[{number}]"
