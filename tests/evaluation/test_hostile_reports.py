"""Names and words from elsewhere in what an evaluation writes for CI servers and people."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from mock_interviewer.evaluation import annotations, junit, summary
from mock_interviewer.evaluation.annotations import Annotation, Severity
from tests.hostile import HOSTILE


@pytest.mark.parametrize("name", HOSTILE)
def test_an_annotation_is_one_command_with_its_own_properties(name: str) -> None:
    text = HOSTILE[name]
    found = Annotation(Severity.ERROR, Path("a.yaml").resolve(), 7, text, text)
    line = annotations._line(found, Path.cwd())
    # As GitHub's runner takes it apart: lines end at a return, too.
    assert "\n" not in line
    assert "\r" not in line
    command, properties, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", line, re.DOTALL).groups()  # type: ignore[union-attr]
    assert command == "error"
    named = dict(part.split("=", 1) for part in properties.split(","))
    assert (named["file"], named["line"]) == ("a.yaml", "7")
    assert set(named) == {"file", "line", "title"}
    assert decoded(message) == text
    assert decoded(named["title"]) == text


def decoded(text: str) -> str:
    for sign, code in {":": "%3A", ",": "%2C", "\r": "%0D", "\n": "%0A"}.items():
        text = text.replace(code, sign)
    return text.replace("%25", "%")


@pytest.mark.parametrize("name", HOSTILE)
def test_junit_stays_what_it_is(name: str) -> None:
    case = ET.Element("testcase", name=junit._clean(HOSTILE[name]))
    junit._add(case, "failure", HOSTILE[name], HOSTILE[name])
    read = ET.fromstring(ET.tostring(case, "unicode"))  # noqa: S314 - made here
    assert [part.tag for part in read.iter()] == ["testcase", "failure"]
    assert set(read.attrib) == {"name"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_row_of_the_summary_stays_a_row(name: str) -> None:
    rows = f"| a | b |\n| --- | --- |\n| {summary._safe(HOSTILE[name])} | 1 |\n"
    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    made = re.findall(r"</?([a-z][a-z0-9]*)[^>]*>", renderer.render(rows))
    assert set(made) <= {"table", "thead", "tbody", "tr", "th", "td", "code", "em", "strong"}
    assert made.count("td") == 4
