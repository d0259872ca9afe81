"""Agreement: each coach with the machine, and coaches with each other, on the same answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import NotFoundError
from mock_interviewer.service.access import Person
from mock_interviewer.service.coaching import check_coach
from mock_interviewer.service.levels_apart import Apart, Levels, Pair, compare
from mock_interviewer.storage.coached import CoachedStore
from mock_interviewer.storage.judgements import Judgement, JudgementStore
from mock_interviewer.storage.store import Store


@dataclass(frozen=True)
class CoachAgreement:
    """One coach: with the machine, whose levels are the second ones."""

    coach_id: str
    coach: str
    machine: Apart


@dataclass(frozen=True)
class PairAgreement:
    """Two coaches, by name."""

    first_id: str
    first: str
    second_id: str
    second: str
    apart: Apart


@dataclass(frozen=True)
class Agreement:
    """What is to be said of some coaches. A case is called `interview id/question/attempt`."""

    blind: bool
    """Whether only levels count that were given before the machine's were seen."""
    coaches: tuple[CoachAgreement, ...]
    pairs: tuple[PairAgreement, ...]


class Agreements:
    """The agreement of coaches."""

    def __init__(self, store: Store, rubric: Rubric) -> None:
        self._judgements = JudgementStore(store.sessions)
        self._coached = CoachedStore(store.sessions)
        self._rubric = rubric

    def of_coach(self, coach: Person, *, blind: bool = True) -> Agreement:
        """This coach with the machine, and with whoever reviewed the same answers.

        Raises `NotAllowedError`. Answers that the coach may not see the grade of are left out, as
        are those that are no longer shared.
        """
        check_coach(coach)
        own = self._judgements.by([coach.id])
        same = self._judgements.on_answers([judgement.answer_id for judgement in own])
        return self._agreement(coach, same, blind, [coach.id])

    def of_group(self, coach: Person, group_id: int, *, blind: bool = True) -> Agreement:
        """All coaches of a group, on answers of its candidates.

        Raises `NotAllowedError`, and `NotFoundError` for a group that is not the coach's.
        """
        check_coach(coach)
        for group in self._coached.groups(coach.id):
            if group.id == group_id:
                people = {candidate.id for candidate in group.candidates}
                found = self._judgements.by([other.id for other in group.coaches])
                theirs = [judgement for judgement in found if judgement.candidate_id in people]
                return self._agreement(coach, theirs, blind, [other.id for other in group.coaches])
        raise NotFoundError("There is no such group among yours.")

    def _agreement(
        self, viewer: Person, found: Iterable[Judgement], blind: bool, coaches: Sequence[str]
    ) -> Agreement:
        hidden = self._judgements.hidden_from(viewer.id)
        seen = [
            each
            for each in found
            if each.answer_id not in hidden
            and (each.shared or viewer.local)
            and _levels(each, blind) is not None
        ]
        by_coach: dict[str, list[Judgement]] = {}
        for each in sorted(seen, key=lambda judgement: judgement.coach):
            by_coach.setdefault(each.coach_id, []).append(each)
        return Agreement(
            blind=blind,
            coaches=tuple(
                CoachAgreement(coach_id, own[0].coach, self._with_machine(own, blind))
                for coach_id, own in by_coach.items()
                if coach_id in coaches
            ),
            pairs=tuple(
                PairAgreement(one, first[0].coach, other, second[0].coach, apart)
                for (one, first), (other, second) in combinations(by_coach.items(), 2)
                if (one in coaches or other in coaches)
                and (apart := self._with_each_other(first, second, blind)).answers
            ),
        )

    def _with_machine(self, judgements: Sequence[Judgement], blind: bool) -> Apart:
        pairs = [
            Pair(_case(each), _levels(each, blind) or {}, machine)
            for each in judgements
            if (machine := _machine(each)) is not None
        ]
        return compare(pairs, self._rubric)

    def _with_each_other(
        self, first: Sequence[Judgement], second: Sequence[Judgement], blind: bool
    ) -> Apart:
        others = {each.answer_id: each for each in second}
        pairs = [
            Pair(_case(each), _levels(each, blind) or {}, _levels(other, blind) or {})
            for each in first
            if (other := others.get(each.answer_id))
        ]
        return compare(pairs, self._rubric)


def _levels(judgement: Judgement, blind: bool) -> Levels | None:
    findings = judgement.unseen if blind else judgement.content
    return findings.levels if findings else None


def _machine(judgement: Judgement) -> Levels | None:
    grade = judgement.grade
    return {name: r.level for name, r in grade.ratings.items()} if grade else None


def _case(judgement: Judgement) -> str:
    return f"{judgement.interview_id}/{judgement.question + 1}/{judgement.attempt + 1}"
