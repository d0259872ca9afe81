"""The form of a review, read into what the coach found.

A rating is the fields `level.NAME` (a level, `none` for no opportunity, or nothing) and
`reason.NAME`; a comment on a sentence is `sentence.NUMBER`, or the two fields `new.sentence` and
`new.comment` where there are no scripts.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData

from mock_interviewer.core.datafile import validated
from mock_interviewer.core.findings import Findings
from mock_interviewer.errors import DataFileError


def findings_of(form: FormData) -> Findings:
    """What the form says. Raises `DataFileError` for what is no level, number or too long."""
    ratings: dict[str, Any] = {}
    sentences: dict[int, str] = {}
    for field, _ in form.multi_items():
        kind, _, name = field.partition(".")
        text = _text(form, field)
        if kind == "level" and text:
            level = None if text == "none" else _number(text, "a level")
            ratings[name] = {"level": level, "reason": _text(form, f"reason.{name}")}
        elif kind == "sentence" and text:
            sentences[_number(name, "a sentence's number")] = text
    if added := _text(form, "new.comment"):
        number = _number(_text(form, "new.sentence"), "the number of the sentence commented on")
        sentences[number] = "\n".join(filter(None, (sentences.get(number), added)))
    entry = {
        "ratings": ratings,
        "not_an_answer": _text(form, "not_an_answer") == "true",
        "sentences": sentences,
        "comment": _text(form, "comment"),
        "note": _text(form, "note"),
    }
    return validated(Findings, entry, "the review")


def version_of(form: FormData) -> int:
    """The version on top of which it was written. Raises `DataFileError`."""
    return _number(_text(form, "version"), "the version of the review")


def _text(form: FormData, field: str) -> str:
    value = form.get(field, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise DataFileError(f"Expected {what}, a whole number; got {text[:40]!r}.")
    return int(text)
