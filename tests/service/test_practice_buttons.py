"""Practice's buttons: a hint, no example, skipping, ending, trying again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.transcript import Role
from mock_interviewer.errors import ConfigurationError
from mock_interviewer.service.practice import Practice, Speech, Stage
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.store import Store
from tests.service.practising import MORE, kinds, practice_with, press, say, start


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield store
    store.close()


def test_a_hint_is_the_questions_own_and_only_for_practice(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    practice.hint(interview, 1)
    turn = practice.interview(interview).turns[-1]
    assert (turn.kind, turn.role) == (TurnKind.HINT, Role.INTERVIEWER)
    assert turn.text == practice.interview(interview).questions[0].hint
    assert list(practice.reply(interview)) == [Speech(Stage.DONE)]  # nothing follows of it
    other = start(practice, Mode.INTERVIEW)
    with pytest.raises(ConfigurationError, match="hints only in practice mode"):
        practice.hint(other, 1)


def test_without_an_example_places_to_look_are_offered_once(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    press(practice, interview, TurnKind.NO_EXAMPLE)
    press(practice, interview, TurnKind.NO_EXAMPLE)
    assert kinds(practice, interview) == (
        ["question", "no_example", "offer", "no_example", "question"]
    )
    # A question that was left has its own link to the next one.
    assert practice.interview(interview).turns[-1].text.startswith("We'll leave that one.")


def test_a_skipped_question_is_followed_by_the_next(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    press(practice, interview, TurnKind.SKIP)
    turns = practice.interview(interview).turns
    assert [t.kind.value for t in turns] == ["question", "skip", "question"]
    assert turns[-1].question == 1


def test_a_message_without_words_gets_one_nudge(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    say(practice, interview, "\U0001f600")
    say(practice, interview, "\U0001f600")
    assert kinds(practice, interview)[:4] == ["question", "answer", "nudge", "answer"]
    assert kinds(practice, interview).count("nudge") == 1


def test_the_closing_says_how_the_interview_ended(store: Store) -> None:
    def last(practice: Practice, interview: str) -> str:
        return practice.interview(interview).turns[-1].text

    practice = practice_with(store)
    unanswered, ended, complete = (start(practice) for _ in range(3))
    press(practice, unanswered, TurnKind.END)
    assert last(practice, unanswered).startswith("We'll stop here. There is no answer")
    say(practice, ended)
    press(practice, ended, TurnKind.END)
    assert last(practice, ended).startswith("We'll stop here. Thank you")
    for _ in range(3):
        say(practice, complete)
        press(practice, complete, TurnKind.NEXT)
    assert last(practice, complete).startswith("That was my last question.")


def test_trying_again_opens_the_question_as_a_new_attempt(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    say(practice, interview)
    for attempt in (1, 2):
        practice.retry(interview, 0)
        list(practice.reply(interview))
        turn = practice.interview(interview).turns[-1]
        assert (turn.kind, turn.question, turn.attempt) == (TurnKind.QUESTION, 0, attempt)
        assert turn.text.startswith("Let's take that question once more.")
        say(practice, interview, MORE)
    assert [(a.question, a.attempt) for a in store.answers(interview)] == [(0, 0), (0, 1), (0, 2)]
    lines = transcript(practice.interview(interview), 0, 1)
    assert [line.text for line in lines] == [MORE]


def test_a_question_can_be_tried_again_after_the_end(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice, Mode.INTERVIEW)
    say(practice, interview)
    press(practice, interview, TurnKind.END)
    practice.retry(interview, 0)
    list(practice.reply(interview))
    say(practice, interview, MORE)
    assert kinds(practice, interview)[-1] == "closing"
    assert len(store.answers(interview)) == 2


def test_what_is_open_or_was_not_asked_cannot_be_tried_again(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    with pytest.raises(ConfigurationError, match="once the present one is done"):
        practice.retry(interview, 0)
    say(practice, interview)
    with pytest.raises(ConfigurationError, match="has not been asked"):
        practice.retry(interview, 2)
