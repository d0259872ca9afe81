from __future__ import annotations

import pytest

from mock_interviewer.core.observation import Asking, Behaviour, Exchange, Misstep, Observation
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.core.scenario_bank import load_scenarios
from mock_interviewer.core.transcript import Role
from mock_interviewer.interviewing.debrief import Debrief, as_answer, debrief
from tests.toy_scenario import made, shown, toy

SCENARIO = toy()
NOTHING = Observation()
ASKED = Observation(asked={Asking.STAKES: (1,)})


def exchanges(*observations: Observation) -> list[Exchange]:
    return [
        Exchange(reply=f"First {n}. Second {n}.", observation=one, said=f"Answer {n}.")
        for n, one in enumerate(observations, start=1)
    ]


def told(*observations: Observation, scenario: Scenario = SCENARIO) -> Debrief:
    return debrief(scenario, exchanges(*observations))


def test_the_moods_are_a_line_from_the_start_over_the_replies() -> None:
    assert told(shown(Behaviour.LISTENING), NOTHING, made(Misstep.BLAMING)).moods == (4, 5, 5, 3)


def test_a_conversation_without_replies_has_its_start() -> None:
    empty = told()
    assert (empty.moods, empty.moments, empty.ending, empty.try_from) == ((4,), (), None, None)


def test_each_reply_stands_between_the_customers_words() -> None:
    first, second = told(NOTHING, NOTHING).moments
    assert (first.heard, first.reply, first.said) == (
        "My umbrella. Have you got it?",
        "First 1. Second 1.",
        "Answer 1.",
    )
    assert second.heard == "Answer 1."


def test_what_moved_the_mood_is_shown_in_the_candidates_own_sentences() -> None:
    misstep = Observation(missteps={Misstep.ARGUING: (1, 2)})
    (moment,) = told(misstep).moments
    (moved,) = moment.moved
    assert (moved.movement.name, moved.movement.by) == ("arguing", -2)
    assert [(e.sentence, e.quote) for e in moved.evidence] == [(1, "First 1."), (2, "Second 1.")]


def test_what_a_limit_held_back_is_told() -> None:
    (moment,) = told(shown(*Behaviour)).moments  # five times 1, at most 3
    assert (moment.step.after - moment.step.before, moment.held_back) == (3, 2)


def test_the_need_is_found_with_the_reply_that_brought_it_out() -> None:
    assert told(NOTHING, NOTHING).found_at is None
    assert told(NOTHING, ASKED, scenario=toy(start_mood=5)).found_at == 2


def test_an_ending_is_told_and_what_came_after_it_is_left_out() -> None:
    found = told(made(*Misstep), NOTHING)
    assert found.ending is not None
    assert found.ending.id == "leaves"
    assert len(found.moments) == 1


def test_a_reply_that_could_not_be_read_is_told_and_gets_no_advice() -> None:
    (moment,) = told(Observation(unread="the model was away")).moments
    assert (moment.step.unread, moment.could_say) == ("the model was away", None)


def test_behaviours_are_told_at_their_highest() -> None:
    found = told(shown(Behaviour.LISTENING, level=1), shown(Behaviour.LISTENING))
    assert found.levels[Behaviour.LISTENING] == 2
    assert found.levels[Behaviour.ADVOCACY] == 0


def could_say(found: Debrief) -> list[str | None]:
    return [moment.could_say.text if moment.could_say else None for moment in found.moments]


def test_what_could_have_been_said_is_of_the_behaviour_that_was_weakest_then() -> None:
    all_but_one = [b for b in Behaviour if b is not Behaviour.ADVOCACY]
    found = told(shown(*all_but_one), NOTHING, scenario=toy(start_mood=2))
    assert could_say(found) == [None, "A line of advocacy."]


def test_somebody_who_is_shut_wants_to_be_understood_before_anything_else() -> None:
    assert could_say(told(NOTHING)) == ["A line of validation."]
    assert could_say(told(NOTHING, scenario=toy(start_mood=7))) == ["A line of listening."]


def test_no_line_is_suggested_twice() -> None:
    found = could_say(told(*[NOTHING] * 5))
    assert len(set(found)) == 5


def test_once_the_need_is_told_the_advice_takes_it_up_and_asks_for_it_no_more() -> None:
    once = {"resolution": ["For the sake of his gift."]}
    found = told(ASKED, NOTHING, scenario=toy(start_mood=7, could_say_once_told=once))
    # The first reply asked rightly, so that nothing is lost there but warmth.
    assert could_say(found) == ["For the sake of his gift.", "A line of resolution."]


def test_a_reply_that_did_good_gets_no_advice() -> None:
    assert could_say(told(shown(Behaviour.ADVOCACY))) == [None]


@pytest.mark.parametrize(
    ("observations", "number"),
    [
        ([NOTHING, made(Misstep.EMPTY_PHRASE), NOTHING], 2),
        ([shown(Behaviour.ADVOCACY), NOTHING], 2),
        ([shown(Behaviour.ADVOCACY)], 1),
    ],
)
def test_another_try_is_offered_where_it_went_wrong_first(
    observations: list[Observation], number: int
) -> None:
    assert told(*observations).try_from == number


def test_of_two_falls_the_deeper_one_is_where_to_try_again() -> None:
    deep = made(Misstep.BLAMING, Misstep.RUDENESS)
    assert told(made(Misstep.ARGUING), deep, scenario=toy(start_mood=10)).try_from == 2


def test_after_a_right_end_no_other_try_is_urged() -> None:
    gives = Observation(acts={"hands_it_out": (1,)})
    found = told(ASKED, gives, scenario=toy(start_mood=5))
    assert found.ending is not None
    assert found.ending.right
    assert found.try_from is None


def test_the_conversation_is_an_answer_that_the_grader_can_read() -> None:
    question, lines = as_answer(SCENARIO, exchanges(NOTHING))
    assert question == "You mind the box of lost things."
    assert [(line.role, line.text) for line in lines] == [
        (Role.INTERVIEWER, "My umbrella. Have you got it?"),
        (Role.CANDIDATE, "First 1. Second 1."),
        (Role.INTERVIEWER, "Answer 1."),
    ]


@pytest.mark.parametrize("scenario", load_scenarios(), ids=lambda scenario: scenario.id)
def test_every_scenario_has_advice_for_a_whole_conversation(scenario: Scenario) -> None:
    found = told(*[NOTHING] * 4, scenario=scenario)
    assert None not in could_say(found)[:4]
