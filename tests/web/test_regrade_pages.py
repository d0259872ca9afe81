"""Grading again, as coaches get it from the running site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_interviewer.core.grade import Grade
from mock_interviewer.storage.regrades import RegradeStore
from mock_interviewer.web.site import make_site
from tests.interviews import grade
from tests.web.judged import interview, levels
from tests.web.people import World, world
from tests.web.serving import Answer, Client, serving


class Site:
    """The site, whose own worker grades nothing; `grades` does in its place."""

    def __init__(self, made: World, port: int) -> None:
        self.world = made
        self.port = port
        self.regrades = RegradeStore(made.program.store.sessions)
        self.coach = self.of("coach")

    def of(self, who: str) -> Client:
        """Asks as this person."""
        return Client(self.port, self.world.cookie(who))

    def asks(self, **form: str) -> str:
        """What the coach asks for; gives the address of its page."""
        answer = self.coach.ask("POST", "/regrades", form=form)
        assert answer.status == 303, answer.body
        return answer.headers["location"]

    def grades(self, given: Grade, most: int = 100) -> None:
        """Today's grader grades what waits."""
        for regrade_id in self.regrades.some_waiting(most):
            self.regrades.save(regrade_id, given)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with world(tmp_path / "data") as made:
        monkeypatch.setattr(made.program.worker, "start", lambda: None)
        with serving(make_site(made.program)) as port:
            yield Site(made, port)


def text(answer: Answer) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.body.decode()).split())


def test_what_a_filter_lets_through_is_graded_again_with_progress(site: Site) -> None:
    interview(site.world, answers=2)
    interview(site.world)
    form = text(site.coach.ask("GET", "/regrades"))
    assert "All 2 interviews" in form
    assert "Claimed by me 0 interviews" in form
    assert "Today’s grader: scripted, by levels" in form
    page = site.asks(which="all")
    assert "0 of 3 answers" in text(site.coach.ask("GET", page))
    site.grades(grade(levels(site.world), key="todays"), most=2)
    assert "2 of 3 answers 2 graded, 1 waiting" in text(site.coach.ask("GET", page))
    assert "2 graded, 1 waiting" in text(site.coach.ask("GET", "/regrades"))


def test_the_progress_renews_itself_without_a_script_until_all_is_done_or_it_is_kept_still(
    site: Site,
) -> None:
    interview(site.world)
    page = site.asks(which="all")
    waiting = site.coach.ask("GET", page)
    assert waiting.headers["refresh"] == "5"
    assert "<script" not in waiting
    assert "refresh" not in site.coach.ask("GET", f"{page}?still=true").headers
    site.grades(grade(levels(site.world), key="todays"))
    done = site.coach.ask("GET", page)
    assert "refresh" not in done.headers
    assert "Graded again" in text(done)


def test_old_and_new_stand_side_by_side_with_their_stamps(site: Site) -> None:
    held = interview(site.world)
    page = site.asks(interview_id=held)
    assert f'href="/regrades/interviews/{held}"' in site.coach.ask("GET", page)
    given = grade(levels(site.world, situation=3, task=1), key="todays")
    stamp = given.stamp.model_copy(update={"model": "a-newer-model"})
    site.grades(given.model_copy(update={"stamp": stamp}))
    shown = text(site.coach.ask("GET", f"/regrades/interviews/{held}"))
    assert re.search(r"a-newer-model, [\d-]+: Situation 1 → 3, Task 2 → 1\.", shown)
    assert re.search(r"Situation 1 general ▲ 3 thin \(higher\)", shown)
    assert re.search(r"Task 2 faint ▼ 1 missing \(lower\)", shown)
    assert re.search(r"Model toy ≠ a-newer-model \(otherwise\)", shown)
    assert "Rubric toy 1 (abc) toy 1 (abc)" in shown
    report = text(site.of("Ada").ask("GET", f"/report/{held}"))
    assert "a-newer-model" not in report


def test_a_single_interview_is_found_among_the_newest_and_older_ones(site: Site) -> None:
    first = interview(site.world)
    for _ in range(10):
        interview(site.world)
    newest = site.coach.ask("GET", "/regrades")
    assert newest.body.count(b"/regrades/interviews/") == 10
    assert first not in newest
    older = re.search(r'href="(/regrades\?after=[^"#]+)', newest.body.decode())
    assert older is not None
    assert f'href="/regrades/interviews/{first}"' in site.coach.ask("GET", older[1])


def test_a_batch_can_be_stopped(site: Site) -> None:
    interview(site.world, answers=2)
    page = site.asks(which="all")
    site.grades(grade(levels(site.world), key="todays"), most=1)
    assert site.coach.ask("POST", f"{page}/stop").headers["location"] == "/regrades"
    assert "1 of 1 answer" in text(site.coach.ask("GET", page))


def test_why_answers_could_not_be_graded_is_said_once_with_how_many(site: Site) -> None:
    interview(site.world, answers=2)
    page = site.asks(which="all")
    for regrade_id in site.regrades.some_waiting(2):
        site.regrades.give_up(regrade_id, "The model will not.")
    shown = text(site.coach.ask("GET", page))
    assert "2 could not be graded" in shown
    assert "2 answers: The model will not." in shown


def test_where_there_is_nothing_to_grade_again_the_form_says_so(site: Site) -> None:
    for form, said in (
        ({"which": "mine"}, "There is no graded answer in it"),
        ({}, "Choose which interviews"),
    ):
        answer = site.coach.ask("POST", "/regrades", form=form)
        assert answer.status == 400
        assert said in text(answer)
        assert "Which interviews?" in text(answer)


def test_what_is_graded_blind_is_left_out_and_said_to_be(site: Site) -> None:
    held = interview(site.world, answers=2)
    opened = site.world.program.desk.reviewing.open(site.world.people["coach"], held, blind=True)
    shown = text(site.coach.ask("GET", f"/regrades/interviews/{held}"))
    assert "2 answers are left out" in shown
    assert "Situation" not in shown
    site.world.program.desk.reviewing.reveal(
        site.world.people["coach"], opened.answers[0].review.id
    )
    assert "1 answer is left out" in text(site.coach.ask("GET", f"/regrades/interviews/{held}"))


def test_what_is_shared_no_longer_is_listed_no_longer(site: Site) -> None:
    held = interview(site.world)
    page = site.asks(which="all")
    site.world.program.people.groups.share(site.world.people["Ada"], held, False)
    shown = site.coach.ask("GET", page)
    assert held not in shown
    assert "Ada" not in text(shown)


def test_each_coach_sees_their_own_batches_and_candidates_none(site: Site) -> None:
    held = interview(site.world)
    page = site.asks(which="all")
    other = site.of("other coach")
    assert other.ask("GET", page).status == 404
    assert other.ask("POST", f"{page}/stop").status == 404
    assert other.ask("GET", f"/regrades/interviews/{held}").status == 404
    assert other.ask("POST", "/regrades", form={"interview_id": held}).status == 404
    assert "Nothing yet." in text(other.ask("GET", "/regrades"))
    ada = site.of("Ada")
    assert ada.ask("GET", "/regrades").status == 403
    assert ada.ask("POST", "/regrades", form={"which": "all"}).status == 403
    assert ada.ask("GET", f"/regrades/interviews/{held}").status == 403
