"""An interview in memory: the flow's moves made into turns, with a candidate and no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Aim, CallsFor, Competency, Kind, Question
from mock_interviewer.interviewing import flow

STORY = "She had lost her umbrella, so I looked for it with her until we had found it."
NO_EXAMPLE = "I can't think of an example."
HOSTILE = "shut up, you stupid bot"


def question(
    number: int = 0,
    kind: Kind = Kind.BEHAVIOURAL,
    calls_for: Sequence[CallsFor] = tuple(CallsFor),
    *,
    competencies: Sequence[Competency] = (Competency.BAD_NEWS,),
    difficulty: int = 1,
) -> Question:
    """A question with a probe for every aim."""
    return Question(
        id=f"question-{number}",
        kind=kind,
        competencies=tuple(competencies),
        difficulty=difficulty,
        calls_for=tuple(calls_for),
        text=f"Tell me about umbrella number {number}.",
        strong_answer="Tells what the umbrella meant.",
        hint="Think of a rainy day.",
        probes={aim: f"What about the {aim.value} of it?" for aim in Aim},
        model_answer="I kept the umbrella until Mrs Bello came, and she was glad to have it.",
    )


@dataclass
class Talk:
    """Turns so far; `say` is the candidate's side, `reply` the interviewer's."""

    questions: Sequence[Question]
    mode: Mode
    turns: list[Turn] = field(default_factory=list)

    @property
    def position(self) -> flow.Position:
        return flow.position(self.turns)

    @property
    def allowed(self) -> frozenset[TurnKind]:
        return flow.allowed(self.mode, self.turns)

    @property
    def move(self) -> flow.Move | None:
        return flow.next_move(self.questions, self.mode, self.turns)

    def say(self, kind: TurnKind, text: str = "", retried: int | None = None) -> None:
        """Append what the candidate does, if it is allowed; a retry is of a question asked."""
        assert kind in self.allowed, f"{kind} is not among {sorted(self.allowed)}"
        at = self.position
        place, attempt = at.question, at.attempt
        if kind is TurnKind.RETRY:
            place = at.question if retried is None else retried
            attempt = 1 + max(t.attempt for t in self.turns if t.question == place)
        self.turns.append(Turn(len(self.turns), kind, text, place, attempt))

    def reply(self, missing: Sequence[Aim] = ()) -> flow.Move:
        """Make the interviewer's move, with the answer lacking what is `missing`."""
        move = self.move
        assert move is not None, "it is not the interviewer's move"
        if isinstance(move, flow.Assess):
            move = flow.after_assessment(self.questions, self.mode, self.turns, missing)
        at = self.position
        place, attempt, aim = at.question, at.attempt, None
        match move:
            case flow.Ask(place, attempt):
                kind = TurnKind.QUESTION
            case flow.Probe(aim):
                kind = TurnKind.PROBE
            case flow.Offer():
                kind = TurnKind.OFFER
            case flow.Nudge():
                kind = TurnKind.NUDGE
            case flow.Wrap():
                kind = TurnKind.WRAP
            case flow.Close():
                kind = TurnKind.CLOSING
            case _:
                raise AssertionError(f"{move} does not say anything")
        self.turns.append(Turn(len(self.turns), kind, "", place, attempt, aim))
        return move

    def answer(self, text: str, missing: Sequence[Aim] = ()) -> flow.Move:
        """The candidate answers and the interviewer replies."""
        self.say(TurnKind.ANSWER, text)
        return self.reply(missing)


def begun(mode: Mode = Mode.INTERVIEW, *questions: Question) -> Talk:
    """An interview in which the first question has been asked; three questions by default."""
    talk = Talk(questions or [question(number) for number in range(3)], mode)
    talk.reply()
    return talk
