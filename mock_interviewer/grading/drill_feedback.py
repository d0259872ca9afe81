"""The feedback on a line that somebody wrote in a drill.

What is there and what is missing is told in the person's own words, by code. Where no model has
read the line it gets no score: what code notices in the wording is told, with the examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mock_interviewer.core import drill_guide, phrases
from mock_interviewer.core.content import Content, kind_of
from mock_interviewer.core.drill_guide import ReadPoint
from mock_interviewer.core.drill_marks import (
    MAX_CHARACTERS,
    Feedback,
    MarkedBy,
    Note,
    examples_of,
)
from mock_interviewer.core.drills import CheckableResult, Written
from mock_interviewer.core.phrases import Remark, Within
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.grading.drill_reading import Reading, numbered

QUOTED_CHARACTERS = 160

NO_MODEL = "No model is here to read your line, so it has no score."
MODEL_AWAY = "The model could not read your line just now, so it has no score."
UNFIT_MODEL = "The model in use reads whole answers, not single lines, so yours has no score."
NO_SCORE = "This model's reading is only a hint, so your line has no score."
COMPARE = "Compare it with the examples: which of the points are in yours?"


def feedback(drill: Written, line: str, rubric: Rubric, reading: Reading | str) -> Feedback:
    """The feedback on a line, from a reading, or from the reason why there is none."""
    points = drill_guide.load_guide().kinds[drill.kind].read_for(rubric)
    if refusal := _nothing_to_read(drill, line):
        return _without_score(drill, refusal)
    noticed = remarks(drill, line)
    if isinstance(reading, str):
        return _without_score(drill, f"{reading} {COMPARE}", noticed)
    if reading.not_an_attempt:
        summary = (
            "This does not seem to be a line for this situation. The examples show what is meant."
        )
        return _without_score(drill, summary, noticed)
    texts = {sentence.number: sentence.text for sentence in numbered(line)}
    found = [p for p in points if reading.met.get(p.id)]
    lacking = [p for p in points if reading.met.get(p.id) is False]
    told = len(found) + len(lacking)
    scored = reading.scores and told == len(points) > 0
    quotes = {
        point.id: tuple(texts[n] for n in reading.evidence.get(point.id, ()) if n in texts)
        for point in found
    }
    summary = _summary(found, lacking, quotes)
    return Feedback(
        score=len(found) / len(points) if scored else None,
        marked_by=MarkedBy.MODEL if scored else MarkedBy.NOBODY,
        summary=summary if scored else f"{summary} {NO_SCORE} {COMPARE}".strip(),
        notes=tuple(_note(point, reading, quotes) for point in points),
        remarks=noticed,
        explanation=drill.explanation,
        examples=examples_of(drill),
        advice=reading.advice,
    )


def remarks(drill: Written, line: str) -> tuple[Remark, ...]:
    """What code notices in the wording, without a model."""
    if isinstance(drill, CheckableResult):
        known = " ".join([drill.situation, drill.vague, *drill.facts])
        return (*phrases.remarks(line, Within.RESULT), *phrases.strange_numbers(line, known))
    return phrases.remarks(line)


def says_nothing(drill: Written, line: str) -> bool:
    """Whether code can tell that there is nothing to read, so that no model is asked."""
    return _nothing_to_read(drill, line) is not None


def _nothing_to_read(drill: Written, line: str) -> str | None:
    """Why there is nothing to read in the line; None if there is."""
    if len(line) > MAX_CHARACTERS:
        return f"A line here is at most {MAX_CHARACTERS} characters; please make it shorter."
    match kind_of(line):
        case Content.EMPTY:
            return "There is nothing in your line yet."
        case Content.NO_WORDS | Content.NO_EXAMPLE:
            return "There are no words in it to look at. The examples show what is meant."
        case Content.OTHER_LANGUAGE:
            return (
                "The drills are read in English, as far as you can; small mistakes do not matter."
            )
    if _plain(line) in {_plain(example.line) for example in drill.examples}:
        return "That is one of the examples, word for word. Try it in words of your own."
    return None


def _summary(
    found: Sequence[ReadPoint], lacking: Sequence[ReadPoint], quotes: Mapping[str, tuple[str, ...]]
) -> str:
    """One or two sentences: the person's own words that do it, and what is missing."""
    told = dict.fromkeys(quote for point in found for quote in quotes[point.id][:1])
    parts = []
    if told:
        words = " and ".join(f"“{_short(quote)}”" for quote in list(told)[:2])
        stop = "" if words.endswith((".”", "!”", "?”", "…”")) else "."
        parts.append(f"What works: {words}{stop}")
    elif found:
        parts.append(f"{len(found)} of the points are there.")
    if lacking:
        parts.append(f"Not there yet: {'; '.join(point.lack for point in lacking)}.")
    return " ".join(parts)


def _note(point: ReadPoint, reading: Reading, quotes: Mapping[str, tuple[str, ...]]) -> Note:
    met = reading.met.get(point.id)
    if met:
        said = " ".join(f"“{_short(quote)}”" for quote in quotes[point.id])
        return Note(right=True, text=f"{point.text} Yes{f': {said}' if said else '.'}")
    if met is None:
        return Note(right=None, text=f"{point.text} This could not be told.")
    return Note(right=False, text=f"{point.text} Not yet: {point.lack}.")


def _without_score(drill: Written, summary: str, noticed: tuple[Remark, ...] = ()) -> Feedback:
    return Feedback(
        score=None,
        marked_by=MarkedBy.NOBODY,
        summary=summary,
        remarks=noticed,
        explanation=drill.explanation,
        examples=examples_of(drill),
    )


def _short(quote: str) -> str:
    one_line = " ".join(quote.split())
    return one_line if len(one_line) <= QUOTED_CHARACTERS else f"{one_line[:QUOTED_CHARACTERS]}…"


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
