"""Cells of a CSV file that no spreadsheet takes for a formula.

A text cell that a spreadsheet could read as a formula gets an apostrophe before the sign that makes
it one, and so does one that begins with an apostrophe itself; taking one apostrophe away from each
of these places gives the text back. Where a spreadsheet expects another separator than the comma,
it cuts a cell at a semicolon, tab or line break: what follows one counts as a beginning, too.
"""

from __future__ import annotations

import re
import unicodedata

_CUTS = ";\t\r\n"
_PASSED_OVER = (
    r'[\s"\x00-\x20\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*'
)
"""White space, quotes and what cannot be seen, which a spreadsheet may drop before it looks."""
_SIGNS = "=+-@'"
_FORMULA = "".join(
    re.escape(chr(code))
    for code in range(0x10000)
    if not 0xD800 <= code < 0xE000
    and unicodedata.normalize("NFKC", chr(code)).lstrip()[:1] in tuple(_SIGNS)
) + re.escape("−‐‑‒–")
"""The signs in all their widths; a typographic minus is taken for a plain one by some."""
_DANGER = re.compile(rf"(^|[{_CUTS}])({_PASSED_OVER})(?=[{_FORMULA}])")
_MENDED = re.compile(rf"(^|[{_CUTS}])({_PASSED_OVER})'")


def harmless(text: str) -> str:
    """The text as it can stand in a cell."""
    marked = _DANGER.sub(r"\1\2'", text)
    return f"'{marked}" if text[:1] in ("\t", "\r", "\n") else marked


def original(cell: str) -> str:
    """What `harmless` was given."""
    if cell[:2] in ("'\t", "'\r", "'\n"):
        cell = cell[1:]
    return _MENDED.sub(r"\1\2", cell)
