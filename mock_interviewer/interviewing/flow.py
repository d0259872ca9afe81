"""What happens next in an interview: a pure state machine over its turns.

Nothing is stored beside the turns. `position` reads off them where the interview stands, and
`next_move` says what the interviewer does; the one thing it cannot know, what an answer lacks, it
asks for with an `Assess` move, and is told with `after_assessment`.

A question has at most two probes, and none once the candidate could not think of an example; that
is met, once, with an offer of where to look. A message that cannot be read as an answer is met,
once a question, with a nudge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.interview import Mode, Phase, Turn, TurnKind
from mock_interviewer.core.questions import REQUIRED_PROBES, Aim, CallsFor, Question
from mock_interviewer.core.transcript import Role

MAX_PROBES = 2


@dataclass(frozen=True)
class Position:
    """Where an interview stands."""

    phase: Phase
    question: int
    attempt: int
    probes: tuple[Aim, ...]
    """Aims of the probes asked in this attempt, in order."""
    offered: bool
    nudged: bool
    ended: bool
    """The candidate pressed End at some point."""


@dataclass(frozen=True)
class Ask:
    """Ask the plan's question at this place."""

    question: int
    attempt: int


@dataclass(frozen=True)
class Assess:
    """Find out what the answer lacks, among these aims, then call `after_assessment`."""

    aims: tuple[Aim, ...]


@dataclass(frozen=True)
class Probe:
    """Ask for what is missing."""

    aim: Aim


@dataclass(frozen=True)
class Offer:
    """Say where an example might be found."""


@dataclass(frozen=True)
class Nudge:
    """Say what the trouble with the message is."""

    content: Content


@dataclass(frozen=True)
class Wrap:
    """Practice mode: this question is done; wait for what the candidate chooses."""


@dataclass(frozen=True)
class Close:
    """End the interview."""


Move = Ask | Assess | Probe | Offer | Nudge | Wrap | Close


def first_aims(question: Question) -> tuple[Aim, ...]:
    """What the first probe to an answer may ask for."""
    wanted = set(REQUIRED_PROBES[question.kind])
    if set(question.calls_for) == {CallsFor.STAR}:
        wanted.discard(Aim.FEELINGS)
    return tuple(aim for aim in Aim if aim in wanted)


def position(turns: Sequence[Turn]) -> Position:
    """Read off the turns where the interview stands."""
    last = turns[-1] if turns else None
    question = last.question if last else 0
    attempt = last.attempt if last else 0
    here = [t for t in turns if (t.question, t.attempt) == (question, attempt)]
    return Position(
        phase=_phase(last),
        question=question,
        attempt=attempt,
        probes=tuple(t.aim for t in here if t.kind is TurnKind.PROBE and t.aim),
        offered=any(t.kind is TurnKind.OFFER for t in here),
        nudged=any(t.kind is TurnKind.NUDGE for t in here),
        ended=any(t.kind is TurnKind.END for t in turns),
    )


def next_move(questions: Sequence[Question], mode: Mode, turns: Sequence[Turn]) -> Move | None:
    """What the interviewer does now; None if it is not the interviewer's move."""
    at = position(turns)
    if at.phase is not Phase.REPLYING:
        return None
    if not turns:
        return Ask(0, 0)
    last = turns[-1]
    match last.kind:
        case TurnKind.END:
            return Close()
        case TurnKind.NEXT:
            return _onward(questions, turns, at)
        case TurnKind.RETRY:
            return Ask(last.question, last.attempt)
        case TurnKind.SKIP:
            return _onward(questions, turns, at)
        case TurnKind.NO_EXAMPLE:
            return _no_example(questions, mode, turns, at)
    content = kind_of(last.text)
    if content is Content.NO_EXAMPLE:
        return _no_example(questions, mode, turns, at)
    if content is not Content.WORDS and not at.nudged:
        return Nudge(content)
    aims = _open_aims(questions[at.question], at)
    if content is Content.WORDS and aims and not at.offered:
        return Assess(aims)
    return _done(questions, mode, turns, at)


def after_assessment(
    questions: Sequence[Question], mode: Mode, turns: Sequence[Turn], missing: Sequence[Aim]
) -> Move:
    """What follows once it is known what the answer lacks, the weakest thing first."""
    at = position(turns)
    open_aims = _open_aims(questions[at.question], at)
    for aim in missing:
        if aim in open_aims:
            return Probe(aim)
    return _done(questions, mode, turns, at)


def allowed(mode: Mode, turns: Sequence[Turn]) -> frozenset[TurnKind]:
    """What the candidate may do now (and whether a hint may be asked for)."""
    match position(turns).phase:
        case Phase.REPLYING:
            return frozenset({TurnKind.END}) if turns else frozenset()
        case Phase.BETWEEN:
            return frozenset({TurnKind.NEXT, TurnKind.RETRY, TurnKind.END})
        case Phase.FINISHED:
            return frozenset({TurnKind.RETRY})
        case Phase.ANSWERING:
            kinds = {TurnKind.ANSWER, TurnKind.NO_EXAMPLE, TurnKind.SKIP, TurnKind.END}
            if mode is Mode.PRACTICE and not _hinted(turns):
                kinds.add(TurnKind.HINT)
            return frozenset(kinds)


def answers(turns: Sequence[Turn]) -> list[tuple[int, int]]:
    """The finished answers as (question, attempt), in order: those with words to grade."""
    at = position(turns)
    open_place = (at.question, at.attempt)
    # After "I can't think of one" too: an offer may follow, and a story after that.
    still_open = at.phase is Phase.ANSWERING or (
        bool(turns) and turns[-1].kind in (TurnKind.ANSWER, TurnKind.NO_EXAMPLE)
    )
    places: dict[tuple[int, int], None] = {}
    for turn in turns:
        place = (turn.question, turn.attempt)
        if is_citable(turn) and not (still_open and place == open_place):
            places[place] = None
    return list(places)


def is_citable(turn: Turn) -> bool:
    """Whether a candidate's turn is part of the answer that is graded."""
    return turn.kind is TurnKind.ANSWER and kind_of(turn.text) not in (
        Content.EMPTY,
        Content.NO_WORDS,
        Content.NO_EXAMPLE,
    )


def _hinted(turns: Sequence[Turn]) -> bool:
    here = turns[-1].question
    return any(t.kind is TurnKind.HINT and t.question == here for t in turns)


def _phase(last: Turn | None) -> Phase:
    if last is None or last.role is Role.CANDIDATE:
        return Phase.REPLYING
    if last.kind is TurnKind.CLOSING:
        return Phase.FINISHED
    if last.kind is TurnKind.WRAP:
        return Phase.BETWEEN
    return Phase.ANSWERING


def _open_aims(question: Question, at: Position) -> tuple[Aim, ...]:
    if len(at.probes) >= MAX_PROBES:
        return ()
    return tuple(aim for aim in first_aims(question) if aim not in at.probes)


def _no_example(
    questions: Sequence[Question], mode: Mode, turns: Sequence[Turn], at: Position
) -> Move:
    # After a probe, "I don't know" is a reply to it; there is nothing to offer.
    if at.offered or at.probes:
        return _done(questions, mode, turns, at)
    return Offer()


def _done(questions: Sequence[Question], mode: Mode, turns: Sequence[Turn], at: Position) -> Move:
    has_answer = any(
        is_citable(t) for t in turns if (t.question, t.attempt) == (at.question, at.attempt)
    )
    if mode is Mode.PRACTICE and has_answer:
        return Wrap()
    return _onward(questions, turns, at)


def _onward(questions: Sequence[Question], turns: Sequence[Turn], at: Position) -> Move:
    asked = {t.question for t in turns}
    following = [place for place in range(len(questions)) if place not in asked]
    if at.ended or not following:
        return Close()
    return Ask(following[0], 0)
