"""Whether probes ask for what is missing, by the raters' levels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mock_interviewer.core.questions import Aim, Kind, Question
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.evaluation.runner import Spread
from mock_interviewer.interviewing.flow import first_aims
from mock_interviewer.interviewing.prober import Found, Prober, Words

SHOWN = 12
HOLE, THIN = 1, 2
"""Levels above a criterion's lowest up to which the thing is missing, or thinly told."""


@dataclass(frozen=True)
class Probed:
    """One answer that lacks something, and the probe it got. `missing`: no reply is recorded."""

    case: Case
    aim: Aim | None
    words: str
    prepared: bool
    missing: bool


def with_holes(
    cases: Iterable[Case], bank: Iterable[Question], rubric: Rubric
) -> list[tuple[Case, Question]]:
    """Stories told in one turn in which something is missing that a first probe may ask for.

    Raises `DataFileError` if a case's question is not in the bank.
    """
    questions = {question.id: question for question in bank}
    found = []
    for case in cases:
        story = case.kind in (Kind.BEHAVIOURAL, Kind.HYPOTHETICAL)
        if not story or len(case.transcript) > 1 or case.not_an_answer:
            continue
        if case.question_id not in questions:
            raise DataFileError(f"{case.id}: question_id: {case.question_id!r} is not in the bank")
        question = questions[case.question_id]
        if lacking(case, rubric, HOLE) & set(first_aims(question)):
            found.append((case, question))
    return found


def lacking(case: Case, rubric: Rubric, above: int) -> set[Aim]:
    """Aims of the criteria that the raters put at most so many levels above the lowest."""
    return {
        item.aim
        for criterion in rubric.criteria
        if (level := case.reference[criterion.id]) is not None and level <= criterion.lowest + above
        for item in criterion.items
        if item.aim
    }


def run(
    cases: Sequence[tuple[Case, Question]],
    prober: Prober,
    missed: Callable[[], int] = lambda: 0,
    spread: Spread = map,
) -> list[Probed]:
    """Let the prober probe every answer.

    `missed`: how many replies were found missing so far; it can tell only where the answers are
    gone through one by one.
    """

    def probe(holed: tuple[Case, Question]) -> Probed:
        before = missed()
        aim, words = _probed(*holed, prober)
        return Probed(holed[0], aim, words.text, words.prepared, missing=missed() > before)

    return list(spread(probe, cases))


def _probed(case: Case, question: Question, prober: Prober) -> tuple[Aim | None, Words]:
    aim, words = None, Words("")
    for step in prober.probe(question, case.transcript, first_aims(question)):
        if isinstance(step, Found):
            aim = step.aim
        elif isinstance(step, Words):
            words = step
    return aim, words


def text(probed: Sequence[Probed], rubric: Rubric) -> str:
    """Where the probes aim, and some of them."""
    rows = [
        f"  {probe.case.id} {probe.aim.value}: {probe.words}"
        for probe in worded(probed)[:SHOWN]
        if probe.aim
    ]
    return "\n".join([summary(probed, rubric), *rows])


def worded(probed: Sequence[Probed]) -> list[Probed]:
    """The probes that are in the model's own words."""
    return [probe for probe in probed if probe.aim and not probe.prepared and not probe.missing]


def summary(probed: Sequence[Probed], rubric: Rubric) -> str:
    """How many are probed, and for what, in a sentence."""
    known = [probe for probe in probed if not probe.missing]
    waiting = len(probed) - len(known)
    head = f"Probes: {len(probed)} stories told in one turn in which something is missing"
    if waiting:
        head += f" ({waiting} wait for replies)"
    if not known:
        return head + "."
    asked = [probe for probe in known if probe.aim]

    def share(above: int) -> float:
        return sum(_aims_at(probe, rubric, above) for probe in known) / len(known)

    return (
        f"{head}; {len(asked)} are probed, {share(HOLE):.0%} for something missing, "
        f"{share(THIN):.0%} for something missing or thin; {len(worded(probed))} in the "
        "model's own words."
    )


def share_missing(probed: Sequence[Probed], rubric: Rubric) -> float:
    """Share of the probes that ask for something missing; 0 where there are none."""
    known = [probe for probe in probed if not probe.missing]
    return sum(_aims_at(probe, rubric, HOLE) for probe in known) / len(known) if known else 0.0


def _aims_at(probe: Probed, rubric: Rubric, above: int) -> bool:
    """Whether what is asked for is missing; one's own part is what the action lacks."""
    aim = Aim.ACTION if probe.aim is Aim.OWN_PART else probe.aim
    return aim in lacking(probe.case, rubric, above)
