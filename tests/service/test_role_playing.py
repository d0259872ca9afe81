"""Role-plays as a face asks for them, on a real database; the customer has prepared lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.price import Price
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.errors import (
    ConfigurationError,
    LimitError,
    ModelUnavailableError,
    NotAllowedError,
    NotFoundError,
    StaleTurnError,
)
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing import scene
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Reply, Request
from mock_interviewer.service import role_play_report, role_playing
from mock_interviewer.service.access import Person, Role
from mock_interviewer.service.limits import Limits
from mock_interviewer.service.role_playing import RolePlay, RolePlaying
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.storage.store import Store
from tests.interviews import grade
from tests.scripted import ScriptedChat
from tests.toy_rubric import RUBRIC
from tests.toy_scenario import toy

ADA = Person("ada", "Ada", Role.CANDIDATE)
BEN = Person("ben", "Ben", Role.CANDIDATE)
COACH = Person("coach", "Coach", Role.COACH)
ADMIN = Person("admin", "Admin", Role.ADMIN)
SORRY = "You lost your umbrella in the rain, and that must be hard for you."
RUDE = "Calm down."


def away() -> Grader:
    raise ModelUnavailableError("the model is away")


class World:
    """What there is to play with; `finished` counts what waits for a grade."""

    grader: Callable[[], Grader] = staticmethod(away)

    def __init__(self, data: Path, *scenarios: Scenario) -> None:
        self.store = Store(f"sqlite:///{data / 'interviews.sqlite3'}")
        self.role_plays = RolePlays(self.store.sessions)
        self.finished = 0
        self.playing = self.program(scenarios or (toy(),))

    def program(self, scenarios: Sequence[Scenario]) -> RolePlaying:
        """As after a start of the program."""
        return RolePlaying(
            scenarios,
            self.role_plays,
            grader=lambda: self.grader(),
            context=4096,
            limits=Limits(),
            seconds=20.0,
            on_finished=self._count,
        )

    def _count(self) -> None:
        self.finished += 1

    def said(self, *replies: str) -> RolePlay:
        """A role-play of Ada's in which she has said this."""
        role_play = self.playing.begin(ADA, "lost-umbrella")
        for number, reply in enumerate(replies, start=1):
            self.playing.reply(ADA, role_play, number, reply)
            self.playing.answered(ADA, role_play)
        return self.playing.open(ADA, role_play)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def test_a_reply_is_answered_and_moves_the_mood(world: World) -> None:
    role_play = world.said(SORRY)
    (exchange,) = role_play.stored.answered
    assert exchange.reply == SORRY
    assert exchange.prepared
    assert exchange.said
    assert role_play.mood != role_play.scenario.start_mood
    assert (role_play.finished, role_play.next_number) == (False, 2)


@pytest.mark.parametrize(("observed", "by", "unread"), [(True, 1, False), (False, 0, True)])
def test_a_model_that_can_be_trusted_reads_the_reply_and_gives_the_customer_words(
    world: World, observed: bool, by: int, unread: bool
) -> None:
    def script(request: Request) -> str:
        if request.schema is None:
            return "It was raining, yes. Is it there?"
        if not observed:
            return "I would say that it was kind."
        parts = request.schema.schema["properties"]
        told = {name: {key: [] for key in part["properties"]} for name, part in parts.items()}
        seen = {key: {"evidence": [], "level": 0} for key in told["behaviours"]}
        validation = {"validation": {"evidence": [1], "level": 2}}
        return json.dumps({**told, "behaviours": {**seen, **validation}})

    grader = Grader(ScriptedChat(script), RUBRIC, Strategy.LEVELS)
    world.grader = lambda: grader
    role_play = world.said(SORRY)
    (exchange,) = role_play.stored.answered
    assert (exchange.said, exchange.prepared) == ("It was raining, yes. Is it there?", False)
    assert role_play.mood == role_play.scenario.start_mood + by
    (turn,) = role_play_report.make(role_play, RUBRIC).turns
    assert bool(turn.moment.step.unread) is unread


def test_the_report_adds_up_the_tokens_of_reading_of_the_customer_and_of_the_grade(
    world: World,
) -> None:
    read, spoken = Usage(prompt=500, cached=300, completion=60), Usage(prompt=200, completion=12)
    graded = Usage(prompt=1000, completion=400)

    def script(request: Request) -> Reply:
        return Reply("No.", usage=spoken if request.schema is None else read)

    grader = Grader(ScriptedChat(script), RUBRIC, Strategy.LEVELS)
    world.grader = lambda: grader
    role_play = world.said(SORRY, SORRY)  # an observation that cannot be read costs, too
    twice = read + spoken + read + spoken
    report = role_play_report.make(role_play, RUBRIC)
    assert (report.usage, report.cost) == (twice, None)
    role_plays, played = world.role_plays, role_play.stored.id
    role_plays.finish(played)
    levels = {criterion.id: criterion.lowest for criterion in RUBRIC.criteria}
    role_plays.save_grade(played, grade(levels, usage=graded))
    price = Price(prompt=2.0, cached=1.0, completion=10.0)
    report = role_play_report.make(world.playing.open(ADA, played), RUBRIC, price)
    assert report.usage == twice + graded
    assert report.cost == pytest.approx((1800 * 2.0 + 600 * 1.0 + 544 * 10.0) / 1_000_000)


def test_the_conversation_ends_by_the_scenarios_rules_and_waits_for_its_grade(
    world: World,
) -> None:
    role_play = world.said(RUDE)
    assert role_play.ending is not None
    assert role_play.ending.id == "leaves"
    assert role_play.finished
    assert world.finished == 1
    with pytest.raises(StaleTurnError):
        world.playing.reply(ADA, role_play.stored.id, 2, "Wait!")


def test_a_second_tab_is_told_that_it_was_behind_and_changes_nothing(world: World) -> None:
    role_play = world.said(SORRY).stored.id
    with pytest.raises(StaleTurnError, match="your text is still in the box"):
        world.playing.reply(ADA, role_play, 1, "Another first reply.")
    assert len(world.playing.open(ADA, role_play).stored.exchanges) == 1


def test_a_reply_that_nobody_answered_before_the_program_died_is_answered_when_it_is_opened(
    world: World,
) -> None:
    role_play = world.playing.begin(ADA, "lost-umbrella")
    world.playing.reply(ADA, role_play, 1, SORRY)
    again = world.program([toy()])
    waiting = again.open(ADA, role_play)
    assert waiting.stored.pending is not None
    assert waiting.stored.pending.reply == SORRY
    found = again.answered(ADA, role_play)
    assert found.stored.pending is None
    assert found.stored.answered[0].reply == SORRY


def test_pages_that_ask_at_once_have_a_reply_answered_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    role_play = world.playing.begin(ADA, "lost-umbrella")
    world.playing.reply(ADA, role_play, 1, SORRY)
    free, answers = threading.Event(), list[str]()
    answer = scene.Scene.answer

    def slow(self: scene.Scene, exchanges: Sequence[object], reply: str) -> scene.Answered:
        answers.append(reply)
        free.wait(20)
        return answer(self, (), reply)

    monkeypatch.setattr(scene.Scene, "answer", slow)
    pages = [
        threading.Thread(target=world.playing.answered, args=(ADA, role_play)) for _ in range(3)
    ]
    for page in pages:
        page.start()
    free.set()
    for page in pages:
        page.join()
    assert answers == [SORRY]
    assert world.playing.open(ADA, role_play).stored.pending is None


def test_a_customer_who_takes_too_long_keeps_no_page_waiting_and_answers_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    answer = scene.Scene.answer

    def slow(self: scene.Scene, exchanges: Sequence[object], reply: str) -> scene.Answered:
        free.wait(20)
        return answer(self, (), reply)

    monkeypatch.setattr(scene.Scene, "answer", slow)
    monkeypatch.setattr(world.playing, "_seconds", 0.05)
    role_play = world.playing.begin(ADA, "lost-umbrella")
    world.playing.reply(ADA, role_play, 1, SORRY)
    assert world.playing.answered(ADA, role_play).stored.pending is not None
    monkeypatch.setattr(world.playing, "_seconds", 20.0)
    free.set()
    assert world.playing.answered(ADA, role_play).stored.pending is None


@pytest.mark.parametrize("text", ["", " \n", "x" * 1501])
def test_what_says_nothing_or_too_much_is_not_stored(world: World, text: str) -> None:
    role_play = world.playing.begin(ADA, "lost-umbrella")
    with pytest.raises(ConfigurationError):
        world.playing.reply(ADA, role_play, 1, text)
    assert world.playing.open(ADA, role_play).stored.exchanges == ()


@pytest.mark.parametrize("other", [BEN, COACH, ADMIN])
def test_nobody_else_gets_at_it(world: World, other: Person) -> None:
    role_play = world.said(SORRY).stored
    for act in (
        lambda: world.playing.open(other, role_play.id),
        lambda: world.playing.answered(other, role_play.id),
        lambda: world.playing.reply(other, role_play.id, 2, "Hello."),
        lambda: world.playing.end(other, role_play.id),
        lambda: world.playing.branch(other, role_play.id, 1),
        lambda: world.playing.grade_again(other, role_play.id),
        lambda: world.playing.family(other, role_play.id),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert world.playing.open(ADA, role_play.id).stored == role_play


def test_an_admin_begins_none_and_an_unknown_scenario_is_told(world: World) -> None:
    with pytest.raises(NotAllowedError):
        world.playing.begin(ADMIN, "lost-umbrella")
    with pytest.raises(NotFoundError):
        world.playing.begin(ADA, "found-umbrella")


def test_a_branch_is_kept_beside_the_first_and_a_branch_of_a_branch_too(world: World) -> None:
    first = world.said(SORRY, "What colour was it?", RUDE).stored
    branch = world.playing.branch(ADA, first.id, 3)
    world.playing.reply(ADA, branch, 3, "Why will no other do?")
    world.playing.answered(ADA, branch)
    second = world.playing.branch(ADA, branch, 2)
    world.said(SORRY)  # another first one, which is no try of this
    tries = world.playing.family(ADA, second)
    assert [each.stored.id for each in tries] == [first.id, branch, second]
    assert world.playing.open(ADA, first.id).stored == first
    replies = [each.reply for each in tries[1].stored.answered]
    assert replies == [SORRY, "What colour was it?", "Why will no other do?"]


def test_ended_by_the_representative_it_has_no_ending_of_its_own(world: World) -> None:
    role_play = world.said(SORRY).stored.id
    world.playing.end(ADA, role_play)
    ended = world.playing.open(ADA, role_play)
    assert (ended.finished, ended.ending) == (True, None)
    assert world.finished == 1


def test_a_reply_that_is_unanswered_at_the_end_is_kept_and_shown(world: World) -> None:
    role_play = world.said(SORRY).stored.id
    world.playing.reply(ADA, role_play, 2, "Are you there?")
    world.playing.end(ADA, role_play)
    report = role_play_report.make(world.playing.answered(ADA, role_play), RUBRIC)
    assert report.unanswered == "Are you there?"
    assert len(report.turns) == 1


def test_more_role_plays_than_anybody_can_begin_are_refused(world: World) -> None:
    for _ in range(60):
        world.playing.begin(ADA, "lost-umbrella")
    with pytest.raises(LimitError):
        world.playing.begin(ADA, "lost-umbrella")


def test_what_was_not_played_yet_is_suggested_first(tmp_path: Path) -> None:
    easy, hard = toy(), toy(id="lost-glove", difficulty=3)
    world = World(tmp_path, hard, easy)
    assert [s.id for s in world.playing.suggested("ada")] == ["lost-umbrella", "lost-glove"]
    world.said()
    assert [s.id for s in world.playing.suggested("ada")] == ["lost-glove", "lost-umbrella"]
    world.store.close()


def test_a_changed_scenario_changes_nothing_in_what_was_held(world: World) -> None:
    role_play = world.said(SORRY)
    changed = world.program([toy(start_mood=9, title="Another umbrella")])
    assert changed.open(ADA, role_play.stored.id).scenario.title == "The lost umbrella"
    assert changed.open(ADA, role_play.stored.id).mood == role_play.mood


def test_one_of_an_old_form_says_so_and_keeps_no_list_from_being_shown(world: World) -> None:
    world.said(SORRY)
    old = world.role_plays.create("ada", {"id": "old", "title": "An old one"})
    assert len(world.playing.latest(ADA, 10)) == 1
    with pytest.raises(Exception, match="older form"):
        world.playing.open(ADA, old)


@pytest.mark.parametrize("strategy", [None, *Strategy])
def test_the_page_can_say_who_reads_and_who_speaks(strategy: Strategy | None) -> None:
    assert "toy-7b" in role_playing.manner(strategy, "toy-7b")


def test_the_report_says_what_moved_the_mood_with_the_candidates_own_words(world: World) -> None:
    report = role_play_report.make(world.said(f"Good morning. {RUDE}"), RUBRIC)
    (turn,) = report.turns
    assert turn.by < 0
    assert [(why.what, why.by, why.quotes) for why in turn.why] == [("Rudeness", -2, (RUDE,))]
