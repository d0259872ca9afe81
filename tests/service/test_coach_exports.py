"""What a coach downloads: what is shared with them, with reviews, and nothing they grade blind."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mock_interviewer.core.findings import Findings
from mock_interviewer.errors import NotAllowedError
from mock_interviewer.service.access import Person
from mock_interviewer.service.coach_exports import CoachExports, Export
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.storage.groups import GroupStore
from mock_interviewer.storage.regrades import RegradeStore
from mock_interviewer.storage.store import Store
from tests.desk import ADA, COACH, MACHINE, OTHER, STRANGER, findings, graded, with_people
from tests.interviews import grade
from tests.toy_rubric import RUBRIC


class Desk:
    """A store with its people, reviews and exports."""

    def __init__(self, store: Store) -> None:
        self.store = store
        access = with_people(store)
        self.reviewing = Reviewing(store, RUBRIC, access)
        self.exports = CoachExports(store, access, self.reviewing, RUBRIC, None)

    def review(
        self, interview: str, found: Findings, *, coach: Person = COACH, blind: bool = False
    ) -> None:
        """Finish the coach's review of the first answer, and the one of the whole."""
        desk = self.reviewing.open(coach, interview, blind=blind)
        for review, draft in (
            (desk.answers[0].review, found),
            (desk.whole, Findings(note="Go on.")),
        ):
            saved = self.reviewing.save(coach, review.id, review.version, draft)
            self.reviewing.finish(coach, saved.id, saved.version)

    def table(self, coach: Person = COACH) -> list[dict[str, str]]:
        return rows(b"".join(self.exports.as_csv(coach).pieces))


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    store = Store(database_url)
    yield Desk(store)
    store.close()


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def unpacked(export: Export) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(b"".join(export.pieces))) as archive:
        return {
            name.rpartition("/")[2]: archive.read(name).decode()
            for name in archive.namelist()
            if not name.endswith(".pdf")
        }


def interviews(found: list[dict[str, str]]) -> set[str]:
    return {row["interview"] for row in found}


def test_it_holds_what_is_shared_in_the_coachs_groups_and_nothing_else(desk: Desk) -> None:
    shared = graded(desk.store)
    graded(desk.store, shared=False)
    theirs = graded(desk.store, "zoe")
    assert interviews(desk.table()) == {shared}
    assert interviews(desk.table(STRANGER)) == {theirs}


def test_a_candidate_gets_none(desk: Desk) -> None:
    for export in (desk.exports.as_csv, desk.exports.as_zip):
        with pytest.raises(NotAllowedError):
            export(ADA)


def test_what_was_typed_and_never_sent_is_not_in_it(desk: Desk) -> None:
    interview = graded(desk.store)
    desk.store.save_draft(interview, "never sent")
    files = unpacked(desk.exports.as_zip(COACH))
    assert json.loads(files["interview.json"])["draft"] == ""
    assert "never sent" not in str(files)


def test_an_interview_that_is_graded_blind_is_left_out_and_counted(desk: Desk) -> None:
    seen, blind = graded(desk.store), graded(desk.store)
    begun = desk.reviewing.open(COACH, blind, blind=True)
    assert desk.exports.as_csv(COACH).left_out == 1
    assert interviews(desk.table()) == {seen}
    head = unpacked(desk.exports.as_zip(COACH))["README.txt"].partition("\n\n")[0]
    assert head == "Left out, as you grade an answer blind and have not finished: 1 interview."
    assert interviews(desk.table(OTHER)) == {seen, blind}
    desk.reviewing.reveal(COACH, begun.answers[0].review.id)
    assert desk.exports.as_csv(COACH).left_out == 0
    assert interviews(desk.table()) == {seen, blind}
    assert unpacked(desk.exports.as_zip(COACH))["README.txt"].startswith("Interviews held")


def test_a_blind_review_that_begins_meanwhile_counts(desk: Desk) -> None:
    interview = graded(desk.store)
    export = desk.exports.as_csv(COACH)
    desk.reviewing.open(COACH, interview, blind=True)
    assert rows(b"".join(export.pieces)) == []


def test_what_is_no_longer_shared_meanwhile_is_not_in_it(desk: Desk) -> None:
    interview = graded(desk.store)
    export = desk.exports.as_csv(COACH)
    GroupStore(desk.store.sessions).set_shared(interview, False)
    assert rows(b"".join(export.pieces)) == []


def test_the_review_stands_beside_the_grade_in_the_table(desk: Desk) -> None:
    interview = graded(desk.store)
    said = findings(story=(5, "It is told well."), end=2, heart=None)
    remarks = {"sentences": {1: "A good\nbeginning."}, "comment": "=SUM(A1)", "note": "Go on."}
    desk.review(interview, said.model_copy(update=remarks), blind=True)
    story, end, heart, care = desk.table()
    assert (story["level"], story["coach_level"], story["coach_blind_level"]) == ("3", "5", "5")
    assert (story["coach_reason"], story["coach_blind"]) == ("It is told well.", "yes")
    assert (end["coach_level"], heart["coach_level"], care["coach_level"]) == ("2", "", "")
    assert {row["coach_sentences"] for row in (story, care)} == {"1 A good beginning."}
    assert {row["coach_comment"] for row in (story, care)} == {"'=SUM(A1)"}
    assert story["coach_note"] == "Go on."
    assert (story["reviews"], len(story["coach"])) == ("1", 12)


def test_of_two_reviews_the_table_has_the_later_one_and_the_json_both(desk: Desk) -> None:
    interview = graded(desk.store)
    desk.review(interview, findings(story=2), blind=True)
    desk.review(interview, findings(story=4), blind=True, coach=OTHER)
    story = desk.table()[0]
    assert (story["reviews"], story["coach_level"]) == ("2", "4")
    record = json.loads(unpacked(desk.exports.as_zip(COACH))["interview.json"])
    levels = [review["ratings"][0]["level"] for review in record["answers"][0]["reviews"]]
    assert levels == [2, 4]
    assert [remarks["note"] for remarks in record["reviews"]] == ["Go on.", "Go on."]
    assert "Ines" not in str(record)


def test_a_draft_of_a_review_is_nobodys_elses(desk: Desk) -> None:
    interview = graded(desk.store)
    opened = desk.reviewing.open(OTHER, interview, blind=False).answers[0].review
    desk.reviewing.save(OTHER, opened.id, opened.version, Findings(comment="half a thought"))
    assert desk.table()[0]["reviews"] == "0"
    assert "half a thought" not in str(unpacked(desk.exports.as_zip(COACH)))


def test_the_level_is_that_of_the_shown_grade_whatever_stands_beside_it(desk: Desk) -> None:
    interview = graded(desk.store)
    regrades = RegradeStore(desk.store.sessions)
    regrades.ask([interview], COACH.id)
    waiting = regrades.next_waiting()
    assert waiting is not None
    other = grade(dict.fromkeys(MACHINE, 1))
    stamp = other.stamp.model_copy(update={"grader_key": "another"})
    regrades.save(waiting.id, other.model_copy(update={"stamp": stamp}))
    assert [row["level"] for row in desk.table()] == [str(level) for level in MACHINE.values()]
    record = json.loads(unpacked(desk.exports.as_zip(COACH))["interview.json"])
    keys = [given["stamp"]["grader_key"] for given in record["answers"][0]["grades"]]
    assert keys == ["another", "grader-1"]


def test_without_accounts_the_one_person_has_all_of_them(desk: Desk) -> None:
    found = {graded(desk.store), graded(desk.store, "zoe", shared=False)}
    assert interviews(desk.table(replace(ADA, local=True))) == found
