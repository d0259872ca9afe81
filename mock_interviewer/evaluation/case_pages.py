"""Every case of a run beside its raters: what a report shows of each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mock_interviewer.core.grade import NOT_APPLICABLE
from mock_interviewer.core.rubric import Criterion
from mock_interviewer.core.transcript import Piece, Role, pieces
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.evaluation.results import Line
from mock_interviewer.evaluation.runner import Result
from mock_interviewer.evaluation.whole import Whole


@dataclass(frozen=True)
class RatedLevel:
    """One rating of one case: the machine's first trial, the baseline and the raters."""

    criterion: Criterion
    level: int | None
    reason: str
    """Why there is no level; empty where there is one or the rating does not apply."""
    likely: tuple[int, int] | None
    """Only where it is more than the level itself."""
    later: tuple[int | None, ...]
    """Levels of the trials after the first."""
    reference: int | None
    raters: tuple[int | None, ...]
    moved: bool
    """Whether the baseline has another level."""
    before: int | None
    """The baseline's level, where it moved."""
    sentences: tuple[int, ...]
    missing: str
    next_step: str

    @property
    def off(self) -> int:
        """Levels between machine and reference; 0 where one of them has none."""
        if self.level is None or self.reference is None:
            return 0
        return abs(self.level - self.reference)

    @property
    def far(self) -> bool:
        """Whether it is more than one level away."""
        return self.off > 1

    @property
    def ungraded(self) -> bool:
        """Whether the raters gave a level and the machine did not."""
        return self.level is None and self.reference is not None

    @property
    def told(self) -> str:
        """The machine's level in words."""
        if self.level is not None:
            return self.criterion.words[self.level]
        return "ungraded" if self.ungraded or self.reason else "does not apply"


@dataclass(frozen=True)
class Turn:
    """One turn of a transcript, cut at its numbered sentences."""

    role: Role
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class CasePage:
    """One case with all its ratings."""

    suite: str
    case: Case
    turns: tuple[Turn, ...]
    raters: tuple[str, ...]
    ratings: tuple[RatedLevel, ...]
    flagged: bool | None
    """Whether the machine says that it is not an answer; None where there is no grade."""
    reason: str
    """Why nothing of it is graded; empty where something is."""

    @property
    def anchor(self) -> str:
        """Its name in the report, which is the end of its address."""
        return f"{self.suite}/{self.case.id}"

    @property
    def off(self) -> int:
        """How many levels the rating is away that is furthest from the raters'."""
        return max(rating.off for rating in self.ratings)

    @property
    def moved(self) -> int:
        """How many ratings are not what they are in the baseline."""
        return sum(rating.moved for rating in self.ratings)

    @property
    def far(self) -> int:
        """How many ratings are more than a level away."""
        return sum(rating.far for rating in self.ratings)

    @property
    def ungraded(self) -> int:
        """How many ratings the raters gave and the machine did not."""
        return sum(rating.ungraded for rating in self.ratings)

    def cited(self, number: int) -> str:
        """Ids of the ratings that this sentence is evidence for, with spaces between them."""
        return " ".join(r.criterion.id for r in self.ratings if number in r.sentences)


def case_pages(whole: Whole) -> list[CasePage]:
    """A page for each case, the furthest from the raters first."""
    first = [result for result in whole.graded if result.trial == 0]
    later: dict[str, list[Result]] = {}
    for result in whole.graded:
        if result.trial:
            later.setdefault(result.case.id, []).append(result)
    before = {
        criterion.id: whole.baseline.levels(criterion.id) if whole.baseline else {}
        for criterion in whole.suite.rubric.criteria
    }
    pages = [_page(whole, result, later.get(result.case.id, []), before) for result in first]
    return sorted(pages, key=lambda page: (-page.off, -page.far, page.case.id))


def _page(
    whole: Whole,
    result: Result,
    later: Sequence[Result],
    before: Mapping[str, Mapping[str, Line]],
) -> CasePage:
    case, rubric = result.case, whole.suite.rubric
    cut = pieces(case.transcript, rubric.graded_role)
    return CasePage(
        suite=whole.suite.id,
        case=case,
        turns=tuple(Turn(x.role, part) for x, part in zip(case.transcript, cut, strict=True)),
        raters=tuple(case.raters),
        ratings=tuple(
            _rated(result, later, criterion, before[criterion.id].get(case.id))
            for criterion in rubric.criteria
        ),
        flagged=result.grade.not_an_answer if result.grade else None,
        reason="" if result.grade else result.reason,
    )


def _rated(
    result: Result, later: Sequence[Result], criterion: Criterion, before: Line | None
) -> RatedLevel:
    rating = result.grade.ratings[criterion.id] if result.grade else None
    level = rating.level if rating else None
    likely = rating.likely if rating else None
    reason = (rating.reason or "") if rating else result.reason
    return RatedLevel(
        criterion=criterion,
        level=level,
        reason="" if reason == NOT_APPLICABLE else reason,
        likely=likely if likely and likely[0] != likely[1] else None,
        later=tuple(other.level(criterion.id) for other in later),
        reference=result.case.reference[criterion.id],
        raters=tuple(judged.ratings[criterion.id] for judged in result.case.raters.values()),
        moved=before is not None and before.level != level,
        before=before.level if before else None,
        sentences=tuple(e.sentence for e in rating.evidence) if rating else (),
        missing=rating.missing if rating else "",
        next_step=rating.next_step if rating else "",
    )
