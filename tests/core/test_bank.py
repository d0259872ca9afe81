"""The questions that come with the package."""

from __future__ import annotations

from collections import Counter

import pytest

from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.questions import Aim, CallsFor, Competency, Kind, load_bank
from mock_interviewer.core.transcript import split
from mock_interviewer.interviewing import wording

QUESTIONS = load_bank().questions


def repeated(texts: list[str]) -> list[str]:
    return [text for text, count in Counter(texts).items() if count > 1]


def test_there_are_at_least_sixty_questions() -> None:
    assert len(QUESTIONS) >= 60


def test_every_question_is_about_known_competencies() -> None:
    # A file may declare names of its own; the package's have no need to.
    used = {name for question in QUESTIONS for name in question.competencies}
    assert used == set(Competency)


@pytest.mark.parametrize("competency", list(Competency))
def test_each_competency_leads_a_question(competency: Competency) -> None:
    assert any(question.competencies[0] == competency for question in QUESTIONS)


@pytest.mark.parametrize("competency", list(Competency))
def test_the_shortest_interview_can_be_about_any_one_competency(competency: Competency) -> None:
    assert sum(competency in question.competencies for question in QUESTIONS) >= 3


@pytest.mark.parametrize("calls_for", list(CallsFor))
def test_two_of_the_longest_interviews_can_be_about_either_score(calls_for: CallsFor) -> None:
    assert sum(calls_for in question.calls_for for question in QUESTIONS) >= 16


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_of_question_is_there(kind: Kind) -> None:
    assert sum(question.kind is kind for question in QUESTIONS) >= 3


def test_at_least_a_third_is_told_from_experience() -> None:
    # An interview has half of them (service/plan.py), and is not to repeat them soon.
    behavioural = [question for question in QUESTIONS if question.kind is Kind.BEHAVIOURAL]
    assert len(behavioural) >= len(QUESTIONS) / 3


@pytest.mark.parametrize("difficulty", [1, 2, 3])
def test_each_difficulty_is_there(difficulty: int) -> None:
    assert sum(question.difficulty == difficulty for question in QUESTIONS) >= 8


def test_no_text_is_used_twice() -> None:
    texts = [
        text
        for question in QUESTIONS
        for text in (
            question.text,
            question.strong_answer,
            question.hint,
            question.model_answer,
            *question.probes.values(),
        )
    ]
    assert repeated(texts) == []


def test_a_prepared_probe_is_as_short_as_a_models() -> None:
    for question in QUESTIONS:
        for probe in question.probes.values():
            words = len(probe.split())
            assert wording.MIN_WORDS <= words <= wording.MAX_WORDS, (question.id, probe)


def test_a_role_play_question_calls_for_no_story() -> None:
    for question in QUESTIONS:
        if question.kind is Kind.ROLE_PLAY:
            assert question.calls_for == (CallsFor.EMPATHY,), question.id


def test_a_question_that_calls_for_a_story_can_be_probed_for_its_end() -> None:
    for question in QUESTIONS:
        if CallsFor.STAR in question.calls_for and question.kind is not Kind.OPINION:
            assert Aim.RESULT in question.probes, question.id


def test_all_texts_are_english_words() -> None:
    for question in QUESTIONS:
        for text in (question.text, question.hint, question.strong_answer, question.model_answer):
            assert kind_of(text) is Content.WORDS, (question.id, text)


def test_a_model_answer_is_long_enough_to_learn_from_and_short_enough_to_say() -> None:
    # Two and a half minutes at 120 spoken words a minute are 300 words.
    for question in QUESTIONS:
        assert 50 <= len(question.model_answer.split()) <= 300, question.id
        assert len(split(question.model_answer)) >= 4, question.id
