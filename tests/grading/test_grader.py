"""The grader's front door: from an answer to a stamped grade, whatever the model does."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import Rubric, load_rubric
from mock_interviewer.core.transcript import Line, Role, sentences
from mock_interviewer.errors import (
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
    ReplyMissingError,
)
from mock_interviewer.grading.calibration import Calibration
from mock_interviewer.grading.draft import NO_LEVELS
from mock_interviewer.grading.grader import Grader, package_version, says_nothing
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Reply
from mock_interviewer.llm.recorded import RecordedChat
from tests.grading.toy_grader import COST, asked, grader, small
from tests.model_server import completion, logprobs
from tests.scripted import ScriptedChat
from tests.toy_rubric import ANSWER, QUESTION, RUBRIC, TOLD, checklist_model, labels, structured

ITEMS = {item.id: item for criterion in RUBRIC.criteria for item in criterion.items}
OWN_RUBRIC = load_rubric()


# By levels


def test_a_strong_models_reply_becomes_a_grade() -> None:
    reply = structured({"story": {"level": 4, "evidence": [1], "next_step": "Say why."}})
    made = grader(Reply(reply, usage=COST)).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    story = made.ratings["story"]
    assert (story.level, story.reason, story.next_step) == (4, None, "Say why.")
    assert [evidence.quote for evidence in story.evidence] == ["In May a guest lost her key."]
    assert {name: rating.level for name, rating in made.ratings.items()} == {
        "story": 4,
        "end": 3,
        "heart": 3,
        "care": 1,
    }
    assert not made.not_an_answer
    assert made.stamp.usage == COST


def test_by_levels_one_request_is_sent_that_nobody_waits_for() -> None:
    chosen = grader(structured())
    chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert asked(chosen) == chosen.requests(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert len(asked(chosen)) == 1
    assert isinstance(chosen.model, ScriptedChat)
    assert chosen.model.urgent == [False]


def test_for_advice_there_are_no_levels() -> None:
    made = grader(structured(), Strategy.ADVICE).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert {(rating.level, rating.reason) for rating in made.ratings.values()} == {
        (None, NO_LEVELS)
    }
    assert made.ratings["story"].evidence


def test_what_the_model_takes_for_no_answer_has_the_lowest_levels() -> None:
    made = grader(structured(not_an_answer=True)).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert made.not_an_answer
    assert [rating.level for rating in made.ratings.values()] == [1, 1, 1, 0]
    assert made.next_time == ""


def test_a_models_retelling_is_kept_where_it_invents_nothing() -> None:
    told = "In May a guest had lost her key, and I searched the garden for her."
    made = grader(structured(next_time=told)).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert made.next_time == told


@pytest.mark.parametrize("told", ["", "In May I helped a guest from Lagos.", "I found 3 keys."])
def test_else_the_candidates_own_sentences_are_put_together(told: str) -> None:
    given = {"story": {"level": 4, "evidence": [1]}, "end": {"level": 2, "evidence": [4]}}
    made = grader(structured(given, next_time=told)).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert made.next_time == (
        "In May a guest lost her key. She was afraid. I searched the garden. She went home happy. "
        "[End: Say.]"
    )


@pytest.mark.parametrize("text", ["I'd say a four.", "{}", "[]", '{"ratings": {}}'])
def test_a_reply_of_another_form_is_refused_and_no_level_made_up(text: str) -> None:
    with pytest.raises(ModelRefusedError):
        grader(text).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize(
    "fault", [ModelUnavailableError("away"), ModelRefusedError("no"), ReplyMissingError("none")]
)
def test_a_models_fault_is_handed_on(strategy: Strategy, fault: ModelError) -> None:
    with pytest.raises(type(fault), match=str(fault)):
        grader(fault, strategy).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)


# By checklist


def test_items_become_levels_quotes_and_what_is_missing() -> None:
    # Probabilities are exact where nothing is calibrated, but for the millionth of the other side.
    met = {"occasion": 0.9, "scene": 0.5, "stakes": 0.25, "ending": 0.2, "proof": 0.1}
    made = small(met).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    story, end = made.ratings["story"], made.ratings["end"]
    # 1 + 2 * 0.9 + 0.5 + 0.25 = 3.55; 1 + 2 * 0.2 + 2 * 0.1 = 1.6
    assert (story.level, end.level) == (4, 2)
    assert story.items == {"occasion": 0.9, "scene": 0.5, "stakes": 0.25}
    assert [evidence.quote for evidence in story.evidence] == ["In May a guest lost her key."]
    assert [evidence.quote for evidence in end.evidence] == ["She went home happy."]
    # The lowest item that is met less than half: stakes, which says nothing of itself.
    assert (story.missing, end.missing) == ("", "the end")
    assert (story.next_step, end.next_step) == ("Add why.", "Say.")


def test_every_item_that_applies_is_asked_once_and_the_labels_last() -> None:
    chosen = small()
    chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert asked(chosen) == chosen.requests(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert len(asked(chosen)) == len(ITEMS) + 1
    assert asked(chosen)[-1].messages[-1].content.startswith("1. In May a guest lost her key.")


def test_items_that_do_not_apply_are_not_asked() -> None:
    chosen = small()
    made = chosen.grade(QUESTION, Kind.ROLE_PLAY, ANSWER)
    # Story and end have five items together; heart has one and care has two.
    assert len(asked(chosen)) == 3 + 1
    assert made.ratings["story"].reason == "not_applicable"
    assert made.ratings["heart"].level is not None


@pytest.mark.parametrize(("occasion", "told"), [(0.6, True), (0.4, False)])
def test_an_opinion_tells_an_example_if_the_item_of_the_occasion_is_met(
    occasion: float, told: bool
) -> None:
    made = small({"occasion": occasion}).grade(QUESTION, Kind.OPINION, ANSWER)
    assert (made.ratings["story"].level is not None) is told


def test_labels_that_break_off_give_the_best_evidence_there_is() -> None:
    # Only the first sentence was labelled, and as a step.
    made = small(marked=labels("step")).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert [evidence.sentence for evidence in made.ratings["story"].evidence] == [1]


def test_without_any_label_there_is_no_grade() -> None:
    with pytest.raises(ModelRefusedError, match="did not label"):
        small(marked=Reply("No labels today.")).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)


def test_tokens_of_all_replies_are_added_up() -> None:
    made = small(cost=COST).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    # Eight items at 100, 90 and 1; the scripted labels are free.
    assert made.stamp.usage == Usage(prompt=800, cached=720, completion=8)


def test_the_retelling_of_a_small_model_is_put_together_by_code() -> None:
    met = dict.fromkeys(ITEMS, 0.99) | {"ending": 0.01}
    made = small(met).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    # 1 + 2 * .01 + 2 * .99 = 3.
    assert made.next_time == (
        "In May a guest lost her key. She was afraid. I searched the garden. She went home happy. "
        "[End: Say what changed.]"
    )


def test_with_a_calibration_items_are_read_against_it() -> None:
    chosen = small({"noticed": 0.5})  # log-odds 0
    chosen.asker.calibration = Calibration(
        model="scripted",
        rubric=RUBRIC.digest,
        prompts="abc",
        made=date(2026, 11, 1),
        nulls=dict.fromkeys(ITEMS, -3.0),
        fulls=dict.fromkeys(ITEMS, 1.0),
    )
    heart = chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER).ratings["heart"]
    # 0 is three quarters of the way from -3 to 1: 1 + 2 * 0.75 = 2.5, to the even 2.
    assert heart.items == {"noticed": 0.75}
    assert heart.level == 2


# What is no answer, and what is too long


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        (" \n", True),
        ("?!", True),
        ("\U0001f600", True),
        ("I can't think of one.", True),
        (QUESTION, True),
        ("tell me about a TIME you helped somebody", True),
        ("a time you helped", True),
        ("I helped somebody.", False),
        (f"{QUESTION} Well, in May a guest lost her key.", False),
    ],
)
def test_code_can_tell_what_says_nothing(text: str, expected: bool) -> None:
    numbered = sentences([Line(role=Role.CANDIDATE, text=text)])
    assert says_nothing(QUESTION, numbered) is expected


@pytest.mark.parametrize("strategy", list(Strategy))
def test_what_says_nothing_is_graded_without_a_model(strategy: Strategy) -> None:
    chosen = grader(ModelUnavailableError("away"), strategy)
    made = chosen.grade(QUESTION, Kind.BEHAVIOURAL, [Line(role=Role.CANDIDATE, text="No idea.")])
    assert made.not_an_answer
    assert [rating.level for rating in made.ratings.values()] == [1, 1, 1, 0]
    assert asked(chosen) == []


def test_an_interviewers_words_are_no_answer() -> None:
    lines = [Line(role=Role.INTERVIEWER, text=TOLD)]
    assert grader().grade(QUESTION, Kind.BEHAVIOURAL, lines).not_an_answer


@pytest.mark.parametrize("strategy", list(Strategy))
def test_an_answer_is_graded_whole_or_not_at_all(strategy: Strategy) -> None:
    chosen = grader(structured(), strategy, context=200)
    with pytest.raises(ModelRefusedError, match=r"too long for this model \(\d+ tokens, room"):
        chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert asked(chosen) == []


def test_an_answer_that_cannot_be_graded_has_the_reason_and_no_levels() -> None:
    made = grader().ungraded("the model declined to answer")
    assert {(rating.level, rating.reason) for rating in made.ratings.values()} == {
        (None, "ungraded: the model declined to answer")
    }
    assert not made.not_an_answer


# The stamp


def test_the_stamp_says_what_gave_the_grade() -> None:
    before = datetime.now(UTC)
    chosen = grader(structured())
    stamp = chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER).stamp
    prompt = load_prompt("levels")
    assert stamp.grader_key == chosen.key
    assert stamp.rubric == f"toy 1 ({RUBRIC.digest})"
    assert stamp.prompts == {"levels": f"{prompt.version} ({prompt.digest})"}
    assert (stamp.model, stamp.strategy, stamp.calibration) == ("scripted", "levels", "none needed")
    assert stamp.package_version == package_version()
    assert before <= stamp.graded_at <= datetime.now(UTC)


def test_a_small_models_stamp_names_its_calibration_or_says_that_there_is_none() -> None:
    chosen = small()
    assert chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER).stamp.calibration == "not calibrated"
    assert set(chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER).stamp.prompts) == {
        "checklist",
        "labels",
    }


def test_the_key_changes_with_each_thing_that_could_change_a_level() -> None:
    def key(**change: Any) -> str:
        options = {"model": ScriptedChat(""), "rubric": RUBRIC, "strategy": Strategy.CHECKLIST}
        return Grader(**{**options, **change}).key

    calibrated = small()
    calibrated.asker.calibration = Calibration(
        model="scripted",
        rubric=RUBRIC.digest,
        prompts="abc",
        made=date(2026, 11, 1),
        nulls={},
        fulls={},
    )
    keys = [
        key(),
        key(model=ScriptedChat("", name="other")),
        key(rubric=Rubric.model_validate({**RUBRIC.model_dump(), "version": 2})),
        key(strategy=Strategy.LEVELS),
        key(strategy=Strategy.ADVICE),
        calibrated.key,
    ]
    assert len(set(keys)) == len(keys)
    assert key() == key(context=123)  # which changes no level
    assert key() == small().key


# In rounds, from recorded replies


@pytest.mark.parametrize("strategy", [Strategy.LEVELS, Strategy.CHECKLIST])
def test_one_round_names_all_requests_that_are_missing(strategy: Strategy) -> None:
    recorded = RecordedChat("toy")
    chosen = Grader(recorded, RUBRIC, strategy)
    with pytest.raises(ReplyMissingError):
        chosen.grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    wanted = chosen.requests(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert list(recorded.missing.values()) == wanted


def test_with_the_replies_of_that_round_the_answer_is_graded(tmp_path: Path) -> None:
    asking = Grader(RecordedChat("toy"), RUBRIC, Strategy.CHECKLIST)
    fill = checklist_model({"ending": 0.2})
    path = tmp_path / "replies.jsonl"
    with path.open("w") as file:
        for request in asking.requests(QUESTION, Kind.BEHAVIOURAL, ANSWER):
            reply = fill(request)
            positions = [(token.text, token.alternatives) for token in reply.tokens]
            body = completion(reply.text, logprobs=logprobs(*positions))
            line = {
                "custom_id": request.key("toy"),
                "response": {"status_code": 200, "body": body},
            }
            file.write(json.dumps(line) + "\n")

    recorded = RecordedChat("toy", [path])
    made = Grader(recorded, RUBRIC, Strategy.CHECKLIST).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert made.ratings["end"].level == 3  # 1 + 2 * 0.2 + 2 * 0.9 = 3.2
    assert recorded.missing == {}


# The project's own rubric


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("kind", list(Kind))
def test_an_answer_of_four_hundred_words_fits_an_unlisted_model(
    strategy: Strategy, kind: Kind
) -> None:
    chosen = Grader(ScriptedChat(ModelUnavailableError("asked")), OWN_RUBRIC, strategy)
    long = [Line(role=Role.CANDIDATE, text="I handled that. " * 133)]
    with pytest.raises(ModelUnavailableError, match="asked"):  # and not refused as too long
        chosen.grade(QUESTION, kind, long)


def test_a_model_without_levels_gives_none_by_calling_it_no_answer() -> None:
    model = ScriptedChat(structured(not_an_answer=True))
    made = Grader(model, RUBRIC, Strategy.ADVICE).grade(QUESTION, Kind.BEHAVIOURAL, ANSWER)
    assert {rating.level for rating in made.ratings.values()} == {None}
