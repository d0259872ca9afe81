"""What a run comes to: whether it may be believed, what fails, and what is not what it was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mock_interviewer.evaluation import comparing, gates
from mock_interviewer.evaluation.comparing import ChangedText
from mock_interviewer.evaluation.gates import COVERAGE, Moved, Verdict
from mock_interviewer.evaluation.reply_run import ReplyRun
from mock_interviewer.evaluation.whole import Whole


class Outcome(StrEnum):
    """How a run ended, in a word."""

    PASSES = "passes"
    FAILS = "fails"
    INCOMPLETE = "incomplete"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Ending:
    """A run's outcome, in a word and in a sentence."""

    outcome: Outcome
    sentence: str
    failing: tuple[Verdict, ...]

    @property
    def bad(self) -> bool:
        """Whether somebody has to do something."""
        return self.outcome in (Outcome.FAILS, Outcome.INCOMPLETE)


def ending(whole: Whole | ReplyRun) -> Ending:
    """How this run ended."""
    failing = tuple(v for v in whole.verdicts if not v.passed)
    count = len(whole.verdicts)
    if whole.missed:
        told = (
            f"{replies(whole.missed).capitalize()} of {whole.suite.model} "
            f"{'is' if whole.missed == 1 else 'are'} not recorded, so there are no figures. "
            f"`mock-interviewer eval record {whole.suite.id}` gets what is missing."
        )
        return Ending(Outcome.INCOMPLETE, told, ())
    if whole.incomplete:
        (coverage,) = (v for v in failing if v.gate == COVERAGE)
        told = f"There are levels for {coverage.figure}, where {coverage.bound} is asked for."
        return Ending(Outcome.INCOMPLETE, told, failing)
    if failing:
        told = f"{len(failing)} of {count} gates " + ("fails." if len(failing) == 1 else "fail.")
        return Ending(Outcome.FAILS, told, failing)
    if not count:
        return Ending(Outcome.UNCHECKED, "This suite has no gates: nothing is checked.", ())
    return Ending(Outcome.PASSES, f"All {count} gates pass.", ())


def replies(count: int) -> str:
    """Such as "3 replies"."""
    return "1 reply" if count == 1 else f"{count} replies"


def waiting(whole: Whole) -> list[str]:
    """Ids of the cases that wait for replies, once for each trial."""
    return [result.case.id for result in whole.graded if result.missing]


def differences(whole: Whole) -> list[str]:
    """What ran differently from the baseline, a line each; nothing without a baseline."""
    return comparing.differences(whole.baseline, whole.results) if whole.baseline else []


def changed_texts(whole: Whole) -> list[ChangedText]:
    """Prompts and rubric that differ from the baseline's."""
    return comparing.changed_texts(whole.baseline, whole.results) if whole.baseline else []


def moved(whole: Whole) -> list[Moved]:
    """Grades that are not the baseline's, those away from the raters first; none if incomplete."""
    if not whole.baseline or whole.missed:
        return []
    return gates.moved(whole.suite.rubric, whole.baseline, whole.results)
