"""Structured levels: what is asked of a strong model, and how its reply is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import ModelRefusedError
from mock_interviewer.grading import levels
from mock_interviewer.llm.chat import Reply
from tests.toy_rubric import ANSWER, QUESTION, RUBRIC, TOLD, structured

STORY = RUBRIC.criterion("story")  # items needed for 3, 4 and 5


@pytest.mark.parametrize(
    ("level", "unmet", "expected"),
    [
        (5, [], 5),
        (2, [], 2),  # items never raise a level
        (5, ["stakes"], 4),
        (5, ["scene"], 5),
        (5, ["occasion"], 5),  # a met item speaks for those of lower levels
        (5, ["occasion", "scene"], 5),
        (5, ["scene", "stakes"], 3),
        (4, ["stakes"], 4),  # 5 was not claimed
        (5, ["occasion", "stakes"], 4),
        (3, ["occasion", "scene", "stakes"], 2),
        (1, ["occasion", "scene", "stakes"], 1),
    ],
)
def test_no_level_stands_above_what_the_models_own_checklist_allows(
    level: int, unmet: list[str], expected: int
) -> None:
    items = {item.id: float(item.id not in unmet) for item in STORY.items}
    assert levels.combined(level, items, STORY) == expected


def test_a_reply_is_read_criterion_by_criterion() -> None:
    given = {
        "story": {
            "level": 4,
            "evidence": [2, 1],
            "missing": " where it was ",
            "next_step": "Say where.",
            "items": {"occasion": True, "scene": True, "stakes": False},
        }
    }
    draft = levels.read(Reply(structured(given, next_time=" In May I helped. ")), RUBRIC)
    found = draft.findings["story"]
    assert (found.level, found.sentences) == (4, (2, 1))
    assert (found.missing, found.next_step) == ("where it was", "Say where.")
    assert found.items == {"occasion": 1.0, "scene": 1.0, "stakes": 0.0}
    assert (draft.not_an_answer, draft.tells_example) == (False, True)
    assert draft.next_time == "In May I helped."
    assert set(draft.findings) == {"story", "end", "heart", "care"}


def test_a_reply_is_read_with_the_checklists_limit() -> None:
    given = {"story": {"level": 5, "items": {"occasion": True, "scene": False, "stakes": False}}}
    assert levels.read(Reply(structured(given)), RUBRIC).findings["story"].level == 3


def test_a_level_outside_the_scale_is_left_for_code_to_refuse() -> None:
    # Not mended by the checklist's limit: 7 is no level, and 2 would be made up.
    given = {"story": {"level": 7, "items": {"occasion": False, "scene": True, "stakes": True}}}
    assert levels.read(Reply(structured(given)), RUBRIC).findings["story"].level == 7


def test_for_advice_the_levels_are_dropped_and_the_rest_is_kept() -> None:
    draft = levels.read(Reply(structured()), RUBRIC, with_levels=False)
    assert {finding.level for finding in draft.findings.values()} == {None}
    assert draft.findings["story"].sentences == (1,)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("not_an_answer"),
        lambda data: data.update(not_an_answer="no"),
        lambda data: data.update(tells_example=1),
        lambda data: data.update(ratings=None),
        lambda data: data.update(ratings=[]),
        lambda data: data["ratings"].pop("care"),
        lambda data: data["ratings"].update(story="4"),
        lambda data: data["ratings"]["story"].pop("level"),
        lambda data: data["ratings"]["story"].update(level="4"),
        lambda data: data["ratings"]["story"].update(level=True),
        lambda data: data["ratings"]["story"].update(level=3.5),
        lambda data: data["ratings"]["story"].update(level=None),
        lambda data: data["ratings"]["story"].update(evidence=None),
        lambda data: data["ratings"]["story"].update(evidence=["first"]),
        lambda data: data["ratings"]["story"].update(evidence=[None]),
        lambda data: data["ratings"]["story"].update(items={}),
        lambda data: data["ratings"]["story"]["items"].update(occasion="yes"),
        lambda data: data["ratings"]["story"]["items"].update(occasion=None),
        lambda data: data.pop("next_time"),
    ],
)
def test_a_reply_of_another_form_is_refused(change: Change) -> None:
    data = json.loads(structured())
    change(data)
    with pytest.raises(ModelRefusedError, match="not of the asked form"):
        levels.read(Reply(json.dumps(data)), RUBRIC)


@pytest.mark.parametrize("text", ["[1]", "null", '"Four."', "4"])
def test_json_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ModelRefusedError, match="not of the asked form"):
        levels.read(Reply(text), RUBRIC)


# What is asked


def test_the_schema_asks_for_evidence_first_and_the_level_last_in_its_range() -> None:
    schema = levels.schema(RUBRIC).schema
    assert list(schema["properties"]) == ["not_an_answer", "tells_example", "ratings", "next_time"]
    ratings = schema["properties"]["ratings"]
    assert ratings["required"] == ["story", "end", "heart", "care"]
    story = ratings["properties"]["story"]
    assert list(story["properties"]) == ["evidence", "items", "missing", "next_step", "level"]
    assert story["properties"]["level"]["enum"] == [1, 2, 3, 4, 5]
    assert ratings["properties"]["care"]["properties"]["level"]["enum"] == [0, 1, 2]
    assert story["properties"]["items"]["required"] == ["occasion", "scene", "stakes"]


def test_every_object_of_the_schema_is_closed_and_complete_as_strict_servers_want() -> None:
    def check(node: Any) -> int:
        if not isinstance(node, dict):
            return 0
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        return 1 + sum(check(child) for child in node.values())

    assert check(levels.schema(RUBRIC).schema) > 10


def test_the_request_holds_rubric_question_kind_and_numbered_sentences() -> None:
    request = levels.request(load_prompt("levels"), RUBRIC, QUESTION, Kind.ROLE_PLAY, ANSWER)
    system, user = (message.content for message in request.messages)
    assert "- Only what is written counts." in system
    assert "  3: Something." in system
    assert "  occasion: Is one occasion told?" in system
    assert QUESTION in user
    assert "(role play)" in user
    assert "1. In May a guest lost her key.\n2. She was afraid." in user
    assert request.schema == levels.schema(RUBRIC)


def test_what_is_the_same_for_all_answers_comes_first() -> None:
    prompt = load_prompt("levels")
    one = levels.request(prompt, RUBRIC, QUESTION, Kind.BEHAVIOURAL, ANSWER)
    other = levels.request(
        prompt, RUBRIC, "Another?", Kind.OPINION, [Line(role=Role.CANDIDATE, text="No.")]
    )
    assert one.messages[0] == other.messages[0]
    assert TOLD[:10] not in one.messages[0].content


@pytest.mark.parametrize(
    "change",
    [
        {"missing": ["x"]},
        {"next_step": 1},
        {"evidence": "12"},
        {"evidence": [True]},
        {"evidence": [1.7]},
        {"evidence": [1e999]},
        {"level": "4"},
    ],
)
def test_what_is_of_another_type_than_asked_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ModelRefusedError):
        levels.read(Reply(structured({"story": change})), RUBRIC)


def test_a_text_that_is_null_is_empty() -> None:
    nothing = {"story": {"missing": None, "next_step": None}}
    found = levels.read(Reply(structured(nothing, next_time=None)), RUBRIC)
    assert found.next_time == ""
    assert (found.findings["story"].missing, found.findings["story"].next_step) == ("", None)


@pytest.mark.parametrize(
    ("level", "met", "expected"),
    [
        # Anchors stand at 1, 3 and 5; what is met speaks for 3, 4 and 5.
        (3, {"occasion"}, (3, 3)),
        (5, {"occasion", "scene", "stakes"}, (5, 5)),
        (1, set(), (1, 1)),
        (5, {"stakes"}, (5, 5)),
        # No anchor of its own: the next levels may be meant.
        (4, {"occasion", "scene"}, (3, 5)),
        (2, set(), (1, 3)),
        # The checklist says a higher one.
        (3, {"occasion", "scene"}, (2, 4)),
        (1, {"occasion"}, (1, 2)),
    ],
)
def test_a_level_without_anchor_or_against_its_checklist_is_told_as_a_range(
    level: int, met: set[str], expected: tuple[int, int]
) -> None:
    story = RUBRIC.criterion("story")
    items = {item.id: float(item.id in met) for item in story.items}
    assert levels.likely(level, items, story) == expected
