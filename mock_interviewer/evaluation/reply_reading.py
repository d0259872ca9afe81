"""What raters, and the program's own graders, make of reference replies, put as levels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from mock_interviewer.core.drill_bank import load_drills
from mock_interviewer.core.drill_guide import load_guide
from mock_interviewer.core.drills import Written
from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.core.scenario_bank import load_scenarios
from mock_interviewer.errors import DataFileError, ModelError, ReplyMissingError
from mock_interviewer.evaluation.named_lines import load_named
from mock_interviewer.evaluation.replies import (
    DrillLine,
    LineJudgement,
    Place,
    ReplyJudgement,
    RolePlayReply,
    line_levels,
    observed,
    reply_levels,
)
from mock_interviewer.grading import drill_reading
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing import observer
from mock_interviewer.interviewing.observer import ChecklistObserver, CueObserver, ModelObserver
from mock_interviewer.llm.catalogue import Strategy, load_catalogue
from mock_interviewer.llm.chat import ChatModel, Reply, Request

Found = Mapping[Place, int | None]
"""Levels by place; None where it cannot be told."""


class Reader(StrEnum):
    """Who reads the replies."""

    PROMPT = "prompt"
    """The model in one structured request: the prompt `drill`, or `observer`."""
    ITEMS = "items"
    """The rubric's own items, as the model's strategy asks them; in role-plays beside the cues."""
    CUES = "cues"
    """Code alone, in role-plays."""


@dataclass(frozen=True)
class Read:
    """What one reply was read as. `levels` empty: `reason` says why."""

    levels: Found = field(default_factory=dict)
    reason: str = ""
    missing: bool = False
    """Whether no reply of the model is recorded."""


class _Unhurried:
    """Asks as the graders do, but nobody waits: a slow machine may take its time."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat

    @property
    def name(self) -> str:
        return self._chat.name

    def ask(self, request: Request, *, urgent: bool = False) -> Reply:
        return self._chat.ask(replace(request, begun_by=None, done_by=None))

    def stream(self, request: Request) -> Iterator[str]:
        return self._chat.stream(request)


class Judged(ABC):
    """One reply with what is known of it."""

    case: DrillLine | RolePlayReply
    """The reply itself, and each rater's judgement."""

    @property
    def id(self) -> str:
        """The reply's."""
        return self.case.id

    @property
    def rated(self) -> Mapping[str, Found]:
        """Each rater's levels, by the rater's name."""
        return {name: self.levels(judged) for name, judged in self.case.raters.items()}

    @property
    def reference(self) -> Found:
        """What the raters say together."""
        return self.levels(self.case.reference)

    @abstractmethod
    def levels(self, judged: Any) -> Found:
        """A judgement of this kind of reply, put as levels."""

    @abstractmethod
    def read(self) -> Read:
        """What the grader makes of it."""


@dataclass(frozen=True)
class JudgedLine(Judged):
    """A line of a drill."""

    case: DrillLine
    reader: Callable[[DrillLine], Read]

    def levels(self, judged: LineJudgement) -> Found:
        """See `Judged`."""
        return line_levels(self.case, judged.met, not_an_attempt=judged.not_an_attempt)

    def read(self) -> Read:
        """See `Judged`."""
        return self.reader(self.case)


@dataclass(frozen=True)
class JudgedReply(Judged):
    """A reply in a role-play."""

    case: RolePlayReply
    scenario: Scenario
    reader: Callable[[Scenario, RolePlayReply], Read]

    def levels(self, judged: ReplyJudgement) -> Found:
        """See `Judged`."""
        return reply_levels(self.case, self.scenario, observed(self.case, judged))

    def read(self) -> Read:
        """See `Judged`."""
        return self.reader(self.scenario, self.case)


@cache
def _drills(criteria: tuple[str, ...]) -> Mapping[str, Written]:
    bank = load_drills(criteria)
    return {drill.id: drill for drill in bank.drills if isinstance(drill, Written)}


@cache
def _scenarios() -> Mapping[str, Scenario]:
    return {scenario.id: scenario for scenario in load_scenarios()}


def lines(
    paths: Sequence[Path], reader: Reader, model: ChatModel, rubric: Rubric, prompts: Path | None
) -> list[Judged]:
    """Lines of drills, to be read by this reader. Raises `DataFileError`."""
    drills = _drills(tuple(criterion.id for criterion in rubric.criteria))
    cases = load_named(DrillLine, paths, "replies")
    for case in cases:
        if case.drill not in drills:
            raise DataFileError(f"{case.id}: drill: {case.drill!r} is no drill that is written")
        points = {p.id for p in load_guide().kinds[drills[case.drill].kind].read_for(rubric)}
        for name, judged in case.raters.items():
            if set(judged.met) != points:
                raise DataFileError(
                    f"{case.id}: raters: {name}: met: expected {', '.join(sorted(points))}"
                )
    prompt = load_prompt("drill" if reader is Reader.PROMPT else "checklist", prompts)
    unhurried = _Unhurried(model)
    ask = drill_reading.read_strong if reader is Reader.PROMPT else drill_reading.read_by_items

    def read(line: DrillLine) -> Read:
        try:
            found = ask(unhurried, prompt, drills[line.drill], line.line, rubric)
        except ModelError as error:
            return _unread(error)
        return Read(line_levels(line, found.met, not_an_attempt=found.not_an_attempt))

    return [JudgedLine(case, read) for case in cases]


def replies(
    paths: Sequence[Path], reader: Reader, model: ChatModel, rubric: Rubric, prompts: Path | None
) -> list[Judged]:
    """Replies in role-plays, to be read by this reader. Raises `DataFileError`."""
    scenarios = _scenarios()
    cases = load_named(RolePlayReply, paths, "replies")
    for case in cases:
        if case.scenario not in scenarios:
            raise DataFileError(f"{case.id}: scenario: there is no scenario {case.scenario!r}")
        acts = {act.id for act in scenarios[case.scenario].acts}
        for name, judged in case.raters.items():
            if strange := sorted(set(judged.acts) - acts):
                raise DataFileError(
                    f"{case.id}: raters: {name}: acts: the scenario has no {', '.join(strange)}"
                )
    read = _role_play_reader(reader, model, rubric, prompts)
    return [JudgedReply(case, scenarios[case.scenario], read) for case in cases]


def _role_play_reader(
    reader: Reader, model: ChatModel, rubric: Rubric, prompts: Path | None
) -> Callable[[Scenario, RolePlayReply], Read]:
    if reader is Reader.PROMPT:
        return _by_prompt(model, prompts)
    watching = CueObserver() if reader is Reader.CUES else _by_items(model, rubric, prompts)

    def read(scenario: Scenario, reply: RolePlayReply) -> Read:
        found = watching.observe(scenario, reply.exchanges, reply.reply).observation
        return Read(reply_levels(reply, scenario, found))

    return read


def _by_items(model: ChatModel, rubric: Rubric, prompts: Path | None) -> ChecklistObserver:
    return ChecklistObserver(items_grader(model, rubric, prompts))


def items_grader(model: ChatModel, rubric: Rubric, prompts: Path | None) -> Grader:
    """The grader whose items are asked of a reply in a role-play."""
    known = load_catalogue().find(model.name)
    strategy = known.strategy or Strategy.CHECKLIST  # an unlisted model has nothing fitted
    return Grader(model, rubric, strategy, known.context, prompts)


def _by_prompt(model: ChatModel, prompts: Path | None) -> Callable[[Scenario, RolePlayReply], Read]:
    unhurried = _Unhurried(model)
    watching = ModelObserver(model, load_catalogue().find(model.name).context, prompts)

    def read(scenario: Scenario, reply: RolePlayReply) -> Read:
        # Not `observe`, to which a reply that does not come is an observation of nothing.
        try:
            asked = watching.request(scenario, reply.exchanges, reply.reply)
            found = observer.read(unhurried.ask(asked), scenario, reply.reply, model.name)
        except ModelError as error:
            return _unread(error)
        return Read(reply_levels(reply, scenario, found))

    return read


def _unread(error: ModelError) -> Read:
    return Read(reason=str(error), missing=isinstance(error, ReplyMissingError))
