from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence

import pytest

from mock_interviewer.core.questions import Aim
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import ModelRefusedError, ModelUnavailableError, ReplyMissingError
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.aiming import choose
from mock_interviewer.interviewing.prober import (
    DirectProber,
    Found,
    ItemProber,
    Prober,
    ProbeStep,
    Spent,
    Words,
    make_prober,
)
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Reply, Request
from tests.interviewing.talk import question
from tests.scripted import ScriptedChat
from tests.toy_rubric import yes

RUBRIC = load_rubric()
QUESTION = question()
TOLD = Line(role=Role.CANDIDATE, text="A guest had lost her umbrella, and I looked for it.")
PROBED = [
    TOLD,
    Line(role=Role.INTERVIEWER, text="What did you have to achieve?"),
    Line(role=Role.CANDIDATE, text="To find it before her train."),
]
WORDED = "How did the search for the umbrella end?"
AWAY = ModelUnavailableError("gone")
ITEMS = {item.question: item for c in RUBRIC.criteria for item in c.items if item.aim}


def direct(chat: ScriptedChat, context: int = 4096) -> Prober:
    return DirectProber(chat, Grader(chat, RUBRIC, Strategy.LEVELS), context)


def by_items(chat: ScriptedChat, context: int = 16_384, seconds: float = 20.0) -> Prober:
    return ItemProber(chat, Grader(chat, RUBRIC, Strategy.CHECKLIST), context, seconds)


def small_model(
    met: Mapping[Aim, float] | Exception,
    worded: str | Exception = WORDED,
    fault: Exception | None = None,
    breaks_after: int | None = None,
) -> ScriptedChat:
    """A model that finds each aim's item met with its probability, else 0.9, and words a probe."""

    def script(request: Request) -> str | Reply | Exception:
        for text, item in ITEMS.items():
            if request.messages[-1].content.endswith(text):
                assert item.aim is not None
                return met if isinstance(met, Exception) else yes(met.get(item.aim, 0.9))
        return worded

    return ScriptedChat(script, fault=fault, breaks_after=breaks_after)


def steps(
    prober: Prober, lines: Sequence[Line] = (TOLD,), aims: Sequence[Aim] = tuple(Aim)
) -> list[ProbeStep]:
    """What is found and said, without the bills."""
    found = prober.probe(QUESTION, lines, aims)
    return [step for step in found if not isinstance(step, Spent)]


def prepared(aim: Aim) -> list[ProbeStep]:
    return [Found(aim), Words(f"What about the {aim.value} of it?", prepared=True)]


# ---- which thing is asked for ----

WE = Line(role=Role.CANDIDATE, text="We all looked for it. Our boss helped us, and I did too.")


@pytest.mark.parametrize(
    ("missing", "aims", "line", "expected"),
    [
        ([Aim.TASK, Aim.RESULT], list(Aim), TOLD, Aim.TASK),
        ([Aim.TASK, Aim.RESULT], [Aim.RESULT, Aim.FEELINGS], TOLD, Aim.RESULT),
        ([Aim.HOW_KNOWN, Aim.FEELINGS, Aim.TASK], list(Aim), TOLD, Aim.FEELINGS),
        ([Aim.HOW_KNOWN], list(Aim), TOLD, Aim.HOW_KNOWN),
        ([], list(Aim), TOLD, None),
        ([Aim.TASK], [Aim.RESULT], TOLD, None),
        ([Aim.TASK], [], TOLD, None),
        # two of "we", "our" and "us", and more of them than of "I" and "my": the own part
        ([Aim.ACTION], list(Aim), WE, Aim.OWN_PART),
        ([Aim.RESULT, Aim.ACTION], list(Aim), WE, Aim.RESULT),
        ([Aim.ACTION], [Aim.ACTION], WE, Aim.ACTION),
        ([Aim.ACTION], list(Aim), TOLD, Aim.ACTION),
        ([Aim.ACTION], list(Aim), Line(role=Role.CANDIDATE, text="We did."), Aim.ACTION),
        (
            [Aim.ACTION],
            list(Aim),
            Line(role=Role.CANDIDATE, text="We and us, I and my."),
            Aim.ACTION,
        ),
        (
            [Aim.ACTION],
            list(Aim),
            Line(role=Role.INTERVIEWER, text="What did we do to us, with our own?"),
            Aim.ACTION,
        ),
    ],
)
def test_the_weakest_thing_that_may_be_asked_is_chosen(
    missing: list[Aim], aims: list[Aim], line: Line, expected: Aim | None
) -> None:
    assert choose(missing, aims, [line]) is expected


# ---- strong models ----


def test_a_strong_model_names_what_is_missing_and_words_the_probe() -> None:
    found = steps(direct(ScriptedChat(f"result: {WORDED}")))
    assert found[0] == Found(Aim.RESULT)
    assert Words("How did the search") in found
    assert found[-1] == Words(WORDED)


@pytest.mark.parametrize(
    ("reply", "aim"),
    [
        (f'"result": {WORDED}', Aim.RESULT),
        (f"**Result:** {WORDED}", Aim.RESULT),
        (f"RESULT : {WORDED}", Aim.RESULT),
        (f"own part: {WORDED}", Aim.OWN_PART),
        (f"- how_known: {WORDED}", Aim.HOW_KNOWN),
    ],
)
def test_a_name_may_be_written_in_other_ways(reply: str, aim: Aim) -> None:
    found = steps(direct(ScriptedChat(reply)))
    assert (found[0], found[-1]) == (Found(aim), Words(WORDED))


@pytest.mark.parametrize(
    "reply", ["none", "None.", '"none"', "**none**", "none: the answer is complete", "None needed."]
)
def test_a_strong_model_may_find_nothing_missing(reply: str) -> None:
    assert steps(direct(ScriptedChat(reply))) == [Found(None)]


def test_a_strong_model_may_not_ask_for_what_was_not_named() -> None:
    chat = ScriptedChat(f"result: {WORDED}")
    assert steps(direct(chat), aims=[Aim.TASK, Aim.FEELINGS]) == [Found(None)]


@pytest.mark.parametrize(
    "reply",
    ["", "Great answer! I would ask what happened then.", "weather: How was it then?"],
)
def test_a_choice_that_cannot_be_read_does_not_end_the_question(reply: str) -> None:
    # Result is what answers lack most often.
    assert steps(direct(ScriptedChat(reply))) == prepared(Aim.RESULT)


def test_a_choice_without_words_gets_the_prepared_ones() -> None:
    assert steps(direct(ScriptedChat("task"))) == prepared(Aim.TASK)


def test_a_choice_without_an_end_is_given_up() -> None:
    class Endless(ScriptedChat):
        def stream(self, request: Request) -> Iterator[str]:
            yield from ["word "] * 10
            raise AssertionError("read on")

    assert steps(direct(Endless(""))) == prepared(Aim.RESULT)


@pytest.mark.parametrize(
    "probe",
    ["Great answer! How did it end?", "I would say it ended well.", "What?", QUESTION.text, ""],
)
def test_an_unfit_probe_is_replaced_by_the_prepared_one(probe: str) -> None:
    found = steps(direct(ScriptedChat(f"feelings: {probe}")))
    assert found == prepared(Aim.FEELINGS)


def test_a_probe_may_not_repeat_the_question() -> None:
    asked = QUESTION.model_copy(update={"text": WORDED})
    chat = ScriptedChat(f"task: {WORDED}")
    found = [*direct(chat).probe(asked, [TOLD], list(Aim))]
    assert Words("What about the task of it?", prepared=True) in found


def test_a_probe_may_not_repeat_an_earlier_one() -> None:
    chat = ScriptedChat("task: What did you have to achieve?")
    assert steps(direct(chat), PROBED)[-1] == Words("What about the task of it?", prepared=True)


def test_a_strong_model_that_goes_away_in_the_middle_is_replaced_by_the_prepared_probe() -> None:
    # The pieces: "result:", " How", " did", " the", " search", " for".
    chat = ScriptedChat(f"result: {WORDED}", breaks_after=6, fault=AWAY)
    found = steps(direct(chat))
    assert found[0] == Found(Aim.RESULT)
    assert found[-2:] == [
        Words("How did the search"),
        Words("What about the result of it?", prepared=True),
    ]


@pytest.mark.parametrize("fault", [AWAY, ModelRefusedError("filtered")])
def test_without_a_model_what_answers_lack_most_is_asked(fault: Exception) -> None:
    chat = ScriptedChat(fault)
    assert steps(direct(chat)) == prepared(Aim.RESULT)
    assert steps(direct(chat), aims=[Aim.FEELINGS, Aim.TASK]) == prepared(Aim.FEELINGS)


def test_without_a_model_one_question_gets_one_probe() -> None:
    assert steps(direct(ScriptedChat(AWAY)), PROBED) == [Found(None)]


def test_a_strong_model_is_told_what_it_may_ask_for_and_what_was_said() -> None:
    chat = ScriptedChat("none")
    steps(direct(chat), PROBED, [Aim.RESULT, Aim.FEELINGS])
    system, user = chat.requests[0].messages
    assert "practice job interview" in system.content
    assert "result: how it ended" in user.content
    assert "feelings: what the other person felt" in user.content
    assert "how_known:" not in user.content
    for line in PROBED:
        assert line.text in user.content


# ---- small models ----


def test_a_small_model_is_asked_the_grades_items_and_words_the_weakest() -> None:
    chat = small_model({Aim.FEELINGS: 0.2, Aim.RESULT: 0.3})
    found = steps(by_items(chat))
    assert (found[0], found[-1]) == (Found(Aim.FEELINGS), Words(WORDED))
    assert "what the other person felt" in chat.requests[-1].messages[-1].content


def test_a_waiting_candidates_items_are_urgent() -> None:
    chat = small_model({Aim.RESULT: 0.2})
    steps(by_items(chat))
    assert chat.urgent
    assert all(chat.urgent)


def test_the_probe_is_worded_on_the_prefix_that_the_items_share() -> None:
    # All but the last line of what is sent, so that a server need not read the answer again.
    chat = small_model({Aim.RESULT: 0.2})
    steps(by_items(chat))
    prefixes = {
        (request.messages[:-1], request.messages[-1].content.rpartition("\n")[0])
        for request in chat.requests
    }
    assert len(prefixes) == 1


def test_a_small_model_that_finds_everything_is_not_asked_for_words() -> None:
    chat = small_model({})
    assert steps(by_items(chat)) == [Found(None)]
    assert len(chat.requests) == len(chat.urgent)


def test_what_was_probed_for_is_passed_over() -> None:
    chat = small_model({Aim.RESULT: 0.1, Aim.TASK: 0.3})
    assert steps(by_items(chat), aims=[Aim.TASK, Aim.FEELINGS])[0] == Found(Aim.TASK)


def test_a_small_model_that_is_away_is_replaced_by_one_prepared_probe() -> None:
    chat = small_model(AWAY)
    assert steps(by_items(chat)) == prepared(Aim.RESULT)
    assert steps(by_items(chat), PROBED) == [Found(None)]


def test_a_small_model_that_takes_too_long_is_not_waited_for() -> None:
    assert steps(by_items(small_model({Aim.TASK: 0.1}), seconds=0.0)) == prepared(Aim.RESULT)


def test_reading_and_wording_share_the_time_of_one_turn() -> None:
    chat = small_model({Aim.RESULT: 0.2})
    before = time.monotonic()
    steps(by_items(chat, seconds=7.0))
    *items, words = chat.requests
    assert words.begun_by is not None
    assert words.done_by is not None
    assert all(item.done_by == pytest.approx(words.begun_by, abs=0.5) for item in items)
    assert before + 7 <= words.begun_by <= time.monotonic() + 7
    assert before + 60 <= words.done_by <= time.monotonic() + 60


@pytest.mark.parametrize("worded", ["You did very well there, how was it?", "Fine.", "", AWAY])
def test_a_small_model_without_fit_words_asks_the_prepared_probe(worded: str | Exception) -> None:
    found = steps(by_items(small_model({Aim.TASK: 0.1}, worded)))
    assert found == prepared(Aim.TASK)


def test_a_small_model_that_stops_in_the_middle_asks_the_prepared_probe() -> None:
    chat = small_model({Aim.TASK: 0.1}, fault=AWAY, breaks_after=3)
    found = steps(by_items(chat))
    assert [found[0], found[-1]] == prepared(Aim.TASK)


# ---- what holds for both ----


def test_words_grow_to_the_whole_probe() -> None:
    for prober in (
        direct(ScriptedChat(f"result: {WORDED}")),
        by_items(small_model({Aim.RESULT: 0.1})),
    ):
        shown = [step.text for step in steps(prober) if isinstance(step, Words)]
        assert shown[-1] == WORDED
        assert all(WORDED.startswith(text) for text in shown)
        assert shown == sorted(shown, key=len)


def test_the_oldest_turns_are_left_out_where_the_context_is_full(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # A byte count of three a token is the estimate: the first turn alone is some 3,300 tokens.
    long = Line(role=Role.CANDIDATE, text="umbrella " * 1100)
    chat = ScriptedChat("none")
    with caplog.at_level(logging.WARNING):
        steps(direct(chat, context=3000), [long, *PROBED])
    sent = chat.requests[0].messages[-1].content
    assert "umbrella umbrella" not in sent
    assert all(line.text in sent for line in PROBED)
    assert "an earlier turn of 9899 characters is left out" in caplog.text


def test_the_answer_itself_is_never_left_out() -> None:
    long = Line(role=Role.CANDIDATE, text="umbrella " * 1100)
    chat = ScriptedChat("none")
    steps(direct(chat, context=1000), [*PROBED, long])
    sent = chat.requests[0].messages[-1].content
    assert long.text in sent
    assert PROBED[0].text not in sent


def test_a_short_talk_is_sent_whole() -> None:
    chat = ScriptedChat("none")
    steps(direct(chat, context=3000), PROBED)
    assert all(line.text in chat.requests[0].messages[-1].content for line in PROBED)


@pytest.mark.parametrize(
    ("strategy", "kind"),
    [
        (Strategy.CHECKLIST, ItemProber),
        (Strategy.LEVELS, DirectProber),
        (Strategy.ADVICE, DirectProber),
    ],
)
def test_the_way_of_grading_decides_the_way_of_probing(strategy: Strategy, kind: type) -> None:
    chat = ScriptedChat("none")
    assert isinstance(make_prober(chat, Grader(chat, RUBRIC, strategy), 4096), kind)


def test_what_a_probe_cost_is_told() -> None:
    chat = ScriptedChat(f"result: {WORDED}")
    bills = [s for s in direct(chat).probe(QUESTION, [TOLD], list(Aim)) if isinstance(s, Spent)]
    assert len(bills) == 1
    # Our own count: three bytes a token, rounded up, of the 40 bytes that were said.
    assert bills[0].usage.completion == 14
    assert bills[0].usage.prompt > 100


@pytest.mark.parametrize(
    ("fault", "warned"),
    [(ReplyMissingError("not recorded"), False), (ModelUnavailableError("away"), True)],
)
def test_a_reply_that_is_not_recorded_is_no_warning(
    caplog: pytest.LogCaptureFixture, fault: Exception, warned: bool
) -> None:
    # Whoever replays recordings counts them and says so once.
    with caplog.at_level(logging.WARNING):
        list(direct(ScriptedChat(fault)).probe(QUESTION, [TOLD], list(Aim)))
    assert ("cannot say what is missing" in caplog.text) is warned
