"""Yes/no items: every figure between a log-probability and a level, worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.rubric import Criterion
from mock_interviewer.core.transcript import Line, Role, sentences
from mock_interviewer.errors import ModelRefusedError
from mock_interviewer.grading import checklist
from mock_interviewer.llm.chat import Reply, Token
from tests.toy_rubric import ANSWER, QUESTION, RUBRIC, TOLD, labels

STORY = RUBRIC.criterion("story")  # items needed for 3, 4 and 5 on a scale from 1 to 5
CARE = RUBRIC.criterion("care")  # items needed for 1 and 2 on a scale from 0 to 2
HEART = RUBRIC.criterion("heart")  # one item needed for 3


def reply(**probabilities: float) -> Reply:
    return Reply("x", (Token("x", {name: math.log(p) for name, p in probabilities.items()}),))


# Log-odds


def test_log_odds_are_those_of_all_spellings_of_yes_against_all_of_no() -> None:
    # (0.5 + 0.1) to 0.2 is 3 to 1.
    alternatives = {"Yes": 0.5, " yes": 0.1, "No": 0.15, "NO ": 0.05, "Nope": 0.1, "Maybe": 0.1}
    found = reply(**alternatives)
    assert checklist.log_odds(found) == pytest.approx(math.log(3), abs=1e-4)


def test_a_side_that_is_not_among_the_top_tokens_counts_as_one_in_a_million() -> None:
    assert checklist.log_odds(reply(Yes=1.0)) == pytest.approx(math.log(1e6), abs=1e-3)
    assert checklist.log_odds(reply(No=1.0)) == pytest.approx(-math.log(1e6), abs=1e-3)


@pytest.mark.parametrize("about_something_else", [reply(Well=0.9), reply()])
def test_a_reply_about_something_else_is_refused(about_something_else: Reply) -> None:
    with pytest.raises(ModelRefusedError):
        checklist.log_odds(about_something_else)


def test_only_the_first_token_counts() -> None:
    tokens = (Token("No", {"No": 0.0}), Token("Yes", {"Yes": 0.0}))
    assert checklist.log_odds(Reply("No Yes", tokens)) < 0


def test_without_log_probabilities_a_reply_is_refused() -> None:
    with pytest.raises(ModelRefusedError, match="gives no log-probabilities"):
        checklist.log_odds(Reply("Yes"))


# How far an item is met


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, 0.5), (math.log(3), 0.75), (-math.log(3), 0.25), (14, 1.0)]
)
def test_without_a_calibration_an_item_is_met_with_its_plain_probability(
    value: float, expected: float
) -> None:
    assert checklist.met(value) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-3.0, 0.0), (-1.0, 0.0), (0.0, 0.25), (1.0, 0.5), (3.0, 1.0), (9.0, 1.0)],
)
def test_calibrated_an_item_lies_on_the_line_from_empty_to_full_answers(
    value: float, expected: float
) -> None:
    # From -1 on empty answers to 3 on full ones: 4 apart, so that 0 is a quarter of the way.
    assert checklist.met(value, null=-1.0, full=3.0) == pytest.approx(expected)


@pytest.mark.parametrize(("full", "expected"), [(0.29, 0.5), (0.0, 0.5), (-4.0, 0.5), (0.31, 1.0)])
def test_an_item_that_hardly_tells_empty_from_full_says_nothing(
    full: float, expected: float
) -> None:
    assert checklist.met(5.0, null=0.0, full=full) == expected


# From items to a level


@pytest.mark.parametrize(
    ("criterion", "values", "expected"),
    [
        # 1 + 2a + 1b + 1c
        (STORY, (0.0, 0.0, 0.0), 1),
        (STORY, (1.0, 1.0, 1.0), 5),
        (STORY, (1.0, 0.0, 0.0), 3),
        (STORY, (0.9, 0.5, 0.2), 4),  # 1 + 1.8 + 0.5 + 0.2 = 3.5, to the even 4
        (STORY, (0.75, 0.0, 0.0), 2),  # 1 + 1.5 = 2.5, to the even 2
        (STORY, (0.5, 0.25, 0.25), 2),  # 1 + 1.0 + 0.25 + 0.25 = 2.5
        (STORY, (0.7, 0.2, 0.1), 3),  # 2.7
        (STORY, (0.0, 1.0, 1.0), 3),  # 1 + 0 + 1 + 1: a missing occasion costs two levels
        # 0 + 1a + 1b
        (CARE, (0.0, 0.0), 0),
        (CARE, (1.0, 0.4), 1),
        (CARE, (1.0, 0.6), 2),
        # 1 + 2a, and nothing is told of 4 and 5
        (HEART, (1.0,), 3),
        (HEART, (0.2,), 1),  # 1.4
    ],
)
def test_each_item_is_worth_the_levels_from_the_item_before_to_its_own(
    criterion: Criterion, values: tuple[float, ...], expected: int
) -> None:
    items = {item.id: value for item, value in zip(criterion.items, values, strict=True)}
    assert checklist.level(criterion, items) == expected


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.floats(0, 1), st.integers(0, 2))
@settings(deadline=None, max_examples=60)
def test_meeting_an_item_better_never_lowers_a_level_and_none_leaves_the_scale(
    values: list[float], more: float, which: int
) -> None:
    names = [item.id for item in STORY.items]
    before = checklist.level(STORY, dict(zip(names, values, strict=True)))
    values[which] = max(values[which], more)
    after = checklist.level(STORY, dict(zip(names, values, strict=True)))
    assert 1 <= before <= after <= 5


# What is missing


def test_what_is_missing_are_the_items_that_can_be_probed_for_the_weakest_first() -> None:
    items = {
        "occasion": 0.4,
        "scene": 0.0,  # no probe asks for it
        "ending": 0.1,
        "proof": 0.5,  # half met is not missing
        "noticed": 0.49,
    }
    found = checklist.missing_items(RUBRIC, items)
    assert [item.id for item in found] == ["ending", "occasion", "noticed"]


# What is asked


def test_all_items_of_an_answer_share_everything_before_the_item() -> None:
    prompt = load_prompt("checklist")
    items = [item for criterion in RUBRIC.criteria for item in criterion.items]
    requests = [checklist.item_request(prompt, QUESTION, ANSWER, item) for item in items]
    for request, item in zip(requests, items, strict=True):
        assert request.messages[:-1] == requests[0].messages[:-1]
        assert request.messages[-1].content.endswith(item.question)
        assert (request.max_tokens, request.top_logprobs) == (1, 10)
    start = requests[0].messages[-1].content.removesuffix(items[0].question)
    assert all(request.messages[-1].content.startswith(start) for request in requests)
    assert TOLD in start


def test_an_item_is_asked_in_its_short_form_where_it_has_one() -> None:
    (ending,) = (item for item in RUBRIC.criterion("end").items if item.id == "ending")
    request = checklist.item_request(load_prompt("checklist"), QUESTION, ANSWER, ending)
    assert request.messages[-1].content.endswith("Ended?")


def test_an_answer_that_grows_by_a_reply_keeps_its_beginning_to_the_letter() -> None:
    prompt, item = load_prompt("checklist"), STORY.items[0]
    longer = [
        *ANSWER,
        Line(role=Role.INTERVIEWER, text="How did it end?"),
        Line(role=Role.CANDIDATE, text="Well."),
    ]
    before, after = (
        checklist.item_request(prompt, QUESTION, lines, item).messages[-1].content
        for lines in (ANSWER, longer)
    )
    assert after.startswith(before.removesuffix(item.question).rstrip())


def test_labels_are_asked_for_all_sentences_with_room_for_each() -> None:
    lines = [Line(role=Role.CANDIDATE, text="I rang\n her  twice.\nShe came.")]
    request = checklist.labels_request(load_prompt("labels"), sentences(lines))
    # "I rang" / "her  twice." / "She came." are three sentences: 3 * 6 + 6 tokens.
    assert request.max_tokens == 24
    assert request.messages[-1].content == "1. I rang\n2. her twice.\n3. She came."


def test_the_labels_are_those_that_the_prompt_defines() -> None:
    wanted = "setting goal feeling ask understanding step check outcome others talk".split()
    assert checklist.label_names(load_prompt("labels")) == tuple(wanted)


# Labels and evidence

NAMES = ("setting", "feeling", "step", "outcome", "others", "understanding")


def test_label_shares_are_read_line_by_line() -> None:
    found = checklist.label_shares(labels({"setting": 0.7, "step": 0.3}, "outcome"), NAMES, [1, 2])
    assert set(found) == {1, 2}
    assert found[1]["setting"] == pytest.approx(0.7)
    assert found[1]["step"] == pytest.approx(0.3)
    assert found[1]["outcome"] == 0.0
    assert found[2]["outcome"] == pytest.approx(1.0)


def tokens(*texts: str) -> Reply:
    return Reply("".join(texts), tuple(Token(text, {text: 0.0}) for text in texts))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("1", " set", "ting", "\n", "2", " out", "come"), {1: "setting", 2: "outcome"}),
        (("1", ".", " setting", "\n"), {1: "setting"}),
        (("1", "2", " step", "\n"), {12: "step"}),
        (("1", " setting", " step", "\n"), {1: "setting"}),  # the first word of the line
        (("1", " setting", "\n", "1", " step"), {1: "setting"}),  # the first line of the sentence
        (("9", "9", " step", "\n", "2", " step"), {2: "step"}),  # no such sentence
        (("setting", "\n", "step"), {}),
        (("1", "\n", " setting"), {}),
        ((), {}),
    ],
)
def test_a_label_belongs_to_the_number_of_its_line(
    said: tuple[str, ...], expected: dict[int, str]
) -> None:
    found = checklist.label_shares(tokens(*said), NAMES, range(1, 13))
    assert {n: max(s, key=lambda label: s[label]) for n, s in found.items()} == expected


def test_a_label_without_probabilities_is_none() -> None:
    said = (Token("1", {}), Token(" step", {}), Token("\n", {}), Token("2", {}), Token("Hm", {}))
    assert checklist.label_shares(Reply("", said), NAMES, [1, 2]) == {}


def test_a_token_counts_for_the_first_label_that_it_begins() -> None:
    # "o" begins outcome and others; a word that begins none counts for none.
    found = checklist.label_shares(
        Reply("", (Token("1", {}), Token(" o", {" o": 0.0, " banana": 0.0, " ": 0.0}))), NAMES, [1]
    )
    assert found[1] == {**dict.fromkeys(NAMES, 0.0), "outcome": 1.0}


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({}, ()),
        # Sure ones of the best label, in the order of the answer.
        ({3: {"understanding": 1.0}, 1: {"understanding": 0.6, "step": 0.4}}, (1, 3)),
        # The second label only where no sentence has the first.
        ({1: {"feeling": 1.0}, 2: {"understanding": 0.9, "feeling": 0.1}}, (2,)),
        ({1: {"feeling": 1.0}, 2: {"step": 1.0}}, (1,)),
        # None is sure: the likeliest of both labels together, 0.2 + 0.25 against 0.4.
        (
            {
                1: {"step": 0.55, "understanding": 0.2, "feeling": 0.25},
                2: {"step": 0.6, "feeling": 0.4},
            },
            (1,),
        ),
        # At most three: the surest, in the order of the answer.
        ({n: {"feeling": 0.5 + n / 10, "step": 0.3} for n in (4, 1, 2, 3)}, (2, 3, 4)),
    ],
)
def test_evidence_are_the_sentences_with_the_criterions_best_label(
    shares: dict[int, dict[str, float]], expected: tuple[int, ...]
) -> None:
    assert checklist.evidence(HEART, shares) == expected  # understanding before feeling


def test_a_criterion_without_labels_has_no_evidence() -> None:
    bare = HEART.model_copy(update={"labels": ()})
    assert checklist.evidence(bare, {1: {"feeling": 1.0}}) == ()


def test_a_digit_that_is_no_number_is_no_sentence() -> None:
    tokens = (Token("²", {}), Token(" step", {" step": 0.0}))
    assert checklist.label_shares(Reply("", tokens), ("step",), [2]) == {}
