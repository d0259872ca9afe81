"""Running a suite: every case graded, and nothing made up where a grade is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from mock_interviewer.core.grade import Grade
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import Criterion
from mock_interviewer.core.transcript import Line
from mock_interviewer.errors import ModelRefusedError, ModelUnavailableError, ReplyMissingError
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.chat import ChatModel, Reply, Request
from mock_interviewer.llm.embedding import Embedder, Embedding, Frame


@dataclass(frozen=True)
class Result:
    """One case graded once. `grade` None: `reason` says why, `missing` that no reply is there."""

    case: Case
    trial: int
    grade: Grade | None
    reason: str = ""
    missing: bool = False

    def level(self, criterion: str) -> int | None:
        """The machine's level; None where it has none."""
        return self.grade.ratings[criterion].level if self.grade else None


class TrialChat:
    """Asks everything as one trial, so that repeats are real ones."""

    def __init__(self, chat: ChatModel, trial: int) -> None:
        self._chat = chat
        self._trial = trial

    @property
    def name(self) -> str:
        """The model's id."""
        return self._chat.name

    def ask(self, request: Request, *, urgent: bool = False) -> Reply:
        """See `ChatModel`."""
        return self._chat.ask(request.with_trial(self._trial), urgent=urgent)

    def embed(self, frame: Frame, *, urgent: bool = False) -> Embedding:
        """What is read is the same in every trial. Raises `ModelError`."""
        if not isinstance(self._chat, Embedder):
            raise ModelRefusedError("this model gives no embeddings")
        return self._chat.embed(frame, urgent=urgent)

    def stream(self, request: Request) -> Iterator[str]:
        """See `ChatModel`."""
        return self._chat.stream(request.with_trial(self._trial))


MakeGrader = Callable[[ChatModel], Grader]


class Spread(Protocol):
    """Does the same with each of many things, and yields what came of them in their order."""

    def __call__(self, do: Callable[[Any], Any], things: Iterable[Any], /) -> Iterable[Any]:
        """See the class."""
        ...


def run(
    cases: Iterable[Case],
    chat: ChatModel,
    make: MakeGrader,
    *,
    trials: int = 1,
    spread: Spread = map,
) -> list[Result]:
    """Grade every case `trials` times, with a new grader for each trial.

    `spread`: how the cases are gone through, one by one or several at once.
    """
    tasks = [
        (case, trial, grader)
        for trial in range(trials)
        for grader in (make(TrialChat(chat, trial)),)
        for case in cases
    ]
    return list(spread(lambda task: _result(*task), tasks))


def _result(case: Case, trial: int, grader: Grader) -> Result:
    grade, reason, missing = graded(grader, case.question, case.kind, case.transcript)
    return Result(case, trial, grade, reason, missing)


def graded(
    grader: Grader, question: str, kind: Kind, transcript: tuple[Line, ...]
) -> tuple[Grade | None, str, bool]:
    """A grade, or why there is none and whether that is for want of a recorded reply."""
    try:
        return grader.grade(question, kind, transcript), "", False
    except ReplyMissingError as error:
        return None, str(error), True
    except (ModelRefusedError, ModelUnavailableError) as error:
        return None, str(error), False


def pairs(results: Iterable[Result], criterion: Criterion) -> list[tuple[Result, int, int]]:
    """Results that both machine and raters have a level for, with the two levels."""
    found = []
    for result in results:
        machine, reference = result.level(criterion.id), result.case.reference[criterion.id]
        if machine is not None and reference is not None:
            found.append((result, machine, reference))
    return found
