"""Reading a pasted job posting: what it asks for, and which questions of the bank fit.

The text is hostile until proven otherwise, and it never is. It is compared with the lists of
`posting.yaml` and then let go: what comes out of here are competencies of the bank, questions of
the bank, the posting's words that matched (to be shown, as text), and a title made of listed words
alone. No model sees the posting.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from html import unescape
from typing import Annotated

from pydantic import BeforeValidator, Field

from mock_interviewer.core import datafile
from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.interview import Trade
from mock_interviewer.core.questions import Bank, Name, Question, label
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import Text
from mock_interviewer.errors import ConfigurationError
from mock_interviewer.service import plan
from mock_interviewer.service.plan import Focus, Setup

MAX_CHARACTERS = 20_000
"""What is read of a posting; the longest real ones are under half of that."""

TITLE_LINES = 12
"""A title stands among the first lines that hold anything."""

TITLE_LINE_WORDS = 14
TITLE_WORDS = 6
TITLE_CHARACTERS = 60
SHOWN_WORDS = 5
MOST_COMPETENCIES = 6
"""The questions are picked for those that the posting says most about."""

NOTHING_PASTED = "There is no posting yet. Paste its text, or choose what to practise yourself."
CUT = "It is very long, so only its first 20,000 characters were read."
OTHER_LANGUAGE = (
    "It does not seem to be in English, and only English is read. Choose what to practise yourself."
)
NOTHING_FOUND = (
    "Nothing in it says what you would do with customers. Choose what to practise yourself."
)


@dataclass(frozen=True)
class Match:
    """A competency and the posting's own words that speak of it. Show them as text."""

    competency: str
    words: tuple[str, ...]

    @property
    def why(self) -> str:
        """Such as `Conflict resolution: the posting says “complaints”, “de-escalate”.`"""
        shown = ", ".join(f"“{word}”" for word in self.words[:SHOWN_WORDS])
        return f"{label(self.competency)}: the posting says {shown}."


@dataclass(frozen=True)
class Pick:
    """A question of the bank, and the matches it was picked for."""

    question: Question
    matches: tuple[Match, ...]

    @property
    def why(self) -> str:
        """Why it was picked, to be shown."""
        return " ".join(match.why for match in self.matches) or "You chose it."


@dataclass(frozen=True)
class Posting:
    """What was read. Empty `matches` and a message where nothing could be."""

    title: str
    """Of listed words only; empty if no line looks like a title."""
    trade: Trade
    matches: tuple[Match, ...]
    """What the posting says most about comes first."""
    message: str
    """What the person should know, empty if nothing."""

    @property
    def competencies(self) -> tuple[str, ...]:
        """The matched ones."""
        return tuple(match.competency for match in self.matches)


def read(text: str, bank: Bank) -> Posting:
    """Read a pasted text, whatever it is. Never raises."""
    plain = _plain(text[:MAX_CHARACTERS])
    if not plain.strip():
        return Posting("", Trade.OTHER, (), NOTHING_PASTED)
    lexicon = load_lexicon()
    matches = _matches(plain, lexicon, bank.competencies)
    title, trade = _title(plain, lexicon), _trade(plain, lexicon)
    if not matches:
        foreign = kind_of(plain) is Content.OTHER_LANGUAGE
        return Posting(title, trade, (), OTHER_LANGUAGE if foreign else NOTHING_FOUND)
    return Posting(title, trade, matches, CUT if len(text) > MAX_CHARACTERS else "")


def pick(
    posting: Posting,
    bank: Bank,
    count: int,
    recent: Sequence[str] = (),
    *,
    chosen: Sequence[str] | None = None,
    rng: random.Random | None = None,
) -> tuple[Pick, ...]:
    """Pick questions for the posting's competencies, or for those that the person has `chosen`.

    Raises `ConfigurationError` if there is nothing to pick for, or no such number of questions.
    """
    wanted = posting.competencies[:MOST_COMPETENCIES] if chosen is None else tuple(chosen)
    if not wanted:
        raise ConfigurationError("Choose at least one competency to practise.")
    setup = Setup(
        focus=Focus.COMPETENCIES, trade=posting.trade, count=count, competencies=tuple(wanted)
    )
    questions = plan.choose(bank, setup, recent, rng or random.Random())  # noqa: S311
    return tuple(_pick(question, posting) for question in questions)


def others(picks: Sequence[Pick], place: int, bank: Bank, posting: Posting) -> tuple[Pick, ...]:
    """What could stand in place of one pick: not picked yet, and about one of its competencies."""
    picked = {found.question.id for found in picks}
    about = set(picks[place].question.competencies)
    return tuple(
        _pick(question, posting)
        for question in bank.questions
        if question.id not in picked and about & set(question.competencies)
    )


def own_title(text: str) -> str:
    """A title that the person typed, as one short line of letters, digits and - ' & / , . ( )."""
    kept = "".join(c if c.isalnum() or c in " -'&/,.()" else " " for c in text)
    return " ".join(kept.split())[:TITLE_CHARACTERS].rstrip()


class _Titles(Strict):
    roles: Annotated[frozenset[str], BeforeValidator(lambda text: text.split())]
    with_them: Annotated[frozenset[str], BeforeValidator(lambda text: text.split())]


class Lexicon(Strict):
    """The words by which a posting is read."""

    competencies: dict[Name, tuple[Text, ...]] = Field(min_length=1)
    trades: dict[Trade, tuple[Text, ...]] = Field(min_length=1)
    titles: _Titles

    @cached_property
    def competency_patterns(self) -> Mapping[str, re.Pattern[str]]:
        """By competency, one pattern for all its phrases."""
        return {name: _pattern(phrases) for name, phrases in self.competencies.items()}

    @cached_property
    def trade_patterns(self) -> Mapping[Trade, re.Pattern[str]]:
        """By trade, one pattern for all its phrases."""
        return {name: _pattern(phrases) for name, phrases in self.trades.items()}


@cache
def load_lexicon() -> Lexicon:
    """Load the package's lexicon. Raises `DataFileError`."""
    return datafile.load(Lexicon, package_file("service", "posting.yaml"))


_HIDDEN = re.compile(r"<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BREAK = re.compile(r"<(?:/?(?:p|div|li|ul|ol|h[1-6]|tr|table|section)|br)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_TITLE_LABEL = re.compile(
    r"^\W*(?:job title|title|position|role|vacancy)\s*[:–-]\s*", re.IGNORECASE
)
_ENDING = r"\w{0,12}"
"""No word goes on for longer than that, so that what is shown of a posting is short."""
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def _plain(text: str) -> str:
    """The text without tags, without what a page would hide, and without control characters."""
    shown = _COMMENT.sub(" ", _HIDDEN.sub(" ", text))
    shown = unescape(_TAG.sub(" ", _BREAK.sub("\n", shown)))
    return "".join(c if c.isprintable() or c == "\n" else " " for c in shown.replace("’", "'"))


def _pattern(phrases: Sequence[str]) -> re.Pattern[str]:
    words = (
        r"[\s-]+".join(
            re.escape(word.removesuffix("*")) + (_ENDING if word.endswith("*") else "")
            for word in phrase.split()
        )
        for phrase in sorted(phrases, key=len, reverse=True)
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


def _matches(plain: str, lexicon: Lexicon, known: Collection[str]) -> tuple[Match, ...]:
    found = []
    for name, pattern in lexicon.competency_patterns.items():
        words = dict.fromkeys(" ".join(m.group().lower().split()) for m in pattern.finditer(plain))
        if words and name in known:
            found.append(Match(name, tuple(words)))
    return tuple(sorted(found, key=lambda match: -len(match.words)))


def _trade(plain: str, lexicon: Lexicon) -> Trade:
    """The trade with the most mentions, `other` if there is none or it is a tie."""
    counts = {t: len(p.findall(plain)) for t, p in lexicon.trade_patterns.items()}
    best = max(counts.values(), default=0)
    leading = [trade for trade, count in counts.items() if count == best]
    return leading[0] if best and len(leading) == 1 else Trade.OTHER


def _title(plain: str, lexicon: Lexicon) -> str:
    """The longest run of title words in the first line that has one; labelled lines come first."""
    lines = [line.strip() for line in plain.splitlines() if line.strip()][:TITLE_LINES]
    labelled = [_TITLE_LABEL.sub("", line) for line in lines if _TITLE_LABEL.match(line)]
    for line in (*labelled, *lines):
        if len(line.split()) <= TITLE_LINE_WORDS:
            runs = list(_title_runs(line.lower(), lexicon.titles))
            if runs:
                longest: list[str] = max(runs, key=len)
                words = list(dict.fromkeys(longest))[-TITLE_WORDS:]
                return " ".join(words).capitalize()[:TITLE_CHARACTERS]
    return ""


def _title_runs(line: str, titles: _Titles) -> Iterator[list[str]]:
    """Every run of title words in a line, from its beginning up to its last role."""
    run: list[str] = []
    for word in [*_WORD.findall(line), ""]:
        if word in titles.roles or word in titles.with_them:
            run.append(word)
            continue
        while run and run[-1] not in titles.roles:
            run.pop()
        if run:
            yield run
        run = []


def _pick(question: Question, posting: Posting) -> Pick:
    matches = tuple(m for m in posting.matches if m.competency in question.competencies)
    return Pick(question, matches)
