"""An answer whose candidate agreed becomes a case of the evals, with other names and details."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

from mock_interviewer.core.datafile import validated
from mock_interviewer.core.jsonlines import Appender
from mock_interviewer.core.questions import Question
from mock_interviewer.core.review import Review
from mock_interviewer.core.transcript import Line, sentences
from mock_interviewer.errors import (
    ConfigurationError,
    DataFileError,
    NotAllowedError,
    NotFoundError,
)
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.evaluation.details import standing_alone
from mock_interviewer.evaluation.names import in_small_letters
from mock_interviewer.evaluation.pseudonyms import Pseudonymised, pseudonymised
from mock_interviewer.service.transcripts import transcript
from mock_interviewer.storage.store import Store

SAME_WORDS = 0.8
"""Share of the words in common, in their order, from which two texts are one answer: other names
and details are few of its words."""


class AnswerPlace(NamedTuple):
    """Which answer of which interview; question and attempt count from 1, as people do."""

    interview_id: str
    question: int
    attempt: int = 1


@dataclass(frozen=True)
class DraftCase:
    """A case to be looked at before it is written, and what was replaced in it."""

    place: AnswerPlace
    case: Case
    replaced: Pseudonymised
    """Its first text is the question, the others are the lines of the case."""

    @property
    def few_capitals(self) -> bool:
        """Whether some of it has hardly any capitals, by which names are found."""
        return any(in_small_letters(line.text) for line in self.case.transcript)


def draft_case(
    store: Store,
    place: AnswerPlace,
    reviews: Sequence[Review],
    *,
    source: str,
    replace: Mapping[str, str],
    keep: Sequence[str] = (),
    case_id: str | None = None,
) -> DraftCase:
    """The case that an answer and its reviews make; without an id it gets a random one.

    `source`: where the reviews come from, for an error in them. Raises `DataFileError` for
    such, `NotFoundError`, `NotAllowedError` without the candidate's consent, and
    `ConfigurationError` for replacements that do not fit.
    """
    answer = _agreed_answer(store, place)
    texts = [answer.question.text, *(line.text for line in answer.lines)]
    new = pseudonymised(texts, replace=replace, keep=keep)
    lines = [
        Line(role=line.role, text=text)
        for line, text in zip(answer.lines, new.texts[1:], strict=True)
    ]
    _check_found(texts, replace)
    _check_sentences(len(sentences(answer.lines)), len(sentences(lines)))
    made = _case(answer.question, lines, new.texts[0], reviews)
    made["id"] = case_id or f"case-{secrets.token_hex(4)}"
    return DraftCase(place, validated(Case, made, source), new)


def check_new(case: Case, target: Path) -> None:
    """Raises `ConfigurationError` if the file has the case already, `DataFileError` if it is cut
    short."""
    if not target.is_file():
        return
    content = target.read_bytes()
    if content and not content.endswith(b"\n"):
        raise DataFileError(
            f"{target}: its last line has no end, so it may be cut short, and nothing reads it. "
            "Mend it first, or add a line break."
        )
    for known in load_cases([target]):
        if known.id == case.id:
            raise ConfigurationError(f"{target}: there is a case {case.id!r} already.")
        if _is_same_answer(known, case):
            raise ConfigurationError(f"{target}: the case {known.id!r} has the same answer.")


def write_case(store: Store, draft: DraftCase, target: Path) -> None:
    """Add the case to the file, unless the candidate has taken the consent back by now.

    Raises what `draft_case` and `check_new` raise.
    """
    _agreed_answer(store, draft.place)
    check_new(draft.case, target)
    with Appender(target) as file:
        file.add(draft.case.model_dump(mode="json"))


class _Answer(NamedTuple):
    question: Question
    lines: list[Line]


def _agreed_answer(store: Store, place: AnswerPlace) -> _Answer:
    interview_id, number, attempt = place
    interview = store.interview(interview_id)
    if not interview.may_become_case:
        raise NotAllowedError(
            "The candidate has not agreed that answers of this interview be used as cases, or has "
            "taken it back. Only they can, at the end of their report, in the browser in which "
            "the interview was held."
        )
    if number > len(interview.questions):
        raise NotFoundError(f"This interview has {len(interview.questions)} questions.")
    wanted = (number - 1, attempt - 1)
    answers = [(answer.question, answer.attempt) for answer in store.answers(interview_id)]
    if wanted not in answers:
        tries = sum(1 for other, _ in answers if other == wanted[0])
        found = f"; finished attempts: {tries}" if tries else ""
        raise NotFoundError(f"Attempt {attempt} of question {number} is not answered{found}.")
    return _Answer(interview.questions[wanted[0]], transcript(interview, *wanted))


def _is_same_answer(known: Case, case: Case) -> bool:
    """Whether two cases are one answer, perhaps under different names."""
    if known.text == case.text:
        return True
    if known.question_id != case.question_id:
        return False
    words = SequenceMatcher(None, known.text.split(), case.text.split(), autojunk=False)
    return words.quick_ratio() >= SAME_WORDS and words.ratio() >= SAME_WORDS


def _check_found(texts: Sequence[str], wanted: Iterable[str]) -> None:
    missed = [
        repr(old) for old in wanted if not any(standing_alone(old).search(text) for text in texts)
    ]
    if missed:
        raise ConfigurationError(
            f"{', '.join(missed)} stands nowhere in the answer as a whole word; capitals count."
        )


def _check_sentences(before: int, after: int) -> None:
    if before != after:
        raise ConfigurationError(
            f"With this replaced, the answer would fall into {after} sentences instead of "
            f"{before}, and its levels are for it as it was said. Choose words with as "
            "many full stops as before."
        )


def _case(
    question: Question, lines: Sequence[Line], text: str, reviews: Sequence[Review]
) -> dict[str, Any]:
    return {
        "question_id": question.id,
        "question": text,
        "kind": question.kind,
        "transcript": [line.model_dump(mode="json") for line in lines],
        # Without coaches' names, and without their reasons, which may name people.
        "raters": {
            f"coach {number}": {
                "not_an_answer": review.not_an_answer,
                "ratings": {name: rating.level for name, rating in review.ratings.items()},
            }
            for number, review in enumerate(reviews, start=1)
        },
    }
