"""What a candidate's page shows of an interview, worked out from what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mock_interviewer.core.interview import Mode, Phase, Turn, TurnKind
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Role
from mock_interviewer.interviewing import flow
from mock_interviewer.service.own_views import OwnLevel, ToRate, own_levels, to_rate
from mock_interviewer.service.reports import AnswerView, answer_view
from mock_interviewer.service.self_rating import Levels, keeps_grade_back
from mock_interviewer.storage.records import AnswerState, StoredAnswer, StoredInterview

_SAID_BY_BUTTON = {
    TurnKind.NO_EXAMPLE: "I can't think of an example.",
    TurnKind.SKIP: "I'd like to skip this question.",
    TurnKind.RETRY: "I'd like to try this question again.",
    TurnKind.END: "I'd like to end the interview here.",
    TurnKind.NEXT: "",
}


@dataclass(frozen=True)
class Message:
    """One message of the chat."""

    role: Role
    text: str


@dataclass(frozen=True)
class Conversation:
    """The page's state. `number` is the turn number that the next message has to carry."""

    interview_id: str
    number: int
    phase: Phase
    mode: Mode
    messages: tuple[Message, ...]
    place: str
    """Such as "Question 1 of 3 · follow-up 1 of 2"."""
    allowed: frozenset[TurnKind]
    draft: str
    feedback: AnswerView | None
    """Practice mode, between two questions: the feedback to the answer just given."""
    own: tuple[OwnLevel, ...]
    """What the candidate said of that answer before."""
    to_rate: ToRate | None
    """In place of the feedback, while that waits for what they say."""
    grading: bool
    """Whether that feedback is still being worked on."""
    model_answer: str | None
    """Beside the feedback."""


def has_feedback(interview: StoredInterview) -> bool:
    """Whether the page shows an answer's feedback now, so that `make` needs the answers."""
    return interview.mode is Mode.PRACTICE and flow.position(interview.turns).phase is Phase.BETWEEN


def make(
    interview: StoredInterview,
    answers: Sequence[StoredAnswer],
    rubric: Rubric,
    said: Mapping[int, Levels | None],
) -> Conversation:
    """Work out the page's state; the answers may be left out where there is no feedback.

    `said`: what the candidate said of their answers, by id.
    """
    at = flow.position(interview.turns)
    feedback, asked = None, None
    own: tuple[OwnLevel, ...] = ()
    if has_feedback(interview):
        for answer in answers:
            if (answer.question, answer.attempt) != (at.question, at.attempt):
                continue
            if keeps_grade_back(interview.mode, interview.rates_first, said=answer.id in said):
                asked = to_rate(interview, answer, rubric)
            else:
                feedback = answer_view(interview, answer, rubric)
                own = own_levels(said.get(answer.id), answer.grade, rubric)
    return Conversation(
        interview_id=interview.id,
        number=len(interview.turns),
        phase=at.phase,
        mode=interview.mode,
        messages=tuple(messages(interview.turns)),
        place=_place(interview, at),
        allowed=flow.allowed(interview.mode, interview.turns),
        draft=interview.draft,
        feedback=feedback,
        own=own,
        to_rate=asked,
        grading=feedback is not None and feedback.state is AnswerState.WAITING,
        model_answer=interview.questions[at.question].model_answer if feedback else None,
    )


@dataclass(frozen=True)
class Listed:
    """One interview in a candidate's list."""

    interview_id: str
    date: datetime
    questions: int
    question: int
    """The open question, from 1."""
    finished: bool


def listed(interview: StoredInterview) -> Listed:
    """An interview as one line of a list."""
    at = flow.position(interview.turns)
    return Listed(
        interview_id=interview.id,
        date=interview.created_at,
        questions=len(interview.questions),
        question=at.question + 1,
        finished=at.phase is Phase.FINISHED,
    )


def messages(turns: Sequence[Turn]) -> list[Message]:
    """The turns as chat messages; what was said by pressing a button is put into words."""
    found = []
    for turn in turns:
        text = turn.text or _SAID_BY_BUTTON.get(turn.kind, "")
        if turn.kind is TurnKind.HINT:
            text = f"A hint: {text}"
        if text:
            found.append(Message(turn.role, text))
    return found


def _place(interview: StoredInterview, at: flow.Position) -> str:
    if at.phase is Phase.FINISHED:
        return "The interview is finished"
    text = f"Question {at.question + 1} of {len(interview.questions)}"
    if at.attempt:
        text += f" · attempt {at.attempt + 1}"
    if at.probes and at.phase is not Phase.BETWEEN:
        text += f" · follow-up {len(at.probes)} of {flow.MAX_PROBES}"
    return text
