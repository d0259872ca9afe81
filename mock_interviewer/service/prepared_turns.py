"""The turns of the interviewer whose words are prepared: all but the probes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.interview import Trade, Turn, TurnKind
from mock_interviewer.interviewing import flow
from mock_interviewer.interviewing.lines import Lines, in_turn
from mock_interviewer.storage.records import StoredInterview


def prepared_turn(
    lines: Lines, interview: StoredInterview, move: flow.Move, title: str = ""
) -> Turn:
    """The interviewer's next turn, which makes this move.

    `title`: of the job that an introduction speaks of; without one, of the interview's trade.
    """
    turns = interview.turns
    at = flow.position(turns)
    number = len(turns)
    said = _counter(turns)
    match move:
        case flow.Ask(question, attempt):
            text = _question_text(lines, interview, question, attempt, title)
            return Turn(number, TurnKind.QUESTION, text, question, attempt)
        case flow.Offer():
            text, kind = in_turn(lines.offers, said(TurnKind.OFFER)), TurnKind.OFFER
        case flow.Nudge(content):
            text, kind = lines.nudges[content], TurnKind.NUDGE
        case flow.Wrap():
            text, kind = in_turn(lines.wraps, said(TurnKind.WRAP)), TurnKind.WRAP
        case flow.Close():
            text, kind = _closing_text(lines, interview), TurnKind.CLOSING
        case _:
            raise AssertionError(f"{move} is not a line to be said")
    return Turn(number, kind, text, at.question, at.attempt)


def _question_text(
    lines: Lines, interview: StoredInterview, place: int, attempt: int, title: str
) -> str:
    question = interview.questions[place].text
    turns = interview.turns
    if not turns:
        introduction = lines.introductions[Trade(interview.trade)]
        if title:
            introduction = lines.introduction_to_a_title.replace("{title}", title)
        manner = lines.manner[interview.mode].format(count=len(interview.questions))
        return f"{introduction} {manner}\n\n{question}"
    if attempt > 0:
        return f"{in_turn(lines.again, attempt)}\n\n{question}"
    last = turns[-1]
    skipped = last.kind in (TurnKind.SKIP, TurnKind.NO_EXAMPLE) or (
        last.kind is TurnKind.ANSWER and kind_of(last.text) is Content.NO_EXAMPLE
    )
    links = lines.skipped if skipped else lines.links
    return f"{in_turn(links, place - 1)}\n\n{question}"


def _closing_text(lines: Lines, interview: StoredInterview) -> str:
    closing = lines.closing
    if not any(flow.is_citable(turn) for turn in interview.turns):
        return closing.unanswered
    return closing.ended if flow.position(interview.turns).ended else closing.complete


def _counter(turns: Sequence[Turn]) -> Callable[[TurnKind], int]:
    return lambda kind: sum(1 for turn in turns if turn.kind is kind)
