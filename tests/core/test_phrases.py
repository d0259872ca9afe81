"""What code notices in the wording of a line."""

from __future__ import annotations

import pytest

from mock_interviewer.core.phrases import Within, load_phrases, remarks, strange_numbers


def noticed(text: str, within: Within = Within.REPLY) -> list[tuple[str, str]]:
    return [(remark.id, remark.quote) for remark in remarks(text, within)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I understand your frustration.", [("stock_phrase", "I understand your frustration")]),
        ("I understand your concern, Ana.", [("stock_phrase", "I understand your concern")]),
        ("I UNDERSTAND YOUR ANGER", [("stock_phrase", "I UNDERSTAND YOUR ANGER")]),
        ("I’m sorry to hear that.", [("stock_phrase", "sorry to hear that")]),
        ("I understand you waited since noon.", []),
        ("Do I understand your question right?", []),
        ("I hear you, Sam.", [("stock_phrase", "I hear you")]),
        ("I hear you were sent away twice.", []),
        ("I'm sorry to hear that", [("stock_phrase", "sorry to hear that")]),
        ("I'm sorry to hear that your oven caught fire.", []),
        ("You've waited since noon, on your feet.", []),
        (
            "Sorry for the inconvenience caused.",
            [("stock_phrase", "for the inconvenience caused")],
        ),
        ("I promise you'll have it.", [("promise", "I promise")]),
        ("I can't promise that.", []),
        ("I won't promise it, but I will ask.", []),
        ("It is not guaranteed.", []),
        ("It will definitely come, 100% sure.", [("promise", "definitely"), ("promise", "100%")]),
        ("Definitely. Definitely!", [("promise", "Definitely")]),
        ("It's indefinitely delayed.", []),
        ("You should have kept the receipt.", [("blame", "You should have")]),
        ("That is your fault.", [("blame", "your fault")]),
        ("That's not your fault at all.", []),
        ("There is nothing you should have done.", []),
        ("Calm down, please.", [("blame", "Calm down")]),
        ("Poor you!", [("pity", "Poor you")]),
        ("You poor soul.", [("pity", "You poor soul")]),
        ("That's against policy.", [("rule", "against policy")]),
        ("At least it's Friday.", [("minimising", "At least it's")]),
        ("He can at least see him.", []),
        ("It'll be there on Friday at the latest.", []),
        ("", []),
        ("...", []),
    ],
)
def test_wordings_are_noticed_with_the_words_themselves(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert noticed(text) == found


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("I'm sorry, but it is closed.", "sorry, but"),
        ("I see that you waited, but we close.", "see that you waited, but"),
        ("We appreciate it; however we can't.", "appreciate it; however"),
        ("I'm sorry. But there is a way.", None),
        ("It's late, but I'll look.", None),
        ("Nothing but the truth.", None),
        ("But I am sorry.", None),
    ],
)
def test_a_but_is_noticed_where_it_takes_back_an_apology(text: str, quote: str | None) -> None:
    found = [quote for name, quote in noticed(text) if name == "but"]
    assert found == ([quote] if quote else [])


def test_every_quote_stands_in_the_text_to_the_letter() -> None:
    text = "I’m sorry to hear that; you should’ve rung, I hear you, but DON’T WORRY."
    found = remarks(text)
    assert {remark.id for remark in found} == {"stock_phrase", "blame", "but", "minimising"}
    assert all(remark.quote in text for remark in found)


def test_a_verdict_is_noticed_in_a_result_and_a_stock_phrase_is_not() -> None:
    text = "She was very satisfied, and rest assured."
    assert noticed(text, Within.RESULT) == [("vague", "was very satisfied")]
    assert noticed(text) == [("stock_phrase", "rest assured")]


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("From 40 to 6.", []),
        ("From 40 to 5.", ["5"]),
        ("At 7.30 there were 40.", ["7.30"]),
        ("From forty to six.", []),
        ("40, 41 and 41.", ["41"]),
    ],
)
def test_figures_that_are_not_known_are_noticed(text: str, strange: list[str]) -> None:
    assert [remark.quote for remark in strange_numbers(text, "It fell from 40 to 6.")] == strange


def test_a_remark_never_scolds() -> None:
    scolding = {"bad", "wrong", "poor", "fail", "failed", "never", "must"}
    for group in load_phrases():
        assert scolding.isdisjoint(group.remark.lower().split()), group.id


def test_a_long_text_of_half_phrases_is_read_quickly() -> None:
    assert noticed("i understand your " * 5000)[0][0] == "stock_phrase"
    assert noticed("sorry " * 5000) == []
