from __future__ import annotations

import json
from typing import Any

import pytest

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.observation import Asking, Behaviour, Exchange, Misstep, Observation
from mock_interviewer.core.prompts import fence
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.scenario_bank import load_scenarios
from mock_interviewer.errors import ModelUnavailableError
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.observer import ChecklistObserver, ModelObserver, schema
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Reply, Request
from tests.scripted import Script, ScriptedChat
from tests.toy_scenario import toy

SCENARIO = toy()
REPLY = "That must be a loss. Why will no other do? I'll look in the box."


def answer(**changes: Any) -> dict[str, Any]:
    """A model's reply in which nothing is observed, with changes."""
    data: dict[str, Any] = {
        "behaviours": {b.value: {"evidence": [], "level": 0} for b in Behaviour},
        "missteps": {m.value: [] for m in Misstep},
        "asked": {a.value: [] for a in Asking},
        "acts": {act.id: [] for act in SCENARIO.acts},
    }
    for key, found in changes.items():
        data[key] = {**data[key], **found}
    return data


def observed(script: Script | str | Exception, reply: str = REPLY) -> Observation:
    observer = ModelObserver(ScriptedChat(script, name="big"), 8000)
    return observer.observe(SCENARIO, [], reply).observation


def test_what_the_model_reports_is_observed_with_its_sentences() -> None:
    found = observed(
        json.dumps(
            answer(
                behaviours={"validation": {"evidence": [1], "level": 2}},
                missteps={"ignoring": [3]},
                asked={"sign": [2]},
                acts={"hands_it_out": [3]},
            )
        )
    )
    assert found.level(Behaviour.VALIDATION) == 2
    assert found.behaviours[Behaviour.VALIDATION].sentences == (1,)
    assert found.missteps == {Misstep.IGNORING: (3,)}
    assert found.asked == {Asking.SIGN: (2,)}
    assert found.acts == {"hands_it_out": (3,)}
    assert (found.observer, found.unread) == ("big", "")


@pytest.mark.parametrize(
    "data",
    [
        answer(behaviours={"validation": {"evidence": [], "level": 2}}),
        answer(behaviours={"validation": {"evidence": [9], "level": 2}}),
        answer(missteps={"blaming": [0, 4, -1]}),
        answer(asked={"stakes": [17]}),
        answer(acts={"hands_it_out": [4]}),
    ],
)
def test_what_rests_on_no_sentence_of_the_reply_is_left_out(data: dict[str, Any]) -> None:
    assert observed(json.dumps(data)) == Observation(observer="big")


def without(key: str, name: str) -> dict[str, Any]:
    data = answer()
    return {**data, key: {n: v for n, v in data[key].items() if n != name}}


@pytest.mark.parametrize(
    "said",
    [
        "The mood is 10.",
        "[]",
        json.dumps({}),
        json.dumps(without("missteps", "arguing")),
        json.dumps(without("acts", "hands_it_out")),
        json.dumps(answer(behaviours={"listening": {"evidence": [1], "level": 3}})),
        json.dumps(answer(behaviours={"listening": {"evidence": [1], "level": True}})),
        json.dumps(answer(behaviours={"listening": {"evidence": "1", "level": 1}})),
        json.dumps(answer(missteps={"blaming": ["1"]})),
        json.dumps(answer(missteps={"blaming": None})),
    ],
)
def test_a_reply_of_another_form_is_no_observation_and_says_so(said: str) -> None:
    found = observed(said)
    assert found.unread
    assert found == Observation(observer="big", unread=found.unread)


def test_a_model_that_is_away_is_recorded() -> None:
    assert observed(ModelUnavailableError("The model is away.")).unread == "The model is away."


def test_a_conversation_that_is_too_long_for_the_model_is_recorded() -> None:
    observer = ModelObserver(ScriptedChat(json.dumps(answer())), 900)
    assert "too long" in observer.observe(SCENARIO, [], REPLY).observation.unread


def asked_for(reply: str, exchanges: list[Exchange] | None = None) -> Request:
    model = ScriptedChat(json.dumps(answer()))
    ModelObserver(model, 8000).observe(SCENARIO, exchanges or [], reply)
    return model.requests[0]


def test_the_reply_is_numbered_and_fenced_and_stands_last() -> None:
    content = asked_for(REPLY).messages[-1].content
    mark = fence(REPLY)
    rows = "1. That must be a loss.\n2. Why will no other do?\n3. I'll look in the box."
    assert content.endswith(f"{mark}\n{rows}\n{mark}")


def test_what_was_said_before_is_shown_and_fenced() -> None:
    before = Exchange(reply="Good morning.", observation=Observation(), said="Well?")
    content = asked_for(REPLY, [before]).messages[-1].content
    mark = fence("Good morning.")
    assert f"Representative:\n{mark}\nGood morning.\n{mark}\nCustomer: Well?" in content


def test_all_requests_of_all_scenarios_begin_alike() -> None:
    model = ScriptedChat("{}")
    for scenario in load_scenarios():
        ModelObserver(model, 16000).observe(scenario, [], REPLY)
    assert len({request.messages[0].content for request in model.requests}) == 1


def test_the_schema_asks_for_evidence_before_the_level_and_for_every_act() -> None:
    properties = schema(SCENARIO).schema["properties"]
    assert list(properties["behaviours"]["properties"]["listening"]["properties"]) == [
        "evidence",
        "level",
    ]
    assert set(properties["acts"]["required"]) == {"hands_it_out", "opens_the_bag"}


def grader(script: Script | str | Exception) -> Grader:
    # By levels, as the one reply is easily written; which way it grades makes no difference here.
    return Grader(ScriptedChat(script, name="small"), load_rubric(), Strategy.LEVELS, 16000)


def graded(**levels: int) -> str:
    ratings = {
        criterion.id: {
            "evidence": [1],
            "items": {item.id: True for item in criterion.items},
            "missing": "",
            "next_step": "",
            "level": levels.get(criterion.id, criterion.lowest),
        }
        for criterion in load_rubric().criteria
    }
    return json.dumps(
        {
            "not_an_answer": False,
            "tells_example": False,
            "ratings": ratings,
            "next_time": "",
        }
    )


def test_a_small_models_grade_of_the_reply_adds_to_what_code_finds() -> None:
    observer = ChecklistObserver(grader(graded(personalisation=2)))
    found = observer.observe(SCENARIO, [], "This one has the duck on it.").observation
    assert found.level(Behaviour.PERSONALISATION) == 2
    assert found.observer == "cues, small"


def test_set_phrases_are_no_understanding_whatever_the_grade() -> None:
    observer = ChecklistObserver(grader(graded(validation=2, listening=2)))
    found = observer.observe(SCENARIO, [], "We apologise for the inconvenience.").observation
    assert found.level(Behaviour.VALIDATION) == 1
    assert found.level(Behaviour.LISTENING) == 0


def test_code_observes_alone_while_the_small_model_is_away() -> None:
    observer = ChecklistObserver(grader(ModelUnavailableError("The model is away.")))
    found = observer.observe(SCENARIO, [], "Calm down.").observation
    assert (set(found.missteps), found.unread) == ({Misstep.RUDENESS, Misstep.IGNORING}, "")
    assert found.observer == "cues"


def test_what_an_observation_costs_is_told_also_where_it_cannot_be_read() -> None:
    spent = Usage(prompt=900, completion=12)
    observer = ModelObserver(ScriptedChat(Reply("no", usage=spent)), 8000)
    assert observer.observe(SCENARIO, [], REPLY).usage == spent
