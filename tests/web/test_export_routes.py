"""A coach's downloads, asked for with a login."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from mock_interviewer.service.access import Role
from mock_interviewer.web.site import make_site
from tests.web.people import DRAFT, PASSWORD, TURN, World, world
from tests.web.serving import Client, serving


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, int]]:
    with world(tmp_path_factory.mktemp("ada") / "data") as ada:
        ada.program.people.groups.share(ada.people["Ada"], ada.finished, True)
        with serving(make_site(ada.program)) as port:
            yield ada, port


def test_the_coach_downloads_what_ada_shares_as_a_table(shared: tuple[World, int]) -> None:
    ada, port = shared
    answer = Client(port, ada.cookie("coach")).ask("GET", "/desk/export.csv")
    assert answer.status == 200
    assert "interviews.csv" in answer
    assert "text/csv; charset=utf-8" in answer
    assert ada.finished in answer
    assert TURN in answer
    assert ada.open not in answer


def test_and_as_a_zip_without_what_she_never_sent(shared: tuple[World, int]) -> None:
    ada, port = shared
    answer = Client(port, ada.cookie("coach")).ask("GET", "/desk/export.zip")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        text = b"".join(archive.read(name) for name in archive.namelist()).decode("latin-1")
    assert TURN in text
    assert DRAFT not in text


@pytest.mark.parametrize("who", ["fellow", "stranger", "admin", "Ada"])
@pytest.mark.parametrize("ending", ["csv", "zip"])
def test_nobody_but_coaches_gets_a_download(
    shared: tuple[World, int], who: str, ending: str
) -> None:
    ada, port = shared
    answer = Client(port, ada.cookie(who)).ask("GET", f"/desk/export.{ending}")
    assert answer.status == 403
    assert TURN not in answer


def test_a_coach_of_another_group_gets_a_table_with_nothing_in_it(
    shared: tuple[World, int],
) -> None:
    ada, port = shared
    answer = Client(port, ada.cookie("other coach")).ask("GET", "/desk/export.csv")
    assert answer.status == 200
    assert len(answer.body.splitlines()) == 1


def test_the_files_name_says_how_many_are_left_out(shared: tuple[World, int]) -> None:
    ada, port = shared
    blind = ada.program.people.accounts.add("blind coach", Role.COACH, PASSWORD)
    ada.program.people.groups.join("A", "blind coach")
    ada.program.desk.reviewing.open(blind, ada.finished, blind=True)
    answer = Client(port, ada.cookie("blind coach")).ask("GET", "/desk/export.csv")
    assert "interviews-1-left-out.csv" in answer
    assert TURN not in answer
