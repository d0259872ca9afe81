"""The drills that come with the package, and how a file of drills is checked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_interviewer.core import phrases
from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.drill_bank import load_drill_file, load_drills
from mock_interviewer.core.drill_guide import DrillGuide, load_guide
from mock_interviewer.core.drills import (
    BestReply,
    Channel,
    CheckableResult,
    Drill,
    DrillKind,
    Fault,
    NameFeeling,
    Part,
    SpotStar,
    Stance,
    SympathyOrEmpathy,
    Written,
)
from mock_interviewer.core.interview import Trade
from mock_interviewer.core.questions import load_bank
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import split
from mock_interviewer.errors import DataFileError, NotFoundError

RUBRIC = load_rubric()
CRITERIA = [criterion.id for criterion in RUBRIC.criteria]
DRILLS = load_drills(CRITERIA).drills
SHARED = {
    "id": "lost-umbrella",
    "trade": "retail",
    "channel": "counter",
    "difficulty": 1,
    "trains": ["empathy"],
    "situation": "A customer has left an umbrella in the shop and comes back in the rain for it.",
    "explanation": (
        "It is about the walk in the rain, not about the umbrella. Say so first, and then look."
    ),
}
REPLIES = [
    {"text": "You came back in this rain; let me look.", "why": "It sees the way."},
    *(
        {"text": f"Reply number {n}.", "fault": "stock_phrase", "why": "It fits anybody."}
        for n in (2, 3, 4)
    ),
]
ENTRIES: dict[str, dict[str, Any]] = {
    "best_reply": {"replies": REPLIES},
    "sympathy_or_empathy": {
        "lines": [
            {"text": "Poor you, I'm sorry.", "stance": "sympathy", "why": "From outside."},
            {"text": "You came back in this rain.", "stance": "empathy", "why": "It sees the way."},
            {"text": "We close at six.", "stance": "neither", "why": "About the shop."},
        ]
    },
    "name_feeling": {
        "words": "I walked all the way back.",
        "feeling": "weary",
        "neighbours": {"tired": "Much the same."},
        "others": {"glad": "Not at all.", "proud": "Not at all.", "jealous": "Not at all."},
        "sign": "all the way back",
    },
    "spot_star": {
        "story": [
            {"text": "It rained that day.", "part": "situation"},
            {"text": "The umbrella was mine to find.", "part": "task"},
            {"text": "I looked under every shelf.", "part": "action"},
            {"text": "She came dry to her train.", "part": "result"},
            {"text": "Rain is a nuisance.", "part": "none"},
        ]
    },
}


def entry(kind: str = "best_reply", **changes: Any) -> dict[str, Any]:
    """A drill as it stands in a file; a change to None takes the key out."""
    whole = {**SHARED, "kind": kind, **ENTRIES[kind], **changes}
    return {key: value for key, value in whole.items() if value is not None}


def drill_file(path: Path, *entries: Mapping[str, Any]) -> Path:
    path.write_text(yaml.safe_dump({"drills": list(entries)}), encoding="utf-8")
    return path


def texts_of(drill: Drill) -> list[str]:
    """Everything in a drill that a person reads."""
    found = [drill.situation, drill.explanation]

    def collect(value: Any) -> None:
        if isinstance(value, str) and " " in value:
            found.append(value)
        elif isinstance(value, Mapping):
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                collect(inner)

    others = drill.model_dump(exclude={"situation", "explanation"})
    collect(others)
    return found


# ---- the package's drills ------------------------------------------------------------------------


def test_there_are_at_least_forty_eight_drills() -> None:
    assert len(DRILLS) >= 48


@pytest.mark.parametrize("kind", list(DrillKind))
def test_there_are_at_least_six_of_each_kind(kind: DrillKind) -> None:
    assert sum(drill.kind is kind for drill in DRILLS) >= 6


@pytest.mark.parametrize("trade", list(Trade))
def test_each_trade_has_some(trade: Trade) -> None:
    assert sum(drill.trade is trade for drill in DRILLS) >= 5


@pytest.mark.parametrize("channel", list(Channel))
def test_each_channel_has_some(channel: Channel) -> None:
    assert sum(drill.channel is channel for drill in DRILLS) >= 2


@pytest.mark.parametrize("criterion", CRITERIA)
def test_each_criterion_is_trained_by_some(criterion: str) -> None:
    assert sum(criterion in drill.trains for drill in DRILLS) >= 3


@pytest.mark.parametrize("difficulty", [1, 2, 3])
def test_each_difficulty_is_there(difficulty: int) -> None:
    assert sum(drill.difficulty == difficulty for drill in DRILLS) >= 10


@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_of_the_list_is_met(fault: Fault) -> None:
    replies = [reply for d in DRILLS if isinstance(d, BestReply) for reply in d.replies]
    assert any(reply.fault is fault for reply in replies)


def test_the_best_reply_does_not_always_stand_in_one_place() -> None:
    places = Counter(drill.best for drill in DRILLS if isinstance(drill, BestReply))
    assert max(places.values()) <= sum(places.values()) / 2
    assert len(places) >= 3


def test_the_best_reply_is_not_told_by_being_the_longest_everywhere() -> None:
    drills = [drill for drill in DRILLS if isinstance(drill, BestReply)]
    others = [max(len(r.text) for r in d.replies if r.fault) for d in drills]
    best = [len(d.replies[d.best - 1].text) for d in drills]
    assert all(b < 3 * o for b, o in zip(best, others, strict=True))


def test_no_reply_of_one_drill_has_the_fault_of_another() -> None:
    for drill in DRILLS:
        if isinstance(drill, BestReply):
            assert len({reply.fault for reply in drill.replies}) == 4, drill.id


def test_no_text_is_used_twice() -> None:
    texts = Counter(text for drill in DRILLS for text in texts_of(drill))
    assert [text for text, count in texts.items() if count > 1] == []


def test_all_texts_are_english_words_and_speak_no_quotation_marks_around_themselves() -> None:
    for drill in DRILLS:
        for text in texts_of(drill):
            assert kind_of(text) is Content.WORDS, (drill.id, text)
            assert not (text.startswith('"') and text.endswith('"')), (drill.id, text)


def test_two_minutes_are_enough_to_read_a_drill() -> None:
    # At 200 words a minute, half of the two minutes goes into reading what stands there.
    for drill in DRILLS:
        before = [drill.situation]
        match drill:
            case BestReply():
                before += [reply.text for reply in drill.replies]
            case SympathyOrEmpathy():
                before += [line.text for line in drill.lines]
            case NameFeeling():
                before += [drill.words]
            case SpotStar():
                before += [sentence.text for sentence in drill.story]
            case _:
                before += [text for _, text in drill.given]
        assert len(" ".join(before).split()) <= 200, drill.id


def test_a_good_line_has_nothing_in_it_that_code_would_remark_on() -> None:
    for drill in DRILLS:
        if isinstance(drill, Written):
            for example in drill.examples:
                assert phrases.remarks(example.line) == (), (drill.id, example.line)


def test_a_checkable_example_uses_no_figure_that_is_not_given() -> None:
    for drill in DRILLS:
        if isinstance(drill, CheckableResult):
            known = " ".join([drill.situation, *drill.facts])
            for example in drill.examples:
                assert phrases.strange_numbers(example.line, known) == (), drill.id


def test_a_written_line_can_be_said_in_two_minutes() -> None:
    for drill in DRILLS:
        if isinstance(drill, Written):
            for example in drill.examples:
                assert len(example.line.split()) <= 70, (drill.id, example.line)
                assert len(split(example.line)) <= 5, (drill.id, example.line)


def test_a_keyed_good_line_is_not_remarked_on_and_most_stock_phrases_are() -> None:
    for drill in DRILLS:
        match drill:
            case BestReply():
                good = [reply.text for reply in drill.replies if reply.fault is None]
                stock = [r.text for r in drill.replies if r.fault is Fault.STOCK_PHRASE]
            case SympathyOrEmpathy():
                good = [line.text for line in drill.lines if line.stance is Stance.EMPATHY]
                stock = []
            case _:
                continue
        assert all(phrases.remarks(text) == () for text in good), drill.id
        assert all(phrases.remarks(text) for text in stock), drill.id


def test_stances_are_spread_so_that_one_answer_for_all_gains_little() -> None:
    stances = Counter(
        line.stance for d in DRILLS if isinstance(d, SympathyOrEmpathy) for line in d.lines
    )
    assert max(stances.values()) <= 0.45 * sum(stances.values())


def test_one_story_lacks_its_result_and_one_begins_with_it() -> None:
    stories = [drill.story for drill in DRILLS if isinstance(drill, SpotStar)]
    assert any(Part.RESULT not in {s.part for s in story} for story in stories)
    assert any(story[0].part is Part.RESULT for story in stories)


def test_no_drill_reuses_an_id_of_the_question_bank() -> None:
    # Both stand in a practice plan side by side.
    assert {drill.id for drill in DRILLS} & {
        question.id for question in load_bank().questions
    } == set()


# ---- files ---------------------------------------------------------------------------------------


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


# ---- the guide -----------------------------------------------------------------------------------


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


# ---- the documentation ---------------------------------------------------------------------------

PAGE = Path(__file__).resolve().parents[2] / "docs" / "drills.md"
SHOWN = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", SHOWN, ids=range(len(SHOWN)))
def test_the_drills_that_the_documentation_shows_are_drills(block: str, tmp_path: Path) -> None:
    path = tmp_path / "shown.yaml"
    path.write_text(block, encoding="utf-8")
    assert load_drills(CRITERIA, [path]).drills[: len(DRILLS)] == DRILLS
    for drill in load_drill_file(path):
        if isinstance(drill, Written):
            assert all(phrases.remarks(example.line) == () for example in drill.examples)


def test_the_documentation_shows_drills_and_names_every_kind_and_fault() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(SHOWN) == 2
    for name in (*DrillKind, *Fault, *Stance, *Channel):
        assert name in page
