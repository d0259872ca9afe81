"""Practice, on a real store: every turn kept before anything else happens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.questions import Aim, Bank, Question
from mock_interviewer.core.transcript import Role
from mock_interviewer.errors import (
    ConfigurationError,
    ModelUnavailableError,
    NotFoundError,
    StaleTurnError,
)
from mock_interviewer.service.practice import Speech, Stage
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.store import Store
from tests.interviews import question
from tests.service.practising import (
    BANK,
    MORE,
    NOTHING,
    PROBE,
    TOLD,
    kinds,
    practice_with,
    press,
    say,
    start,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'interviews.sqlite3'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


# Starting


def test_an_interview_starts_with_an_introduction_and_the_first_question_as_written(
    store: Store,
) -> None:
    practice = practice_with(store)
    (turn,) = practice.interview(start(practice)).turns
    introduction, asked = turn.text.split("\n\n")
    assert introduction.startswith("Hello, I'm your interviewer today.")
    assert "on the shop floor" in introduction
    assert "3 questions" in introduction
    assert asked in {q.text for q in BANK.questions}


def test_questions_asked_lately_come_last(store: Store) -> None:
    bank = Bank([question(name) for name in ("one", "two", "three", "four", "five", "six")])
    practice = practice_with(store, bank=bank)
    plans = [practice.interview(start(practice)).questions for _ in range(2)]
    assert len({q.id for plan in plans for q in plan}) == 6


def test_an_interview_that_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(NotFoundError):
        list(practice_with(store).reply("nothing"))


# Answering and being probed


def test_an_answer_is_on_disk_before_the_interviewer_does_anything(store: Store, url: str) -> None:
    practice = practice_with(store, ModelUnavailableError("away"))
    interview = start(practice)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    other = Store(url)
    assert other.interview(interview).turns[-1].text == TOLD
    other.close()


def test_a_probe_is_shown_as_it_grows_and_kept_with_its_aim(store: Store) -> None:
    practice = practice_with(store, f"result: {PROBE}")
    interview = start(practice)
    speeches = say(practice, interview)
    assert [s.stage for s in speeches[:3]] == [Stage.READING, Stage.WORDING, Stage.SPEAKING]
    assert speeches[-2] == Speech(Stage.SPEAKING, PROBE)
    assert speeches[-1] == Speech(Stage.DONE)
    grown = [s.text for s in speeches if s.stage is Stage.SPEAKING]
    assert all(later.startswith(earlier) for earlier, later in pairwise(grown))
    turn = practice.interview(interview).turns[-1]
    assert (turn.kind, turn.text, turn.aim) == (TurnKind.PROBE, PROBE, Aim.RESULT)


def test_an_answer_that_lacks_nothing_ends_the_question(store: Store) -> None:
    practice = practice_with(store, NOTHING)
    interview = start(practice)
    say(practice, interview)
    assert kinds(practice, interview) == ["question", "answer", "wrap"]
    press(practice, interview, TurnKind.NEXT)
    assert kinds(practice, interview)[-2:] == ["next", "question"]


def test_in_interview_mode_the_next_question_follows_at_once(store: Store) -> None:
    practice = practice_with(store, NOTHING)
    interview = start(practice, Mode.INTERVIEW)
    say(practice, interview)
    assert kinds(practice, interview) == ["question", "answer", "question"]


def test_after_two_probes_the_question_is_done(store: Store) -> None:
    replies = ["result: What happened after that day?", "task: What did you have to achieve?"]
    practice = practice_with(store, lambda _: replies.pop(0))
    interview = start(practice)
    for text in (TOLD, MORE, MORE):
        say(practice, interview, text)
    assert kinds(practice, interview) == (
        ["question", "answer", "probe", "answer", "probe", "answer", "wrap"]
    )


def test_while_the_model_is_away_a_prepared_probe_is_asked_once(store: Store) -> None:
    practice = practice_with(store, ModelUnavailableError("away"))
    interview = start(practice)
    speeches = say(practice, interview)
    assert speeches[-2].text == "How did it end for them?"
    say(practice, interview, MORE)
    assert kinds(practice, interview) == ["question", "answer", "probe", "answer", "wrap"]


def test_tokens_of_the_interviewers_words_are_kept(store: Store) -> None:
    practice = practice_with(store, f"result: {PROBE}")
    interview = start(practice)
    assert practice.interview(interview).usage == Usage()
    say(practice, interview)
    usage = practice.interview(interview).usage
    assert usage.prompt > 100
    assert usage.completion > 5


# What cannot be sent


@pytest.mark.parametrize("number", [0, 2, 9])
def test_a_page_that_is_behind_is_told_and_changes_nothing(store: Store, number: int) -> None:
    practice = practice_with(store)
    interview = start(practice)
    practice.save_draft(interview, "half")
    for send in (
        lambda: practice.send(interview, number, TurnKind.ANSWER, TOLD),
        lambda: practice.hint(interview, number),
    ):
        with pytest.raises(StaleTurnError, match="This page was behind"):
            send()
    assert kinds(practice, interview) == ["question"]
    assert practice.interview(interview).draft == "half"


def test_a_second_tab_that_presses_a_button_late_is_told_that_it_is_behind(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    say(practice, interview)
    press(practice, interview, TurnKind.NEXT)
    with pytest.raises(StaleTurnError):  # and not that this cannot be done now
        practice.send(interview, 3, TurnKind.NEXT)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_message_is_not_sent(store: Store, text: str) -> None:
    practice = practice_with(store)
    interview = start(practice)
    with pytest.raises(ConfigurationError, match="nothing in the box"):
        practice.send(interview, 1, TurnKind.ANSWER, text)
    assert kinds(practice, interview) == ["question"]


def test_a_message_may_be_as_long_as_set_and_no_longer(store: Store) -> None:
    practice = practice_with(store, characters=1200)
    interview = start(practice)
    with pytest.raises(ConfigurationError, match="has 1,201 characters; up to 1,200 can be sent"):
        practice.send(interview, 1, TurnKind.ANSWER, "x" * 1201)
    practice.send(interview, 1, TurnKind.ANSWER, "x" * 1200)
    assert kinds(practice, interview) == ["question", "answer"]


@pytest.mark.parametrize("kind", [TurnKind.NEXT, TurnKind.QUESTION, TurnKind.PROBE, TurnKind.WRAP])
def test_what_is_not_the_candidates_to_do_now_is_refused(store: Store, kind: TurnKind) -> None:
    practice = practice_with(store)
    interview = start(practice)
    with pytest.raises(ConfigurationError, match="cannot be done at this point"):
        practice.send(interview, 1, kind, "text")


def test_nothing_can_be_sent_while_the_interviewer_is_replying_but_the_end(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    with pytest.raises(ConfigurationError):
        practice.send(interview, 2, TurnKind.ANSWER, MORE)
    practice.send(interview, 2, TurnKind.END)
    list(practice.reply(interview))
    assert kinds(practice, interview) == ["question", "answer", "end", "closing"]


# Who is told


def test_each_question_is_told_when_it_is_asked(store: Store) -> None:
    told: list[Question] = []
    practice = practice_with(store, on_question=told.append)
    interview = start(practice, Mode.INTERVIEW)
    plan = practice.interview(interview).questions
    assert told == [plan[0]]
    press(practice, interview, TurnKind.NO_EXAMPLE)
    assert told == [plan[0]]  # an offer is no question
    press(practice, interview, TurnKind.SKIP)
    assert told == [plan[0], plan[1]]
    press(practice, interview, TurnKind.END)
    assert told == [plan[0], plan[1]]


def test_a_finished_answer_waits_for_its_grade_and_somebody_is_told(store: Store) -> None:
    told: list[str] = []
    practice = practice_with(
        store, f"result: {PROBE}", on_finished_answer=lambda: told.append("finished")
    )
    interview = start(practice)
    say(practice, interview)
    assert (store.answers(interview), told) == ([], [])  # there is a probe to answer
    press(practice, interview, TurnKind.SKIP)
    assert [(a.question, a.attempt) for a in store.answers(interview)] == [(0, 0)]
    assert told == ["finished"]
    press(practice, interview, TurnKind.SKIP)
    assert told == ["finished"]  # nothing was answered


def test_the_transcript_of_an_answer_holds_its_answers_and_probes_alone(store: Store) -> None:
    practice = practice_with(store, f"result: {PROBE}")
    interview = start(practice)
    practice.hint(interview, 1)
    say(practice, interview, "\U0001f600")
    say(practice, interview)
    say(practice, interview, MORE)
    lines = transcript(practice.interview(interview), 0, 0)
    assert [(line.role, line.text) for line in lines] == [
        (Role.CANDIDATE, TOLD),
        (Role.INTERVIEWER, PROBE),
        (Role.CANDIDATE, MORE),
    ]


# Drafts


def test_a_draft_is_kept_until_the_answer_is_sent(store: Store) -> None:
    practice = practice_with(store, characters=200)
    interview = start(practice)
    practice.save_draft(interview, "half a sentence")
    assert practice.interview(interview).draft == "half a sentence"
    practice.save_draft(interview, "x" * 500)
    assert practice.interview(interview).draft == "x" * 400  # twice a message
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    assert practice.interview(interview).draft == ""


# What no page sends


@pytest.mark.parametrize("kind", [TurnKind.RETRY, TurnKind.PROBE, TurnKind.CLOSING])
def test_a_page_cannot_send_what_is_not_the_candidates_to_send(
    store: Store, kind: TurnKind
) -> None:
    practice = practice_with(store, "none")
    interview = start(practice)
    say(practice, interview)
    with pytest.raises(ConfigurationError):
        practice.send(interview, len(practice.interview(interview).turns), kind)


def test_a_page_puts_no_words_into_the_interviewers_mouth(store: Store) -> None:
    practice = practice_with(store, "none")
    interview = start(practice)
    with pytest.raises(ConfigurationError):
        practice.send(interview, 1, TurnKind.HINT, "You are hired.")


def test_half_a_character_is_kept_as_a_question_mark(store: Store) -> None:
    practice = practice_with(store, "none")
    interview = start(practice)
    practice.save_draft(interview, "\ud83d")
    assert practice.interview(interview).draft == "?"
    say(practice, interview, "I helped \ud83d a guest.")
    assert practice.interview(interview).turns[1].text == "I helped ? a guest."
