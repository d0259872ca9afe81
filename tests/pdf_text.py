"""Reads back what a PDF of ours shows: each stretch of text, where it stands, and its size.

It reads what `fpdf2` writes and no other PDF: one text a `BT ... ET`, two bytes a character, and
a map from these to Unicode for each font.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """A stretch of text. `x` and `y` are points from the page's lower left corner."""

    page: int
    x: float
    y: float
    size: float
    bold: bool
    text: str


def shown(pdf: bytes) -> list[Shown]:
    """All stretches of text in the order in which they were drawn."""
    streams = [_unpacked(raw) for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)]
    maps = [_map(stream) for stream in streams if b"begincmap" in stream]
    pages = [stream for stream in streams if b" Tj" in stream]
    found = []
    for number, page in enumerate(pages, start=1):
        font, size = 1, 0.0
        pattern = (
            rb"/F(\d) ([\d.]+) Tf|BT (-?[\d.]+) (-?[\d.]+) Td "
            rb"\(((?:\\.|[^\\)])*)\) Tj"
        )
        for match in re.finditer(pattern, page, re.S):
            if match[1]:
                font, size = int(match[1]), float(match[2])
                continue
            raw = re.sub(rb"\\(.)", _unescaped, match[5], flags=re.S)
            codes = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
            text = "".join(maps[font - 1][code] for code in codes)
            found.append(Shown(number, float(match[3]), float(match[4]), size, font == 2, text))
    return found


def text_of(pdf: bytes) -> str:
    """All text, one space between stretches, white space as one space."""
    return " ".join(" ".join(each.text for each in shown(pdf)).split())


def pages_of(pdf: bytes) -> int:
    """How many pages there are."""
    return max(each.page for each in shown(pdf))


def _unescaped(match: re.Match[bytes]) -> bytes:
    return {b"r": b"\r", b"n": b"\n", b"t": b"\t"}.get(match[1], match[1])


def _unpacked(raw: bytes) -> bytes:
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return raw


def _map(stream: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", stream)
    return {int(a, 16): bytes.fromhex(b.decode()).decode("utf-16-be") for a, b in pairs}
