"""What coaches have finished on an interview, as its report shows it before the machine's view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mock_interviewer.core.findings import NO_OPPORTUNITY
from mock_interviewer.core.grade import Grade
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.core.transcript import sentences
from mock_interviewer.service.queue import SOMEBODY
from mock_interviewer.service.reviewing import Reviewing
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.records import StoredAnswer, StoredInterview
from mock_interviewer.storage.reviewers import Reviewers
from mock_interviewer.storage.reviews import StoredReview
from mock_interviewer.storage.store import Store


@dataclass(frozen=True)
class CoachLevel:
    """One criterion as a coach rated it, with the machine's level beside it."""

    name: str
    word: str
    level: int | None
    machine_word: str
    """Empty without a grade."""
    machine_level: int | None
    reason: str


@dataclass(frozen=True)
class SentenceComment:
    """A coach's words on one sentence."""

    number: int
    quote: str
    text: str


@dataclass(frozen=True)
class CoachView:
    """One coach's view of an answer, or of the interview as a whole."""

    coach: str
    at: datetime
    levels: tuple[CoachLevel, ...]
    comments: tuple[SentenceComment, ...]
    comment: str
    note: str
    not_an_answer: bool


@dataclass(frozen=True)
class CoachViews:
    """All coaches' finished views of one interview."""

    whole: tuple[CoachView, ...] = ()
    answers: tuple[tuple[tuple[int, int], tuple[CoachView, ...]], ...] = ()
    """By place and attempt of the answer."""

    def of(self, place: int, attempt: int) -> tuple[CoachView, ...]:
        """The views of one answer."""
        return dict(self.answers).get((place, attempt), ())


class CoachedReports:
    """Puts the coaches' views to a report."""

    def __init__(self, store: Store, rubric: Rubric, reviewing: Reviewing) -> None:
        self._store = store
        self._rubric = rubric
        self._reviewing = reviewing
        self._reviewers = Reviewers(store.sessions)

    def views(self, interview: StoredInterview) -> CoachViews:
        """What is finished. The caller has made sure that whoever asks may read the interview."""
        finished = self._reviewing.finished(interview.id)
        if not finished:
            return CoachViews()
        names = self._reviewers.names({review.coach_id for review in finished})
        by_answer = []
        for answer in self._store.answers(interview.id):
            found = [review for review in finished if review.answer_id == answer.id]
            quotes = _quotes(interview, answer, self._rubric)
            views = tuple(self._view(each, names, answer.grade, quotes) for each in found)
            by_answer.append(((answer.question, answer.attempt), views))
        whole = tuple(
            self._view(each, names, None, {}) for each in finished if each.answer_id is None
        )
        return CoachViews(whole, tuple(by_answer))

    def _view(
        self,
        review: StoredReview,
        names: dict[str, str],
        grade: Grade | None,
        quotes: dict[int, str],
    ) -> CoachView:
        assert review.content is not None  # it is finished
        assert review.done_at is not None
        content = review.content
        levels = []
        for criterion in self._rubric.criteria:
            if rated := content.ratings.get(criterion.id):
                machine = grade.ratings.get(criterion.id) if grade else None
                levels.append(
                    CoachLevel(
                        name=criterion.name,
                        word=_word(rated.level, criterion),
                        level=rated.level,
                        machine_word=_word(machine.level, criterion) if machine else "",
                        machine_level=machine.level if machine else None,
                        reason=rated.reason,
                    )
                )
        return CoachView(
            coach=names.get(review.coach_id, SOMEBODY),
            at=review.done_at,
            levels=tuple(levels),
            comments=tuple(
                SentenceComment(number, quotes.get(number, ""), text)
                for number, text in sorted(content.sentences.items())
            ),
            comment=content.comment,
            note=content.note,
            not_an_answer=content.not_an_answer,
        )


def _quotes(interview: StoredInterview, answer: StoredAnswer, rubric: Rubric) -> dict[int, str]:
    lines = transcript(interview, answer.question, answer.attempt)
    return {each.number: each.text for each in sentences(lines, rubric.graded_role)}


def _word(level: int | None, criterion: Criterion) -> str:
    return NO_OPPORTUNITY if level is None else criterion.words.get(level, "")
