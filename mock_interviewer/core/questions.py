"""The question bank: what can be asked, and everything prepared around it.

A bank is a YAML file with the single key `questions`, a list of entries like

    - id: parcel-to-the-wrong-door
      kind: behavioural            # behavioural | hypothetical | opinion | role_play
      competencies: [problem_solving, bad_news]
      difficulty: 2                # 1 easy, 2 middling, 3 hard
      calls_for: [star, empathy]
      text: "Tell me about ..."    # asked exactly as written
      strong_answer: ...           # what a strong answer shows
      hint: ...                    # shown on request in practice mode
      probes:                      # one prepared question for each thing that can be missing
        situation: ...
      model_answer: ...            # shown in practice mode, after the candidate's own answer
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.resources import package_file
from mock_interviewer.errors import DataFileError, NotFoundError


class Kind(StrEnum):
    """What a question asks the candidate to do."""

    BEHAVIOURAL = "behavioural"
    HYPOTHETICAL = "hypothetical"
    OPINION = "opinion"
    ROLE_PLAY = "role_play"


class Aim(StrEnum):
    """What an answer can lack and a probe can ask for."""

    SITUATION = "situation"
    TASK = "task"
    ACTION = "action"
    OWN_PART = "own_part"
    RESULT = "result"
    HOW_KNOWN = "how_known"
    FEELINGS = "feelings"


class CallsFor(StrEnum):
    """The scores that a question gives an opportunity for."""

    STAR = "star"
    EMPATHY = "empathy"


class Competency(StrEnum):
    """What an interviewer wants to learn about; the second group are the empathy themes."""

    ACTIVE_LISTENING = "active_listening"
    ADAPTABILITY = "adaptability"
    COLLABORATION = "collaboration"
    COMMUNICATION = "communication"
    CONFLICT_RESOLUTION = "conflict_resolution"
    CUSTOMER_ORIENTATION = "customer_orientation"
    PROBLEM_SOLVING = "problem_solving"

    DIFFICULT_CUSTOMERS = "difficult_customers"
    MISUNDERSTANDING = "misunderstanding"
    ADAPTING_STYLE = "adapting_style"
    CULTURE_AND_BELIEF = "culture_and_belief"
    BAD_NEWS = "bad_news"
    BOUNDARIES = "boundaries"
    GOING_BEYOND = "going_beyond"
    SYMPATHY_AND_EMPATHY = "sympathy_and_empathy"
    STRONG_EMOTIONS = "strong_emotions"
    LOYALTY = "loyalty"

    @property
    def label(self) -> str:
        """The name as people read it."""
        return self.value.replace("_", " ").capitalize()


REQUIRED_PROBES: dict[Kind, frozenset[Aim]] = {
    Kind.BEHAVIOURAL: frozenset(Aim),
    Kind.HYPOTHETICAL: frozenset(Aim),
    Kind.OPINION: frozenset({Aim.SITUATION, Aim.ACTION, Aim.FEELINGS, Aim.HOW_KNOWN}),
    Kind.ROLE_PLAY: frozenset({Aim.ACTION, Aim.FEELINGS, Aim.HOW_KNOWN}),
}

Sentence = Annotated[str, StringConstraints(min_length=8, max_length=600)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]


class Question(Strict):
    """One question and what is prepared around it."""

    id: Slug
    kind: Kind
    competencies: tuple[Competency, ...] = Field(min_length=1)
    difficulty: int = Field(ge=1, le=3)
    calls_for: tuple[CallsFor, ...] = Field(min_length=1)
    text: Sentence
    strong_answer: Sentence
    hint: Sentence
    probes: dict[Aim, Sentence]
    model_answer: Annotated[str, StringConstraints(min_length=40, max_length=2500)]

    @field_validator("competencies", "calls_for")
    @classmethod
    def _no_repeats(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(values)) != len(values):
            raise ValueError("the same value is listed twice")
        return values

    @field_validator("probes")
    @classmethod
    def _one_question_each(cls, probes: dict[Aim, str]) -> dict[Aim, str]:
        for aim, text in probes.items():
            if text.count("?") != 1 or not text.endswith("?"):
                raise ValueError(
                    f"the probe for {aim.value} must ask one thing: exactly one question mark, "
                    f"at its end; got {text!r}"
                )
        return probes

    @model_validator(mode="after")
    def _probes_are_complete(self) -> Question:
        missing = sorted(REQUIRED_PROBES[self.kind] - set(self.probes))
        if missing:
            names = ", ".join(missing)
            raise ValueError(f"a {self.kind.value} question also needs probes for: {names}")
        return self


class _BankFile(Strict):
    questions: tuple[Question, ...] = Field(min_length=1)


class Bank:
    """Questions by id, in the order of their files."""

    def __init__(self, questions: Iterable[Question]) -> None:
        self.questions: tuple[Question, ...] = tuple(questions)

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    def get(self, question_id: str) -> Question:
        """Return the question with this id. Raises `NotFoundError`."""
        try:
            return self._by_id[question_id]
        except KeyError:
            raise NotFoundError(
                f"There is no question {question_id!r} in the bank. "
                "`mock-interviewer questions list` shows the ids."
            ) from None

    def __len__(self) -> int:
        return len(self.questions)


def load_bank(extra: Sequence[Path] = ()) -> Bank:
    """Load the package's bank and the user's own files. Raises `DataFileError`.

    A user's file adds questions; an id that is already taken is an error, because two
    questions under one id would make stored interviews ambiguous.
    """
    paths = [*sorted(package_file("questions").glob("*.yaml")), *extra]
    if not paths:
        raise DataFileError("No question files are installed; reinstall the package.")
    return _merge((path, load_bank_file(path)) for path in paths)


def load_bank_file(path: Path) -> tuple[Question, ...]:
    """Load one bank file on its own. Raises `DataFileError`, naming entries by their id."""
    data = datafile.read_yaml(path)
    entries = data.get("questions") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not entries or set(data) != {"questions"}:
        raise DataFileError(
            f"{path}: expected one key, `questions`, that holds a list of questions"
        )
    return _BankFile(
        questions=tuple(
            datafile.validated(Question, entry, f"{path}: {_entry_name(entry, number)}")
            for number, entry in enumerate(entries, start=1)
        )
    ).questions


def _entry_name(entry: object, number: int) -> str:
    if isinstance(entry, dict) and isinstance(entry.get("id"), str):
        return str(entry["id"])
    return f"questions[{number}]"


def _merge(files: Iterable[tuple[Path, tuple[Question, ...]]]) -> Bank:
    home: dict[str, Path] = {}
    questions: list[Question] = []
    for path, found in files:
        for question in found:
            if question.id in home:
                raise DataFileError(
                    f"{path}: {question.id}: id: this id is already used in {home[question.id]}; "
                    "give the question another one"
                )
            home[question.id] = path
            questions.append(question)
    return Bank(questions)
