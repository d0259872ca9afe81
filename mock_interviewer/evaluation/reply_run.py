"""One run of a suite of reference replies: what the grader found, its text, and its gates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from mock_interviewer.evaluation import gates, reply_tables
from mock_interviewer.evaluation.comparing import SAME, differences, since, text_changes
from mock_interviewer.evaluation.gates import COVERAGE, Verdict
from mock_interviewer.evaluation.replies import ReplyKind, Scales
from mock_interviewer.evaluation.reply_reading import Judged, Reader
from mock_interviewer.evaluation.reply_suite import ReplySuite
from mock_interviewer.evaluation.reply_tables import ReadReply, Row
from mock_interviewer.evaluation.results import Head, Line, Results, cases_digest, load
from mock_interviewer.evaluation.runner import Spread
from mock_interviewer.llm.chat import ChatModel
from mock_interviewer.llm.recorded import RecordedChat


@dataclass(frozen=True)
class ReplyRun:
    """What a run found."""

    suite: ReplySuite
    read: Sequence[ReadReply]
    results: Results
    text: str
    verdicts: Sequence[Verdict]
    """Empty where the suite names no gates, and where replies are missing."""
    missed: int
    """How many of the model's replies are missing."""
    baseline: Results | None
    rows: Sequence[Row] = ()
    """Empty where replies are missing."""

    @property
    def incomplete(self) -> bool:
        """Whether replies are missing or more is unread than the suite allows."""
        return bool(self.missed) or any(not v.passed for v in self.verdicts if v.gate == COVERAGE)

    @property
    def coverage(self) -> str:
        """How many replies and ratings there are levels for, in a sentence."""
        return reply_tables.coverage(self.read)

    @property
    def rated(self) -> Scales:
        """What is rated."""
        return self.suite.scales

    def judged_by(self, baseline: Results) -> list[Verdict]:
        """Every gate, held against another baseline."""
        return judged(self.suite, self.results, baseline)

    @property
    def failed(self) -> list[str]:
        """The gates that fail, with the suite they belong to."""
        return [f"{self.suite.id}: {v.gate}" for v in self.verdicts if not v.passed]


def read_replies(
    suite: ReplySuite, chat: ChatModel, spread: Spread = map, reader: Reader | None = None
) -> list[ReadReply]:
    """Have every reply of the suite read, by its reader or another one. Raises `DataFileError`."""

    def read(judged: Judged) -> ReadReply:
        return ReadReply(judged, judged.read())

    return list(spread(read, suite.judged(chat, reader)))


def run_replies(suite: ReplySuite, chat: RecordedChat) -> ReplyRun:
    """Read everything from recordings; what is missing is counted by `chat`.

    Raises `DataFileError`.
    """
    suite.rated()
    read = read_replies(suite, chat)
    results = collected(suite, read)
    baseline = load(suite.baseline) if suite.baseline.is_file() else None
    head = f"# {suite.id}: {suite.model}, {suite.kind.value} by {suite.reader.value}"
    parts = [f"{head}, {len(read)} replies", reply_tables.coverage(read)]
    if chat.missed:
        parts.append(
            f"{chat.missed} replies of {suite.model} are not recorded in {suite.recordings}."
        )
        if baseline:
            parts += ["Since the baseline was accepted:"]
            parts += [*(differences(baseline, results) or [SAME]), *text_changes(baseline, results)]
        text = "\n".join(parts) + "\n"
        return ReplyRun(suite, read, results, text, [], chat.missed, baseline)
    scales = suite.scales.criteria
    rows = reply_tables.rows_of(scales, read)
    parts += [
        reply_tables.ratings(rows, _by_cues(suite, chat), suite.raters),
        reply_tables.mood(read),
        reply_tables.things(scales, read),
        reply_tables.furthest(read),
    ]
    if baseline:
        parts.append("\n".join(since(suite.scales, baseline, results)))
    verdicts = judged(suite, results, baseline)
    if verdicts:
        parts.append(gates.text(verdicts))
        failing = sum(not verdict.passed for verdict in verdicts)
        told = f"{failing} of {len(verdicts)} gates FAIL" if failing else "every gate passes"
        parts.append(f"{suite.id}: {told}.")
    else:
        parts.append(f"{suite.id}: no gates, nothing was checked.")
    text = "\n\n".join(part for part in parts if part) + "\n"
    return ReplyRun(suite, read, results, text, verdicts, 0, baseline, rows)


def judged(suite: ReplySuite, results: Results, baseline: Results | None) -> list[Verdict]:
    """Every gate of the suite; none where it names none."""
    if suite.gates is None:
        return []
    return gates.check(suite.gates, suite.scales, results, baseline)


def collected(suite: ReplySuite, read: Iterable[ReadReply]) -> Results:
    """What a run found, as lines."""
    found = list(read)
    return Results(
        Head(
            suite=suite.id,
            model=suite.model,
            strategy=f"{suite.kind.value} by {suite.reader.value}",
            rubric=suite.rubric.digest,
            prompts=suite.prompts(),
            calibration=suite.calibration,
            cases=cases_digest(result.judged.case for result in found),
            made=date.today(),
            texts=suite.texts(),
            rubric_file=suite.rubric_file,
            yardstick=suite.yardstick,
        ),
        [line for result in found for line in _lines(result)],
    )


def _lines(result: ReadReply) -> list[Line]:
    return [
        Line(
            case=place.case,
            trial=0,
            rating=place.rating,
            level=(level := result.level(place)),
            reason=None if level is not None else f"unread: {result.read.reason or 'not sure'}",
            reference=reference,
            missing=result.read.missing,
        )
        for place, reference in result.judged.reference.items()
    ]


def _by_cues(suite: ReplySuite, chat: RecordedChat) -> list[ReadReply]:
    if suite.kind is ReplyKind.DRILLS or suite.reader is Reader.CUES:
        return []
    return read_replies(suite, chat, reader=Reader.CUES)
