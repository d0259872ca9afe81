"""The Markdown report of an interview in which everybody is hostile, read by a renderer."""

from __future__ import annotations

import html
import re

import pytest
from markdown_it import MarkdownIt

from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.service import reports
from mock_interviewer.service.exports.markdown import _safe, report_markdown
from mock_interviewer.storage.store import Store
from tests.hostile import HOSTILE
from tests.hostile_interview import stored


@pytest.fixture(scope="module")
def markdown(tmp_path_factory: pytest.TempPathFactory) -> str:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('data') / 'interviews.sqlite3'}")
    told = stored(store, load_rubric())
    found = store.interview(told.interview_id), store.answers(told.interview_id)
    store.close()
    return report_markdown(reports.make(*found, load_rubric()))


@pytest.fixture(scope="module")
def page(markdown: str) -> str:
    """As a renderer that lets HTML through would show it."""
    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return str(renderer.render(markdown))


def test_nothing_is_made_but_what_the_report_itself_is_made_of(page: str) -> None:
    made = set(re.findall(r"</?([a-zA-Z][a-zA-Z0-9]*)", page))
    assert made <= {
        *("h1", "h2", "p", "strong", "blockquote", "ul", "li", "hr"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert "<!--" not in page


def test_no_element_has_an_attribute(page: str) -> None:
    assert set(re.findall(r"<\w+( [^/>][^>]*)>", page)) == set()


def test_headings_rules_and_tables_are_the_reports_own(page: str) -> None:
    assert page.count("<h1>") == 1
    assert page.count("<h2>") == len(HOSTILE)
    assert page.count("<hr") == 1
    assert page.count("<table>") == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_the_words_are_shown_as_they_were_typed(name: str, page: str) -> None:
    shown = squeezed(html.unescape(re.sub(r"<[^>]*>", "", page)))
    assert squeezed(HOSTILE[name]) in shown


def squeezed(text: str) -> str:
    """Without spaces, and without what cannot be seen."""
    return "".join(re.findall(r"[!-~\xa1-\u061b\u3000-\ufefe\uff00-\uffdc]", text))


def test_no_sign_turns_the_text_around(markdown: str) -> None:
    assert not re.search(r"[\x00-\x08\x1b\x7f\u202a-\u202e\u2066-\u2069]", markdown)


def test_plain_words_are_left_plain() -> None:
    text = "I said: 'We are sorry (really), it costs 5.50 - or so!' Then, at 8:15, she left."
    assert _safe(text) == text
