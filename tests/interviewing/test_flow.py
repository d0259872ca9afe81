"""Each path through the interview, one by one; test_flow_random.py walks them at random."""

from __future__ import annotations

import pytest

from mock_interviewer.core.content import Content
from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Aim, CallsFor, Kind
from mock_interviewer.interviewing.flow import Ask, Assess, Close, Nudge, Offer, Phase, Probe, Wrap
from tests.interviewing.talk import HOSTILE, NO_EXAMPLE, STORY, Talk, begun, question

BOTH = pytest.mark.parametrize("mode", list(Mode))


@BOTH
def test_it_begins_with_the_first_question(mode: Mode) -> None:
    talk = Talk([question()], mode)
    assert talk.allowed == frozenset()
    assert talk.position.phase is Phase.REPLYING
    assert talk.reply() == Ask(0, 0)
    assert talk.position.phase is Phase.ANSWERING


def test_a_complete_answer_leads_to_the_next_question() -> None:
    assert begun().answer(STORY) == Ask(1, 0)


def test_in_practice_a_complete_answer_is_wrapped_up() -> None:
    talk = begun(Mode.PRACTICE)
    assert talk.answer(STORY) == Wrap()
    assert talk.position.phase is Phase.BETWEEN
    talk.say(TurnKind.NEXT)
    assert talk.reply() == Ask(1, 0)


@BOTH
def test_the_weakest_missing_thing_is_probed_first(mode: Mode) -> None:
    talk = begun(mode)
    assert talk.answer(STORY, [Aim.RESULT, Aim.TASK]) == Probe(Aim.RESULT)
    assert talk.position.probes == (Aim.RESULT,)
    assert talk.position.phase is Phase.ANSWERING


def test_a_second_probe_asks_for_something_else() -> None:
    talk = begun()
    talk.answer(STORY, [Aim.RESULT])
    assert talk.answer(STORY, [Aim.RESULT, Aim.TASK]) == Probe(Aim.TASK)


def test_there_is_no_third_probe() -> None:
    talk = begun()
    talk.answer(STORY, [Aim.RESULT])
    talk.answer(STORY, [Aim.TASK])
    talk.say(TurnKind.ANSWER, STORY)
    assert talk.move == Ask(1, 0)  # and nobody is asked what is missing


def test_what_was_probed_for_and_is_still_missing_is_let_be() -> None:
    talk = begun()
    talk.answer(STORY, [Aim.RESULT])
    assert talk.answer(STORY, [Aim.RESULT]) == Ask(1, 0)


def test_probes_are_counted_for_each_question() -> None:
    talk = begun()
    for place in range(2):
        assert talk.answer(STORY, [Aim.RESULT]) == Probe(Aim.RESULT)
        assert talk.answer(STORY, [Aim.TASK]) == Probe(Aim.TASK)
        assert talk.answer(STORY, [Aim.ACTION]) == Ask(place + 1, 0)


@pytest.mark.parametrize(
    ("kind", "calls_for", "aims"),
    [
        (
            Kind.BEHAVIOURAL,
            [CallsFor.STAR],
            "situation task action own_part result how_known",
        ),
        (
            Kind.BEHAVIOURAL,
            [CallsFor.EMPATHY],
            "situation task action own_part result how_known feelings",
        ),
        (
            Kind.HYPOTHETICAL,
            [CallsFor.STAR, CallsFor.EMPATHY],
            "situation task action own_part result how_known feelings",
        ),
        (Kind.OPINION, [CallsFor.EMPATHY], "situation action how_known feelings"),
        (Kind.OPINION, [CallsFor.STAR], "situation action how_known"),
        (Kind.ROLE_PLAY, [CallsFor.EMPATHY], "action how_known feelings"),
    ],
)
def test_what_may_be_missing_depends_on_the_question(
    kind: Kind, calls_for: list[CallsFor], aims: str
) -> None:
    talk = begun(Mode.INTERVIEW, question(0, kind, calls_for))
    talk.say(TurnKind.ANSWER, STORY)
    assert talk.move == Assess(tuple(Aim(name) for name in aims.split()))


def test_what_was_probed_for_is_not_looked_for_again() -> None:
    talk = begun(Mode.INTERVIEW, question(0, Kind.ROLE_PLAY, [CallsFor.EMPATHY]))
    talk.answer(STORY, [Aim.FEELINGS])
    talk.say(TurnKind.ANSWER, STORY)
    assert talk.move == Assess((Aim.ACTION, Aim.HOW_KNOWN))


def test_a_model_that_names_what_may_not_be_asked_gets_no_probe_for_it() -> None:
    talk = begun(Mode.INTERVIEW, question(0, Kind.ROLE_PLAY, [CallsFor.EMPATHY]), question(1))
    assert talk.answer(STORY, [Aim.SITUATION, Aim.RESULT]) == Ask(1, 0)


@BOTH
@pytest.mark.parametrize("kind", [TurnKind.NO_EXAMPLE, TurnKind.ANSWER])
def test_who_cannot_think_of_an_example_is_told_where_to_look(mode: Mode, kind: TurnKind) -> None:
    talk = begun(mode)
    talk.say(kind, NO_EXAMPLE)
    assert talk.reply() == Offer()
    assert talk.position.offered


@BOTH
@pytest.mark.parametrize("kind", [TurnKind.NO_EXAMPLE, TurnKind.ANSWER])
def test_whoever_still_cannot_goes_on(mode: Mode, kind: TurnKind) -> None:
    talk = begun(mode)
    talk.say(TurnKind.NO_EXAMPLE)
    talk.reply()
    talk.say(kind, NO_EXAMPLE)
    assert talk.reply() == Ask(1, 0)


def test_an_example_found_after_the_offer_is_not_probed() -> None:
    talk = begun()
    talk.answer(NO_EXAMPLE)
    talk.say(TurnKind.ANSWER, STORY)
    assert talk.move == Ask(1, 0)


def test_an_example_found_after_the_offer_is_wrapped_up_in_practice() -> None:
    talk = begun(Mode.PRACTICE)
    talk.answer(NO_EXAMPLE)
    assert talk.answer(STORY) == Wrap()


@pytest.mark.parametrize("kind", [TurnKind.NO_EXAMPLE, TurnKind.ANSWER])
def test_not_knowing_after_a_probe_moves_on(kind: TurnKind) -> None:
    talk = begun()
    talk.answer(STORY, [Aim.RESULT])
    talk.say(kind, "I don't know.")
    assert talk.reply() == Ask(1, 0)


@BOTH
@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("", Content.EMPTY),
        (" \n ", Content.EMPTY),
        ("🙂🙂🙂", Content.NO_WORDS),
        ("12345!", Content.NO_WORDS),
        (HOSTILE, Content.HOSTILE),
        ("Однажды клиент потерял свой зонт", Content.OTHER_LANGUAGE),
    ],
)
def test_what_cannot_be_read_as_an_answer_is_met_once(
    mode: Mode, text: str, content: Content
) -> None:
    talk = begun(mode)
    assert talk.answer(text) == Nudge(content)
    assert talk.position.nudged
    assert talk.position.phase is Phase.ANSWERING


@pytest.mark.parametrize("text", ["🙂", HOSTILE, "Однажды клиент потерял свой зонт"])
def test_the_same_again_goes_on_without_a_probe(text: str) -> None:
    talk = begun()
    talk.answer(text)
    talk.say(TurnKind.ANSWER, text)
    assert talk.move == Ask(1, 0)


def test_an_answer_after_a_nudge_is_probed_as_any() -> None:
    talk = begun()
    talk.answer("🙂")
    assert talk.answer(STORY, [Aim.TASK]) == Probe(Aim.TASK)


def test_a_nudge_may_come_after_a_probe() -> None:
    talk = begun()
    talk.answer(STORY, [Aim.RESULT])
    assert talk.answer("🙂") == Nudge(Content.NO_WORDS)
    assert talk.answer(STORY, [Aim.TASK]) == Probe(Aim.TASK)


def test_the_offer_still_comes_after_a_nudge() -> None:
    talk = begun()
    talk.answer("🙂")
    assert talk.answer(NO_EXAMPLE) == Offer()


@BOTH
def test_a_skipped_question_is_left_at_once(mode: Mode) -> None:
    talk = begun(mode)
    talk.say(TurnKind.SKIP)
    assert talk.reply() == Ask(1, 0)


def test_in_practice_a_question_without_an_answer_is_not_wrapped_up() -> None:
    # There would be nothing to give feedback on.
    talk = begun(Mode.PRACTICE)
    talk.answer("🙂")
    assert talk.answer("🙂🙂") == Ask(1, 0)


@BOTH
def test_after_the_last_question_the_interview_closes(mode: Mode) -> None:
    talk = begun(mode, question())
    talk.say(TurnKind.SKIP)
    assert talk.reply() == Close()
    assert talk.position.phase is Phase.FINISHED
    assert talk.move is None
    assert talk.allowed == {TurnKind.RETRY}


def test_after_the_last_wrap_the_interview_closes() -> None:
    talk = begun(Mode.PRACTICE, question())
    talk.answer(STORY)
    talk.say(TurnKind.NEXT)
    assert talk.reply() == Close()


def test_the_candidate_may_end_while_a_question_is_open() -> None:
    talk = begun()
    talk.say(TurnKind.END)
    assert talk.reply() == Close()
    assert talk.position.ended


def test_the_candidate_may_end_while_the_interviewer_thinks() -> None:
    talk = begun()
    talk.say(TurnKind.ANSWER, STORY)
    talk.say(TurnKind.END)
    assert talk.reply() == Close()


def test_the_candidate_may_end_between_two_questions() -> None:
    talk = begun(Mode.PRACTICE)
    talk.answer(STORY)
    talk.say(TurnKind.END)
    assert talk.reply() == Close()


def test_pressing_end_twice_closes_once() -> None:
    talk = begun()
    talk.say(TurnKind.END)
    talk.say(TurnKind.END)
    assert talk.reply() == Close()
    assert talk.move is None


def test_a_retry_asks_the_question_again_from_the_start() -> None:
    talk = begun(Mode.PRACTICE)
    talk.answer(STORY, [Aim.RESULT])
    talk.answer(STORY)
    talk.say(TurnKind.RETRY)
    assert talk.reply() == Ask(0, 1)
    at = talk.position
    assert (at.question, at.attempt, at.probes, at.offered, at.nudged) == (0, 1, (), False, False)
    assert talk.answer(STORY, [Aim.RESULT]) == Probe(Aim.RESULT)


def test_after_a_retry_the_interview_goes_on_where_it_was() -> None:
    talk = begun(Mode.PRACTICE)
    talk.answer(STORY)
    talk.say(TurnKind.NEXT)
    talk.reply()
    talk.answer(STORY)
    talk.say(TurnKind.RETRY, retried=0)
    assert talk.reply() == Ask(0, 1)
    talk.answer(STORY)
    talk.say(TurnKind.NEXT)
    assert talk.reply() == Ask(2, 0)


@BOTH
def test_a_question_can_be_retried_after_the_end(mode: Mode) -> None:
    talk = begun(mode)
    talk.answer(STORY)
    talk.say(TurnKind.END)
    talk.reply()
    talk.say(TurnKind.RETRY, retried=0)
    assert talk.reply() == Ask(0, 1)


def test_after_a_retry_an_ended_interview_is_closed_again() -> None:
    talk = begun(Mode.INTERVIEW)
    talk.say(TurnKind.END)
    talk.reply()
    talk.say(TurnKind.RETRY, retried=0)
    talk.reply()
    assert talk.answer(STORY) == Close()  # two questions are left, but the candidate had ended


def test_a_second_retry_is_a_third_attempt() -> None:
    talk = begun(Mode.PRACTICE)
    for attempt in (1, 2):
        talk.answer(STORY)
        talk.say(TurnKind.RETRY)
        assert talk.reply() == Ask(0, attempt)


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        (Mode.PRACTICE, "answer no_example skip end hint"),
        (Mode.INTERVIEW, "answer no_example skip end"),
    ],
)
def test_a_hint_is_for_practice_while_a_question_is_open(mode: Mode, kinds: str) -> None:
    assert begun(mode).allowed == {TurnKind(kind) for kind in kinds.split()}


def test_while_the_interviewer_thinks_one_can_only_end() -> None:
    talk = begun()
    talk.say(TurnKind.ANSWER, STORY)
    assert talk.allowed == {TurnKind.END}


def test_between_two_questions_one_goes_on_or_tries_again_or_ends() -> None:
    talk = begun(Mode.PRACTICE)
    talk.answer(STORY)
    assert talk.allowed == {TurnKind.NEXT, TurnKind.RETRY, TurnKind.END}


def test_a_question_stays_open_after_a_hint() -> None:
    talk = begun(Mode.PRACTICE)
    talk.turns.append(Turn(1, TurnKind.HINT, "Think of a rainy day.", 0))
    assert talk.position.phase is Phase.ANSWERING
    assert talk.answer(STORY, [Aim.TASK]) == Probe(Aim.TASK)
