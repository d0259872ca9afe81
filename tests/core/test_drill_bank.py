"""How files of drills are read and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.drill_bank import load_drill_file, load_drills
from mock_interviewer.core.interview import Trade
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import DataFileError, NotFoundError
from tests.core.drill_entries import ENTRIES, REPLIES, drill_file, entry

CRITERIA = [criterion.id for criterion in load_rubric().criteria]
DRILLS = load_drills(CRITERIA).drills


def test_a_users_own_file_adds_its_drills_after_the_packages(tmp_path: Path) -> None:
    own = drill_file(tmp_path / "own.yaml", entry(), entry("spot_star", id="lost-glove"))
    bank = load_drills(CRITERIA, [own])
    assert [drill.id for drill in bank.drills[-2:]] == ["lost-umbrella", "lost-glove"]
    assert len(bank) == len(DRILLS) + 2
    assert "lost-glove" in bank
    assert bank.get("lost-umbrella").trade is Trade.RETAIL


def test_drills_of_another_rubric_are_left_out_and_a_users_are_an_error(tmp_path: Path) -> None:
    assert {d.trains for d in load_drills(["result"]).drills} == {("result",)}
    own = drill_file(tmp_path / "own.yaml", entry())
    with pytest.raises(DataFileError, match=r"lost-umbrella: trains: .* called empathy; it has: r"):
        load_drills(["result"], [own])


def test_an_unknown_id_says_where_the_drills_are_listed() -> None:
    with pytest.raises(NotFoundError, match="no drill 'lost-hat'"):
        load_drills(CRITERIA).get("lost-hat")


def test_an_id_may_not_be_used_twice(tmp_path: Path) -> None:
    own = drill_file(tmp_path / "own.yaml", entry(), entry())
    with pytest.raises(DataFileError, match="lost-umbrella: id: this id is already used"):
        load_drills(CRITERIA, [own])


FAULTS = [
    (entry(kind="best_reply", colour="red"), "lost-umbrella: colour: unknown key"),
    (entry(trade=None), "lost-umbrella: trade: this key is required and is missing"),
    (entry(trade="circus"), "lost-umbrella: trade: Input should be 'retail'"),
    (entry(id="Lost Umbrella"), "Lost Umbrella: id: String should match pattern"),
    (entry(difficulty=4), "lost-umbrella: difficulty: .*less than or equal to 3.*got 4"),
    (entry(trains=[]), "lost-umbrella: trains: .*at least 1 item"),
    (entry(trains=["empathy", "empathy"]), "the same criterion is listed twice"),
    (entry(explanation="Too short."), "explanation: .*at least 80 characters"),
    ({**entry(), "kind": "riddle"}, "kind: expected one of best_reply, .*got 'riddle'"),
    ({k: v for k, v in entry().items() if k != "kind"}, "kind: expected one of .*got None"),
    ({**entry(), "kind": ["best_reply"]}, "kind: expected one of"),
    (entry(replies=REPLIES[:3]), "replies: .*at least 4 items"),
    (entry(replies=[REPLIES[1]] * 4), "expected just one reply without `fault`"),
    (entry(replies=[REPLIES[0]] * 4), "expected just one reply without `fault`"),
    (
        entry(replies=[*REPLIES[:3], {**REPLIES[3], "fault": "rude"}]),
        r"replies\.3\.fault: Input should be 'stock_phrase'",
    ),
    (
        entry("sympathy_or_empathy", lines=[ENTRIES["sympathy_or_empathy"]["lines"][1]] * 3),
        "at least one of sympathy and one of empathy",
    ),
    (entry("name_feeling", sign="in the snow"), "sign: expected a part of `words`.*'in the snow'"),
    (entry("name_feeling", feeling="glad"), "the same name is used twice"),
    (entry("name_feeling", feeling="Very sad"), "feeling: String should match pattern"),
    (
        entry("spot_star", story=[s for s in ENTRIES["spot_star"]["story"] if s["part"] != "none"]),
        "story: .*at least 5 items",
    ),
    (
        entry(
            "spot_star",
            story=[{"text": f"I did a thing number {n}.", "part": "action"} for n in range(5)],
        ),
        "at least three parts, and one that belongs to none",
    ),
    (
        entry(
            "spot_star",
            story=[
                {"text": "It rained. I looked.", "part": "action"},
                *ENTRIES["spot_star"]["story"],
            ],
        ),
        r"story\.0: text: expected one sentence",
    ),
]


@pytest.mark.parametrize(("faulty", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_a_faulty_drill_is_refused_with_file_key_and_expectation(
    faulty: dict[str, Any], message: str, tmp_path: Path
) -> None:
    own = drill_file(tmp_path / "own.yaml", faulty)
    with pytest.raises(DataFileError, match=rf"(?s)own\.yaml: .*{message}"):
        load_drill_file(own)


@pytest.mark.parametrize("content", ["[]", "drills: []", "drills: {}", "drills: [1]\nx: 1", ""])
def test_a_file_that_holds_no_list_of_drills_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError, match="expected one key, `drills`"):
        load_drill_file(path)


def test_an_entry_without_an_id_is_named_by_its_number(tmp_path: Path) -> None:
    own = drill_file(tmp_path / "own.yaml", entry(), entry(id=None))
    with pytest.raises(DataFileError, match=r"drills\[2\]: id: this key is required"):
        load_drill_file(own)
