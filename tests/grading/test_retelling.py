"""How an answer could be told next time, with nothing invented."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_interviewer.core.grade import Evidence, Rating
from mock_interviewer.core.transcript import Line, Role, sentences
from mock_interviewer.grading.retelling import composed, invents_nothing
from tests.toy_rubric import ANSWER, RUBRIC

NUMBERED = sentences(ANSWER)


def rated(
    story: tuple[int | None, tuple[int, ...]], end: tuple[int | None, tuple[int, ...]]
) -> dict[str, Rating]:
    """Ratings with these levels and sentences, and with a next step of their own."""
    texts = {sentence.number: sentence.text for sentence in NUMBERED}

    def rating(step: str, level: int | None, numbers: tuple[int, ...]) -> Rating:
        evidence = tuple(Evidence(sentence=n, quote=texts[n]) for n in numbers)
        return Rating(level=level, evidence=evidence, next_step=step)

    return {
        "story": rating("Say when.", *story),
        "end": rating("Say what came of it.", *end),
        "heart": rating("Act on it.", 3, (2,)),
        "care": rating("", None, ()),
    }


FIRST, REST = "In May a guest lost her key.", "She was afraid. I searched the garden."
LAST = "She went home happy."


@pytest.mark.parametrize(
    ("story", "end", "expected"),
    [
        # Nothing to add.
        ((5, (1,)), (4, (4,)), ""),
        # A cue below the second highest level, after what there is of the part.
        ((3, (1,)), (4, (4,)), f"{FIRST} [Story: Say when.] {REST} {LAST}"),
        ((4, (1,)), (3, (4,)), f"{FIRST} {REST} {LAST} [End: Say what came of it.]"),
        # What comes later in the answer than the next part keeps the order of the cues.
        (
            (3, (4,)),
            (3, (1,)),
            f"{FIRST} {REST} {LAST} [Story: Say when.] [End: Say what came of it.]",
        ),
        # Nothing of the first part: before all; nothing of the last: after all.
        ((1, ()), (4, (4,)), f"[Story: Say when.] {FIRST} {REST} {LAST}"),
        ((5, (1,)), (1, ()), f"{FIRST} {REST} {LAST} [End: Say what came of it.]"),
        ((1, ()), (1, ()), ""),
    ],
)
def test_cues_stand_in_the_candidates_own_answer_where_they_belong(
    story: tuple[int | None, tuple[int, ...]],
    end: tuple[int | None, tuple[int, ...]],
    expected: str,
) -> None:
    assert composed(rated(story, end), RUBRIC, NUMBERED) == expected


def test_in_an_answer_that_is_no_story_cues_follow() -> None:
    # The heart is at 3 of 5, on sentence 2; care has no level, so no cue.
    told = composed(rated((None, ()), (None, ())), RUBRIC, NUMBERED)
    assert told == f"{FIRST} {REST} {LAST} [Heart: Act on it.]"


def test_a_sentence_over_several_lines_is_told_in_one() -> None:
    numbered = sentences([Line(role=Role.CANDIDATE, text="In  May\ta guest came.")])
    quoted = (Evidence(sentence=1, quote=numbered[0].text),)
    story, end = Rating(level=5, evidence=quoted), Rating(level=1, next_step="End it.")
    told = composed({"story": story, "end": end}, RUBRIC, numbered)
    assert told == "In May a guest came. [End: End it.]"


def test_a_rubric_without_scores_has_no_story_to_tell() -> None:
    bare = RUBRIC.model_copy(update={"scores": ()})
    assert composed(rated((5, (1,)), (5, (4,))), bare, NUMBERED) == ""


ANSWERED = "In May at the Bellevue a guest, Ms Okafor, lost 3 keys at 10:30. I rang her in Lagos."
"""It says "I" once."""


@pytest.mark.parametrize(
    "told",
    [
        "",
        "In May, at the Bellevue, I helped Ms Okafor with her 3 keys.",
        "I rang her at 10:30, and she was in Lagos.",
        "I helped a guest. [say when it was, for instance in June 2024 with Anna]",
        # "I" and "my": once more than in the answer.
        "I lost my keys.",
        # Of 20 telling words 2 are new: one in ten may be.
        "keys " * 18 + "returned home",
        "So I rang okafor.",
        'I said, "My keys are at the Bellevue."',
    ],
)
def test_a_retelling_from_the_answers_own_names_and_numbers_invents_nothing(told: str) -> None:
    assert invents_nothing(told, ANSWERED)


@pytest.mark.parametrize(
    "told",
    [
        "In May at the Bellevue I helped Ms Mensah.",
        "I rang her, and Anna came.",
        "She lost 4 keys.",
        "It was in 2024.",
        "I rang her at 10:45.",
        "She lost 33 keys.",
        "We talked; Peter agreed.",
        "I rang Élodie.",
        "I told her (and Peter) the way.",
        'I said "Peter will come".',
        # "I" three times.
        "I lost my keys, and I rang her.",
        # New deeds: "asked" and "waited"; of 20 telling words 3.
        "I asked her about the keys and waited.",
        "keys " * 17 + "returned home smiling",
    ],
)
def test_what_the_answer_does_not_tell_is_found_out(told: str) -> None:
    assert not invents_nothing(told, ANSWERED)


@given(st.permutations(ANSWERED.replace(".", "").split()))
@settings(deadline=None, max_examples=60)
def test_words_of_the_answer_in_any_order_invent_nothing(words: list[str]) -> None:
    assert invents_nothing(" ".join(words), ANSWERED)
