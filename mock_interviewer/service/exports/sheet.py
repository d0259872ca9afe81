"""Sheets of a PDF: text that flows in lines and pages, with nothing cut off. No words of its own.

Text is drawn with the fonts that come along. A character that they do not have, or that would stand
in the wrong order (scripts that run from right to left need a shaper), becomes `REPLACEMENT`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mock_interviewer.core.resources import package_file

REPLACEMENT = "\ufffd"
INK, SOFT, RULE, TINT, BAR = 20, 95, 200, 228, 90
"""Greys, from 0 for black to 255."""

WIDTH, HEIGHT = 210.0, 297.0
"""A4, in millimetres, as everything here but sizes of letters, which are in points."""
LEFT, TOP, RIGHT, BOTTOM = 22.0, 20.0, 22.0, 24.0
COLUMN = WIDTH - LEFT - RIGHT
FOOT = HEIGHT - BOTTOM
BODY = 10.0
MM_PER_POINT = 25.4 / 72
LEADING = 1.42
"""Height of a line in heights of its letters."""
BASELINE = 1.05
"""Where in a line the letters stand, in the same measure."""

_FAMILY = "DejaVu"
_FONTS = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}


@dataclass(frozen=True)
class Run:
    """A stretch of text in one look. `marked`: tinted and underlined; `raised`: small and high."""

    text: str
    bold: bool = False
    soft: bool = False
    marked: bool = False
    raised: bool = False


@dataclass(frozen=True)
class _Part:
    text: str
    run: Run
    width: float


class Sheet:
    """The document while it is written, from top to bottom."""

    def __init__(self, title: str, made_at: datetime) -> None:
        # Half a second to import, which no start of the program is to wait for.
        from fpdf import FPDF
        from fpdf.fonts import TTFFont

        self._pdf = FPDF(format="A4")
        self._pdf.set_auto_page_break(False)
        for style, name in _FONTS.items():
            self._pdf.add_font(_FAMILY, style, package_file("service", "exports", "fonts", name))
        both = (font.cmap for font in self._pdf.fonts.values() if isinstance(font, TTFFont))
        self._known = frozenset(set.intersection(*map(set, both)))
        self._pdf.set_title(title)
        self._pdf.set_lang("en")
        self._pdf.set_creator("Mock Interviewer")
        # What the data says, and not the clock: the same interview is the same file.
        self._pdf.set_creation_date(made_at)
        self._widths: dict[tuple[bool, str], float] = {}
        self.replaced = False
        """Whether a character had to be replaced."""
        self.y = TOP
        self._pdf.add_page()

    def bytes(self, foot: str, replaced_note: str) -> bytes:
        """The finished document, with the line and the page's number at the foot of each page."""
        count = self._pdf.pages_count
        for number in range(1, count + 1):
            self._pdf.page = number
            # Else it thinks that the last font it chose on another page holds here, too.
            self._pdf.current_font_is_set_on_page = False
            place = f"page {number} of {count}"
            self._letters(LEFT, FOOT + 9, foot, 8, Run("", soft=True))
            width = self._width(place, 8, False)
            self._letters(WIDTH - RIGHT - width, FOOT + 9, place, 8, Run("", soft=True))
            if self.replaced:
                self._letters(LEFT, FOOT + 13, replaced_note, 8, Run("", soft=True))
        return bytes(self._pdf.output())

    def room(self, height: float) -> None:
        """Begin a new page unless there is so much room on this one."""
        if self.y + height > FOOT:
            self._pdf.add_page()
            self.y = TOP

    def gap(self, height: float) -> None:
        """Leave some room, but none at the top of a page."""
        if self.y > TOP:
            self.y += height

    def heading(self, text: str, size: float, *, bookmark: str = "") -> None:
        """A bold line that stays with what follows it."""
        self.gap(size * 0.45)
        self.room(34)
        if bookmark:
            self._pdf.set_y(self.y)
            self._pdf.start_section(bookmark)
        self.flow([Run(text, bold=True)], size=size)
        self.gap(size * 0.12)

    def flow(
        self,
        runs: Sequence[Run],
        *,
        size: float = BODY,
        indent: float = 0.0,
        width: float = COLUMN,
        rule: bool = False,
    ) -> None:
        """Text in lines; with `rule` a line stands at its left, as beside a quotation."""
        height = size * MM_PER_POINT * LEADING
        for line in self._lines(runs, size, width - indent):
            self.room(height)
            if rule:
                self._pdf.set_fill_color(RULE)
                self._pdf.rect(LEFT + indent - 3.2, self.y, 0.7, height, style="F")
            self._line(line, LEFT + indent, size)
            self.y += height

    def figure(self, name: str, share: float | None, text: str, *, main: bool = False) -> None:
        """A figure: its name, a bar from 0 to 1 unless it has no value, and the text beside it."""
        size = BODY + 1 if main else BODY
        columns = ((LEFT, 50.0, Run(name, bold=main)), (LEFT + 104.0, COLUMN - 104.0, Run(text)))
        cells = [(x, self._lines([run], size, width)) for x, width, run in columns]
        step = size * MM_PER_POINT * LEADING
        height = step * max(len(lines) for _, lines in cells)
        self.room(height)
        if share is not None:
            bar, middle = 2.6 if main else 2.0, self.y + step / 2
            self._pdf.set_fill_color(RULE + 25)
            self._pdf.rect(LEFT + 54, middle - bar / 2, 44, bar, style="F")
            self._pdf.set_fill_color(BAR)
            self._pdf.rect(LEFT + 54, middle - bar / 2, max(0.8, 44 * share), bar, style="F")
        top = self.y
        for x, lines in cells:
            for number, line in enumerate(lines):
                self.y = top + number * step
                self._line(line, x, size)
        self.y = top + height + 0.8

    def line(self) -> None:
        """A thin line across."""
        self.gap(2.5)
        self._pdf.set_fill_color(RULE)
        self._pdf.rect(LEFT, self.y, COLUMN, 0.25, style="F")
        self.y += 2.5

    def fit(self, text: str) -> str:
        """The text with what cannot be drawn replaced, and what cannot be seen left out."""
        fitted = "".join(
            _drawable(letter, self._known) for letter in unicodedata.normalize("NFC", text)
        )
        self.replaced = self.replaced or REPLACEMENT in fitted
        return fitted

    def _lines(self, runs: Sequence[Run], size: float, width: float) -> list[list[_Part]]:
        lines: list[list[_Part]] = [[]]
        left = width
        for run in runs:
            for word in _words(self.fit(run.text)):
                if word == "\n":
                    lines.append([])
                    left = width
                    continue
                for part in self._pieces(word, run, size, width):
                    if part.width > left and lines[-1] and not run.raised:
                        lines.append([])
                        left = width
                    if part.text.isspace() and not lines[-1]:
                        continue  # a line begins with a word
                    lines[-1].append(part)
                    left -= part.width
        return lines

    def _pieces(self, word: str, run: Run, size: float, width: float) -> Iterator[_Part]:
        """The word whole, or where no line can hold it in pieces that fill one."""
        letters = size * 0.68 if run.raised else size
        whole = self._width(word, letters, run.bold)
        if whole <= width:
            yield _Part(word, run, whole)
            return
        piece, used = "", 0.0
        for letter in word:
            needed = self._width(letter, letters, run.bold)
            if piece and used + needed > width:
                yield _Part(piece, run, used)
                piece, used = "", 0.0
            piece, used = piece + letter, used + needed
        yield _Part(piece, run, used)

    def _line(self, parts: Sequence[_Part], x: float, size: float) -> None:
        while parts and parts[-1].text.isspace():
            parts = parts[:-1]
        base = self.y + size * MM_PER_POINT * BASELINE
        for text, run, width in _joined(parts):
            if run.marked:
                height = size * MM_PER_POINT
                self._pdf.set_fill_color(TINT)
                self._pdf.rect(x, base - height * 0.95, width, height * 1.24, style="F")
                self._pdf.set_fill_color(INK)
                self._pdf.rect(x, base + height * 0.14, width, 0.22, style="F")
            if run.raised:
                self._letters(x, base - size * 0.11, text, size * 0.68, run)
            else:
                self._letters(x, base, text, size, run)
            x += width

    def _letters(self, x: float, y: float, text: str, size: float, run: Run) -> None:
        self._pdf.set_font(_FAMILY, "B" if run.bold else "", size)
        self._pdf.set_text_color(SOFT if run.soft else INK)
        self._pdf.text(x, y, text)

    def _width(self, text: str, size: float, bold: bool) -> float:
        return sum(self._letter(letter, bold) for letter in text) * size / BODY

    def _letter(self, letter: str, bold: bool) -> float:
        width = self._widths.get((bold, letter))
        if width is None:
            self._pdf.set_font(_FAMILY, "B" if bold else "", BODY)
            width = self._widths[bold, letter] = self._pdf.get_string_width(letter)
        return width


def _joined(parts: Sequence[_Part]) -> Iterator[tuple[str, Run, float]]:
    """Neighbours of one run as one, so that a mark has no gaps."""
    text, width = "", 0.0
    for number, part in enumerate(parts):
        text, width = text + part.text, width + part.width
        if number + 1 == len(parts) or parts[number + 1].run is not part.run:
            yield text, part.run, width
            text, width = "", 0.0


def _words(text: str) -> list[str]:
    return re.findall(r"\n|[^\S\n]+|\S+", text)


def _drawable(letter: str, known: frozenset[int]) -> str:
    if letter in "\n ":
        return letter
    category = unicodedata.category(letter)
    if letter == "\t" or category == "Zs":
        return " "
    if category in ("Zl", "Zp"):
        return "\n"
    if category in ("Cc", "Cf") or 0xFE00 <= ord(letter) <= 0xFE0F:
        return ""
    if unicodedata.bidirectional(letter) in ("R", "AL", "AN"):
        return REPLACEMENT
    return letter if ord(letter) in known else REPLACEMENT
