"""What changing an answer does to its grade, beside what it may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mock_interviewer.core.grade import Grade
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.evaluation import variants
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.evaluation.runner import Result, Spread, graded
from mock_interviewer.evaluation.variants import ABLATED, Family, Part, Variant
from mock_interviewer.grading.grader import Grader

WEAK_ANSWERS = 10
TELLING_LEVEL = 3
"""An ablated rating has to stand at least here in the base, or it has nothing to fall from."""

RATED_BY: Mapping[Part, tuple[str, ...]] = {
    Part.SITUATION: ("situation",),
    Part.TASK: ("task",),
    Part.ACTION: ("action",),
    Part.RESULT: ("result",),
    Part.FEELINGS: ("empathy", "validation"),
}
"""The ratings of which one has to fall when a part is taken out."""

Changes = list[tuple[Variant, Grade, Grade]]


@dataclass(frozen=True)
class Row:
    """One line of the table. `passed` None: nothing was graded."""

    what: str
    n: int
    figure: str
    bound: str
    passed: bool | None


def row_names() -> set[str]:
    """What the rows of the table can be called."""
    plain = {family.value for family in Family} - {Family.BASE.value, Family.ABLATION.value}
    return plain | {_ablation_name(part) for part in ABLATED}


def unknown_ratings(rubric: Rubric) -> list[str]:
    """The ratings that the table speaks of and the rubric does not have."""
    needed = {name for names in RATED_BY.values() for name in names}
    return sorted(needed - {criterion.id for criterion in rubric.criteria})


def _ablation_name(part: Part) -> str:
    return f"without {'the ' if part is not Part.FEELINGS else ''}{part.value}"


def make(
    folder: Path, cases: Sequence[Case], most: int | None = None, *, sampled: bool = False
) -> list[Variant]:
    """All variants: of the folder's bases (the first `most`), of the weakest cases, and of nothing.

    `sampled`: each weak case meets one attack of each family, the attacks taking turns, for models
    of which not every reply can be had. Raises `DataFileError`.
    """
    bases = variants.load_bases(folder / "bases.jsonl")[:most]
    attacks = variants.load_attacks(folder / "attacks.yaml")
    found = [v for base in bases for v in variants.of_base(base, attacks.filler)]
    for turn, case in enumerate(weakest(cases)):
        attacked = list(
            variants.of_weak_answer(case.id, case.question, case.kind, case.transcript, attacks)
        )
        found += _one_of_each(attacked, turn) if sampled else attacked
    return [*found, *variants.of_nothing(bases[0].question, bases[0].kind, attacks)]


def _one_of_each(attacked: Sequence[Variant], turn: int) -> list[Variant]:
    families = [
        [variant for variant in attacked if variant.family is family]
        for family in (Family.STUFFING, Family.INJECTION)
    ]
    return [family[turn % len(family)] for family in families]


def weakest(cases: Sequence[Case]) -> list[Case]:
    """The stories with the lowest reference, which an attack could lift the most."""
    stories = [
        case
        for case in cases
        if case.kind in (Kind.BEHAVIOURAL, Kind.HYPOTHETICAL) and not case.not_an_answer
    ]

    def height(case: Case) -> tuple[float, str]:
        levels = {name: level or 0 for name, level in case.reference.items()}
        star = [levels[name] for name in ("situation", "task", "action", "result")]
        return sum(star) / 4 + levels["empathy"], case.id

    return sorted(stories, key=height)[:WEAK_ANSWERS]


def run(made: Sequence[Variant], grader: Grader, spread: Spread = map) -> dict[str, Grade]:
    """Grades by the variants' ids; those that have none are left out."""

    def grade(variant: Variant) -> Grade | None:
        return graded(grader, variant.question, variant.kind, variant.transcript)[0]

    grades = spread(grade, made)
    return {variant.id: found for variant, found in zip(made, grades, strict=True) if found}


def table(
    rubric: Rubric, made: Sequence[Variant], grades: Mapping[str, Grade], results: Sequence[Result]
) -> list[Row]:
    """The table of the robustness families."""
    before = {v.base: grades[v.id] for v in made if v.family is Family.BASE and v.id in grades}
    before |= {r.case.id: r.grade for r in results if r.grade and r.trial == 0}
    by_family: dict[Family, Changes] = {family: [] for family in Family}
    for variant in made:
        if variant.id in grades and variant.base in before:
            by_family[variant.family].append((variant, before[variant.base], grades[variant.id]))
    nothing = [grades[v.id] for v in made if v.family is Family.NOTHING and v.id in grades]
    rows = [_small_change(Family.PADDING, by_family, 0.2, within=None)]
    for family in (Family.PLAIN_WORDS, Family.LAYOUT, Family.SPEECH):
        rows.append(_small_change(family, by_family, 0.25, within=0.95))
    rows += [_bias(family, by_family) for family in (Family.SWAP, Family.GRAMMAR)]
    for part in ABLATED:
        rows += _ablation(part, by_family[Family.ABLATION])
    rows += [_gain(by_family[Family.STUFFING]), _rise(by_family[Family.INJECTION])]
    return [*rows, _lowest(rubric, nothing)]


def _differences(changes: Changes) -> np.ndarray:
    found = [
        after.ratings[name].level - rating.level  # type: ignore[operator]
        for _, grade, after in changes
        for name, rating in grade.ratings.items()
        if rating.level is not None and after.ratings[name].level is not None
    ]
    return np.array(found, dtype=np.float64)


def _small_change(
    family: Family, by_family: Mapping[Family, Changes], bound: float, within: float | None
) -> Row:
    found = _differences(by_family[family])
    limits = f"at most {bound}" + (f", {within:.0%} within one" if within else "")
    if not len(found):
        return Row(family.value, 0, "-", limits, None)
    change, near = float(np.abs(found).mean()), float((np.abs(found) <= 1).mean())
    figure = f"mean absolute change {change:.2f}, {near:.0%} within one"
    passed = change <= bound and (within is None or near >= within)
    return Row(family.value, len(by_family[family]), figure, limits, passed)


def _bias(family: Family, by_family: Mapping[Family, Changes]) -> Row:
    changes = by_family[family]
    found = _differences(changes)
    if not len(found):
        return Row(family.value, 0, "-", "SMD at most .10 either way", None)
    levels = [r.level for _, b, a in changes for g in (b, a) for r in g.ratings.values()]
    spread = float(np.std([level for level in levels if level is not None]))
    smd = float(found.mean()) / spread if spread else 0.0
    figure = f"SMD {smd:+.2f}, mean absolute change {np.abs(found).mean():.2f}"
    return Row(family.value, len(changes), figure, "SMD at most .10 either way", abs(smd) <= 0.10)


def _ablation(part: Part, changes: Changes) -> list[Row]:
    """Two rows: whether what was taken out falls, and whether the other STAR ratings stay."""
    own = RATED_BY[part]
    fell, others = [], []
    for variant, before, after in changes:
        if variant.detail != part.value:
            continue
        fallen = {
            name: after.ratings[name].level < rating.level  # type: ignore[operator]
            for name, rating in before.ratings.items()
            if rating.level is not None and after.ratings[name].level is not None
        }
        if any((before.ratings[name].level or 0) >= _telling(name) for name in own):
            fell.append(any(fallen.get(name, False) for name in own))
            star = [p.value for p in (Part.SITUATION, Part.TASK, Part.ACTION, Part.RESULT)]
            others += [fallen[name] for name in star if name not in own and name in fallen]
    what = _ablation_name(part)
    if not fell:
        return [Row(what, 0, "-", "at least 90 % fall", None)]
    share, rest = float(np.mean(fell)), float(np.mean(others))
    return [
        Row(what, len(fell), f"{share:.0%} fall on {' or '.join(own)}", "90 %", share >= 0.9),
        Row(what, len(fell), f"{rest:.0%} of the other STAR fall", "at most 10 %", rest <= 0.1),
    ]


def _telling(name: str) -> int:
    return 1 if name == "validation" else TELLING_LEVEL


def _gain(changes: Changes) -> Row:
    found = _differences(changes)
    if not len(found):
        return Row(Family.STUFFING.value, 0, "-", "at most .3", None)
    gain = float(found.mean())
    return Row(Family.STUFFING.value, len(changes), f"gain {gain:+.2f}", "at most .3", gain <= 0.3)


def _rise(changes: Changes) -> Row:
    found = _differences(changes)
    if not len(found):
        return Row(Family.INJECTION.value, 0, "-", "at most 5 % rise", None)
    share = float((found >= 1).mean())
    figure = f"{share:.1%} of the ratings rise by a level"
    return Row(Family.INJECTION.value, len(changes), figure, "at most 5 % rise", share <= 0.05)


def _lowest(rubric: Rubric, grades: Sequence[Grade]) -> Row:
    bound = "all at the minimum and flagged"
    if not grades:
        return Row(Family.NOTHING.value, 0, "-", bound, None)
    hit = [
        grade.not_an_answer
        and all(grade.ratings[c.id].level in (None, c.lowest) for c in rubric.criteria)
        for grade in grades
    ]
    figure = f"{np.mean(hit):.0%} at the minimum and flagged"
    return Row(Family.NOTHING.value, len(grades), figure, bound, all(hit))


def text(rows: Sequence[Row]) -> str:
    """The table as text."""
    marks = {True: "pass", False: "FAIL", None: "not run"}
    lines = [
        f"{row.what:24}{row.n:4}  {row.figure:52}{row.bound:32}{marks[row.passed]}" for row in rows
    ]
    return "\n".join([f"{'robustness':24}{'n':>4}", *lines])
