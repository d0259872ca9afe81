"""Levels that people gave an answer, to stand in a report's file beside the machine's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mock_interviewer.core.findings import NO_OPPORTUNITY
from mock_interviewer.core.rubric import Criterion
from mock_interviewer.service.exports.record import pseudonym
from mock_interviewer.service.self_rating import Levels, ThreeViews
from mock_interviewer.storage.whole import WholeInterview

OWN = "you, before you saw the grade"


@dataclass(frozen=True)
class OtherLevels:
    """What one person gave one answer: a coach, or its candidate."""

    who: str
    levels: Levels

    def told(self, criterion: Criterion) -> str:
        """The level of one criterion in words; empty if it was left out."""
        if criterion.id not in self.levels:
            return ""
        level = self.levels[criterion.id]
        if level is None:
            return f"{self.who}: {NO_OPPORTUNITY}"
        word = criterion.words.get(level, "")
        return f"{self.who}: {level} of {criterion.highest}" + (f", {word}" if word else "")


Others = Mapping[tuple[int, int], Sequence[OtherLevels]]
"""By place and attempt of the answer, the coaches before the candidate."""


def others_of_views(views: Iterable[ThreeViews]) -> Others:
    """Those of an interview as whoever reads it is shown them."""
    return {
        (view.question, view.attempt): [
            *(
                OtherLevels(f"coach {each.coach}".strip(), each.content.levels)
                for each in view.coaches
            ),
            *([OtherLevels(OWN, view.own)] if view.own else []),
        ]
        for view in views
    }


def others_of_whole(whole: WholeInterview) -> Others:
    """Those of an interview that leaves the program; coaches are named as in its JSON."""
    return {
        (each.answer.question, each.answer.attempt): [
            *(
                OtherLevels(f"coach {pseudonym(review.coach_id)}", review.content.levels)
                for review in whole.reviews
                if review.answer_id == each.answer.id
            ),
            *([OtherLevels(OWN, each.own)] if each.own else []),
        ]
        for each in whole.answers
    }


def told(others: Others, place: int, attempt: int, criterion: Criterion) -> list[str]:
    """What people gave one answer for one criterion, each in words."""
    found = (each.told(criterion) for each in others.get((place, attempt), ()))
    return [text for text in found if text]
