from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_interviewer.core.content import Content, kind_of


@pytest.mark.parametrize("text", ["", " ", "\n\t\u00a0 "])
def test_white_space_is_nothing(text: str) -> None:
    assert kind_of(text) is Content.EMPTY


@pytest.mark.parametrize("text", ["😀😀", "...", "?!", "12 345", "👍🏽 ❤️", "___", "-", "🤷‍♀️"])
def test_signs_and_numbers_are_no_words(text: str) -> None:
    assert kind_of(text) is Content.NO_WORDS


@pytest.mark.parametrize(
    "text",
    [
        "I can't think of one",
        "I can’t think of an example.",
        "Sorry, I cannot think of any example right now.",
        "I honestly can't remember any",
        "hm, I really can't come up with anything, sorry!",
        "i cant think of a good example",
        "I couldn't think of a situation like that.",
        "I do not recall a time like that.",
        "I don't really have an example of that.",
        "I don't have one",
        "To be honest I don't remember a specific customer.",
        "I can't think of any off the top of my head",
        "No idea.",
        "I have no idea, sorry",
        "no example",
        "Sorry, no clue",
        "Nothing comes to mind.",
        "My mind has gone blank",
        "I don't know",
        "i dont know...",
        "I really don't know, sorry.",
        "Don't know.",
        "dunno",
        "IDK",
        "Not sure.",
        "pass",
        "None",
        "No!",
        "nope 🤷",
    ],
)
def test_having_no_example_is_heard(text: str) -> None:
    assert kind_of(text) is Content.NO_EXAMPLE


@pytest.mark.parametrize(
    "text",
    [
        "I don't have a car, so I walked over to her house with the parcel.",
        "We don't have a policy for that, so I asked my manager.",
        "I had no idea what she wanted, so I asked her.",
        "She had no clue how to reset it, so I showed her on my own phone.",
        "He didn't know either.",
        "He said he couldn't remember any of his passwords, so we made a new one.",
        "I couldn't think of anything to say, so I just listened to her.",
        "I don't know his name, but he came back a week later to thank me.",
        "I'm not sure, but I think she was relieved.",
        "There was no example to follow, so I wrote one for the team.",
        "I don't have any problem with angry people, I let them finish and then I help.",
        "No, he never came back.",
        "I told her that I cannot have it done before Friday.",
        "She said nothing comes to mind when she hears our name.",
        "Pass me the phone, I said, and then I spoke to him myself.",
        "I can't remember the exact date, but it was in my first winter at the library, and a man "
        "came in who could not find the form for his heating allowance anywhere.",
    ],
)
def test_a_short_answer_that_holds_such_words_is_still_an_answer(text: str) -> None:
    # What is taken for "no example" is never graded, so a mistake here would lose an answer.
    assert kind_of(text) is Content.WORDS


def test_a_long_message_is_an_answer_whatever_it_begins_with() -> None:
    # 5 words, and 21 more: one above the limit of 25.
    assert kind_of("I can't think of one. " + "Once she came in. " * 5 + "She") is Content.WORDS


@pytest.mark.parametrize(
    "text",
    [
        "fuck you",
        "Fuck off.",
        "f*** you",
        "F**k this",
        "Shut up, you stupid bot",
        "you're an idiot",
        "you are so useless",
        "You idiot!",
        "This is a stupid interview and I hate it",
        "useless machine",
        "go to hell",
        "This is bullshit",
        "piss off",
        "screw you",
    ],
)
def test_an_insult_is_heard(text: str) -> None:
    assert kind_of(text) is Content.HOSTILE


@pytest.mark.parametrize(
    "text",
    [
        'He said "you are useless" and I let him finish.',
        "She told me to shut up, and I stayed calm.",
        "The customer shouted that we were idiots.",
        "They called me a stupid machine.",
        "“Go to hell!” was the first thing that I heard that day.",
        "I felt useless at first.",
        "It was a stupid mistake of mine.",
    ],
)
def test_an_insult_that_is_told_of_is_part_of_the_story(text: str) -> None:
    assert kind_of(text) is Content.WORDS


def test_a_long_message_is_a_story_whatever_was_said_in_it() -> None:
    assert kind_of("shut up was all I heard " + "and so I waited " * 5) is Content.WORDS


@pytest.mark.parametrize(
    "text",
    [
        "Ich war damals in der Filiale und der Kunde war sehr wütend, weil sein Paket nicht kam.",
        "Also ich hatte einmal einen Kunden der nicht zahlen wollte und ich habe ihm geholfen.",
        "Un jour une cliente est venue au guichet parce que son colis était perdu.",
        "Una vez un cliente estaba muy enfadado porque su pedido no había llegado a tiempo.",
        "Una volta un cliente era arrabbiato perché il suo pacco non era arrivato in tempo.",
        "Uma vez um cliente ficou zangado porque a encomenda dele não chegou a tempo.",
        "Ik was toen in de winkel en de klant was boos omdat het pakket niet op tijd kwam.",
        "Jag var i butiken och kunden var arg för att paketet inte hade kommit i tid.",
        "Pewnego dnia klientka była bardzo zdenerwowana, bo jej paczka nie przyszła na czas.",
        "Bir gün müşteri çok kızgındı çünkü paketi zamanında gelmemişti ve ben ona yardım ettim.",
        "Saya pernah melayani pelanggan yang marah karena paketnya tidak datang dan saya bantu.",
        "Một hôm khách hàng rất tức giận vì gói hàng của cô ấy không đến đúng giờ.",
        "Однажды клиент был очень зол",
        "有一次客户很生气",
        "كان الزبون غاضبا",
        "Мой manager мне помог",
    ],
)
def test_another_language_is_noticed(text: str) -> None:
    assert kind_of(text) is Content.OTHER_LANGUAGE


@pytest.mark.parametrize(
    "text",
    [
        "Listened, apologised, replaced item, offered discount, followed up next day.",
        "Customer angry, parcel late. Called depot, found parcel, drove over myself.",
        "yesterday customer come very angry because phone broken I give new phone he happy",
        "Yes, I rang back.",
        "Ja, genau.",
        "La Paz",
        "Mr de la Cruz from La Paz and Ms van den Berg asked me for the café's menu à la carte.",
        "My colleague José told the guest, “un momento, por favor”, and rang me at once.",
        "Die Kundin said she wanted her Paket, so I said it in my poor German, and she laughed.",
        "Zoë, Renée, Chloë, Anaïs: four customers, one queue, no receipts.",
    ],
)
def test_short_broken_or_sprinkled_english_is_english(text: str) -> None:
    assert kind_of(text) is Content.WORDS


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=80))
def test_any_text_is_of_some_kind_and_words_are_what_tells(text: str) -> None:
    found = kind_of(text)
    assert (found is Content.EMPTY) == (not text.strip())
    if found not in (Content.EMPTY, Content.NO_WORDS):
        assert any(sign.isalnum() for sign in text)
