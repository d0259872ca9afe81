"""No spreadsheet takes a cell for a formula, and the text can be had back."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_interviewer.service.exports.cells import harmless, original


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("I asked her name.", "I asked her name."),
        ("", ""),
        ("a = b - c", "a = b - c"),
        ("mail@shop", "mail@shop"),
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "  '=1"),
        ("\u00a0=1", "\u00a0'=1"),
        ("\u200b=1", "\u200b'=1"),
        ("\x00\x01=1", "\x00\x01'=1"),
        ('"=1"', '"\'=1"'),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("\t=x", "'\t'=x"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("−1", "'−1"),
        ("'quoted'", "''quoted'"),
        # Cells of their own where another separator is expected than the comma.
        ("one;=1", "one;'=1"),
        ("one; =1", "one; '=1"),
        ('one;"=1', "one;\"'=1"),
        ("one\t=1", "one\t'=1"),
        ("one\n=1", "one\n'=1"),
        ("one\r\n-two", "one\r\n'-two"),
        ("one, -two", "one, -two"),
    ],
)
def test_a_cell_is_harmless_and_comes_back(text: str, cell: str) -> None:
    assert harmless(text) == cell
    assert original(cell) == text


SPECIAL = st.text(st.sampled_from("=+-@'\"\t\r\n; ,a＝＋\u200b\ufeff1"), max_size=12)


@given(st.one_of(SPECIAL, st.text(max_size=30)))
def test_every_text_comes_back(text: str) -> None:
    assert original(harmless(text)) == text


@given(SPECIAL)
def test_however_the_file_is_cut_no_cell_begins_as_a_formula(text: str) -> None:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(["before", harmless(text), "after"])
    for cut in ("[;\r\n]", "[\t\r\n]"):
        # As a program would that knows nothing of quotes.
        for cell in re.split(cut, line.getvalue()):
            if not cell.startswith('"before",'):
                seen = unicodedata.normalize("NFKC", cell).lstrip(' "\u200b\ufeff\t')
                assert seen[:1] not in ("=", "+", "-", "@"), cell
