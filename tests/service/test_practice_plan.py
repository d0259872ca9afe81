"""The practice plan: what it rests on, what it suggests, and how it says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mock_interviewer.core.drill_bank import load_drills
from mock_interviewer.core.grade import Evidence, Grade, Rating, Usage
from mock_interviewer.core.interview import Mode
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.spacing import Attempt
from mock_interviewer.errors import NotFoundError
from mock_interviewer.service import practice_plan
from mock_interviewer.service.plan_evidence import (
    Evidence as Graded,
)
from mock_interviewer.service.plan_evidence import (
    GradedAnswer,
    GradedRolePlay,
    graded_answers,
)
from mock_interviewer.service.practice_plan import Plan, StepKind
from mock_interviewer.storage.records import AnswerState, StoredAnswer, StoredInterview
from tests.interviews import grade, question

RUBRIC = load_rubric()
DRILLS = load_drills([criterion.id for criterion in RUBRIC.criteria]).drills
NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
HIGHEST = {criterion.id: criterion.highest for criterion in RUBRIC.criteria}

STOP_WORDS = frozenset(
    "fail failed failing failure bad badly poor poorly weak weakest weakness worst worse lazy "
    "mistake mistakes unfortunately disappointing insufficient inadequate lacking should must "
    "ought behind overdue missed hurry deadline reminder streak".split()
)
"""What nags, shames, or ranks a person. "Wrong" is what the rubric asks of a scene."""


def answer(
    number: int,
    *,
    attempt: int = 0,
    calls_for: tuple[str, ...] = ("star", "empathy"),
    **levels: Any,
) -> GradedAnswer:
    """A graded answer of `number` days before now; what is not named has the highest level."""
    return GradedAnswer(
        interview_id=f"interview-{number}",
        place=0,
        attempt=attempt,
        question_id=f"question-{number}",
        question=f"Tell me about thing number {number}.",
        calls_for=calls_for,
        when=NOW - timedelta(days=number),
        ratings={
            name: Rating(level=level, evidence=(Evidence(sentence=1, quote=f"I did {number}."),))
            for name, level in {**HIGHEST, **levels}.items()
        },
    )


def role_play(
    number: int, *, first: int = 0, scenario: str = "chris", **levels: Any
) -> GradedRolePlay:
    """As `answer`; another try of the role-play of number `first`. It has no levels of a story."""
    all_levels = {**HIGHEST, **levels, **dict.fromkeys(("situation", "task", "action", "result"))}
    return GradedRolePlay(
        role_play_id=f"role-play-{number}",
        first=f"role-play-{first or number}",
        scenario_id=scenario,
        title=f"Customer number {number}",
        when=NOW - timedelta(days=number),
        ratings={
            name: Rating(level=level, evidence=(Evidence(sentence=1, quote=f"Said {number}."),))
            for name, level in all_levels.items()
        },
    )


def plan(evidence: Sequence[Graded], **options: Any) -> Plan:
    options.setdefault("attempts", [])
    options.setdefault("scenarios", ["chris"])
    attempts = options.pop("attempts")
    return practice_plan.make(evidence, RUBRIC, DRILLS, attempts, NOW, **options)


def kinds(found: Plan) -> list[str]:
    return [step.kind.value for step in found.steps]


def test_the_criterion_with_the_least_of_its_scale_comes_first() -> None:
    # result: mean 2 of 1..5 is a quarter; advocacy: mean 2/3 of 0..2 is a third.
    found = plan(
        [
            answer(1, result=2, advocacy=1),
            answer(2, result=3, advocacy=1),
            answer(3, result=1, advocacy=0),
        ]
    )
    assert [(w.criterion.id, w.share) for w in found.weaknesses] == [
        ("result", pytest.approx(0.25)),
        ("advocacy", pytest.approx(1 / 3)),
    ]
    assert found.opening.startswith("In your last 3 graded answers, Result has the most room to ")


def test_the_answers_behind_a_judgement_are_shown_the_lowest_first_with_their_words() -> None:
    found = plan(
        [answer(1, result=3), answer(2, result=1), answer(3, result=2), answer(4, result=4)]
    )
    (result,) = found.weaknesses
    assert [(b.level, b.evidence) for b in result.behind] == [
        (1, answer(2, result=1)),
        (2, answer(3, result=2)),
        (3, answer(1, result=3)),
    ]
    assert result.behind[0].quotes == ("I did 2.",)
    assert str(result.count) == "4 graded answers"


def test_three_steps_are_suggested_a_question_a_drill_and_a_role_play() -> None:
    found = plan([answer(1, result=2), answer(2, result=1), answer(3, result=3)])
    assert kinds(found) == ["retry", "drill", "role_play"]
    retry, drill, role_play = found.steps
    assert (retry.target, retry.title) == ("question-2", "Tell me about thing number 2.")
    assert retry.answer is not None
    assert retry.answer.interview_id == "interview-2"
    # The rubric's own advice for a Result of 1.
    assert retry.why == (
        "There is room in Result. Say what comes of it: how does it end for the person?"
    )
    assert "result" in next(d for d in DRILLS if d.id == drill.target).trains
    assert drill.why == "Two minutes for Result."
    assert role_play.target == "chris"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([], "no graded answer so far"),
        ([answer(1, result=1)], "1 graded answer so far"),
        ([answer(1, result=1), answer(2, result=1)], "2 graded answers so far"),
    ],
)
def test_with_too_few_answers_it_says_so_and_suggests_a_mixed_interview(
    answers: list[GradedAnswer], said: str
) -> None:
    found = plan(answers)
    assert found.early
    assert said in found.opening
    assert found.weaknesses == ()
    assert kinds(found)[0] == "interview"


def test_a_criterion_with_too_few_answers_is_not_judged_though_others_are() -> None:
    # Two opinions without an example: no ratings of the story, and a low empathy in one.
    answers = [answer(n, calls_for=("empathy",), empathy=3) for n in (1, 2, 3)]
    answers[0] = answer(1, result=1, empathy=3)
    found = plan(answers)
    assert [w.criterion.id for w in found.weaknesses] == ["empathy"]
    assert not found.early


def test_what_a_question_gave_no_opportunity_for_does_not_count() -> None:
    found = plan([answer(n, calls_for=("star",), empathy=1, result=4) for n in (1, 2, 3)])
    assert [w.criterion.id for w in found.weaknesses] == ["result"]


def test_a_rating_without_a_level_does_not_count() -> None:
    answers = [answer(n, result=None, task=2) for n in (1, 2, 3)]
    assert [w.criterion.id for w in plan(answers).weaknesses] == ["task"]


def test_of_a_question_that_was_tried_again_the_latest_attempt_counts() -> None:
    answers = [answer(n, result=1) for n in (1, 2, 3)]
    answers += [answer(n, attempt=1) for n in (1, 2, 3)]
    assert plan(answers).weaknesses == ()
    assert plan(list(reversed(answers))).weaknesses == ()


def test_only_the_last_twelve_answers_count() -> None:
    old = [answer(n, result=1) for n in range(13, 30)]
    new = [answer(n) for n in range(1, 13)]
    assert plan([*old, *new]).weaknesses == ()
    assert [w.criterion.id for w in plan([*old, *new[1:]]).weaknesses] == []
    assert [w.criterion.id for w in plan([*old, *new[6:]]).weaknesses] == ["result"]


def test_where_all_is_strong_it_says_so_and_suggests_no_retry() -> None:
    found = plan([answer(n) for n in (1, 2, 3)])
    assert found.weaknesses == ()
    assert "nothing stands out" in found.opening
    assert kinds(found) == ["drill", "role_play", "interview"]


def test_a_drill_that_is_due_and_trains_the_criterion_comes_first() -> None:
    done = next(drill for drill in DRILLS if drill.trains[0] == "result")
    tried = [Attempt("ana", done.id, NOW - timedelta(days=3), 0.2)]
    found = plan([answer(n, result=1) for n in (1, 2, 3)], attempts=tried)
    assert found.steps[1].target == done.id
    assert found.steps[1].why.startswith("You met it before")


def test_a_due_drill_that_trains_something_else_does_not_take_its_place() -> None:
    other = next(drill for drill in DRILLS if "result" not in drill.trains)
    tried = [Attempt("ana", other.id, NOW - timedelta(days=3), 0.2)]
    found = plan([answer(n, result=1) for n in (1, 2, 3)], attempts=tried)
    assert "result" in next(d for d in DRILLS if d.id == found.steps[1].target).trains


def test_a_chosen_criterion_can_be_trained_whatever_its_level() -> None:
    found = plan([answer(n, result=1, listening=1) for n in (1, 2, 3)], train="listening")
    assert [w.criterion.id for w in found.weaknesses] == ["listening"]
    assert found.opening.startswith("You chose Listening.")
    assert "listening" in next(d for d in DRILLS if d.id == found.steps[1].target).trains


def test_what_is_at_its_highest_has_no_room_and_is_not_shown_behind_a_judgement() -> None:
    found = plan([answer(1, result=1), answer(2, result=2), answer(3)])
    result = next(w for w in found.weaknesses if w.criterion.id == "result")
    assert [b.level for b in result.behind] == [1, 2]
    assert result.count.total == 3


def test_what_is_at_its_highest_is_not_to_be_retried() -> None:
    found = plan([answer(n) for n in (1, 2, 3)], train="listening")
    assert kinds(found) == ["drill", "role_play", "interview"]


def test_graded_answers_are_taken_from_what_is_stored() -> None:
    graded = grade({"result": 2})
    interview = StoredInterview(
        id="i1",
        candidate_id="ana",
        created_at=NOW,
        mode=Mode.PRACTICE,
        trade="retail",
        questions=(question("one"), question("two", calls_for=["empathy"])),
        turns=(),
        draft="",
        usage=Usage(),
    )
    no_answer = graded.model_copy(update={"not_an_answer": True})

    def stored(place: int, given: Grade | None) -> StoredAnswer:
        return StoredAnswer(1, "i1", place, 0, AnswerState.GRADED, "", 0, given)

    (found,) = graded_answers(interview, [stored(1, graded), stored(0, None), stored(0, no_answer)])
    assert (found.question_id, found.place, found.when) == ("two", 1, NOW)
    assert found.calls_for == ("empathy",)
    assert found.ratings["result"].level == 2


def test_a_role_play_counts_beside_answers_and_is_shown_among_what_a_judgement_rests_on() -> None:
    found = plan([answer(1, validation=1), answer(2), role_play(3, validation=0)])
    (validation,) = found.weaknesses
    assert validation.share == pytest.approx(0.5)  # of 1, 2 and 0 on a scale to 2
    assert validation.behind[0].evidence == role_play(3, validation=0)
    assert validation.behind[0].quotes == ("Said 3.",)
    assert found.opening.startswith(
        "In your latest work (2 graded answers and 1 role-play), Validation has the most room "
    )


def test_role_plays_alone_are_enough_once_there_are_three() -> None:
    two = [role_play(n, empathy=2) for n in (1, 2)]
    early = plan(two)
    assert early.early
    assert "2 graded role-plays so far" in early.opening
    found = plan([*two, role_play(3, empathy=2)])
    assert [w.criterion.id for w in found.weaknesses] == ["empathy"]
    assert found.opening.startswith("In your last 3 graded role-plays, Empathy has ")


def test_a_role_play_says_nothing_of_how_a_story_is_told() -> None:
    found = plan([answer(1, result=1), answer(2, result=1), *(role_play(n) for n in (3, 4))])
    assert found.weaknesses == ()


def test_of_the_tries_of_a_role_play_the_latest_counts() -> None:
    tries = [role_play(4, advocacy=0), role_play(3, first=4, advocacy=0), role_play(2, first=4)]
    (advocacy,) = plan([*tries, answer(5), answer(6, advocacy=1)], train="advocacy").weaknesses
    assert str(advocacy.count) == "2 graded answers and 1 role-play"
    # The latest try and an answer are at the highest level, 2.
    assert [b.level for b in advocacy.behind] == [1]


def test_the_role_play_with_the_lowest_level_is_suggested_again_before_a_question() -> None:
    answers = [answer(1, listening=1), answer(2, listening=1)]
    found = plan([*answers, role_play(3, listening=0)], scenarios=["other", "chris"])
    assert kinds(found) == ["role_play", "drill", "retry"]
    again, drill, retry = found.steps
    assert (again.target, again.title) == ("chris", "A role-play to try again")
    assert again.why.startswith("There is room in Listening. ")
    assert len(again.why) > len("There is room in Listening. ")  # the rubric's own advice
    assert "listening" in next(d for d in DRILLS if d.id == drill.target).trains
    assert retry.target == "question-1"


def test_where_only_role_plays_leave_room_a_mixed_interview_takes_the_questions_place() -> None:
    found = plan([role_play(n, listening=0) for n in (1, 2, 3)])
    assert kinds(found) == ["role_play", "drill", "interview"]


def test_a_role_play_whose_scenario_is_gone_is_not_suggested() -> None:
    found = plan([role_play(n, listening=0, scenario="gone") for n in (1, 2, 3)])
    assert kinds(found) == ["drill", "role_play", "interview"]
    assert found.steps[1].target == "chris"


def test_a_role_play_without_room_is_not_suggested_again() -> None:
    played = [role_play(n) for n in (1, 2, 3)]
    found = plan(played, train="listening", scenarios=["other", "chris"])
    assert kinds(found) == ["drill", "role_play", "interview"]
    assert found.steps[1].target == "other"


def test_a_question_is_retried_though_a_role_play_beside_it_has_no_room() -> None:
    found = plan([answer(1, listening=1), answer(2, listening=1), role_play(3)])
    assert kinds(found) == ["retry", "drill", "role_play"]
    assert found.steps[2].why == "A customer to speak with, for a change from telling."


def test_a_chosen_criterion_without_answers_is_trained_by_a_drill() -> None:
    found = plan([], train="result")
    assert found.weaknesses == ()
    assert "No graded answer or role-play speaks to it yet" in found.opening
    assert kinds(found) == ["drill", "role_play", "interview"]


def test_an_unknown_criterion_is_refused() -> None:
    with pytest.raises(NotFoundError, match=r"no criterion 'charm'.* situation, task"):
        plan([], train="charm")


def test_without_scenarios_and_drills_there_is_still_something_to_do() -> None:
    found = practice_plan.make([], RUBRIC, [], [], NOW)
    assert kinds(found) == ["interview"]


def said(found: Plan) -> str:
    """All words of the plan's own; the title of a retry is the bank's question."""
    titles = [step.title for step in found.steps if step.kind is not StepKind.RETRY]
    return " ".join([found.opening, *titles, *(step.why for step in found.steps)])


PLANS = [
    plan([]),
    plan([answer(1, result=1)]),
    plan([answer(n) for n in (1, 2, 3)]),
    plan([], train="empathy"),
    *(
        plan([answer(n, **{criterion.id: level}) for n in (1, 2, 3)])
        for criterion in RUBRIC.criteria
        for level in criterion.scale
    ),
    *(
        plan([answer(1), answer(2), role_play(3, **{criterion.id: criterion.lowest})])
        for criterion in RUBRIC.criteria
    ),
    *(plan([role_play(n, listening=level) for n in (1, 2, 3)]) for level in (0, 1, 2)),
    *(
        plan([answer(n, **{criterion.id: criterion.lowest}) for n in (1, 2)], train=criterion.id)
        for criterion in RUBRIC.criteria
    ),
]


@pytest.mark.parametrize("found", PLANS)
def test_no_suggestion_nags_or_shames(found: Plan) -> None:
    words = set(re.findall(r"[a-z]+", said(found).lower()))
    assert words & STOP_WORDS == set()
    assert "!" not in said(found)


@pytest.mark.parametrize("found", PLANS)
def test_there_are_never_more_than_three_suggestions_and_no_two_of_a_kind(found: Plan) -> None:
    assert 1 <= len(found.steps) <= 3
    assert len({step.kind for step in found.steps}) == len(found.steps)
