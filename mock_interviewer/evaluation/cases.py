"""Cases: answers that raters have graded, one a line of a JSON lines file."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, model_validator

from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.evaluation.named_lines import Named, load_named


class Judgement(Strict):
    """One rater's levels of one answer; null where a rating does not apply."""

    not_an_answer: bool
    ratings: dict[str, int | None]


class Case(Named):
    """An answer with what each rater said of it, by the rater's name."""

    question_id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    kind: Kind
    transcript: tuple[Line, ...] = Field(min_length=1)
    raters: dict[str, Judgement] = Field(min_length=1)

    @model_validator(mode="after")
    def _raters_rate_the_same(self) -> Case:
        first, *others = self.raters.values()
        if any(other.ratings.keys() != first.ratings.keys() for other in others):
            raise ValueError(f"{self.id}: raters: expected the same ratings from each")
        for name in first.ratings:
            levels = [rater.ratings[name] for rater in self.raters.values()]
            known = [level for level in levels if level is not None]
            if len(levels) == 2 and known and (len(known) < 2 or max(known) - min(known) > 1):
                raise ValueError(f"{self.id}: {name}: two raters differ by more than one level")
        return self

    @property
    def reference(self) -> dict[str, int | None]:
        """For each rating the median of the raters' levels: of two the lower one, of one its own.

        Null where most raters, or one of two, found that it does not apply.
        """
        first = next(iter(self.raters.values()))
        return {name: self._median(name) for name in first.ratings}

    @property
    def not_an_answer(self) -> bool:
        """Whether most raters said so."""
        votes = [rater.not_an_answer for rater in self.raters.values()]
        return 2 * sum(votes) > len(votes)

    @property
    def words(self) -> int:
        """How many words the candidate used."""
        return len(self.text.split())

    @property
    def text(self) -> str:
        """All that the candidate said."""
        return " ".join(line.text for line in self.transcript if line.role is Role.CANDIDATE)

    def _median(self, name: str) -> int | None:
        levels = [rater.ratings[name] for rater in self.raters.values()]
        known = [level for level in levels if level is not None]
        return statistics.median_low(known) if 2 * len(known) > len(levels) else None


def load_cases(paths: Iterable[Path]) -> list[Case]:
    """Read files of cases. Raises `DataFileError`, naming file, line and key."""
    return load_named(Case, paths, "cases")
