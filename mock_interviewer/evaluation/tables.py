"""What a suite prints: coverage first, then agreement, baselines, and the worst cases."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mock_interviewer.core.price import Price
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.evaluation import agreement
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.evaluation.leads import Lead, compared
from mock_interviewer.evaluation.runner import Result, pairs
from mock_interviewer.evaluation.suite import Suite
from mock_interviewer.evaluation.sureness import error_of_surest, sureness_of

WORST = 8


def page(
    suite: Suite,
    cases: Sequence[Case],
    results: list[Result],
    ahead: Sequence[Lead],
    costs: str,
) -> str:
    """All tables of one suite, as text."""
    parts = [
        f"# {suite.id}: {suite.model}, strategy {suite.strategy.value}, {len(cases)} cases",
        coverage(suite.rubric, results),
        ratings(suite.rubric, results),
        compared(ahead),
        kinds(suite.rubric, results),
        raters(suite.rubric, cases, suite.raters),
        halo(suite.rubric, results),
        retest(suite.rubric, results),
        sureness(suite.rubric, results),
        worst(suite.rubric, results),
        costs,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def coverage(rubric: Rubric, results: Sequence[Result]) -> str:
    """How many cases and ratings have a grade, and whether every quote stands in its answer."""
    graded = [result for result in results if result.grade]
    wanted = made = quotes = verbatim = 0
    for result in results:
        for criterion in rubric.criteria:
            if result.case.reference[criterion.id] is not None:
                wanted += 1
                made += result.level(criterion.id) is not None
        if result.grade:
            texts = [line.text for line in result.case.transcript]
            for rating in result.grade.ratings.values():
                quotes += len(rating.evidence)
                verbatim += sum(any(e.quote in t for t in texts) for e in rating.evidence)
    missing = sum(result.missing for result in results)
    flagged = sum(r.case.not_an_answer == r.grade.not_an_answer for r in graded if r.grade)
    return (
        f"Coverage: {len(graded)} of {len(results)} graded ({missing} wait for replies), "
        f"{made} of {wanted} ratings. Quotes verbatim: {verbatim} of {quotes}. "
        f"Flag `not_an_answer` as the raters' in {flagged} of {len(graded)}."
    )


def ratings(rubric: Rubric, results: Sequence[Result]) -> str:
    """Agreement with the reference, a row a rating."""
    rows = [
        "rating            n   QWK  [95 %]         rho   MAE exact  ±1   bias    SMD slope",
    ]
    kappas = []
    for criterion in rubric.criteria:
        found = agreed(criterion, results)
        kappas.append(found.kappa)
        low, high = found.interval
        rows.append(
            f"{criterion.id:15}{found.n:4}  {found.kappa:5.3f} [{low:5.2f} {high:5.2f}]"
            f"  {found.spearman:5.2f} {found.mae:5.2f} {found.exact:5.2f} {found.within_one:5.2f}"
            f" {found.bias:+5.2f}  {found.smd:+5.2f} {found.slope:5.2f}"
        )
    rows.append(f"mean QWK {np.mean(kappas):.3f}, lowest {min(kappas):.3f}")
    return "\n".join(rows)


def kinds(rubric: Rubric, results: Sequence[Result]) -> str:
    """Mean QWK by kind of question."""
    rows = ["kind of question   cases  mean QWK of the ratings that apply"]
    for kind in Kind:
        some = [result for result in results if result.case.kind is kind]
        found = [agreed(criterion, some) for criterion in rubric.criteria]
        kappas = [a.kappa for a in found if a.n >= 5 and not math.isnan(a.kappa)]
        if kappas:
            rows.append(f"{kind.value:18}{len(some):6}  {np.mean(kappas):8.3f}")
    return "\n".join(rows)


def raters(rubric: Rubric, cases: Sequence[Case], note: str = "") -> str:
    """How well the first two raters of each case agree; a case with one rater is left out.

    `note`: what to know of them.
    """
    rated_twice = [list(case.raters.values())[:2] for case in cases if len(case.raters) > 1]
    if not rated_twice:
        return ""
    rows = ["raters            n   QWK" + (f"   ({note})" if note else "")]
    for criterion in rubric.criteria:
        both = []
        for judgements in rated_twice:
            first, second = (judgement.ratings[criterion.id] for judgement in judgements)
            if first is not None and second is not None:
                both.append((first, second))
        found = agreement.agreement([a for a, _ in both], [b for _, b in both], criterion.scale)
        rows.append(f"{criterion.id:15}{found.n:4}  {found.kappa:5.3f}")
    return "\n".join(rows)


def halo(rubric: Rubric, results: Sequence[Result]) -> str:
    """How strongly the first two scores go together, in machine and reference."""
    if len(rubric.scores) < 2:
        return ""
    first, second = rubric.scores[0].mean_of, rubric.scores[1].mean_of
    machine, reference = [], []
    for result in results:
        own = [result.level(name) for name in (*first, *second)]
        given = [result.case.reference[name] for name in (*first, *second)]
        if None not in own and None not in given:
            machine.append([float(level or 0) for level in own])
            reference.append([float(level or 0) for level in given])
    if len(machine) < 3:
        return ""

    def together(rows: list[list[float]]) -> float:
        table = np.array(rows)
        ahead = len(first)
        return agreement.correlation(table[:, :ahead].mean(axis=1), table[:, ahead:].mean(axis=1))

    return (
        f"Halo: {rubric.scores[0].name} and {rubric.scores[1].name} correlate at "
        f"{together(machine):.2f} in the machine, {together(reference):.2f} in the reference."
    )


def retest(rubric: Rubric, results: Sequence[Result]) -> str:
    """How well trials agree with each other: the intraclass correlation of each rating."""
    trials = sorted({result.trial for result in results})
    if len(trials) < 2:
        return ""
    found: list[str] = []
    values = []
    for criterion in rubric.criteria:
        levels: dict[str, dict[int, int]] = {}
        for result in results:
            level = result.level(criterion.id)
            if level is not None:
                levels.setdefault(result.case.id, {})[result.trial] = level
        rows = [[row[t] for t in trials] for row in levels.values() if len(row) == len(trials)]
        value = agreement.icc(np.array(rows, dtype=np.float64)) if len(rows) > 2 else math.nan
        values.append(value)
        found.append(f"{criterion.id} {value:.3f}")
    if all(math.isnan(value) for value in values):
        return ""
    return f"Test-retest ICC of {len(trials)} trials, mean {np.nanmean(values):.3f}: " + ", ".join(
        found
    )


def sureness(rubric: Rubric, results: Sequence[Result]) -> str:
    """Agreement against coverage: what is left if only the surest ratings are kept."""
    rated = sureness_of(rubric, results)
    if not rated:
        return ""
    rows = ["surest ratings kept   mean error, in shares of the scale"]
    for share in (0.25, 0.5, 0.75, 1.0):
        rows.append(f"{share:18.0%}   {error_of_surest(rated, share):.3f}")
    for what, some in (
        ("told as one level", [row for row in rated if not row.width]),
        ("told as a range", [row for row in rated if row.width]),
    ):
        if some:
            off = np.mean([row.error for row in some])
            rows.append(f"{what:18}   {off:.3f} ({len(some)} ratings)")
    inside = np.mean([row.inside for row in rated])
    rows.append(f"The reference lies in the likely range of {inside:.0%} of the ratings.")
    return "\n".join(rows)


def worst(rubric: Rubric, results: Sequence[Result]) -> str:
    """The ratings furthest from the reference, with a quote."""
    far = []
    for criterion in rubric.criteria:
        for result, machine, reference in pairs(results, criterion):
            if abs(machine - reference) > 1:
                far.append((abs(machine - reference), criterion.id, result, machine, reference))
    if not far:
        return "No rating is more than one level from the reference."
    far.sort(key=lambda row: (-row[0], row[2].case.id))
    rows = [f"{len(far)} ratings are more than one level away; the furthest:"]
    for _, name, result, machine, reference in far[:WORST]:
        evidence = result.grade.ratings[name].evidence if result.grade else ()
        quote = f' "{evidence[0].quote[:80]}"' if evidence else ""
        rows.append(f"  {result.case.id} {name}: {machine}, raters {reference}{quote}")
    return "\n".join(rows)


def spent(results: Sequence[Result], seconds: Sequence[float], price: Price | None) -> str:
    """Tokens, cost and latency of an answer, as the source of the replies gave them."""
    usages = [result.grade.stamp.usage for result in results if result.grade]
    if not usages or not any(usage.prompt for usage in usages):
        told = "Tokens: not told by the source of these replies."
    else:
        prompt = np.mean([usage.prompt for usage in usages])
        computed = np.mean([usage.prompt - usage.cached for usage in usages])
        written = np.mean([usage.completion for usage in usages])
        told = (
            f"Tokens an answer: {prompt:,.0f} asked, {computed:,.0f} computed, "
            f"{written:,.0f} written."
        )
        if price:
            told += f" Cost: ${np.mean([price.cost(usage) for usage in usages]):.4f} an answer."
    if not seconds:
        return f"{told} Latency: not told."
    middle, slowest = np.median(seconds), max(seconds)
    return f"{told} Latency of a reply: median {middle:.1f} s, slowest {slowest:.1f} s."


def agreed(criterion: Criterion, results: Sequence[Result]) -> agreement.Agreement:
    """Agreement of one rating with the reference."""
    found = pairs(results, criterion)
    return agreement.agreement([m for _, m, _ in found], [r for _, _, r in found], criterion.scale)
