from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_interviewer.errors import ModelUnavailableError
from mock_interviewer.interviewing.wording import (
    MAX_WORDS,
    UnfitProbeError,
    checked,
    guarded,
)

QUESTION = "Tell me about a time when a customer was angry with you."
FORTY = " ".join(["What", *["very"] * (MAX_WORDS - 2), "then?"])

FIT = [
    # as it should be
    ("What happened after that?", "What happened after that?"),
    ("How did it end?", "How did it end?"),
    ("Could you say what she answered?", "Could you say what she answered?"),
    ("So, what happened to the parcel?", "So, what happened to the parcel?"),
    ("And then, what did you do?", "And then, what did you do?"),
    ("In the end, what changed for her?", "In the end, what changed for her?"),
    ("At that point, what was your job?", "At that point, what was your job?"),
    ("After calling her back, what did you do?", "After calling her back, what did you do?"),
    ("In what words did you tell her?", "In what words did you tell her?"),
    # with the candidate's own words first
    (
        "While the whole desk was at it, what did you do?",
        "While the whole desk was at it, what did you do?",
    ),
    (
        "From finding the digits to the end, what did you do yourself?",
        "From finding the digits to the end, what did you do yourself?",
    ),
    (
        'You say "grand enough"; how had it turned out for her?',
        'You say "grand enough"; how had it turned out for her?',
    ),
    (
        "Picture one such day: where is your desk, and who is waiting?",
        "Picture one such day: where is your desk?",
    ),
    (
        "You mention a queue, and a door: which day was that?",
        "You mention a queue, and a door: which day was that?",
    ),
    ("Whose idea was it to ring her?", "Whose idea was it to ring her?"),
    ("What did you need to find out first?", "What did you need to find out first?"),
    ("What did Mr. Bello say to that?", "What did Mr. Bello say to that?"),
    (
        'What did you do when she asked "Where is it?" again?',
        'What did you do when she asked "Where is it?" again?',
    ),
    (
        "What did you do when she said “oh, and what about me” then?",
        "What did you do when she said “oh, and what about me” then?",
    ),
    (FORTY, FORTY),
    # one thing that only looks like two
    ("What did you say and do next?", "What did you say and do next?"),
    ("Did you mend the till or cancel the order?", "Did you mend the till or cancel the order?"),
    ("What did you check and document there?", "What did you check and document there?"),
    ("How and why did you change the plan?", "How and why did you change the plan?"),
    # two things
    ("What happened after that? How did she react?", "What happened after that?"),
    ("What happened after that, and how did she react?", "What happened after that?"),
    ("What happened after that , and how did she react?", "What happened after that?"),
    ("What happened after that and did she come back?", "What happened after that?"),
    ("What did you tell her, and if so, what did she say?", "What did you tell her?"),
    ("Did she come back to you, or was that all?", "Did she come back to you?"),
    ("How did you feel about it, but what did you say?", "How did you feel about it?"),
    ("What did you do then?\n1. Call her?\n2. Write to her?", "What did you do then?"),
    # marks and labels around it
    ("  What happened\n  after that?  ", "What happened after that?"),
    ('"What happened after that?"', "What happened after that?"),
    ("“What happened after that?”", "What happened after that?"),
    ("**What happened after that?**", "What happened after that?"),
    ("Interviewer: What happened after that?", "What happened after that?"),
    ("INTERVIEWER : “What happened after that?”", "What happened after that?"),
    ("Follow-up question: What happened after that?", "What happened after that?"),
    ("**Question:** What happened after that?", "What happened after that?"),
    ("1. What happened after that?\n2. How did it end?", "What happened after that?"),
    ("- What happened after that?", "What happened after that?"),
    # more after it
    ("What happened after that? Great answer so far!", "What happened after that?"),
    ("What happened after that? You should have rung her.", "What happened after that?"),
    ("What happened after that?\n\nCandidate: She left. What", "What happened after that?"),
]

UNFIT = [
    # praise and blame
    "Great answer! What happened after that?",
    "That's great. What happened after that?",
    "Thank you for sharing. What happened after that?",
    "What made this such a good example?",
    "What a difficult day! How did it end?",
    "How did you come up with that excellent approach?",
    "What else, since your answer was vague and it was a weak answer?",
    "Why was your score for this so low?",
    "What was the result, as the STAR method asks?",
    "What do you think you should have done there?",
    "Do you see what you need to do better?",
    # no question
    "",
    " \n ",
    "***",
    '""',
    "none",
    "She was happy in the end.",
    "I would like to know how it ended.",
    "You mentioned that she was upset. What did you do then?",
    "Tell me how it ended, would you?",
    "Here are some questions:\n1. What happened after that?",
    "What happened after that",
    "What happened after that and how",
    # too short, too long
    "Why?",
    "What happened then?",
    "What happened, and how did she react to that?",
    FORTY.replace("then", "very then"),
    "What " + "and then he said that " * 20,
    # asked before
    "Tell me about a time when a customer was angry with you?",
    "How did you know that it had worked?",
    "How did you know it had worked, then?",
]
SAID = [QUESTION, "How did you know that it had worked?"]


def outcome(pieces: Sequence[str], said: Sequence[str] = SAID) -> tuple[list[str], str | None]:
    """What was shown on the way, and the whole probe, or None for an unfit one."""
    shown: list[str] = []
    try:
        for text in guarded(pieces, said):
            shown.append(text)
    except UnfitProbeError:
        return shown, None
    return shown[:-1], shown[-1]


def in_two(text: str) -> Iterator[list[str]]:
    for place in range(len(text) + 1):
        yield [text[:place], text[place:]]


@pytest.mark.parametrize(("text", "probe"), FIT)
def test_a_models_words_are_cut_to_one_question(text: str, probe: str) -> None:
    assert checked(text, SAID) == probe


@pytest.mark.parametrize("text", UNFIT)
def test_what_is_no_single_neutral_question_is_refused(text: str) -> None:
    with pytest.raises(UnfitProbeError):
        checked(text, SAID)


@pytest.mark.parametrize(("text", "probe"), FIT)
def test_the_probe_is_the_same_wherever_its_stream_is_cut(text: str, probe: str) -> None:
    for pieces in (list(text), *in_two(text)):
        assert outcome(pieces)[1] == probe, pieces


@pytest.mark.parametrize("text", UNFIT)
def test_what_is_unfit_is_refused_wherever_its_stream_is_cut(text: str) -> None:
    for pieces in (list(text), *in_two(text)):
        assert outcome(pieces)[1] is None, pieces


@pytest.mark.parametrize(("text", "probe"), FIT)
def test_what_is_shown_grows_and_is_never_taken_back(text: str, probe: str) -> None:
    for pieces in (list(text), *in_two(text)):
        shown, whole = outcome(pieces)
        assert whole == probe
        for before, after in pairwise([*shown, probe]):
            assert after.startswith(before)
            assert len(after) > len(before)


def test_words_are_shown_as_they_come() -> None:
    words = ["What", " did", " you", " tell", " her", " on", " the", " phone", "?"]
    # The last word may be unfinished, or begin a second question.
    assert outcome(words)[0] == [
        "What",
        "What did",
        "What did you",
        "What did you tell",
        "What did you tell her",
        "What did you tell her on",
        "What did you tell her on the",
    ]


def test_a_joint_is_held_back_until_it_is_known_what_follows() -> None:
    words = ["What did you tell her", ", and", " if", " so,", " did", " she", " listen?"]
    shown, whole = outcome(words)
    assert shown == ["What did you tell", "What did you tell her"]
    assert whole == "What did you tell her?"


@pytest.mark.parametrize(
    "text", ["I think that you did very well", "You were a great example of it"]
)
def test_a_statement_is_refused_before_any_of_it_is_shown(text: str) -> None:
    assert outcome(list(text)) == ([], None)


def test_a_statement_is_refused_as_soon_as_it_is_one() -> None:
    def pieces() -> Iterator[str]:
        yield from ["I", " think", " that", " you", " were"]
        raise AssertionError("read on")

    with pytest.raises(UnfitProbeError):
        list(guarded(pieces(), SAID))


def test_nothing_is_read_after_the_question() -> None:
    def pieces() -> Iterator[str]:
        yield "What happened after that?"
        raise AssertionError("read on")

    assert list(guarded(pieces(), SAID)) == ["What happened after that?"]


@pytest.mark.parametrize(
    "text", ["After that, " * 400, "and then " * 400, "What did you do, and if " * 300, '"“' * 1000]
)
def test_a_model_that_repeats_itself_costs_no_time(text: str) -> None:
    started = time.monotonic()
    assert outcome(list(text))[1] is None
    assert time.monotonic() - started < 2


def test_text_without_an_end_is_given_up() -> None:
    read = 0

    def pieces() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield "what "

    with pytest.raises(UnfitProbeError):
        list(guarded(pieces(), SAID))
    assert read <= MAX_WORDS + 3


def test_a_fault_in_the_middle_comes_through() -> None:
    def pieces() -> Iterator[str]:
        yield "What happened after that evening with"
        raise ModelUnavailableError("gone")

    probe = guarded(pieces(), SAID)
    assert next(probe) == "What happened after that evening"
    with pytest.raises(ModelUnavailableError):
        next(probe)


@pytest.mark.parametrize(
    ("probe", "same"),
    [
        # Seven different words. Six of them, and another: 6 / 7 = 0.86 are shared.
        ("How did you know that it worked?", True),
        # Five of the seven, and two others: 5 / 7 = 0.71.
        ("How did you see that it ended?", False),
    ],
)
def test_sharing_four_fifths_of_the_words_is_a_repetition(probe: str, same: bool) -> None:
    said = ["How did you know that it helped?"]
    assert (outcome([probe], said)[1] is None) == same


FRAGMENTS = st.sampled_from(
    ["What", "how", "did", "do", "you", "she", "the", "and", "or", "but", ",", "if so,", "if", "so",
     "?", ".", "!", " ", " ", " ", "\n", "*", '"', "“", "”", "Interviewer", ":", "question", "1.",
     "-", "After", "calling", "canned", "document", "great", "answer", "you should", "when", "in",
     "the end,", "parcel", "Mr.", "é", "☎"]
)  # fmt: skip
SCRIBBLES = st.lists(FRAGMENTS, max_size=25)
SPACED = SCRIBBLES.map(lambda parts: ["What did you tell", *(f" {part}" for part in parts)])


@settings(deadline=None, max_examples=250)
@given(st.one_of(SCRIBBLES, SPACED))
def test_no_way_to_cut_a_stream_changes_the_probe_or_takes_words_back(parts: list[str]) -> None:
    text = "".join(parts)
    _, probe = outcome([text])
    for pieces in (parts, list(text)):
        shown, whole = outcome(pieces)
        assert whole == probe
        if whole is not None:
            assert all(whole.startswith(words) for words in shown)


@settings(deadline=None, max_examples=250)
@given(st.one_of(SCRIBBLES, SPACED))
def test_a_probe_is_one_question_of_a_line(parts: list[str]) -> None:
    _, probe = outcome(parts)
    if probe is not None:
        assert probe.endswith("?")
        assert "\n" not in probe
        assert 4 <= len(probe.split()) <= MAX_WORDS
        assert checked(probe, SAID) == probe
