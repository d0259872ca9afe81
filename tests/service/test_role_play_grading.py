"""The grade of a finished role-play: once, of the whole conversation, or said to be missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.core.observation import Exchange, Observation
from mock_interviewer.errors import ModelRefusedError, ModelUnavailableError
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Request
from mock_interviewer.service import role_play_report
from mock_interviewer.service.role_play_grading import NOTHING_SAID, RolePlayGrading
from mock_interviewer.service.role_play_report import RolePlayReport
from mock_interviewer.service.role_playing import read
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.role_plays import RolePlays
from mock_interviewer.storage.store import Store
from tests.scripted import Script, ScriptedChat
from tests.toy_rubric import RUBRIC, structured
from tests.toy_scenario import toy

REPLIES = ("It rained on you. I am looking.", "Here is the red one.")


@pytest.fixture
def role_plays(tmp_path: Path) -> Iterator[RolePlays]:
    store = Store(f"sqlite:///{tmp_path / 'interviews.sqlite3'}")
    yield RolePlays(store.sessions)
    store.close()


def grading_with(role_plays: RolePlays, script: Script | str | Exception) -> RolePlayGrading:
    grader = Grader(ScriptedChat(script), RUBRIC, Strategy.LEVELS)
    return RolePlayGrading(role_plays, lambda: grader)


def finished(role_plays: RolePlays, *replies: str) -> str:
    role_play = role_plays.create("ada", toy().model_dump(mode="json"))
    for number, reply in enumerate(replies, start=1):
        role_plays.reply(role_play, number, reply)
        exchange = Exchange(reply=reply, observation=Observation(), said="Hm. That one?")
        role_plays.answer(role_play, number, exchange, ends=False)
    role_plays.finish(role_play)
    return role_play


def report(role_plays: RolePlays, role_play: str) -> RolePlayReport:
    return role_play_report.make(read(role_plays.get(role_play)), RUBRIC)


def test_the_whole_conversation_is_graded_by_what_applies_to_a_role_play(
    role_plays: RolePlays,
) -> None:
    asked: list[Request] = []

    def script(request: Request) -> str:
        asked.append(request)
        return structured({"heart": {"level": 4, "evidence": [1, 3]}})

    role_play = finished(role_plays, *REPLIES)
    grading = grading_with(role_plays, script)
    assert grading.grade_one()
    assert not grading.grade_one()
    found = report(role_plays, role_play)
    assert [view.criterion.id for view in found.ratings] == ["heart", "care"]
    heart = found.ratings[0].rating
    # The third sentence is that of the second reply; the customer's are not counted.
    assert [evidence.quote for evidence in heart.evidence] == [
        "It rained on you.",
        "Here is the red one.",
    ]
    assert toy().brief in asked[0].messages[-1].content
    assert toy().lines.opening in asked[0].messages[-1].content


def test_a_model_that_is_away_makes_it_wait_with_the_reason(role_plays: RolePlays) -> None:
    role_play = finished(role_plays, *REPLIES)
    grading = grading_with(role_plays, ModelUnavailableError("the server is away"))
    assert grading.grade_one()
    assert not grading.grade_one()  # not at once again
    found = report(role_plays, role_play)
    assert (found.waiting, found.reason, found.ratings) == (True, "the server is away", ())


def test_a_model_that_refuses_leaves_it_ungraded_until_it_is_asked_again(
    role_plays: RolePlays,
) -> None:
    role_play = finished(role_plays, *REPLIES)
    grading_with(role_plays, ModelRefusedError("the model refuses")).grade_one()
    found = report(role_plays, role_play)
    assert (found.state, found.reason) == (AnswerState.UNGRADED, "the model refuses")
    assert found.ratings == ()
    role_plays.retry_grading(role_play)
    assert grading_with(role_plays, structured()).grade_one()
    assert report(role_plays, role_play).state is AnswerState.GRADED


def test_nothing_said_is_nothing_graded(role_plays: RolePlays) -> None:
    role_play = finished(role_plays)
    assert grading_with(role_plays, structured()).grade_one()
    found = report(role_plays, role_play)
    assert (found.state, found.reason) == (AnswerState.UNGRADED, NOTHING_SAID)


def test_one_that_is_deleted_while_it_is_graded_holds_up_nothing(role_plays: RolePlays) -> None:
    gone, left = finished(role_plays, *REPLIES), finished(role_plays, *REPLIES)

    def script(_request: Request) -> str:
        role_plays.delete(gone)
        return structured()

    grading = grading_with(role_plays, script)
    assert grading.grade_one()
    assert grading.grade_one()
    assert report(role_plays, left).state is AnswerState.GRADED


def test_a_grade_by_another_rubric_is_said_and_not_shown(role_plays: RolePlays) -> None:
    role_play = finished(role_plays, *REPLIES)
    grading_with(role_plays, structured()).grade_one()
    more = RUBRIC.criteria[0].model_copy(update={"id": "another"})
    other = RUBRIC.model_copy(update={"criteria": (*RUBRIC.criteria, more)})
    found = role_play_report.make(read(role_plays.get(role_play)), other)
    assert found.ratings == ()
    assert "another rubric" in found.reason
