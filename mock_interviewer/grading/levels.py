"""Structured levels: a strong model gives evidence, checklist and level in one reply.

The order is fixed by the schema: the sentences first, then the checklist, then the level. Code
then lets no level stand above what the model's own checklist allows.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from mock_interviewer.core.content import whole_characters
from mock_interviewer.core.prompts import Prompt
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import Criterion, Example, Rubric
from mock_interviewer.core.transcript import Line
from mock_interviewer.errors import ModelRefusedError
from mock_interviewer.grading import layout
from mock_interviewer.grading.draft import Draft, Finding
from mock_interviewer.llm.chat import Reply, Request, Schema

log = logging.getLogger(__name__)

MAX_TOKENS = 3000

_NOT_OF_THE_FORM = "the model's grade is not of the asked form"


def request(
    prompt: Prompt, rubric: Rubric, question: str, kind: Kind, lines: Sequence[Line]
) -> Request:
    """The one request that grades an answer."""
    return Request(
        messages=prompt.render(
            rubric=rubric_text(rubric),
            question=question,
            kind=kind.value.replace("_", " "),
            answer=layout.numbered(lines, rubric.graded_role),
        ),
        max_tokens=MAX_TOKENS,
        schema=schema(rubric),
    )


def read(reply: Reply, rubric: Rubric, *, with_levels: bool = True) -> Draft:
    """Read the reply. Raises `ModelRefusedError` if it is not of the asked form."""
    data = reply.data()
    try:
        return Draft(
            not_an_answer=_boolean(data["not_an_answer"]),
            tells_example=_boolean(data["tells_example"]),
            findings={
                criterion.id: _finding(data["ratings"][criterion.id], criterion, with_levels)
                for criterion in rubric.criteria
            },
            next_time=_text(data["next_time"]),
        )
    except KeyError as error:
        raise ModelRefusedError(f"{_NOT_OF_THE_FORM} ({error.args[0]} is missing)") from error
    except (TypeError, ValueError) as error:
        log.info("The model's grade cannot be read: %s", error)
        raise ModelRefusedError(_NOT_OF_THE_FORM) from error


def combined(level: int, items: dict[str, float], criterion: Criterion) -> int:
    """The level, but none that needs an item which the model itself found not to be met.

    An item that is met speaks for those of lower levels, too: a hardship named is more than the
    stock apology that it stands in for.
    """
    met = max((item.needed_for for item in criterion.items if items[item.id]), default=0)
    unmet = [item.needed_for for item in criterion.items if item.needed_for > met]
    return min([level, *(needed - 1 for needed in unmet)])


def likely(level: int, items: dict[str, float], criterion: Criterion) -> tuple[int, int]:
    """The range in which raters' level is likely to lie.

    Just the level, unless it has no anchor of its own or its checklist says a higher one: such
    levels were off three times as often (docs/grading.md), so the next ones may be meant as well.
    """
    met = max((item.needed_for for item in criterion.items if items[item.id]), default=0)
    if level in criterion.levels and level >= met:
        return level, level
    return max(level - 1, criterion.lowest), min(level + 1, criterion.highest)


def rubric_text(rubric: Rubric) -> str:
    """The rubric as a model reads it."""
    rules = "\n".join(f"- {rule}" for rule in rubric.rules)
    parts = [f"General rules\n{rules}", *map(_criterion_text, rubric.criteria)]
    return "\n\n".join([*parts, *map(_example_text, rubric.examples)])


def schema(rubric: Rubric) -> Schema:
    """The JSON schema of a reply: per criterion evidence, items, missing, next step, level."""
    ratings = {criterion.id: _criterion_schema(criterion) for criterion in rubric.criteria}
    return Schema(
        name="grade",
        schema=_object(
            {
                "not_an_answer": {"type": "boolean"},
                "tells_example": {"type": "boolean"},
                "ratings": _object(ratings),
                "next_time": {"type": "string"},
            }
        ),
    )


def _criterion_schema(criterion: Criterion) -> dict[str, Any]:
    return _object(
        {
            "evidence": {"type": "array", "items": {"type": "integer"}},
            "items": _object({item.id: {"type": "boolean"} for item in criterion.items}),
            "missing": {"type": "string"},
            "next_step": {"type": "string"},
            "level": {"type": "integer", "enum": list(criterion.scale)},
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _criterion_text(criterion: Criterion) -> str:
    levels = "\n".join(f"  {level}: {text}" for level, text in sorted(criterion.levels.items()))
    items = "\n".join(f"  {item.id}: {item.text}" for item in criterion.items)
    return f"{criterion.id}: {criterion.about}\n levels\n{levels}\n items\n{items}"


def _example_text(example: Example) -> str:
    levels = ", ".join(f"{name} {level}" for name, level in example.levels.items())
    return (
        f"Example\n question: {example.question}\n answer: {example.answer}\n"
        f" levels: {levels}\n why: {example.why}"
    )


def _finding(data: dict[str, Any], criterion: Criterion, with_levels: bool) -> Finding:
    items = {item.id: float(_boolean(data["items"][item.id])) for item in criterion.items}
    level = _whole(data["level"])
    if level in criterion.scale:
        level = combined(level, items, criterion)
    return Finding(
        level=level if with_levels else None,
        likely=likely(level, items, criterion) if with_levels else None,
        sentences=tuple(_whole(number) for number in _array(data["evidence"])),
        missing=_text(data["missing"]),
        next_step=_text(data["next_step"]) or None,
        items=items,
    )


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected a whole number, got {value!r}")
    return value


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"expected an array, got {value!r}")
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"expected a text, got {value!r}")
    return whole_characters(value).strip()


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {value!r}")
    return value
