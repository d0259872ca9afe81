"""A whole suite from its recordings: results, tables and gates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from mock_interviewer.core import datafile
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.price import Price
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import ReplyMissingError
from mock_interviewer.evaluation import baselines, gates, probing, robustness
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.evaluation.comparing import SAME, differences, since, text_changes
from mock_interviewer.evaluation.gates import COVERAGE, Verdict
from mock_interviewer.evaluation.leads import Lead, leads
from mock_interviewer.evaluation.results import Head, Line, Results, cases_digest, load
from mock_interviewer.evaluation.runner import Result, run
from mock_interviewer.evaluation.suite import Suite, suite_cases
from mock_interviewer.evaluation.tables import coverage, page, spent
from mock_interviewer.llm.recorded import RecordedChat


@dataclass(frozen=True)
class Whole:
    """What a run found."""

    suite: Suite
    graded: Sequence[Result]
    results: Results
    text: str
    verdicts: Sequence[Verdict]
    """Empty where the suite names no gates, and where replies are missing."""
    missed: int
    """How many replies are missing."""
    robustness: Sequence[robustness.Row]
    probed: Sequence[probing.Probed]
    baseline: Results | None
    leads: Sequence[Lead] = ()
    costs: str = ""
    """Tokens, cost and latency of an answer, in a sentence."""
    """Baselines that know nothing of the meaning of an answer."""

    @property
    def incomplete(self) -> bool:
        """Whether replies are missing or more is ungraded than the suite allows."""
        return bool(self.missed) or any(not v.passed for v in self.verdicts if v.gate == COVERAGE)

    @property
    def rated(self) -> Rubric:
        """What is rated."""
        return self.suite.rubric

    def judged_by(self, baseline: Results) -> list[Verdict]:
        """Every gate, held against another baseline."""
        return judged(self.suite, self.results, self.robustness, self.probed, baseline)

    @property
    def failed(self) -> list[str]:
        """The gates that fail, with the suite they belong to."""
        return [f"{self.suite.id}: {v.gate}" for v in self.verdicts if not v.passed]


def run_recorded(suite: Suite, chat: RecordedChat, price: Price | None = None) -> Whole:
    """Grade everything from recordings; what is missing is counted by `chat`.

    `price`: of the model's tokens, if costs are to be told. Raises `DataFileError`.
    """
    cases = suite_cases(suite)
    graded = run(cases, chat, suite.grader, trials=suite.trials)
    dev = load_cases(suite.dev)
    ahead = leads(suite.rubric, cases, dev, graded, _others(suite, chat, cases))
    costs = spent(graded, chat.seconds, price)
    parts = [page(suite, cases, graded, ahead, costs)]
    made = suite.variants(cases)
    changed = robustness.run(made, suite.grader(chat))
    rows = robustness.table(suite.rubric, made, changed, graded) if made else []
    if rows:
        parts.append(robustness.text(rows))
    probed: list[probing.Probed] = []
    if suite.probes:
        probed = probing.run(suite.holed(), suite.prober(chat), lambda: chat.missed)
        parts.append(probing.text(probed, suite.rubric))
    results = collected(suite, cases, graded, changed)
    baseline = load(suite.baseline) if suite.baseline.is_file() else None
    if baseline:
        parts.append("\n".join(since(suite.rubric, baseline, results)))
    verdicts = judged(suite, results, rows, probed, baseline)
    if verdicts:
        parts.append(gates.text(verdicts))
    if chat.missed:
        text, verdicts = _incomplete(suite, chat, graded, results, baseline), []
    else:
        parts.append(f"{suite.id}: {_outcome(suite, verdicts, baseline)}")
        text = "\n\n".join(part.rstrip("\n") for part in parts) + "\n"
    return Whole(
        suite, graded, results, text, verdicts, chat.missed, rows, probed, baseline, ahead, costs
    )


def _incomplete(
    suite: Suite,
    chat: RecordedChat,
    graded: Sequence[Result],
    results: Results,
    baseline: Results | None,
) -> str:
    """Figures from half of the replies would mislead; what is missing, and why, is told."""
    rows = [
        f"# {suite.id}: {suite.model}, strategy {suite.strategy.value}",
        coverage(suite.rubric, graded),
        f"{chat.missed} replies of {suite.model} are not recorded in {suite.recordings}.",
    ]
    if baseline:
        rows += ["Since the baseline was accepted:", *(differences(baseline, results) or [SAME])]
        rows += text_changes(baseline, results)
    return "\n".join(rows) + "\n"


def _outcome(suite: Suite, verdicts: Sequence[Verdict], baseline: Results | None) -> str:
    if not verdicts:
        return "no gates, nothing was checked."
    failed = sum(not verdict.passed for verdict in verdicts)
    passed = len(verdicts) - failed
    told = f"{passed} {'gate passes' if passed == 1 else 'gates pass'}"
    told += f", {failed} FAIL." if failed else "."
    if suite.is_smoke:
        return told + " A first look checks coverage alone."
    return told if baseline else told + " There is no baseline to fall behind; accept one."


def collected(
    suite: Suite,
    cases: Sequence[Case],
    results: Iterable[Result],
    variants: Mapping[str, Grade] = MappingProxyType({}),
) -> Results:
    """What a run found, as lines."""
    stamp = suite.grader(RecordedChat(suite.model)).ungraded("").stamp
    ids = [criterion.id for criterion in suite.rubric.criteria]
    lines = [_line(result, rating) for result in results for rating in ids]
    lines += [_variant_line(id, grade, rating) for id, grade in variants.items() for rating in ids]
    return Results(
        Head(
            suite=suite.id,
            model=suite.model,
            strategy=suite.strategy.value,
            rubric=suite.rubric.digest,
            prompts=suite.prompts(),
            calibration=stamp.calibration,
            cases=cases_digest(cases),
            made=date.today(),
            texts=suite.texts(),
            rubric_file=suite.rubric_file,
            yardstick=suite.yardstick,
        ),
        lines,
    )


def judged(
    suite: Suite,
    results: Results,
    rows: Sequence[robustness.Row],
    probed: Sequence[probing.Probed],
    baseline: Results | None,
) -> list[Verdict]:
    """Every gate of the suite; none where it names none."""
    if suite.gates is None:
        return []
    # So few cases say nothing sure about agreement; which grades moved is told all the same.
    held_against = None if suite.is_smoke else baseline
    found = gates.check(suite.gates, suite.rubric, results, held_against)
    if suite.gates.probes is not None:
        share = probing.share_missing(probed, suite.rubric)
        bound = f"at least {suite.gates.probes:.0%}"
        told = f"{share:.0%} ask for something missing"
        found.append(Verdict("probes", told, bound, share >= suite.gates.probes))
    if suite.gates.robustness:
        found += [
            Verdict(f"robustness: {row.what}", row.figure, row.bound, row.passed is True)
            for row in rows
            if row.what not in suite.gates.robustness_not_yet
        ]
    return found


def _others(
    suite: Suite, chat: RecordedChat, cases: Sequence[Case]
) -> dict[str, dict[str, list[int]]]:
    if suite.embedding_baseline is None:
        return {}
    baseline = datafile.load(baselines.EmbeddingBaseline, suite.embedding_baseline)
    try:
        return {"embeddings": baselines.by_embeddings(baseline, suite.rubric, chat, cases)}
    except ReplyMissingError:
        return {}  # counted by the chat, and told at the end


def _variant_line(name: str, grade: Grade, rating: str) -> Line:
    found = grade.ratings[rating]
    return Line(
        case=name,
        trial=0,
        rating=rating,
        level=found.level,
        reason=found.reason,
        reference=None,
        evidence=tuple(evidence.sentence for evidence in found.evidence),
    )


def _line(result: Result, rating: str) -> Line:
    found = result.grade.ratings[rating] if result.grade else None
    return Line(
        case=result.case.id,
        trial=result.trial,
        rating=rating,
        level=found.level if found else None,
        reason=found.reason if found else f"ungraded: {result.reason}",
        reference=result.case.reference[rating],
        likely=found.likely if found else None,
        evidence=tuple(evidence.sentence for evidence in found.evidence) if found else (),
        missing=result.missing,
    )
