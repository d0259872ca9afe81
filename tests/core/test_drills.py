"""The drills that come with the package, and those that the documentation shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core import phrases
from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.drill_bank import load_drill_file, load_drills
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

RUBRIC = load_rubric()
CRITERIA = [criterion.id for criterion in RUBRIC.criteria]
DRILLS = load_drills(CRITERIA).drills


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
