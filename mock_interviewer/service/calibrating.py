"""The calibration exercise: reference answers that a coach grades before seeing the raters' levels.

The answers are a few of those by which the graders were developed; `calibration/README.md` says
which. Their first levels stand: whoever has seen the raters' can give none any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_interviewer.core.findings import Findings
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Line
from mock_interviewer.errors import DataFileError, NotAllowedError, NotFoundError
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.service.access import Person
from mock_interviewer.service.coaching import check_coach
from mock_interviewer.service.levels_apart import Apart, Levels, Pair, compare
from mock_interviewer.storage.calibration import CalibrationStore
from mock_interviewer.storage.store import Store


@dataclass(frozen=True)
class Exercise:
    """One reference answer as a coach may see it now."""

    id: str
    question: str
    lines: tuple[Line, ...]
    own: Levels | None
    """The coach's levels; None: to be given."""
    raters: Mapping[str, Levels] | None
    """Each rater's levels; None before the coach's own are given."""


class Calibrating:
    """The exercises of all coaches."""

    def __init__(self, store: Store, rubric: Rubric) -> None:
        self._store = CalibrationStore(store.sessions)
        self._rubric = rubric
        wanted = {criterion.id for criterion in rubric.criteria}
        # The answers were rated by the program's own rubric; another trade's has no exercise.
        self._cases = {
            case.id: case
            for case in load_cases([package_file("calibration", "answers.jsonl")])
            if set(case.reference) == wanted
        }

    def exercises(self, coach: Person) -> list[Exercise]:
        """All reference answers, in their order. Raises `NotAllowedError`."""
        check_coach(coach)
        given = self._store.levels(coach.id)
        return [_exercise(case, given.get(case.id)) for case in self._cases.values()]

    def rate(self, coach: Person, case_id: str, levels: Levels) -> Exercise:
        """Keep the coach's levels, one for each criterion, and show the raters'.

        Raises `NotFoundError`, `DataFileError` if a level is missing or off the scale, and
        `NotAllowedError` if they were given before.
        """
        check_coach(coach)
        case = self._cases.get(case_id)
        if case is None:
            raise NotFoundError("There is no such exercise.")
        faults = list(Findings.model_validate({"ratings": dict(levels)}).faults(self._rubric, 0))
        faults += [f"{c.name}: give a level" for c in self._rubric.criteria if c.id not in levels]
        if faults:
            raise DataFileError("\n".join(faults))
        if not self._store.add(coach.id, case_id, dict(levels)):
            raise NotAllowedError(
                "You have graded this answer before and have seen the raters' levels; the first "
                "levels stand."
            )
        return _exercise(case, levels)

    def apart(self, coach: Person) -> Apart:
        """The coach's levels against the raters' reference, on what is graded so far."""
        check_coach(coach)
        given = self._store.levels(coach.id)
        pairs = [
            Pair(case.id, given[case.id], case.reference)
            for case in self._cases.values()
            if case.id in given
        ]
        return compare(pairs, self._rubric)

    def begins_blind(self, coach: Person) -> bool:
        """Whether a coach grades before seeing the machine's levels unless they choose otherwise.

        Whoever takes part in the calibration does: their levels are to be evidence.
        """
        return bool(self._store.levels(coach.id))


def _exercise(case: Case, own: Levels | None) -> Exercise:
    raters = {name: rater.ratings for name, rater in case.raters.items()}
    return Exercise(case.id, case.question, case.transcript, own, raters if own else None)
