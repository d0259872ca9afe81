"""Choosing the questions of an interview."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mock_interviewer.core.interview import Mode, Trade
from mock_interviewer.core.questions import Bank, Kind, Question
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import ConfigurationError

COUNTS = (3, 5, 8)


class Focus(StrEnum):
    """What the questions should be about. A focus on a score is called by the score's id."""

    MIXED = "mixed"
    EMPATHY = "empathy"
    STAR = "star"
    COMPETENCIES = "competencies"


@dataclass(frozen=True)
class Setup:
    """What a candidate chose. `competencies` counts only with that focus."""

    focus: str = Focus.MIXED
    trade: Trade = Trade.CALL_CENTRE
    count: int = 3
    mode: Mode = Mode.PRACTICE
    competencies: tuple[str, ...] = ()
    rates_first: bool = False
    """Practice mode: each answer is rated by the candidate before they see its feedback."""


_FOCUSES = (
    (Focus.MIXED, "A bit of everything", "Stories, opinions and situations."),
    (Focus.EMPATHY, "Empathy", "How you understand people and act on it."),
    (Focus.STAR, "STAR stories", "Situation, task, action and result."),
    (Focus.COMPETENCIES, "Chosen competencies", "You say which."),
)


def focuses(rubric: Rubric) -> list[tuple[str, str, str]]:
    """What can be chosen with this rubric, each as value, name and explanation.

    The known choices that it has scores for, then its other scores.
    """
    scores = {score.id for score in rubric.scores}
    first, *known, last = _FOCUSES
    found: list[tuple[str, str, str]] = [
        first,
        *(choice for choice in known if choice[0] in scores),
    ]
    listed = {choice[0] for choice in found}
    for score in (score for score in rubric.scores if score.id not in listed):
        parts = [rubric.criterion(name).name for name in (*score.mean_of, *score.with_it)]
        found.append((score.id, score.name, f"{', '.join(parts)}."))
    return [*found, last]


def choose(
    bank: Bank, setup: Setup, recent: Sequence[str], rng: random.Random
) -> tuple[Question, ...]:
    """Pick the questions, the easier ones first, those asked lately only if there are no others.

    Raises `ConfigurationError` if nothing in the bank fits.
    """
    if setup.count not in COUNTS:
        raise ConfigurationError(f"An interview has 3, 5 or 8 questions, not {setup.count}.")
    if setup.focus == Focus.COMPETENCIES and not setup.competencies:
        raise ConfigurationError("Choose at least one competency, or another focus.")
    fitting = [question for question in bank.questions if _fits(question, setup)]
    if not fitting:
        raise ConfigurationError("No question in the bank fits this choice.")
    age = {question_id: place for place, question_id in reversed(list(enumerate(recent)))}
    fresh = [question for question in fitting if question.id not in age]
    rng.shuffle(fresh)
    longest_ago_first = sorted(
        (question for question in fitting if question.id in age),
        key=lambda question: -age[question.id],
    )
    chosen = [*_varied(fresh, setup.count), *longest_ago_first][: setup.count]
    return tuple(sorted(chosen, key=lambda question: question.difficulty))


def _fits(question: Question, setup: Setup) -> bool:
    match setup.focus:
        case Focus.MIXED:
            return True
        case Focus.COMPETENCIES:
            return any(wanted in question.competencies for wanted in setup.competencies)
        case score:
            return score in question.calls_for


def _varied(questions: Sequence[Question], count: int) -> list[Question]:
    """The first `count`, but no two on one first theme while others are left, and at least half
    told from experience while there are such, which matters more."""
    chosen: list[Question] = []
    for new_theme, half_from_experience in ((True, True), (False, True), (False, False)):
        for question in questions:
            themes = {other.competencies[0] for other in chosen}
            others = sum(1 for other in chosen if other.kind is not Kind.BEHAVIOURAL)
            if question in chosen or len(chosen) == count:
                continue
            if new_theme and question.competencies[0] in themes:
                continue
            if (
                half_from_experience
                and question.kind is not Kind.BEHAVIOURAL
                and others >= count // 2
            ):
                continue
            chosen.append(question)
    return chosen
