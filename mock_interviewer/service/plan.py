"""Choosing the questions of an interview."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.questions import Bank, CallsFor, Competency, Kind, Question
from mock_interviewer.errors import ConfigurationError

COUNTS = (3, 5, 8)


class Focus(StrEnum):
    """What the questions should be about."""

    MIXED = "mixed"
    EMPATHY = "empathy"
    STAR = "star"
    COMPETENCIES = "competencies"


@dataclass(frozen=True)
class Setup:
    """What a candidate chose. `competencies` counts only with that focus."""

    focus: Focus = Focus.MIXED
    trade: Trade = Trade.CALL_CENTRE
    count: int = 3
    mode: Mode = Mode.PRACTICE
    competencies: tuple[Competency, ...] = ()


def choose(
    bank: Bank, setup: Setup, recent: Sequence[str], rng: random.Random
) -> tuple[Question, ...]:
    """Pick the questions, the easier ones first, those asked lately only if there are no others.

    Raises `ConfigurationError` if nothing in the bank fits.
    """
    if setup.count not in COUNTS:
        raise ConfigurationError(f"An interview has 3, 5 or 8 questions, not {setup.count}.")
    if setup.focus is Focus.COMPETENCIES and not setup.competencies:
        raise ConfigurationError("Choose at least one competency, or another focus.")
    fitting = [question for question in bank.questions if _fits(question, setup)]
    if not fitting:
        raise ConfigurationError("No question in the bank fits this choice.")
    rng.shuffle(fitting)
    age = {question_id: place for place, question_id in reversed(list(enumerate(recent)))}
    # Never asked before those asked long ago, before those asked lately.
    fitting.sort(key=lambda question: -age.get(question.id, len(recent)))
    chosen = _varied(fitting, setup.count)
    return tuple(sorted(chosen, key=lambda question: question.difficulty))


def _fits(question: Question, setup: Setup) -> bool:
    match setup.focus:
        case Focus.EMPATHY:
            return CallsFor.EMPATHY in question.calls_for
        case Focus.STAR:
            return CallsFor.STAR in question.calls_for
        case Focus.COMPETENCIES:
            return any(wanted in question.competencies for wanted in setup.competencies)
        case Focus.MIXED:
            return True


def _varied(fitting: Sequence[Question], count: int) -> list[Question]:
    """The first `count`, but at least half told from experience, and no two on one first theme
    while others are left."""
    chosen: list[Question] = []
    behavioural = (count + 1) // 2
    for want_new_theme in (True, False):
        for question in fitting:
            themes = {other.competencies[0] for other in chosen}
            others = sum(1 for other in chosen if other.kind is not Kind.BEHAVIOURAL)
            if question in chosen or len(chosen) == count:
                continue
            if want_new_theme and (
                question.competencies[0] in themes
                or (question.kind is not Kind.BEHAVIOURAL and others >= count - behavioural)
            ):
                continue
            chosen.append(question)
    return chosen
