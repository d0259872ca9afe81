"""What the program prints, with signs made visible that a terminal or a CI server would obey.

Answers, model replies and files are other people's text. Printed as they are, they could clear a
screen, set a window's title, write over a line, or tell GitHub what to do. So the streams
themselves are made safe, once, and whatever prints to them.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable
from typing import Any, TextIO

_BAR = re.compile(r"\r|(?:\n|\x1b\[A)+")
"""How `tqdm` moves: it begins a write with a return, or moves by lines in a write of its own."""
_COMMAND = re.compile(r"^(\s*)::|##\[", re.MULTILINE)
_GITHUB = "GITHUB_ACTIONS"


def visible(text: str) -> str:
    """The text with every control and invisible sign but line breaks and tabs written out."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(_shown(sign) for sign in text)


def make_safe() -> None:
    """Make standard output and standard error safe for whatever is printed from now on."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, SafeStream):
            setattr(sys, name, SafeStream(stream, bars=name == "stderr"))


def command(line: str) -> None:
    """Print a line that is meant as a command for GitHub."""
    stream = sys.stdout
    raw = stream.raw_stream if isinstance(stream, SafeStream) else stream
    raw.write(f"{visible(line)}\n")


class SafeStream:
    """A text stream that shows what it would otherwise do. `bars`: progress bars may move in it."""

    def __init__(self, stream: TextIO, *, bars: bool = False) -> None:
        self.raw_stream = stream
        self._bars = bars
        self._at_start = True

    def write(self, text: str) -> int:
        """Write the text made visible; returns how much of it was taken, which is all."""
        move = _BAR.match(text) if self._bars else None
        head = move.group() if move and (move.group() == "\r" or move.end() == len(text)) else ""
        shown = visible(text[len(head) :])
        if os.environ.get(_GITHUB):
            shown = self._without_commands(shown)
        if text:
            self._at_start = text.endswith("\n")
        self.raw_stream.write(head + shown)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of them."""
        for line in lines:
            self.write(line)

    def _without_commands(self, text: str) -> str:
        def broken(found: re.Match[str]) -> str:
            if found.start() == 0 and not self._at_start and found.group() != "##[":
                return found.group()
            return f"{found[1] or ''}\\::" if found.group() != "##[" else "##\\["

        return _COMMAND.sub(broken, text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw_stream, name)


def _shown(sign: str) -> str:
    if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return sign
    return sign.encode("unicode_escape").decode("ascii")
