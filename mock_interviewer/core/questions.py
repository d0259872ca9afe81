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

A bank for another trade may have a second key, `competencies`, with names of its own that its
questions use beside the known ones; `calls_for` then names scores of the rubric in use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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
    """The scores of the program's own rubric; a question gives an opportunity for some of them."""

    STAR = "star"
    EMPATHY = "empathy"


class Competency(StrEnum):
    """What the program's own questions are about; the second group are the empathy themes."""

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


REQUIRED_PROBES: dict[Kind, frozenset[Aim]] = {
    Kind.BEHAVIOURAL: frozenset(Aim),
    Kind.HYPOTHETICAL: frozenset(Aim),
    Kind.OPINION: frozenset({Aim.SITUATION, Aim.ACTION, Aim.FEELINGS, Aim.HOW_KNOWN}),
    Kind.ROLE_PLAY: frozenset({Aim.ACTION, Aim.FEELINGS, Aim.HOW_KNOWN}),
}

Sentence = Annotated[str, StringConstraints(min_length=8, max_length=600)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]


class Question(Strict):
    """One question and what is prepared around it."""

    id: Slug
    kind: Kind
    competencies: tuple[Name, ...] = Field(min_length=1)
    """What it is about: the program's own `Competency`, or names that its file declares."""
    difficulty: int = Field(ge=1, le=3)
    calls_for: tuple[Name, ...] = Field(min_length=1)
    """Ids of the rubric's scores that it gives an opportunity for."""
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


class _Competencies(Strict):
    competencies: tuple[Name, ...] = Field(min_length=1)


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

    @property
    def competencies(self) -> tuple[str, ...]:
        """What the questions are about: the program's own in their order, then the others'."""
        used = dict.fromkeys(name for q in self.questions for name in q.competencies)
        own = [name.value for name in Competency if name in used]
        return tuple(dict.fromkeys([*own, *used]))

    def __len__(self) -> int:
        return len(self.questions)


def load_bank(extra: Sequence[Path] = (), scores: Collection[str] = tuple(CallsFor)) -> Bank:
    """Load the package's bank and the user's own files. Raises `DataFileError`.

    A user's file adds questions; an id that is already taken is an error, because two
    questions under one id would make stored interviews ambiguous. `scores` are the ids of the
    rubric's scores: the package's questions that call for others are left out, as they belong to
    another trade, and a user's that do are an error.
    """
    installed = sorted(package_file("questions").glob("*.yaml"))
    if not installed:
        raise DataFileError("No question files are installed; reinstall the package.")
    files = [
        *((path, _calling_for(tuple(CallsFor), path)) for path in installed),
        *((path, _calling_for(scores, path)) for path in extra),
    ]
    fitting = [q for q in _merge(files).questions if set(q.calls_for) <= set(scores)]
    if not fitting:
        raise DataFileError(
            "No question calls for the rubric's scores; name a bank of your own in "
            "MOCK_INTERVIEWER_BANKS, or under a suite's key `banks`."
        )
    return Bank(fitting)


def _calling_for(scores: Collection[str], path: Path) -> tuple[Question, ...]:
    """A file's questions. Raises `DataFileError` if one calls for something else."""
    questions = load_bank_file(path)
    for question in questions:
        if strange := sorted(set(question.calls_for) - set(scores)):
            raise DataFileError(
                f"{path}: {question.id}: calls_for: the rubric has no score called "
                f"{', '.join(strange)}; it has: {', '.join(scores) or 'none'}"
            )
    return questions


def load_bank_file(path: Path) -> tuple[Question, ...]:
    """Load one bank file on its own. Raises `DataFileError`, naming entries by their id."""
    data = datafile.read_yaml(path)
    entries = data.get("questions") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not entries or set(data) - {"questions", "competencies"}:
        raise DataFileError(
            f"{path}: expected one key, `questions`, that holds a list of questions, and beside "
            "it at most `competencies`, names of your own that they use"
        )
    known = {str(name) for name in Competency}
    if "competencies" in data:
        declared = {"competencies": data["competencies"]}
        known |= set(datafile.validated(_Competencies, declared, str(path)).competencies)
    questions = []
    for number, entry in enumerate(entries, start=1):
        source = f"{path}: {_entry_name(entry, number)}"
        question = datafile.validated(Question, entry, source)
        strange = [name for name in question.competencies if name not in known]
        if strange:
            raise DataFileError(
                f"{source}: competencies: not known: {', '.join(strange)}; expected some of "
                f"{', '.join(sorted(known))}, or names that the file lists under the key "
                "`competencies`"
            )
        questions.append(question)
    return tuple(questions)


def label(name: str) -> str:
    """A name such as `bad_news` as people read it."""
    return name.replace("_", " ").capitalize()


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
