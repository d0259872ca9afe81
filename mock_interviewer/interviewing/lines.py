"""The interviewer's written lines: everything it says that needs no model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pydantic import Field, model_validator

from mock_interviewer.core import datafile
from mock_interviewer.core.content import Content
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.resources import package_file


class _Closing(Strict):
    complete: str
    ended: str
    unanswered: str


class Lines(Strict):
    """All written lines."""

    introductions: dict[Trade, str]
    introduction_to_a_title: str
    """With `{title}`, where a candidate has brought a posting."""
    manner: dict[Mode, str]
    links: tuple[str, ...] = Field(min_length=1)
    skipped: tuple[str, ...] = Field(min_length=1)
    again: tuple[str, ...] = Field(min_length=1)
    offers: tuple[str, ...] = Field(min_length=1)
    nudges: dict[Content, str]
    wraps: tuple[str, ...] = Field(min_length=1)
    closing: _Closing

    @model_validator(mode="after")
    def _none_is_missing(self) -> Lines:
        unread = {Content.WORDS, Content.NO_EXAMPLE}
        for name, have, want in (
            ("introductions", set(self.introductions), set(Trade)),
            ("manner", set(self.manner), set(Mode)),
            ("nudges", set(self.nudges), set(Content) - unread),
        ):
            if have != want:
                raise ValueError(f"{name}: expected exactly the keys {sorted(want)}")
        return self


@cache
def load_lines() -> Lines:
    """Load the written lines. Raises `DataFileError`."""
    return datafile.load(Lines, package_file("interviewing", "lines.yaml"))


def in_turn(lines: Sequence[str], used: int) -> str:
    """The next of some lines after `used` of them were said."""
    return lines[used % len(lines)]
