from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_interviewer.core.transcript import (
    LONG_SENTENCE_WORDS,
    Line,
    Role,
    Sentence,
    Span,
    pieces,
    sentences,
    split,
)

SPOKEN = st.lists(
    st.sampled_from(
        ["I", "asked", "her", "and", "but", "so", "because", "then", "waited,", "called.", "Why?",
         "No.", "Mr.", "St.", "e.g.", "5 p.m.", "etc.", "\n", "\n\n", "\t", "…", "Stop!\"",
         "'Yes.'", "3.5", "😀", "。", "ok...", "a" * 30]
    ),
    max_size=120,
).map(" ".join)  # fmt: skip
TEXTS = st.one_of(SPOKEN, st.text(max_size=200))


def texts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


def words(count: int, word: str = "word") -> str:
    return " ".join([word] * count)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \n\t ", []),
        ("I helped", ["I helped"]),
        ("I helped. She left.", ["I helped.", "She left."]),
        ("Why? Because! Well… yes", ["Why?", "Because!", "Well…", "yes"]),
        ("I waited... Then she rang?!", ["I waited...", "Then she rang?!"]),
        ("one\ntwo\r\n\r\nthree", ["one", "two", "three"]),
        ("  I helped.   She left.  ", ["I helped.", "She left."]),
        ('She said "no." I left.', ['She said "no."', "I left."]),
        ("He shouted “Out!” (at me.) So I went.", ["He shouted “Out!”", "(at me.)", "So I went."]),
        ("It cost 3.50 a metre.", ["It cost 3.50 a metre."]),
        ("See example.com for it", ["See example.com for it"]),
        ("Mr. Bello and Dr. Ito came.", ["Mr. Bello and Dr. Ito came."]),
        ("I like tea, e.g. green.", ["I like tea, e.g. green."]),
        ("He sat at No. 5 for hours.", ["He sat at No. 5 for hours."]),
        ("Was it open? No. I rang again.", ["Was it open?", "No.", "I rang again."]),
        ("It was 5 p.m. on a Friday.", ["It was 5 p.m. on a Friday."]),
        ("She came at 5 p.m. I stayed.", ["She came at 5 p.m.", "I stayed."]),
        ("I checked the log etc. Then I rang.", ["I checked the log etc.", "Then I rang."]),
        ("I met Mr.\nBello", ["I met Mr.", "Bello"]),
        ("It was Amr. He left.", ["It was Amr.", "He left."]),
    ],
)
def test_sentences_end_at_full_stops_marks_and_line_breaks(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_piece_of_forty_words_stays_whole() -> None:
    text = words(20) + " and " + words(19)
    assert texts(text) == [text]


def test_a_longer_piece_is_cut_at_the_last_joint_before_the_limit() -> None:
    # "and" comes after 10 and after 31 words; the second piece begins with it.
    text = f"{words(10)} and {words(20)} and {words(15)}"
    assert texts(text) == [f"{words(10)} and {words(20)}", f"and {words(15)}"]


def test_a_longer_piece_is_cut_at_its_commas() -> None:
    text = f"{words(25)}, {words(25)}"
    assert texts(text) == [f"{words(25)},", words(25)]


def test_a_long_piece_without_joints_is_cut_in_runs_of_forty_words() -> None:
    assert texts(words(85)) == [words(40), words(40), words(5)]


def test_a_joint_inside_a_word_is_none() -> None:
    text = f"{words(25)} android {words(25)}"
    assert texts(text) == [f"{words(25)} android {words(14)}", words(11)]


def test_sentences_of_one_side_are_numbered_through_all_its_turns() -> None:
    lines = [
        Line(role=Role.CANDIDATE, text="I helped. She left."),
        Line(role=Role.INTERVIEWER, text="How did it end? Tell me."),
        Line(role=Role.CANDIDATE, text="She came back."),
    ]
    assert sentences(lines) == (
        Sentence(1, 0, Span(0, 9), "I helped."),
        Sentence(2, 0, Span(10, 19), "She left."),
        Sentence(3, 2, Span(0, 14), "She came back."),
    )


def test_the_other_side_can_be_the_graded_one() -> None:
    lines = [
        Line(role=Role.CANDIDATE, text="I helped."),
        Line(role=Role.INTERVIEWER, text="How did it end?"),
    ]
    assert [s.text for s in sentences(lines, Role.INTERVIEWER)] == ["How did it end?"]


@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_sentences_cover_everything_but_white_space_in_order(text: str) -> None:
    end, uncovered = 0, ""
    for span in split(text):
        assert span.start >= end
        assert span.end > span.start
        uncovered += text[end : span.start]
        end = span.end
    uncovered += text[end:]
    assert uncovered.strip() == ""


@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_no_sentence_is_empty_padded_or_over_the_limit(text: str) -> None:
    for piece in texts(text):
        assert piece == piece.strip()
        assert 1 <= len(piece.split()) <= LONG_SENTENCE_WORDS


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(st.sampled_from(Role), TEXTS), max_size=5))
def test_a_sentence_is_a_verbatim_quote_of_its_turn(turns: list[tuple[Role, str]]) -> None:
    lines = [Line(role=role, text=text) for role, text in turns]
    found = sentences(lines)
    assert [sentence.number for sentence in found] == list(range(1, len(found) + 1))
    for sentence in found:
        line = lines[sentence.line]
        assert line.role is Role.CANDIDATE
        assert line.text[sentence.span.start : sentence.span.end] == sentence.text


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(st.sampled_from(Role), TEXTS), max_size=5))
def test_the_pieces_of_a_turn_joined_are_its_text_and_hold_its_sentences(
    turns: list[tuple[Role, str]],
) -> None:
    lines = [Line(role=role, text=text) for role, text in turns]
    cut = pieces(lines)
    assert ["".join(piece.text for piece in turn) for turn in cut] == [x.text for x in lines]
    numbered = [(piece.number, piece.text) for turn in cut for piece in turn if piece.number]
    assert numbered == [(s.number, s.text) for s in sentences(lines)]
