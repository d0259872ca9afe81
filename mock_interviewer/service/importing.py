"""Interviews held elsewhere, brought in from a file to be graded and reviewed as usual.

A line of the file is one answer:

    {"id": "crm-17-1", "interview": "crm-17", "candidate": "Ada", "held_at": "2026-11-02T10:00:00Z",
     "question_id": "a-hard-refusal", "question": "Tell me about ...", "kind": "behavioural",
     "transcript": [{"role": "candidate", "text": "In May ..."}]}

Of the keys only `id`, `question`, `kind` and `transcript` are needed, as in `grade` files. Lines of
one `interview`, which is the `id` where it is left out, are its answers in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, Field

from mock_interviewer.core import jsonlines
from mock_interviewer.core.datafile import Strict, validated
from mock_interviewer.core.interview import Mode, Trade, Turn, TurnKind
from mock_interviewer.core.questions import REQUIRED_PROBES, Aim, Bank, Kind, Question
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Role
from mock_interviewer.errors import DataFileError, NotFoundError
from mock_interviewer.interviewing import flow
from mock_interviewer.storage.importing import HeldElsewhere

LONGEST_TEXT = 20_000
"""Characters of one turn."""
LOCAL = "imported"
"""Whose they are without accounts: nobody's who could be logged in."""

_NOTHING = "Nothing is prepared for this question, which was asked elsewhere."
_PROBES = {
    Aim.SITUATION: "Where and when was that?",
    Aim.TASK: "What did you have to achieve?",
    Aim.ACTION: "What did you do, step by step?",
    Aim.OWN_PART: "Which part of that was yours?",
    Aim.RESULT: "How did it end?",
    Aim.HOW_KNOWN: "How did you know that it had worked?",
    Aim.FEELINGS: "How did the other person feel about it?",
}


class _Turn(Strict):
    role: Role
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


class _Answer(Strict):
    id: str = Field(min_length=1, max_length=200)
    interview: str | None = Field(None, min_length=1, max_length=200)
    candidate: str | None = None
    held_at: AwareDatetime | None = None
    trade: Trade = Trade.OTHER
    question_id: str | None = None
    question: str = Field(min_length=8, max_length=600)
    kind: Kind
    calls_for: tuple[str, ...] | None = Field(None, min_length=1)
    transcript: tuple[_Turn, ...] = Field(min_length=1)


@dataclass(frozen=True)
class _Located:
    """An answer, and where it stands in the file."""

    source: str
    answer: _Answer


def read(
    path: Path,
    bank: Bank,
    rubric: Rubric,
    owner: Callable[[str | None], str],
    now: datetime,
) -> list[HeldElsewhere]:
    """The interviews of a file, checked to the last line.

    `owner` gives the id that an interview of a named candidate, or of none, will carry; it raises
    `NotFoundError`. Raises `DataFileError`, naming line and key.
    """
    if not path.is_file():
        raise DataFileError(f"{path}: there is no such file")
    located = []
    ids: dict[str, str] = {}
    for number, data in jsonlines.read(path):
        source = f"{path}: line {number}"
        answer = validated(_Answer, data, source)
        if answer.id in ids:
            raise DataFileError(f"{source}: id: {answer.id!r} stands above, in {ids[answer.id]}")
        ids[answer.id] = f"line {number}"
        located.append(_Located(source, answer))
    if not located:
        raise DataFileError(f"{path}: there is no answer in it")
    by_interview: dict[str, list[_Located]] = {}
    for each in located:
        by_interview.setdefault(each.answer.interview or each.answer.id, []).append(each)
    return [
        _interview(external_id, answers, bank, rubric, owner, now)
        for external_id, answers in by_interview.items()
    ]


def _interview(
    external_id: str,
    located: Sequence[_Located],
    bank: Bank,
    rubric: Rubric,
    owner: Callable[[str | None], str],
    now: datetime,
) -> HeldElsewhere:
    first = located[0].answer
    for each in located[1:]:
        for key in ("candidate", "held_at", "trade"):
            if getattr(each.answer, key) != getattr(first, key):
                raise DataFileError(
                    f"{each.source}: {key}: expected the same as in the line of {first.id!r}, as "
                    f"both are of the interview {external_id!r}"
                )
    try:
        candidate_id = owner(first.candidate)
    except NotFoundError as error:
        raise DataFileError(f"{located[0].source}: candidate: {error}") from error
    turns: list[Turn] = []
    for place, each in enumerate(located):
        turns.append(Turn(len(turns), TurnKind.QUESTION, each.answer.question, place))
        for said in each.answer.transcript:
            kind = TurnKind.ANSWER if said.role is Role.CANDIDATE else TurnKind.PROBE
            turns.append(Turn(len(turns), kind, said.text, place))
    turns.append(Turn(len(turns), TurnKind.CLOSING, "Held elsewhere.", len(located) - 1))
    finished = flow.answers(turns)
    for place, each in enumerate(located):
        if (place, 0) not in finished:
            raise DataFileError(f"{each.source}: transcript: the candidate says nothing to grade")
    return HeldElsewhere(
        external_id=external_id,
        candidate_id=candidate_id,
        mode=Mode.INTERVIEW,
        trade=first.trade.value,
        held_at=first.held_at or now,
        questions=tuple(_question(each, bank, rubric) for each in located),
        turns=tuple(turns),
        finished=tuple(finished),
    )


def _question(located: _Located, bank: Bank, rubric: Rubric) -> Question:
    """The bank's question as it was asked, or one for which nothing is prepared."""
    answer = located.answer
    scores = [score.id for score in rubric.scores]
    if strange := sorted(set(answer.calls_for or ()) - set(scores)):
        raise DataFileError(
            f"{located.source}: calls_for: the rubric has no score called {', '.join(strange)}; "
            f"it has: {', '.join(scores)}"
        )
    if answer.question_id is not None:
        try:
            known = bank.get(answer.question_id)
        except NotFoundError as error:
            raise DataFileError(f"{located.source}: question_id: {error}") from error
        if known.kind is not answer.kind:
            raise DataFileError(
                f"{located.source}: kind: the bank has {answer.question_id!r} as "
                f"{known.kind.value}, not as {answer.kind.value}"
            )
        return known.model_copy(update={"text": answer.question})
    return Question(
        id="held-elsewhere",
        kind=answer.kind,
        competencies=("communication",),
        difficulty=1,
        calls_for=answer.calls_for or tuple(scores),
        text=answer.question,
        strong_answer=_NOTHING,
        hint=_NOTHING,
        probes={aim: _PROBES[aim] for aim in REQUIRED_PROBES[answer.kind]},
        model_answer=_NOTHING,
    )
