"""Practice: everything that a candidate's page may ask for.

Each turn of the candidate is committed before anything else happens. `reply` is then what the
interviewer does; it can be called again at any time, after a reload or a restart, and goes on
where the turns say that it stopped.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mock_interviewer.core.content import whole_characters
from mock_interviewer.core.grade import Usage
from mock_interviewer.core.interview import CANDIDATE_KINDS, Turn, TurnKind
from mock_interviewer.core.questions import Aim, Bank, Question
from mock_interviewer.errors import ConfigurationError, StaleTurnError
from mock_interviewer.interviewing import flow
from mock_interviewer.interviewing.lines import Lines, load_lines
from mock_interviewer.interviewing.prober import Found, Prober, Spent, Words
from mock_interviewer.service.limits import Act, Limits
from mock_interviewer.service.locks import Locks
from mock_interviewer.service.plan import COUNTS, Setup, choose
from mock_interviewer.service.prepared_turns import prepared_turn
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.records import StoredInterview
from mock_interviewer.storage.store import Store

log = logging.getLogger(__name__)

RECENT_INTERVIEWS = 5
"""Questions of this many latest interviews are not asked again while there are others."""


_SENT = (TurnKind.ANSWER, TurnKind.NO_EXAMPLE, TurnKind.SKIP, TurnKind.NEXT, TurnKind.END)
"""What a page may send as it stands; a hint and a retry have ways of their own."""


class Stage(StrEnum):
    """What the interviewer is doing, for the page."""

    READING = "reading"
    WORDING = "wording"
    SPEAKING = "speaking"
    DONE = "done"


@dataclass(frozen=True)
class Speech:
    """What the interviewer is doing, and what it has said so far in this turn."""

    stage: Stage
    text: str = ""


class Practice:
    """The interviews of all candidates. May be used from several threads."""

    def __init__(
        self,
        store: Store,
        bank: Bank,
        prober: Prober,
        *,
        message_characters: int,
        limits: Limits | None = None,
        on_question: Callable[[Question], None] = lambda question: None,
        on_draft: Callable[[str], None] = lambda text: None,
        on_finished_answer: Callable[[], None] = lambda: None,
        rng: random.Random | None = None,
    ) -> None:
        self._store = store
        self._bank = bank
        self._prober = prober
        self._lines: Lines = load_lines()
        self.message_characters = message_characters
        self.limits = limits or Limits()
        self._on_question = on_question
        self._on_draft = on_draft
        self._on_finished_answer = on_finished_answer
        self._rng = rng or random.Random()  # noqa: S311 - which question comes is no secret
        self._locks = Locks()
        self._titles: dict[str, str] = {}
        """Of interviews that are beginning just now."""

    def start(self, candidate_id: str, setup: Setup) -> str:
        """Plan and store a new interview; returns its id.

        Raises `ConfigurationError`, `LimitError`.
        """
        self._check_may_begin(candidate_id)
        recent = self._store.recent_questions(candidate_id, RECENT_INTERVIEWS)
        questions = choose(self._bank, setup, recent, self._rng)
        return self._begin(candidate_id, setup, questions)

    def start_with(
        self,
        candidate_id: str,
        setup: Setup,
        question_ids: Sequence[str],
        title: str = "",
    ) -> str:
        """As `start`, with just these questions of the bank, whatever `setup` says of questions.

        `title`: the job that the introduction speaks of, a short line. Raises as `start`, and
        `NotFoundError` for a question that is not in the bank.
        """
        if not 1 <= len(question_ids) <= max(COUNTS):
            raise ConfigurationError(f"Choose from 1 to {max(COUNTS)} questions.")
        if len(set(question_ids)) < len(question_ids):
            raise ConfigurationError("A question is chosen twice.")
        questions = [self._bank.get(question_id) for question_id in question_ids]
        self._check_may_begin(candidate_id)
        return self._begin(candidate_id, setup, questions, title)

    def _check_may_begin(self, candidate_id: str) -> None:
        self.limits.check_open(self._store.open_interviews(candidate_id))
        self.limits.count(Act.BEGIN, candidate_id)

    def _begin(
        self, candidate_id: str, setup: Setup, questions: Sequence[Question], title: str = ""
    ) -> str:
        interview_id = self._store.create_interview(
            candidate_id=candidate_id,
            mode=setup.mode,
            trade=setup.trade.value,
            questions=questions,
            rates_first=setup.rates_first,
        )
        if title:
            self._titles[interview_id] = title
        try:
            for _ in self.reply(interview_id):
                pass
        finally:
            self._titles.pop(interview_id, None)
        return interview_id

    def interview(self, interview_id: str) -> StoredInterview:
        """The interview as it stands. Raises `NotFoundError`."""
        return self._store.interview(interview_id)

    def has_moved_on(self, interview_id: str, number: int) -> bool:
        """Whether the candidate has done something that a page at this turn does not know of.

        Raises `NotFoundError`.
        """
        since = self._store.turns_since(interview_id, number)
        return any(kind in CANDIDATE_KINDS for kind in since)

    def send(self, interview_id: str, number: int, kind: TurnKind, text: str = "") -> None:
        """Commit a turn of the candidate, the `number`-th of the interview.

        Raises `StaleTurnError` if the page is behind, `ConfigurationError` if the message is
        empty or too long, or this cannot be done now, `LimitError` if there were too many.
        """
        interview = self._store.interview(interview_id)
        if number != len(interview.turns):
            raise StaleTurnError(
                "This page was behind: the interview has moved on, perhaps in another tab. "
                "What is shown now is the present state; your text is still in the box."
            )
        if kind not in _SENT or kind not in flow.allowed(interview.mode, interview.turns):
            raise ConfigurationError("That cannot be done at this point of the interview.")
        text = whole_characters(text) if kind is TurnKind.ANSWER else ""
        if kind is TurnKind.ANSWER:
            self._check_message(text)
        if kind is not TurnKind.END:
            self.limits.count(Act.MESSAGE, interview.candidate_id)
        at = flow.position(interview.turns)
        self._append(interview, [Turn(number, kind, text, at.question, at.attempt)])

    def leaves(self, interview_id: str, kind: TurnKind) -> bool:
        """Whether a button of this kind leaves the question behind, and what is typed with it."""
        interview = self._store.interview(interview_id)
        if kind is not TurnKind.NO_EXAMPLE:
            return kind in (TurnKind.SKIP, TurnKind.NEXT)
        at = flow.position(interview.turns)
        pressed = Turn(len(interview.turns), kind, "", at.question, at.attempt)
        move = flow.next_move(interview.questions, interview.mode, [*interview.turns, pressed])
        return not isinstance(move, flow.Offer)

    def retry(self, interview_id: str, question: int) -> None:
        """Open a question again as a new attempt. Raises `ConfigurationError`."""
        interview = self._store.interview(interview_id)
        if TurnKind.RETRY not in flow.allowed(interview.mode, interview.turns):
            raise ConfigurationError("A question can be tried again once the present one is done.")
        attempts = [t.attempt for t in interview.turns if t.question == question]
        if not attempts:
            raise ConfigurationError("This question has not been asked yet.")
        self.limits.count(Act.RETRY, interview.candidate_id)
        number = len(interview.turns)
        self._append(interview, [Turn(number, TurnKind.RETRY, "", question, max(attempts) + 1)])

    def hint(self, interview_id: str, number: int) -> None:
        """Show the open question's hint. Raises `ConfigurationError` where there is none."""
        interview = self._store.interview(interview_id)
        if number != len(interview.turns):
            raise StaleTurnError("This page was behind; what is shown now is the present state.")
        if TurnKind.HINT not in flow.allowed(interview.mode, interview.turns):
            raise ConfigurationError("There are hints only in practice mode, while you answer.")
        self.limits.count(Act.MESSAGE, interview.candidate_id)
        at = flow.position(interview.turns)
        text = interview.questions[at.question].hint
        self._append(interview, [Turn(number, TurnKind.HINT, text, at.question, at.attempt)])

    def save_draft(self, interview_id: str, text: str, seen: int | None = None) -> None:
        """Keep what is typed and not sent; longer than two messages is cut.

        `seen`: how many turns the page knew, if what is typed may have been sent since. Raises
        `StaleTurnError` if it may, `LimitError`.
        """
        self.limits.count(Act.DRAFT, interview_id)
        kept = whole_characters(text)[: 2 * self.message_characters]
        self._store.save_draft(interview_id, kept, seen)
        self._on_draft(kept)

    def reply(self, interview_id: str) -> Generator[Speech]:
        """Let the interviewer make its move, if it is its move; ends with a `DONE`.

        Two pages that ask at once get one move: the second finds it made.
        """
        try:
            yield from self._reply(interview_id)
        except StaleTurnError:
            log.info("Interview moved on while the interviewer was speaking")
        yield Speech(Stage.DONE)

    def _reply(self, interview_id: str) -> Iterator[Speech]:
        interview = self._store.interview(interview_id)
        move = flow.next_move(interview.questions, interview.mode, interview.turns)
        if isinstance(move, flow.Assess):
            yield Speech(Stage.READING)  # at once, also while another page's reply is waited for
            with self._locks.of(interview_id):
                if self._store.turns_since(interview_id, len(interview.turns)):
                    interview = self._store.interview(interview_id)
                    move = flow.next_move(interview.questions, interview.mode, interview.turns)
                if isinstance(move, flow.Assess):
                    move = yield from self._probe(interview, move.aims)
        if move is not None:
            yield Speech(Stage.SPEAKING, self._say(interview, move))

    def _probe(
        self, interview: StoredInterview, aims: Sequence[Aim]
    ) -> Generator[Speech, None, flow.Move | None]:
        """Probe, if something is missing; returns the move that is left to make."""
        at = flow.position(interview.turns)
        question = interview.questions[at.question]
        lines = transcript(interview, at.question, at.attempt)
        aim: Aim | None = None
        text = ""
        usage = Usage()
        for step in self._prober.probe(question, lines, aims):
            match step:
                case Found(aim):
                    if aim:
                        yield Speech(Stage.WORDING)
                case Words(text):
                    yield Speech(Stage.SPEAKING, text)
                case Spent(spent):
                    usage = usage + spent
        self._store.add_usage(interview.id, usage)
        move = flow.after_assessment(
            interview.questions, interview.mode, interview.turns, [aim] if aim else []
        )
        if isinstance(move, flow.Probe):
            number = len(interview.turns)
            turn = Turn(number, TurnKind.PROBE, text, at.question, at.attempt, move.aim)
            self._append(interview, [turn])
            return None
        return move

    def _say(self, interview: StoredInterview, move: flow.Move) -> str:
        title = self._titles.get(interview.id, "")
        turn = prepared_turn(self._lines, interview, move, title)
        self._append(interview, [turn])
        if isinstance(move, flow.Ask):
            self._on_question(interview.questions[move.question])
        return turn.text

    def _append(self, interview: StoredInterview, turns: Sequence[Turn]) -> None:
        after = [*interview.turns, *turns]
        before = flow.answers(interview.turns)
        finished = flow.answers(after)
        self._store.append(interview.id, turns, finished)
        if finished != before:
            self._on_finished_answer()

    def _check_message(self, text: str) -> None:
        if not text.strip():
            raise ConfigurationError("There is nothing in the box yet.")
        if len(text) > self.message_characters:
            raise ConfigurationError(
                f"The message has {len(text):,} characters; up to {self.message_characters:,} "
                "can be sent at once. Shorten it, or send it in two parts."
            )
