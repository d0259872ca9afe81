"""What the guide says of each kind of drill and of each fault."""

from __future__ import annotations

import pytest

from mock_interviewer.core.drill_guide import DrillGuide, load_guide
from mock_interviewer.core.drills import DrillKind, Fault
from mock_interviewer.core.rubric import load_rubric

RUBRIC = load_rubric()


def test_every_item_that_a_point_names_is_one_of_the_rubric() -> None:
    items = {item.id for criterion in RUBRIC.criteria for item in criterion.items}
    named = {p.item for kind in load_guide().kinds.values() for p in kind.points if p.item}
    assert named <= items
    assert named


@pytest.mark.parametrize("kind", list(DrillKind))
def test_written_kinds_have_points_and_keyed_ones_none(kind: DrillKind) -> None:
    written = {DrillKind.EMPATHIC_LINE, DrillKind.WARMER, DrillKind.GRACEFUL_NO}
    written.add(DrillKind.CHECKABLE_RESULT)
    assert bool(load_guide().kinds[kind].points) == (kind in written)


def test_a_point_of_the_rubric_is_asked_in_the_rubrics_words() -> None:
    points = {p.id: p for p in load_guide().kinds[DrillKind.EMPATHIC_LINE].read_for(RUBRIC)}
    items = {item.id: item for criterion in RUBRIC.criteria for item in criterion.items}
    assert points["hardship_named"].text == items["hardship_named"].text
    assert points["hardship_named"].lack == items["hardship_named"].lack


def test_a_guide_that_leaves_out_a_kind_or_a_fault_is_refused() -> None:
    whole = load_guide().model_dump()
    for key, name in (("kinds", DrillKind.WARMER), ("faults", Fault.PITIES)):
        less = {**whole, key: {k: v for k, v in whole[key].items() if k != name}}
        with pytest.raises(ValueError, match=f"{key}: also expected: {name}"):
            DrillGuide.model_validate(less)


def test_a_point_is_either_the_rubrics_or_has_words_of_its_own() -> None:
    whole = load_guide().model_dump()
    whole["kinds"][DrillKind.WARMER]["points"] = (
        {"id": "both", "item": "respect", "text": "Is it?"},
    )
    # an item with a text that has no lack is neither
    whole["kinds"][DrillKind.WARMER]["points"][0]["lack"] = "it"
    with pytest.raises(ValueError, match="both: expected either `item`, or both"):
        DrillGuide.model_validate(whole)
