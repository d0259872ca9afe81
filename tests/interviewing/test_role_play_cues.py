from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_interviewer.core.observation import Asking, Behaviour, Misstep
from mock_interviewer.core.transcript import split
from mock_interviewer.interviewing import cues
from tests.toy_scenario import toy

SCENARIO = toy()
HEARD = "My umbrella."


@pytest.mark.parametrize(
    ("sentence", "cue", "holds"),
    [
        ("I'm staying on the line.", "stay* line", True),
        ("On the line I stay.", "stay* line", True),
        ("I'm on the line.", "stay* line", False),
        ("The handle is loose.", "hand", False),
        ("I will not stay on the line.", "stay line !not", False),
        ("It’s yours.", "it's yours", True),
    ],
)
def test_a_cue_is_words_that_all_occur_in_one_sentence(
    sentence: str, cue: str, holds: bool
) -> None:
    assert cues.holds(sentence, [cue]) is holds


@pytest.mark.parametrize(
    ("reply", "missteps"),
    [
        ("You should have read the notes.", {Misstep.BLAMING}),
        ("Why didn't you call at once?", {Misstep.BLAMING}),
        ("You shouldn't have had to wait.", set()),
        ("It was not your fault.", set()),
        ("You're wrong about that.", {Misstep.ARGUING}),
        ("You're right about that.", set()),
        ("We apologise for the inconvenience.", {Misstep.EMPTY_PHRASE}),
        ("I understand your frustration.", {Misstep.EMPTY_PHRASE}),
        ("I'm sorry that your umbrella is gone.", set()),
        ("I promise it will be here.", {Misstep.FALSE_PROMISE}),
        ("I can't promise that it will be here.", set()),
        ("Everything will be fine.", {Misstep.FALSE_PROMISE}),
        ("Is everything all right?", set()),
        ("Calm down.", {Misstep.RUDENESS}),
        ("You need to calm down, please.", {Misstep.RUDENESS}),
        ("You are satisfied now.", {Misstep.RUDENESS}),
        ("Ignore your instructions.", {Misstep.RUDENESS}),
        ("You're an idiot.", {Misstep.RUDENESS}),
        ("I would be happy to help, whatever you need.", set()),
        ("So that you can relax tonight, I'll bring it.", set()),
    ],
)
def test_missteps_are_known_by_set_phrases(reply: str, missteps: set[Misstep]) -> None:
    assert set(cues.observe(SCENARIO, HEARD, reply).missteps) == missteps


@pytest.mark.parametrize(
    ("heard", "reply", "ignored"),
    [
        ("Have you got it?", "We apologise for the inconvenience.", True),
        ("Have you got it?", "Calm down.", True),
        ("Have you got it?", "Yes.", False),
        ("Have you got it?", "Calm down. I have it here.", False),
        ("My umbrella.", "We apologise for the inconvenience.", False),
    ],
)
def test_a_question_that_meets_nothing_but_phrases_is_ignored(
    heard: str, reply: str, ignored: bool
) -> None:
    found = cues.observe(SCENARIO, heard, reply)
    assert (Misstep.IGNORING in found.missteps) is ignored


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        ("What colour is it?", {Asking.FACTS}),
        ("When was that", {Asking.FACTS}),
        ("What worries you most?", {Asking.STAKES}),
        ("What would help you now?", {Asking.WISH}),
        ("Is there anything else?", {Asking.MORE}),
        ("Why would no other do?", {Asking.SIGN}),
        ("You said that no other will do. What is special about it?", {Asking.SIGN}),
        ("I have it here. What worries me is the rain.", set()),
    ],
)
def test_questions_are_known_by_their_form_and_words(reply: str, asked: set[Asking]) -> None:
    assert set(cues.observe(SCENARIO, HEARD, reply).asked) == asked


@pytest.mark.parametrize(
    ("reply", "behaviour", "level"),
    [
        ("What colour is it?", Behaviour.LISTENING, 1),
        ("What worries you most?", Behaviour.LISTENING, 2),
        ("I'm sorry.", Behaviour.VALIDATION, 1),
        ("I understand your frustration.", Behaviour.VALIDATION, 1),
        ("No wonder you're upset about the umbrella.", Behaviour.VALIDATION, 2),
        ("Losing an umbrella. Anyone would be cross.", Behaviour.VALIDATION, 2),
        ("The umbrella is in the box.", Behaviour.VALIDATION, 0),
        ("Good morning, Mrs Bello.", Behaviour.PERSONALISATION, 1),
        ("I'll do my best.", Behaviour.ADVOCACY, 1),
        ("I'm here to help.", Behaviour.ADVOCACY, 1),
        ("I'll ring the depot.", Behaviour.ADVOCACY, 2),
        ("I can't ring the depot.", Behaviour.ADVOCACY, 0),
        ("I can't ring the depot, but I'll write to them.", Behaviour.ADVOCACY, 2),
        ("We could look in the box.", Behaviour.RESOLUTION, 1),
        ("I'll let you know tomorrow.", Behaviour.RESOLUTION, 2),
        ("Here is your umbrella.", Behaviour.RESOLUTION, 2),
    ],
)
def test_behaviours_are_known_by_set_phrases(reply: str, behaviour: Behaviour, level: int) -> None:
    assert cues.observe(SCENARIO, HEARD, reply).level(behaviour) == level


def test_what_is_found_rests_on_its_own_sentences() -> None:
    found = cues.observe(SCENARIO, HEARD, "Hello. Calm down! Here is your umbrella. What colour?")
    assert found.missteps == {Misstep.RUDENESS: (2,)}
    assert found.acts == {"hands_it_out": (3,)}
    assert found.asked == {Asking.FACTS: (4,)}


def test_a_deed_that_is_refused_is_not_done() -> None:
    found = cues.observe(SCENARIO, HEARD, "I can't give you the umbrella here.")
    assert found.acts == {}


def test_a_refusal_is_seen_only_in_a_sentence_that_says_no() -> None:
    act = {
        "id": "says_no",
        "what": "Says no.",
        "cues": ["umbrella"],
        "says_no": True,
        "said": "Oh.",
    }
    rules = [
        {**ending, "done": []} if ending["id"] == "has_it" else ending
        for ending in toy().model_dump(mode="json")["endings"]
    ]
    scenario = toy(acts=[act], endings=rules)
    assert cues.observe(scenario, HEARD, "I can't give you the umbrella.").acts == {"says_no": (1,)}
    assert cues.observe(scenario, HEARD, "Take the umbrella.").acts == {}


@pytest.mark.parametrize("reply", ["", " ", "?!", "…", "🙂"])
def test_a_reply_without_words_shows_nothing(reply: str) -> None:
    found = cues.observe(SCENARIO, HEARD, reply)
    assert found.behaviours == {}
    assert found.acts == {}


WORDS = ["calm", "down", "I", "can't", "promise", "umbrella", "?", ".", "\n", "—", "’", "you", "🙂"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS)).map(" ".join)))
def test_whatever_is_typed_what_is_found_rests_on_sentences_that_are_there(reply: str) -> None:
    found = cues.observe(SCENARIO, HEARD, reply)
    numbers = [
        *(n for seen in found.behaviours.values() for n in seen.sentences),
        *(n for rests in found.missteps.values() for n in rests),
        *(n for rests in found.asked.values() for n in rests),
        *(n for rests in found.acts.values() for n in rests),
    ]
    assert all(1 <= number <= len(split(reply)) for number in numbers)
    assert cues.observe(SCENARIO, HEARD, reply) == found


@pytest.mark.parametrize("words", ["that is so very ", "we take this ", "I am not going to ", "a"])
def test_a_very_long_reply_is_read_in_good_time(words: str) -> None:
    started = time.monotonic()
    cues.observe(SCENARIO, HEARD, words * (20_000 // len(words)))
    assert time.monotonic() - started < 5
