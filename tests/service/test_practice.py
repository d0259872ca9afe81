"""Practice, on a real store: every turn kept before anything else happens."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.interview import Mode, Trade, TurnKind
from mock_interviewer.core.questions import Aim, Bank, Question
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Role
from mock_interviewer.errors import (
    ConfigurationError,
    ModelUnavailableError,
    NotFoundError,
    StaleTurnError,
)
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.prober import make_prober
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Request
from mock_interviewer.service.plan import Setup
from mock_interviewer.service.practice import Practice, Speech, Stage
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.store import Store
from tests.interviews import question
from tests.scripted import Script, ScriptedChat

RUBRIC = load_rubric()
BANK = Bank([question(name) for name in ("one", "two", "three")])
TOLD = "Last May a guest had lost her key, and I searched the whole garden with her for an hour."
MORE = "In the end we found it under the bench, and she thanked me and went home."
PROBE = "What happened after you had searched the garden?"
NOTHING = "none"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'interviews.sqlite3'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def practice_with(
    store: Store,
    script: Script | str | Exception = NOTHING,
    *,
    characters: int = 200,
    bank: Bank = BANK,
    on_question: Callable[[Question], None] = lambda _: None,
    on_finished_answer: Callable[[], None] = lambda: None,
) -> Practice:
    """Practice whose interviewer's model answers as scripted: by default it asks for nothing."""
    model = ScriptedChat(script)
    prober = make_prober(model, Grader(model, RUBRIC, Strategy.LEVELS), 8192)
    return Practice(
        store,
        bank,
        prober,
        message_characters=characters,
        on_question=on_question,
        on_finished_answer=on_finished_answer,
        rng=random.Random(1),  # noqa: S311
    )


def start(practice: Practice, mode: Mode = Mode.PRACTICE) -> str:
    return practice.start("ada", Setup(mode=mode, trade=Trade.RETAIL))


def kinds(practice: Practice, interview: str) -> list[str]:
    return [turn.kind.value for turn in practice.interview(interview).turns]


def say(practice: Practice, interview: str, text: str = TOLD) -> list[Speech]:
    """Answer, and let the interviewer reply."""
    return press(practice, interview, TurnKind.ANSWER, text)


def press(practice: Practice, interview: str, kind: TurnKind, text: str = "") -> list[Speech]:
    practice.send(interview, len(practice.interview(interview).turns), kind, text)
    return list(practice.reply(interview))


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


# Buttons


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


# Restarts, second tabs, pages that go away


def test_after_a_restart_the_interviewer_goes_on_where_it_stopped(store: Store, url: str) -> None:
    practice = practice_with(store, f"result: {PROBE}")
    interview = start(practice)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    store.close()  # before the interviewer replied

    again = Store(url)
    practice = practice_with(again, f"result: {PROBE}")
    assert list(practice.reply(interview))[-2] == Speech(Stage.SPEAKING, PROBE)
    assert kinds(practice, interview) == ["question", "answer", "probe"]
    again.close()


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_a_page_that_goes_away_in_the_middle_of_a_probe_loses_nothing(
    store: Store, pieces: int
) -> None:
    practice = practice_with(store, f"result: {PROBE}")
    interview = start(practice)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    speeches = practice.reply(interview)
    for _ in range(pieces):
        next(speeches)
    speeches.close()  # type: ignore[attr-defined]
    assert list(practice.reply(interview))[-2].text == PROBE
    assert kinds(practice, interview) == ["question", "answer", "probe"]


def test_asking_for_a_reply_where_none_is_due_changes_nothing(store: Store) -> None:
    practice = practice_with(store)
    interview = start(practice)
    assert list(practice.reply(interview)) == [Speech(Stage.DONE)]
    assert kinds(practice, interview) == ["question"]


def test_two_pages_that_ask_at_once_get_one_probe(store: Store) -> None:
    wording, go = threading.Event(), threading.Event()
    asked: list[Request] = []

    def script(request: Request) -> str:
        asked.append(request)
        wording.set()
        assert go.wait(5)
        return f"result: {PROBE}"

    practice = practice_with(store, script)
    interview = start(practice)
    practice.send(interview, 1, TurnKind.ANSWER, TOLD)
    told: list[list[Speech]] = []
    pages = [
        threading.Thread(target=lambda: told.append(list(practice.reply(interview))))
        for _ in range(3)
    ]
    pages[0].start()
    assert wording.wait(5)
    for page in pages[1:]:
        page.start()
    pages[1].join(0.2)
    go.set()
    for page in pages:
        page.join(5)
    assert kinds(practice, interview) == ["question", "answer", "probe"]
    assert len(asked) == 1
    assert [speeches[-1] for speeches in told] == [Speech(Stage.DONE)] * 3


def test_ended_while_a_probe_is_worded_the_interview_closes_without_it(store: Store) -> None:
    def script(request: Request) -> str:
        practice.send(interview, 2, TurnKind.END)
        return f"result: {PROBE}"

    practice = practice_with(store, script)
    interview = start(practice)
    assert say(practice, interview)[-1] == Speech(Stage.DONE)
    list(practice.reply(interview))
    assert kinds(practice, interview) == ["question", "answer", "end", "closing"]
    assert [(a.question, a.attempt) for a in store.answers(interview)] == [(0, 0)]


def test_two_interviews_do_not_wait_for_each_other(store: Store) -> None:
    go = threading.Event()

    def script(request: Request) -> str:
        if "slowly" in request.messages[-1].content:
            assert go.wait(5)
        return f"result: {PROBE}"

    practice = practice_with(store, script)
    slow, quick = start(practice), start(practice)
    practice.send(slow, 1, TurnKind.ANSWER, f"{TOLD} It went slowly.")
    page = threading.Thread(target=lambda: list(practice.reply(slow)))
    page.start()
    say(practice, quick)
    assert kinds(practice, quick)[-1] == "probe"
    assert kinds(practice, slow)[-1] == "answer"
    go.set()
    page.join(5)
    assert kinds(practice, slow)[-1] == "probe"


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
