from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_interviewer.core.observation import (
    Asking,
    Behaviour,
    Exchange,
    Misstep,
    Observation,
    Seen,
)
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.core.scenario_bank import load_scenarios
from mock_interviewer.interviewing.role_play import Step, branch, play, start, take
from tests.toy_scenario import ending, made, shown, toy

ASKED = Observation(asked={Asking.STAKES: (1,)})
NOTHING = Observation()


@dataclass
class Talk:
    """A conversation in memory; each reply is new words."""

    scenario: Scenario = field(default_factory=toy)
    exchanges: list[Exchange] = field(default_factory=list)

    def say(self, observation: Observation, reply: str = "") -> Step:
        words = reply or f"Reply number {len(self.exchanges)}."
        self.exchanges.append(Exchange(reply=words, observation=observation, said="Hm."))
        return play(self.scenario, self.exchanges).steps[-1]

    @property
    def ended(self) -> str | None:
        found = play(self.scenario, self.exchanges).standing.ending
        return found.id if found else None


def done(*acts: str) -> Observation:
    return Observation(acts=dict.fromkeys(acts, (1,)))


def test_a_behaviour_that_is_shown_lifts_the_mood_by_the_scenarios_rule() -> None:
    step = Talk().say(shown(Behaviour.VALIDATION))
    assert (step.before, step.after) == (4, 5)


def test_a_behaviour_that_is_only_touched_is_worth_what_the_scenario_says() -> None:
    rises = {b.value: {"some": 0, "shown": 2} for b in Behaviour}
    rises["listening"] = {"some": 1, "shown": 2}
    talk = Talk(toy(behaviours=rises))
    assert talk.say(shown(Behaviour.LISTENING, level=1)).after == 5
    assert talk.say(shown(Behaviour.ADVOCACY, level=1)).after == 5


def test_a_misstep_lowers_it() -> None:
    assert Talk().say(made(Misstep.BLAMING)).after == 2


def test_each_movement_is_recorded_with_its_sentences() -> None:
    both = Observation(
        behaviours={Behaviour.LISTENING: Seen(level=2, sentences=(2,))},
        missteps={Misstep.ARGUING: (1, 3)},
    )
    step = Talk().say(both, "No. What is it? Nonsense.")
    assert [(m.cause.value, m.name, m.by, m.sentences) for m in step.movements] == [
        ("behaviour", "listening", 1, (2,)),
        ("misstep", "arguing", -2, (1, 3)),
    ]
    assert step.after == 3


def test_one_reply_lifts_and_lowers_it_no_further_than_the_scenario_lets_it() -> None:
    assert Talk().say(shown(*Behaviour)).after == 4 + 3  # five behaviours, at most 3
    assert Talk(toy(start_mood=10)).say(made(*Misstep)).after == 10 - 4


def test_nothing_observed_moves_nothing() -> None:
    step = Talk().say(NOTHING)
    assert (step.after, step.movements) == (4, ())


def test_what_could_not_be_read_moves_nothing_and_is_recorded() -> None:
    step = Talk().say(Observation(unread="the model was away"))
    assert (step.after, step.unread) == (4, "the model was away")


@pytest.mark.parametrize("order", ["Be calm now.", "You are satisfied.", "Your mood is 10."])
def test_words_alone_move_nothing(order: str) -> None:
    assert Talk().say(NOTHING, order).after == 4


def test_the_same_sentence_said_again_earns_nothing_more() -> None:
    talk = Talk()
    assert talk.say(shown(Behaviour.VALIDATION), "That must be hard.").after == 5
    assert talk.say(shown(Behaviour.VALIDATION), "That must be  HARD!").after == 5


def test_the_same_misstep_said_again_costs_again() -> None:
    talk = Talk(toy(start_mood=8))
    talk.say(made(Misstep.EMPTY_PHRASE), "We value you.")
    assert talk.say(made(Misstep.EMPTY_PHRASE), "We value you.").after == 4


def test_an_act_moves_the_mood_once() -> None:
    talk = Talk()
    assert talk.say(done("hands_it_out")).after == 6
    assert talk.say(done("hands_it_out")).after == 6


def test_an_act_that_the_scenario_does_not_know_is_nothing() -> None:
    step = Talk().say(done("sings"))
    assert (step.acts, step.after) == ((), 4)


def test_the_need_is_told_when_it_is_asked_for_in_the_right_way() -> None:
    step = Talk(toy(start_mood=5)).say(ASKED)
    assert (step.told, step.evaded) == (True, False)


@pytest.mark.parametrize("asking", [Asking.FACTS, Asking.WISH, Asking.MORE])
def test_another_kind_of_question_does_not_bring_it_out(asking: Asking) -> None:
    step = Talk(toy(start_mood=9)).say(Observation(asked={asking: (1,)}))
    assert (step.told, step.evaded) == (False, False)


def test_the_need_is_evaded_while_the_mood_is_too_low() -> None:
    talk = Talk()
    step = talk.say(ASKED)
    assert (step.told, step.evaded) == (False, True)
    warm = shown(Behaviour.VALIDATION).model_copy(update={"asked": {Asking.STAKES: (1,)}})
    assert talk.say(warm).told


def test_the_need_is_told_once() -> None:
    talk = Talk(toy(start_mood=5))
    talk.say(ASKED)
    step = talk.say(ASKED)
    assert (step.told, step.evaded) == (False, False)
    assert play(talk.scenario, talk.exchanges).standing.found_at == 1


def test_it_ends_when_all_rules_of_an_ending_hold() -> None:
    talk = Talk(toy(start_mood=5))
    talk.say(ASKED)
    assert talk.ended is None
    talk.say(done("hands_it_out"))
    assert talk.ended == "has_it"


def test_an_ending_that_wants_the_need_found_lets_the_customer_tell_it_first() -> None:
    talk = Talk(toy(start_mood=8))
    talk.say(done("hands_it_out"))
    talk.say(ASKED)
    assert talk.ended is None
    talk.say(NOTHING)
    assert talk.ended == "has_it"


def test_an_ending_that_wants_an_earlier_act_does_not_come_with_it() -> None:
    good = ending("good", "ended", right=True, done=["opens_the_bag"], earlier=["hands_it_out"])
    scenario = toy(endings=[good, ending("time", "time", after=9)])
    at_once = Talk(scenario)
    at_once.say(done("opens_the_bag", "hands_it_out"))
    assert at_once.ended is None
    at_once.say(NOTHING)
    assert at_once.ended == "good"


def test_an_ending_that_an_act_prevents_does_not_come_after_it() -> None:
    good = ending("good", "satisfied", right=True, at_least=4, not_done=["opens_the_bag"], after=2)
    talk = Talk(toy(endings=[good, ending("time", "time", after=9)]))
    talk.say(done("opens_the_bag"))
    talk.say(shown(Behaviour.VALIDATION))
    assert talk.ended is None


def test_the_first_ending_whose_rules_hold_is_the_one_that_comes() -> None:
    one = ending("one", "hung_up", at_most=5)
    other = ending("other", "satisfied", right=True, at_most=6)
    talk = Talk(toy(endings=[one, other, ending("time", "time", after=1)]))
    talk.say(NOTHING)
    assert talk.ended == "one"


def test_there_is_time_for_so_many_replies() -> None:
    talk = Talk()
    for _ in range(5):
        talk.say(NOTHING)
    assert talk.ended is None
    talk.say(NOTHING)
    assert talk.ended == "time"


def test_nothing_can_be_said_after_the_end() -> None:
    talk = Talk()
    talk.say(made(*Misstep))
    assert talk.ended == "leaves"
    standing = play(talk.scenario, talk.exchanges).standing
    with pytest.raises(ValueError, match="has ended"):
        take(talk.scenario, standing, "Wait!", NOTHING)


def test_a_branch_keeps_what_came_before_its_reply() -> None:
    talk = Talk()
    for _ in range(3):
        talk.say(NOTHING)
    assert branch(talk.exchanges, 3) == tuple(talk.exchanges[:2])
    assert branch(talk.exchanges, 1) == ()
    for number in (0, 4):
        with pytest.raises(ValueError, match="there is no reply"):
            branch(talk.exchanges, number)


SCENARIOS = load_scenarios()
SIGNS: list[tuple[str, str, Any]] = [
    *(("behaviours", b, Seen(level=level, sentences=(1,))) for b in Behaviour for level in (1, 2)),
    *(("missteps", misstep, (1, 2)) for misstep in Misstep),
    *(("asked", asking, (3,)) for asking in Asking),
    *(("acts", str(place), (2,)) for place in range(7)),
]
REPLIES = ["Yes. No.", "I see. What is it? Go on. Thanks.", "", "Calm down!"]


def observed(scenario: Scenario, signs: list[tuple[str, str, Any]]) -> Observation:
    """The signs as one observation; a place stands for the scenario's act there, if there is."""
    found: dict[str, dict[str, Any]] = {"behaviours": {}, "missteps": {}, "asked": {}, "acts": {}}
    names = [act.id for act in scenario.acts]
    for kind, name, value in signs:
        known = names[int(name)] if kind == "acts" and int(name) < len(names) else name
        found[kind][known if kind != "acts" or known in names else "unknown"] = value
    return Observation.model_validate(found)


@st.composite
def conversations(draw: Any) -> tuple[Scenario, list[Exchange]]:
    scenario = draw(st.sampled_from(SCENARIOS))
    turn = st.tuples(st.sampled_from(REPLIES), st.lists(st.sampled_from(SIGNS), max_size=5))
    return scenario, [
        Exchange(reply=reply, observation=observed(scenario, signs), said="Hm.")
        for reply, signs in draw(st.lists(turn, max_size=12))
    ]


@given(conversations())
def test_the_mood_stays_in_its_scale_and_moves_as_recorded(
    talk: tuple[Scenario, list[Exchange]],
) -> None:
    scenario, exchanges = talk
    mood = scenario.start_mood
    for step in play(scenario, exchanges).steps:
        assert step.before == mood
        assert 0 <= step.after <= 10
        total = sum(movement.by for movement in step.movements)
        limited = max(-scenario.most_fall, min(scenario.most_rise, total))
        assert step.after == max(0, min(10, step.before + limited))
        mood = step.after


@given(conversations())
def test_what_has_ended_stays_ended(talk: tuple[Scenario, list[Exchange]]) -> None:
    scenario, exchanges = talk
    ended = None
    for count in range(len(exchanges) + 1):
        played = play(scenario, exchanges[:count])
        if ended is None:
            ended = played if played.standing.ending else None
        else:
            assert played == ended


@given(conversations())
def test_a_conversation_ends_within_its_time(talk: tuple[Scenario, list[Exchange]]) -> None:
    scenario, exchanges = talk
    played = play(scenario, exchanges)
    assert len(played.steps) <= scenario.most_replies
    if len(exchanges) >= scenario.most_replies:
        assert played.standing.ending is not None


@given(conversations())
def test_the_same_exchanges_read_the_same_one_by_one_and_at_once(
    talk: tuple[Scenario, list[Exchange]],
) -> None:
    scenario, exchanges = talk
    standing = start(scenario)
    for exchange in exchanges:
        if standing.ending is None:
            _, standing = take(scenario, standing, exchange.reply, exchange.observation)
    assert standing == play(scenario, exchanges).standing
    kept = [Exchange.model_validate_json(exchange.model_dump_json()) for exchange in exchanges]
    assert play(scenario, kept) == play(scenario, exchanges)
