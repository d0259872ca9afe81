"""The calibration exercise, as coaches get it from the running site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.service.calibrating import Calibrating
from mock_interviewer.web.site import make_site
from tests.toy_rubric import RUBRIC
from tests.web.people import World, world
from tests.web.serving import Answer, Client, serving


class Exercises:
    """The site, and what it answers."""

    def __init__(self, made: World, port: int) -> None:
        self.world = made
        self.port = port
        self.calibrating = made.program.desk.calibrating
        self.ids = [each.id for each in self.calibrating.exercises(made.people["coach"])]

    def of(self, who: str) -> Client:
        """Asks as this person."""
        return Client(self.port, self.world.cookie(who))

    def levels(self, **others: str) -> dict[str, str]:
        """A form with every criterion at its lowest level, but for `others`."""
        given = {c.id: str(c.lowest) for c in self.world.program.rubric.criteria} | others
        return {f"level-{name}": level for name, level in given.items()}


@pytest.fixture
def exercises(tmp_path: Path) -> Iterator[Exercises]:
    with world(tmp_path / "data") as made, serving(make_site(made.program)) as port:
        yield Exercises(made, port)


def text(answer: Answer) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.body.decode()).split())


def test_the_raters_levels_are_on_the_page_only_after_the_coachs_own(exercises: Exercises) -> None:
    coach, first = exercises.of("coach"), exercises.ids[0]
    before = coach.ask("GET", f"/calibration/{first}")
    assert "level-empathy" in before
    assert "Rater A" not in text(before)
    answer = coach.ask("POST", f"/calibration/{first}", form=exercises.levels(empathy="5"))
    assert answer.headers["location"] == f"/calibration/{first}?told=graded#told"
    after = coach.ask("GET", f"/calibration/{first}?told=graded")
    row = r"Empathy 5 .{1,40} 3 .{1,40} 3 .{1,40} 3 .{1,40} ≠ above them"
    assert re.search(row, text(after))
    assert "level-empathy" not in after
    assert "Rater A" not in text(exercises.of("other coach").ask("GET", f"/calibration/{first}"))


def test_what_the_raters_are_is_said_before_the_exercise_and_beside_their_levels(
    exercises: Exercises,
) -> None:
    coach, first = exercises.of("coach"), exercises.ids[0]
    coach.ask("POST", f"/calibration/{first}", form=exercises.levels())
    for path in ("/calibration", f"/calibration/{first}"):
        said = "The raters were language models that graded blind to each other, and no people."
        assert said in text(coach.ask("GET", path))


def test_a_level_left_out_is_asked_for_and_the_others_are_still_chosen(
    exercises: Exercises,
) -> None:
    coach, first = exercises.of("coach"), exercises.ids[0]
    form = exercises.levels(task="none", action="4")
    del form["level-empathy"]
    answer = coach.ask("POST", f"/calibration/{first}", form=form)
    assert answer.status == 400
    assert text(answer).count("· give a level") == 1
    assert 'name="level-action" value="4" checked' in answer
    assert 'name="level-task" value="none" checked' in answer
    assert exercises.calibrating.exercises(exercises.world.people["coach"])[0].own is None


@pytest.mark.parametrize("level", ["6", "-1", "five", "99999999999"])
def test_a_level_off_the_scale_is_not_kept(exercises: Exercises, level: str) -> None:
    coach, first = exercises.of("coach"), exercises.ids[0]
    form = exercises.levels(empathy=level)
    assert coach.ask("POST", f"/calibration/{first}", form=form).status == 400
    assert exercises.calibrating.exercises(exercises.world.people["coach"])[0].own is None


def test_no_opportunity_is_a_judgement_too(exercises: Exercises) -> None:
    coach, first = exercises.of("coach"), exercises.ids[0]
    coach.ask("POST", f"/calibration/{first}", form=exercises.levels(task="none"))
    shown = text(coach.ask("GET", f"/calibration/{first}"))
    assert re.search(r"Task no opportunity .{1,90} ≠ only you see no opportunity", shown)


def test_the_first_levels_stand_and_the_page_says_so(exercises: Exercises) -> None:
    coach, first = exercises.of("coach"), exercises.ids[0]
    coach.ask("POST", f"/calibration/{first}", form=exercises.levels(empathy="5"))
    again = coach.ask("POST", f"/calibration/{first}", form=exercises.levels(empathy="1"))
    assert again.headers["location"] == f"/calibration/{first}?told=stands#told"
    assert "the first levels stand" in text(coach.ask("GET", f"/calibration/{first}?told=stands"))
    own = exercises.calibrating.exercises(exercises.world.people["coach"])[0].own
    assert own is not None
    assert own["empathy"] == 5


def test_the_page_leads_from_one_to_the_next_and_says_how_far_apart_from_ten_on(
    exercises: Exercises,
) -> None:
    coach = exercises.of("coach")
    for number, exercise in enumerate(exercises.ids):
        begin = coach.ask("GET", "/calibration")
        assert f"{number} of 12 graded" in text(begin)
        assert f'class="button primary" href="/calibration/{exercise}"' in begin
        assert ("Too few to say" in text(begin)) == (0 < number < 10)
        coach.ask("POST", f"/calibration/{exercise}", form=exercises.levels())
        after = coach.ask("GET", f"/calibration/{exercise}")
        assert ("Next answer" in text(after)) == (number < 11)
    whole = text(coach.ask("GET", "/calibration"))
    assert "You have graded them all." in whole
    assert "On 12 answers you and the raters agree" in whole
    assert "the raters 2." in whole  # all at the lowest level: the raters are higher


def test_candidates_and_admins_have_no_exercise(exercises: Exercises) -> None:
    first = exercises.ids[0]
    for who in ("Ada", "admin"):
        client = exercises.of(who)
        assert client.ask("GET", "/calibration").status == 403
        assert client.ask("GET", f"/calibration/{first}").status == 403
        answer = client.ask("POST", f"/calibration/{first}", form=exercises.levels())
        assert answer.status == 403
    assert exercises.of("coach").ask("GET", "/calibration/a000").status == 404


def test_a_rubric_that_the_answers_were_not_graded_by_has_none(tmp_path: Path) -> None:
    with world(tmp_path / "data") as made:
        made.program.desk.calibrating = Calibrating(made.program.store, RUBRIC)
        with serving(make_site(made.program)) as port:
            answer = Client(port, made.cookie("coach")).ask("GET", "/calibration")
    assert "There is no exercise for the rubric in use." in text(answer)
