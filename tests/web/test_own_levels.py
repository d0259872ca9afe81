"""Own levels before the grades, the views side by side, and progress, through a real server."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from mock_interviewer.web.site import make_site
from tests.service.test_practice_plan import STOP_WORDS
from tests.web.judged import interview, levels, review
from tests.web.people import World, world
from tests.web.serving import Client, serving

ASKS = "How do you see it yourself?"
SKIP = {"do": "show"}


class Site(NamedTuple):
    world: World
    port: int

    def of(self, name: str) -> Client:
        return Client(self.port, self.world.cookie(name))

    def to_rate(self, interview_id: str) -> list[int]:
        ada = self.world.people["Ada"]
        return [a.id for a in self.world.program.desk.self_rating.to_rate(ada, interview_id)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("own-levels") / "data"
    with world(data) as made, serving(make_site(made.program)) as port:
        yield Site(made, port)


def text(client: Client, path: str) -> str:
    answer = client.ask("GET", path)
    assert answer.status == 200, (path, answer.status)
    return html.unescape(re.sub(r"<[^>]*>", "", answer.body.decode()))


def rows(page: str, heading: str) -> list[str]:
    """A table's rows as their cells with bars between, of the first with this column."""
    (table,) = [t for t in re.findall(r"<table.*?</table>", page, re.S) if f">{heading}<" in t][:1]
    found = []
    for row in re.findall(r"<tr.*?</tr>", table, re.S):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        found.append(" | ".join(re.sub(r"<[^>]*>", "", cell).strip() for cell in cells))
    return found


def test_the_report_asks_first_and_shows_neither_the_machines_nor_the_coachs_levels(
    site: Site,
) -> None:
    held = interview(site.world, answers=2)
    review(site.world, "coach", held)
    ada = site.of("Ada")
    shown = text(ada, f"/report/{held}")
    assert ASKS in shown
    assert "A coach has finished a review" in shown
    for word in ("At a glance", "So it seems.", "Machine"):
        assert word not in shown
    sent = ada.ask("POST", f"/report/{held}/own-levels", form=SKIP)
    assert sent.headers["location"].endswith(f"/report/{held}")
    assert "At a glance" in text(ada, f"/report/{held}")
    assert site.to_rate(held) == []


def test_no_level_chosen_is_told_and_keeps_the_grades_back(site: Site) -> None:
    held = interview(site.world)
    ada = site.of("Ada")
    answer = ada.ask("POST", f"/report/{held}/own-levels", form={})
    assert answer.status == 400
    assert "No level is chosen yet." in answer
    for forged in ("6", "-1", "five", "1" * 50):
        form = {f"level-{site.to_rate(held)[0]}-empathy": forged}
        assert ada.ask("POST", f"/report/{held}/own-levels", form=form).status == 400
    assert len(site.to_rate(held)) == 1


def test_the_coachs_own_and_the_machines_levels_stand_side_by_side(site: Site) -> None:
    held = interview(site.world, action=2, result=3)
    review(site.world, "coach", held, action=4, result=3)
    ada = site.of("Ada")
    (answer,) = site.to_rate(held)
    form = {f"level-{answer}-action": "5", f"level-{answer}-result": ""}
    ada.ask("POST", f"/report/{held}/own-levels", form=form)
    page = ada.ask("GET", f"/report/{held}?saved=own-levels").body.decode()
    assert "your own levels stand beside the others’" in page
    head, *body = rows(page, "You")
    assert head == "Criterion | coach | You | Machine"
    assert [row for row in body if row.startswith(("Action", "Result"))] == [
        "Action | particular · 4So it seems. | step by step · 5 | vague · 2",
        "Result | general · 3So it seems. | – not rated | general · 3",
    ]
    file = ada.ask("GET", f"/report/{held}.md")
    assert "- coach coach: 4 of 5, particular" in file
    assert "- you, before you saw the grade: 5 of 5, step by step" in file
    coachs = site.of("coach").ask("GET", f"/report/{held}").body.decode()
    assert rows(coachs, "Ada")[0] == "Criterion | coach | Ada | Machine"


def test_without_a_coach_ones_own_levels_stand_beside_the_machines(site: Site) -> None:
    held = interview(site.world, action=2)
    ada = site.of("Ada")
    (answer,) = site.to_rate(held)
    ada.ask("POST", f"/report/{held}/own-levels", form={f"level-{answer}-action": "3"})
    page = ada.ask("GET", f"/report/{held}").body.decode()
    assert rows(page, "You") == ["Criterion | You | Machine", "Action | generic · 3 | vague · 2"]


def test_what_was_said_first_stands_in_another_tab(site: Site) -> None:
    held = interview(site.world)
    ada = site.of("Ada")
    (answer,) = site.to_rate(held)
    for level in ("2", "5"):
        form = {f"level-{answer}-action": level}
        sent = ada.ask("POST", f"/report/{held}/own-levels", form=form)
    assert sent.headers["location"].endswith("saved=stands")
    assert "what you said first stands" in text(ada, f"/report/{held}?saved=stands")
    (view,) = site.world.program.desk.self_rating.views(site.world.people["Ada"], held)
    assert view.own == {"action": 2}


@pytest.mark.parametrize("path", ["/report/{}.md", "/report/{}.pdf", "/report/{}.json"])
def test_whoever_downloads_the_grades_has_seen_them(site: Site, path: str) -> None:
    held = interview(site.world)
    ending = path.rpartition(".")[2]
    if ending != "json":
        assert site.of("coach").ask("GET", path.format(held)).status == 200
        assert len(site.to_rate(held)) == 1
    assert site.of("Ada").ask("GET", path.format(held)).status == 200
    assert site.to_rate(held) == []


def test_whoever_downloads_everything_has_seen_all(site: Site) -> None:
    held = [interview(site.world) for _ in range(2)]
    assert site.of("Ada").ask("GET", "/your-data/all.zip").status == 200
    assert [site.to_rate(each) for each in held] == [[], []]


# Progress


def test_ones_own_progress_leaves_out_what_was_not_looked_at_and_leads_there(site: Site) -> None:
    held = interview(site.world, candidate="fellow")
    fellow = site.of("fellow")
    shown = fellow.ask("GET", "/progress")
    assert "Answers of 1 interview are not in it yet" in shown
    assert f'href="/report/{held}"' in shown
    assert "Nothing to show yet." in shown
    fellow.ask("POST", f"/report/{held}/own-levels", form=SKIP)
    told = text(fellow, "/progress")
    assert "1 interview with 1 answer since" in told
    assert "not in it yet" not in told


def test_every_link_of_a_progress_page_opens_an_answer_for_whoever_is_shown_it(site: Site) -> None:
    held = interview(site.world, answers=2)
    review(site.world, "coach", held)
    blind = interview(site.world)
    coach = site.world.people["coach"]
    site.world.program.desk.reviewing.open(coach, blind, blind=True)
    ada = site.world.people["Ada"].id
    client = site.of("coach")
    (group,) = site.world.program.desk.assignments.groups(coach)
    for path in (f"/people/candidates/{ada}/progress", f"/people/{group.id}/progress"):
        page = client.ask("GET", path).body.decode()
        links = set(re.findall(r'href="(/report/[^"]+)"', page))
        assert re.search(r'question 2</a>: [a-z ]+<span class="number"> · \d</span>, by a', page)
        assert f"/report/{held}#answer-2-1" in links
        assert not any(blind in link for link in links)
        reports = {link.partition("#")[0] for link in links}
        bodies = {each: client.ask("GET", each) for each in reports}
        assert {answer.status for answer in bodies.values()} == {200}
        for link in links:
            address, _, place = link.partition("#")
            assert not place or f'id="{place}"' in bodies[address]


def test_another_groups_coach_finds_no_progress_of_hers(site: Site) -> None:
    ada, coach = site.world.people["Ada"].id, site.world.people["coach"]
    (group,) = site.world.program.desk.assignments.groups(coach)
    for name, status in (("other coach", 404), ("fellow", 403), ("admin", 403)):
        client = site.of(name)
        for path in (f"/people/candidates/{ada}/progress", f"/people/{group.id}/progress"):
            assert client.ask("GET", path).status == status, (name, path)
    assert site.of("admin").ask("GET", "/progress").status == 403


def test_the_report_leads_to_its_candidates_progress(site: Site) -> None:
    held = interview(site.world)
    ada = site.world.people["Ada"].id
    site.of("Ada").ask("POST", f"/report/{held}/own-levels", form=SKIP)
    own = site.of("Ada").ask("GET", f"/report/{held}")
    assert 'href="/progress">Your progress</a>\n</p>' in own
    coachs = site.of("coach").ask("GET", f"/report/{held}")
    assert f'href="/people/candidates/{ada}/progress">Progress of Ada</a>' in coachs


def test_own_levels_come_closer_in_words_figures_and_a_plot(site: Site) -> None:
    world, person = site.world, site.world.people["stranger"]
    for off in (2, 1):
        held = interview(world, candidate="stranger", action=1, result=1)
        (answer,) = world.program.desk.self_rating.to_rate(person, held)
        own = {**levels(world), "action": 1 + off, "result": 1 + off}
        world.program.desk.self_rating.rate(person, held, answer.id, own)
    page = site.of("stranger").ask("GET", "/progress").body.decode()
    told = html.unescape(re.sub(r"<[^>]*>", "", page))
    # Of ten criteria eight are the same: 2 * 2 / 10 and 2 * 1 / 10 levels apart.
    assert "lie about as far apart as at first: 0.4 levels then, 0.2 lately" in told
    assert [row.split(" | ")[1:] for row in rows(page, "From the machine’s")[1:]] == [
        ["10", "0.2", "–"],
        ["10", "0.4", "–"],
    ]
    assert page.count('class="plot"') > len(world.program.rubric.criteria)


def test_no_page_of_it_nags_or_shames(site: Site) -> None:
    world, person = site.world, site.world.people["fellow"]
    for _ in range(2):
        held = interview(world, answers=4, candidate="fellow", action=1)
        review(world, "coach", held, action=2)
        for answer in world.program.desk.self_rating.to_rate(person, held)[:2]:
            world.program.desk.self_rating.rate(person, held, answer.id, levels(world, 3))
    fellow, coach = site.of("fellow"), site.of("coach")
    (group,) = world.program.desk.assignments.groups(world.people["coach"])
    for client, path, heading in (
        (fellow, f"/report/{held}", ASKS),
        (fellow, "/progress", "Your progress"),
        (coach, f"/people/candidates/{person.id}/progress", "Progress of fellow"),
        (coach, f"/people/{group.id}/progress", "Progress of A"),
    ):
        shown = text(client, path).partition(heading)[2].lower()
        assert shown
        # Own words only: those of the rubric, of levels and anchors, are the same everywhere.
        rubric = " ".join(str(criterion).lower() for criterion in world.program.rubric.criteria)
        said = set(re.findall(r"[a-z]+", shown)) - set(re.findall(r"[a-z]+", rubric))
        assert said & STOP_WORDS == set()
