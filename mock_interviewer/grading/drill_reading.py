"""Reading a line that somebody wrote in a drill: which of its points are in it, and where.

A strong model reads all points at once (prompt `drill`); a model that answers single yes/no items
is asked the rubric's own items, as they stand, for a hint without a score.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mock_interviewer.core import drill_guide
from mock_interviewer.core.content import whole_characters
from mock_interviewer.core.drill_guide import ReadPoint
from mock_interviewer.core.drills import Written
from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Line, Role, Sentence, sentences
from mock_interviewer.errors import ModelRefusedError
from mock_interviewer.grading import checklist, layout
from mock_interviewer.llm.chat import ChatModel, Reply, Request, Schema

log = logging.getLogger(__name__)

MAX_TOKENS = 800
ADVICE_CHARACTERS = 300

UNSURE = (0.3, 0.7)
"""An item that a small model finds met between these is told neither as there nor as missing."""

_NOT_OF_THE_FORM = "the model's reading is not of the asked form"


@dataclass(frozen=True)
class Reading:
    """What a model found: by point, whether it is met (None: not sure), and where."""

    met: dict[str, bool | None]
    evidence: dict[str, tuple[int, ...]]
    advice: str = ""
    not_an_attempt: bool = False
    scores: bool = True
    """False: nobody has measured how well this way of reading does, so that it gives no score."""

    def without_score(self) -> Reading:
        """The same, as a hint."""
        return replace(self, scores=False)


def request(prompt: Prompt, drill: Written, line: str, rubric: Rubric) -> Request:
    """The one request by which a strong model reads a line."""
    guide = drill_guide.load_guide().kinds[drill.kind]
    points = guide.read_for(rubric)
    rows = "\n".join(f"{point.id}: {point.text}" for point in points)
    messages = prompt.render(
        instruction=guide.instruction,
        scene=scene(drill),
        points=rows,
        line=layout.numbered([_as_line(line)], Role.CANDIDATE),
    )
    return Request(messages=messages, max_tokens=MAX_TOKENS, schema=_schema(points))


def read(reply: Reply, points: Sequence[ReadPoint], line: str) -> Reading:
    """Read a strong model's reply; a point that rests on no sentence of the line is not believed.

    Raises `ModelRefusedError` if it is not of the asked form.
    """
    data = reply.data()
    numbers = {sentence.number for sentence in numbered(line)}
    try:
        evidence = {
            point.id: tuple(
                n for n in _numbers(data["points"][point.id]["evidence"]) if n in numbers
            )
            for point in points
        }
        met = {point.id: _boolean(data["points"][point.id]["met"]) for point in points}
        return Reading(
            met={
                name: (None if found and not evidence[name] else found)
                for name, found in met.items()
            },
            evidence=evidence,
            advice=" ".join(whole_characters(str(data["advice"])).split())[:ADVICE_CHARACTERS],
            not_an_attempt=_boolean(data["not_an_attempt"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        log.info("The model's reading of a drill cannot be used: %s", error)
        raise ModelRefusedError(_NOT_OF_THE_FORM) from error


def read_strong(
    model: ChatModel, prompt: Prompt, drill: Written, line: str, rubric: Rubric
) -> Reading:
    """Have a strong model read a line. Raises `ModelError`."""
    points = drill_guide.load_guide().kinds[drill.kind].read_for(rubric)
    reply = model.ask(request(prompt, drill, line, rubric), urgent=True)
    return read(reply, points, line)


def read_by_items(
    model: ChatModel, prompt: Prompt, drill: Written, line: str, rubric: Rubric
) -> Reading:
    """Ask a small model the rubric's own items about a line, with the `checklist` prompt.

    Points of the drill's own are left unread. Raises `ModelError`.
    """
    met: dict[str, bool | None] = {}
    for point in drill_guide.load_guide().kinds[drill.kind].read_for(rubric):
        if point.item is None:
            met[point.id] = None
            continue
        asked = checklist.item_request(prompt, scene(drill), [_as_line(line)], point.item)
        share = checklist.met(checklist.log_odds(model.ask(asked, urgent=True)))
        met[point.id] = None if UNSURE[0] < share < UNSURE[1] else share >= UNSURE[1]
    return Reading(met=met, evidence={}, scores=False)


def scene(drill: Written) -> str:
    """What the person had before them."""
    given = "\n".join(f"{name}: {text}" for name, text in drill.given)
    return f"{drill.situation}\n{given}"


def numbered(text: str) -> tuple[Sentence, ...]:
    """The sentences of a line, with the numbers by which a model names them."""
    return sentences([_as_line(text)])


def _as_line(text: str) -> Line:
    return Line(role=Role.CANDIDATE, text=text)


def _schema(points: Sequence[ReadPoint]) -> Schema:
    point = _object(
        {
            "evidence": {"type": "array", "items": {"type": "integer"}},
            "met": {"type": "boolean"},
        }
    )
    return Schema(
        name="drill",
        schema=_object(
            {
                "not_an_attempt": {"type": "boolean"},
                "points": _object({p.id: point for p in points}),
                "advice": {"type": "string"},
            }
        ),
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _numbers(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise ValueError(f"expected an array, got {value!r}")
    return [n for n in value if isinstance(n, int) and not isinstance(n, bool)]


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {value!r}")
    return value
