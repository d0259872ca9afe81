"""What is told about each kind of drill, and what freely written lines are read for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pydantic import Field, model_validator

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.drills import DrillKind, Fault
from mock_interviewer.core.questions import Name
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import Item, Rubric, Text


class Point(Strict):
    """Something that a line is read for: an item of the rubric, or a question of its own."""

    id: Name
    item: Name | None = None
    text: str = ""
    lack: str = ""

    @model_validator(mode="after")
    def _is_either(self) -> Point:
        if (self.item is None) != bool(self.text and self.lack):
            raise ValueError(f"{self.id}: expected either `item`, or both `text` and `lack`")
        return self


class ReadPoint(NamedTuple):
    """A point as it is asked. `item`: the rubric's own, None if the text is the point's."""

    id: str
    text: str
    lack: str
    item: Item | None


class KindGuide(Strict):
    """One kind of drill in words."""

    name: Text
    instruction: Text
    points: tuple[Point, ...] = ()

    def read_for(self, rubric: Rubric) -> tuple[ReadPoint, ...]:
        """The points with the rubric's wording; one whose item the rubric lacks is left out."""
        items = {item.id: item for criterion in rubric.criteria for item in criterion.items}
        found = []
        for point in self.points:
            if point.item is None:
                found.append(ReadPoint(point.id, point.text, point.lack, None))
            elif item := items.get(point.item):
                found.append(ReadPoint(point.id, item.text, item.lack or item.text, item))
        return tuple(found)


class FaultGuide(Strict):
    """One fault of a reply in words."""

    name: Text
    about: Text


class DrillGuide(Strict):
    """All kinds and all faults."""

    kinds: dict[DrillKind, KindGuide]
    faults: dict[Fault, FaultGuide] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_complete(self) -> DrillGuide:
        named: tuple[tuple[str, set[str], Sequence[str]], ...] = (
            ("kinds", {str(kind) for kind in self.kinds}, list(DrillKind)),
            ("faults", {str(fault) for fault in self.faults}, list(Fault)),
        )
        for key, told, wanted in named:
            if missing := sorted(set(wanted) - told):
                raise ValueError(f"{key}: also expected: {', '.join(missing)}")
        return self


@cache
def load_guide() -> DrillGuide:
    """Load the package's guide. Raises `DataFileError`."""
    return datafile.load(DrillGuide, package_file("core", "drill_kinds.yaml"))
