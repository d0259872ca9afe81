"""Other names: what is found, what is left alone, and that the text stays as natural as it was."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_interviewer.core.transcript import split
from mock_interviewer.evaluation.pseudonyms import pseudonymised
from mock_interviewer.evaluation.wordlists import load_word_lists

DEV = Path(__file__).resolve().parents[2] / "evals" / "reference" / "dev.jsonl"


def new(*texts: str, **options: object) -> str:
    return " | ".join(pseudonymised(texts, **options).texts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I rang Femi.", "I rang Robin."),
        ("Femi was upset.", "Robin was upset."),
        ("I rang Mrs Okonjo.", "I rang Mrs Hughes."),
        ("I rang Dr. Okonjo. She came.", "I rang Dr. Hughes. She came."),
        ("I rang Mr. T. Okafor.", "I rang Mr. J. Hughes."),
        ("I rang Ada Mensah-Cole.", "I rang Robin Hughes."),
        ("Then Ada Mensah came, and Ada sat.", "Then Robin Hughes came, and Robin sat."),
        ("I rang Gerald Bass.", "I rang Robin Hughes."),
        ("I rang Grace.", "I rang Robin."),
        ("We met in Graz.", "We met in Ashford."),
        ("I was at Brackwell.", "I was at Northgate."),
        ("I was at the Brackwell Hotel.", "I was at the Northgate Hotel."),
        ("She lives in Mill Lane.", "She lives in Elm Lane."),
        ("She lives at 14 Mill Lane.", "She lives at 82 Elm Lane."),
        ("It was Femi's idea, Femi'd said.", "It was Robin's idea, Robin'd said."),
        ("Mr Marchetti and the Marchettis came.", "Mr Hughes and the Hughess came."),
        (
            "so mr tran came and femi had rung mr tran",
            "so mr hughes came and femi had rung mr hughes",
        ),
        ("hello my name is zdenka", "hello my name is robin"),
        ("a woman called yara had it", "a woman called robin had it"),
        ("we asked sarah about it", "we asked robin about it"),
        ("I rang Femi. femi came.", "I rang Robin. robin came."),
        ("FEMI! I rang Femi.", "ROBIN! I rang Robin."),
        ("I rang Robin.", "I rang Alex."),  # never a name that is there already
    ],
)
def test_a_name_is_replaced(text: str, expected: str) -> None:
    assert new(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to ada.k@mail.test now.", "Write to person1@example.org now."),
        ("See https://shop.test/ada?x=1.", "See www.example1.org."),
        ("See shop-of-ada.com, please.", "See www.example1.org, please."),
        ("Order number 48213 is late.", "Order number 82967 is late."),
        ("It was case 4417, no. 4417.", "It was case 8291, no. 8291."),
        ("Ring 0412 555 019 or 0412555019.", "Ring 8291 637 548 or 8291637548."),
        ("Her code was AB-12345-X.", "Her code was RT-89163-M."),
        ("She lives at LS1 4AP.", "She lives at RT8 2MW."),
    ],
)
def test_a_detail_is_replaced_in_its_form(text: str, expected: str) -> None:
    assert new(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "On Monday, in March, I spoke Turkish with a Romanian man from Poland.",
        "She said: \"Sorry, sir. What was ordered?\" Then I'd a look. When's it due? You're late.",
        "Nowadays people wait. Ref: none. Sorting it took an hour. Checks were made.",
        "We use PowerPoint and Excel in IT, and it is NOT fun.",
        "It cost £12,000 on 2024-03-05, between 9.30 and 17.00, in 2019-2021, for 10 000 people.",
        "Room 12 has 40 beds. I'm sure I can't. Twenty-two came.",
        "will you mark it, may i ask, in the grace period",
    ],
)
def test_what_tells_of_nobody_stays(text: str) -> None:
    assert new(text) == text


def test_one_name_has_one_other_in_question_and_answer() -> None:
    assert new("What did Mrs Okonjo want?", "A refund. Okonjo was cross.", "And Femi?") == (
        "What did Mrs Hughes want? | A refund. Hughes was cross. | And Robin?"
    )


def test_every_replacement_is_told_with_its_sentence_and_marked() -> None:
    found = pseudonymised(["It rained. I rang Femi.", "Femi came."])
    assert found.replaced == (("Femi", "Robin", "I rang Femi.", 2),)
    assert [
        text[slice(*mark)]
        for text, marks in zip(found.texts, found.marks, strict=True)
        for mark in marks
    ] == ["Robin", "Robin"]


def test_words_that_may_be_names_and_were_left_are_told() -> None:
    found = pseudonymised(["Grace came on Monday. I said, Front Desk, DND, and Monday. The end."])
    assert [(left.word, left.times) for left in found.left] == [
        ("Grace", 1),
        ("Monday", 2),
        ("Front", 1),
        ("Desk", 1),
        ("DND", 1),
    ]
    assert found.left[0].sentence == "Grace came on Monday."


def test_what_the_user_says_goes_before_what_is_found() -> None:
    assert new("I rang Femi in Graz.", replace={"Femi": "Jo"}) == "I rang Jo in Ashford."
    assert new("I rang Femi in Graz.", keep=["Femi"]) == "I rang Femi in Ashford."
    assert new("Order 48213 came.", keep=["48213"]) == "Order 48213 came."
    # A whole word, and its new name is given to nobody else.
    assert new("Fem rang Femi and Ilse.", replace={"Femi": "Alex"}) == "Robin rang Alex and Kim."
    assert new("I rang Femi, then Ilse.", replace={"Femi": "Robin"}) == "I rang Robin, then Alex."


def test_every_replacement_that_is_told_can_be_asked_for() -> None:
    text = "I asked Xenia7fQ about the parcel of Ottoline_2 and she had sent it to Brunhilde again."
    told = pseudonymised([text]).replaced
    assert told
    for replacement in told:
        (made,) = pseudonymised([text], replace={replacement.old: "Somebody"}).texts
        assert "Somebody" in made


@pytest.mark.parametrize(
    ("old", "text", "new"),
    [
        ("Ann", "Ann told Anna.", "Eve told Anna."),
        ("Ann", "It was Ann7 and xAnn.", "It was Eve7 and xAnn."),
        ("5", "5 of 15, A5 and 52.", "Eve of 15, A5 and 52."),
    ],
)
def test_what_the_user_names_is_replaced_where_it_is_no_part_of_a_word_or_number(
    old: str, text: str, new: str
) -> None:
    assert pseudonymised([text], replace={old: "Eve"}, keep=["Anna"]).texts == (new,)


def test_there_is_a_name_for_everybody_in_a_long_list() -> None:
    names = [f"Xy{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}zz" for n in range(100)] * 2
    said = pseudonymised(["I rang " + ", ".join(names) + "."])
    others = {found.new for found in said.replaced}
    assert len(others) == len(said.replaced) == 100


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="Ab.1 @'’-?\nMr,Öé+#", max_size=60), max_size=4))
def test_any_text_can_be_read(texts: list[str]) -> None:
    found = pseudonymised(texts)
    assert len(found.texts) == len(texts)


def test_no_answer_of_dev_falls_into_other_sentences() -> None:
    for line in DEV.read_text(encoding="utf-8").splitlines():
        texts = [turn["text"] for turn in json.loads(line)["transcript"]]
        found = pseudonymised(texts)
        assert [len(split(text)) for text in found.texts] == [len(split(text)) for text in texts]


def test_the_names_told_with_a_title_in_dev_are_all_replaced() -> None:
    for line in DEV.read_text(encoding="utf-8").splitlines():
        texts = [turn["text"] for turn in json.loads(line)["transcript"]]
        said = " ".join(texts)
        names = set(re.findall(r"\b(?:Mrs?|Ms|Dr)\.? ([A-Z][\w-]+)", said))
        after = " ".join(pseudonymised(texts).texts)
        assert not [name for name in names if re.search(rf"\b{name}\b", after)], line[:20]


def test_new_names_are_all_different_and_none_of_them_is_kept_as_a_word() -> None:
    new_names = load_word_lists().new
    people = [name.lower() for name in (*new_names.given, *new_names.surnames)]
    assert len(set(people)) == len(people)
    assert not set(people) & load_word_lists().kept
