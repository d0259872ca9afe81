"""What a coach has found in an answer so far, and what changed from one state of it to another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field

from mock_interviewer.core.datafile import Strict, validated
from mock_interviewer.core.review import LONGEST, Rated, Review, ReviewedRating
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import DataFileError

NO_OPPORTUNITY = "no opportunity"

Remark = Annotated[str, Field(max_length=LONGEST)]


class Findings(Strict):
    """A coach's levels and remarks; what is not in `ratings` has not been rated."""

    ratings: dict[str, Rated] = Field(default_factory=dict)
    not_an_answer: bool = False
    sentences: dict[int, Remark] = Field(default_factory=dict)
    """Comments on sentences, by the sentence's number."""
    comment: Remark = ""
    """On the answer, or on the whole interview."""
    note: Remark = ""
    """To the candidate."""

    @property
    def levels(self) -> dict[str, int | None]:
        """The level of each rating given; null where there was no opportunity."""
        return {name: rating.level for name, rating in self.ratings.items()}

    def faults(self, rubric: Rubric, sentences: int) -> Iterator[str]:
        """What fits neither the rubric nor the answer's number of sentences, a line each."""
        known = {criterion.id: criterion for criterion in rubric.criteria}
        for name, rating in self.ratings.items():
            if name not in known:
                yield f"ratings.{name}: the rubric {rubric.id} has no such rating"
            elif rating.level is not None and rating.level not in known[name].scale:
                scale = f"a level from {known[name].lowest} to {known[name].highest}, or null"
                yield f"ratings.{name}.level: expected {scale}; got {rating.level}"
        for number in self.sentences:
            if not 1 <= number <= sentences:
                yield f"sentences.{number}: there is no such sentence; there are {sentences}"

    def as_review(self, reviewer: str, day: date, rubric: Rubric) -> Review:
        """The form in which it can become a case. Raises `DataFileError` if a rating is missing."""
        entry = {
            "reviewer": reviewer,
            "date": day,
            "ratings": {name: rating.model_dump() for name, rating in self.ratings.items()},
            "not_an_answer": self.not_an_answer,
            "comment": self.comment,
        }
        review = validated(Review, entry, f"the review by {reviewer}")
        if faults := list(review.faults(rubric)):
            raise DataFileError("\n".join(f"the review by {reviewer}: {each}" for each in faults))
        return review


class Change(Strict):
    """One difference between two states of a review; None: not there."""

    what: str
    before: str | None
    after: str | None
    why: str = ""


def changes(before: Findings, after: Findings) -> list[Change]:
    """What differs, a rating first with the reason now given for it."""
    old, new = _flat(before), _flat(after)
    found = []
    for what in dict.fromkeys([*new, *old]):
        name = what.removeprefix("ratings.")
        now = after.ratings.get(name) if name != what else None
        was = before.ratings.get(name) if name != what else None
        if old.get(what) != new.get(what) or _reason(was) != _reason(now):
            found.append(
                Change(what=what, before=old.get(what), after=new.get(what), why=_reason(now))
            )
    return found


def _flat(findings: Findings) -> dict[str, str]:
    flat = {f"ratings.{name}": told(rating.level) for name, rating in findings.ratings.items()}
    if findings.not_an_answer:
        flat["not_an_answer"] = "yes"
    flat |= {f"sentences.{number}": text for number, text in findings.sentences.items()}
    remarks = {"comment": findings.comment, "note": findings.note}
    return flat | {name: text for name, text in remarks.items() if text}


def told(level: int | None) -> str:
    """A level as the history has it."""
    return NO_OPPORTUNITY if level is None else str(level)


def _reason(rating: ReviewedRating | None) -> str:
    return rating.reason if rating else ""
