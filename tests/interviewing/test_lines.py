from __future__ import annotations

from typing import Any

import pytest

from mock_interviewer.core import datafile
from mock_interviewer.core.content import Content
from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.resources import package_file
from mock_interviewer.errors import DataFileError
from mock_interviewer.interviewing.lines import Lines, in_turn, load_lines

LONGEST_INTERVIEW = 8


def shipped(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = datafile.read_yaml(package_file("interviewing", "lines.yaml"))
    return {**data, **changes}


def test_lines_are_said_in_turn_and_then_from_the_first_again() -> None:
    assert [in_turn(["one", "two", "three"], used) for used in range(5)] == [
        "one",
        "two",
        "three",
        "one",
        "two",
    ]


@pytest.mark.parametrize("mode", list(Mode))
def test_the_number_of_questions_is_told_at_the_start(mode: Mode) -> None:
    assert "ask you 5 questions" in load_lines().manner[mode].format(count=5)


@pytest.mark.parametrize("trade", list(Trade))
def test_each_kind_of_work_has_an_introduction_of_its_own(trade: Trade) -> None:
    lines = load_lines()
    assert len(set(lines.introductions.values())) == len(Trade)
    assert lines.introductions[trade].startswith("Hello, I'm your interviewer")


@pytest.mark.parametrize(
    ("trade", "label"), [(Trade.RETAIL, "Retail"), (Trade.PUBLIC_SERVICE, "Public service")]
)
def test_a_kind_of_work_is_named_as_people_read_it(trade: Trade, label: str) -> None:
    assert trade.label == label


def test_no_link_comes_twice_in_the_longest_interview() -> None:
    links = load_lines().links
    assert len({in_turn(links, place) for place in range(LONGEST_INTERVIEW - 1)}) == 7


def test_no_line_praises_judges_or_asks() -> None:
    # The bank's question follows; a question mark before it would be a second question. What the
    # nudges ask is to say the same again.
    lines = load_lines()
    said = [*lines.links, *lines.skipped, *lines.again, *lines.wraps, *lines.offers]
    said += [*lines.closing.model_dump().values(), *lines.introductions.values()]
    for text in said:
        assert "?" not in text
        for word in ("great", "well done", "excellent", "good answer", "score", "unfortunately"):
            assert word not in text.lower()


@pytest.mark.parametrize(
    "content", [Content.EMPTY, Content.NO_WORDS, Content.HOSTILE, Content.OTHER_LANGUAGE]
)
def test_each_message_that_is_no_answer_is_met_with_its_own_words(content: Content) -> None:
    assert load_lines().nudges[content]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"introductions": {"retail": "Hello."}}, "introductions: expected exactly the keys"),
        ({"manner": {"practice": "{count} questions."}}, "manner: expected exactly the keys"),
        ({"nudges": {"words": "What?"}}, "nudges: expected exactly the keys"),
        ({"links": []}, "links"),
        ({"offers": []}, "offers"),
        ({"wraps": []}, "wraps"),
        ({"again": []}, "again"),
        ({"skipped": []}, "skipped"),
        ({"jokes": ["Knock, knock."]}, "jokes: unknown key"),
    ],
)
def test_a_set_of_lines_with_gaps_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DataFileError, match=said):
        datafile.validated(Lines, shipped(**changes), "lines.yaml")
