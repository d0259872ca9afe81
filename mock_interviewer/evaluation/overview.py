"""A suite's run as figures to lay out: verdict and coverage first, then agreement and the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import Criterion
from mock_interviewer.evaluation import charts, gates, probing, tables, verdict
from mock_interviewer.evaluation.agreement import Agreement
from mock_interviewer.evaluation.case_pages import CasePage, case_pages
from mock_interviewer.evaluation.charts import Matrix, Width
from mock_interviewer.evaluation.comparing import ChangedText
from mock_interviewer.evaluation.gates import Change, Moved
from mock_interviewer.evaluation.probing import Probed
from mock_interviewer.evaluation.runner import Result
from mock_interviewer.evaluation.sureness import Sure, sureness_of
from mock_interviewer.evaluation.verdict import Ending
from mock_interviewer.evaluation.whole import Whole


class Column(NamedTuple):
    """A column of the table of agreement, and what it means to someone who meets it first."""

    short: str
    name: str
    meaning: str


COLUMNS = (
    Column("n", "Answers", "How many answers both the machine and the raters have a level for."),
    Column(
        "QWK",
        "Quadratic weighted kappa",
        "Agreement beyond chance: 1 is perfect, 0 is no better than chance. Being two levels off "
        "counts four times as much as being one off.",
    ),
    Column(
        "95 %",
        "Interval of the kappa",
        "Where the kappa would lie in 95 of 100 draws of as many answers like these.",
    ),
    Column(
        "rho",
        "Rank correlation (Spearman)",
        "Whether machine and raters put the answers in the same order, whatever the levels: "
        "1 the same order, 0 none.",
    ),
    Column("MAE", "Mean absolute error", "How many levels the machine is off, on average."),
    Column("exact", "Exactly right", "Share of the answers with the very level of the raters."),
    Column("±1", "Within one level", "Share of the answers at most one level away."),
    Column("bias", "Bias", "Mean of machine less raters, in levels: below 0 it is too strict."),
    Column(
        "SMD",
        "Standardised mean difference",
        "The bias in standard deviations of the levels. Up to .15 either way counts as small.",
    ),
    Column(
        "slope",
        "Slope",
        "How far the machine's level rises when the raters' rises by one. Below 1 its levels "
        "crowd in the middle.",
    ),
)

HALO = (
    "If they go together more in the machine than with the raters, the machine lets one good "
    "impression colour the other."
)


@dataclass(frozen=True)
class RatingRow:
    """One rating's agreement. `change` None: there is no baseline, or nothing moved."""

    criterion: Criterion
    agreement: Agreement
    matrix: Matrix
    change: Change | None


@dataclass(frozen=True)
class Overview:
    """Everything a report shows of one suite. Without figures where replies are missing."""

    whole: Whole
    ending: Ending
    coverage: str
    waiting: tuple[str, ...]
    differences: tuple[str, ...]
    texts: tuple[ChangedText, ...]
    moved: tuple[Moved, ...]
    ratings: tuple[RatingRow, ...] = ()
    halo: str = ""
    retest: str = ""
    tokens: str = ""
    sure: tuple[Sure, ...] = ()
    probes: tuple[Probed, ...] = ()
    probing: str = ""
    cases: tuple[CasePage, ...] = ()

    @property
    def id(self) -> str:
        """The suite's."""
        return self.whole.suite.id

    @property
    def mean(self) -> float:
        """The mean kappa; NaN without figures."""
        known = [row.agreement.kappa for row in self.ratings]
        return float(np.mean(known)) if known else math.nan

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of question that occur."""
        found = {page.case.kind for page in self.cases}
        return tuple(kind.value for kind in Kind if kind in found)

    @property
    def widths(self) -> list[Width]:
        """How often the reference lies in the range told."""
        return charts.widths(self.sure)

    @property
    def kept(self) -> list[tuple[float, float]]:
        """Mean error by share of the ratings kept."""
        return charts.kept(self.sure)


def overview(whole: Whole) -> Overview:
    """Work out what a report shows of a run."""
    rubric, graded = whole.suite.rubric, whole.graded
    moved = verdict.moved(whole)
    found = Overview(
        whole=whole,
        ending=verdict.ending(whole),
        coverage=_waiting(graded) if whole.missed else tables.coverage(rubric, graded),
        waiting=tuple(dict.fromkeys(verdict.waiting(whole))),
        differences=tuple(verdict.differences(whole)),
        texts=tuple(verdict.changed_texts(whole)),
        moved=tuple(moved),
    )
    if whole.missed:
        return found
    return Overview(
        **{
            **found.__dict__,
            "ratings": tuple(_ratings(whole, moved)),
            "halo": tables.halo(rubric, graded),
            "retest": tables.retest(rubric, graded),
            "tokens": whole.costs,
            "sure": tuple(sureness_of(rubric, graded)),
            "probes": tuple(probing.worded(whole.probed)),
            "probing": probing.summary(whole.probed, rubric) if whole.probed else "",
            "cases": tuple(case_pages(whole)),
        }
    )


def _waiting(graded: Sequence[Result]) -> str:
    waiting = sum(result.missing for result in graded)
    return f"Coverage: {waiting} of {len(graded)} grades wait for replies."


def _ratings(whole: Whole, moved: Sequence[Moved]) -> list[RatingRow]:
    rubric = whole.suite.rubric
    changes: list[Change] = []
    if whole.baseline and moved:
        changes = gates.changes(rubric, whole.baseline, whole.results)
    by_rating = {change.rating: change for change in changes}
    return [
        RatingRow(
            criterion=criterion,
            agreement=tables.agreed(criterion, whole.graded),
            matrix=charts.matrix(criterion, whole.graded),
            change=by_rating.get(criterion.id),
        )
        for criterion in rubric.criteria
    ]
