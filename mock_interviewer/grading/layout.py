"""How an answer stands in a prompt.

Each turn is fenced by its own hash, so that a transcript that grows by a reply keeps its beginning
to the letter, and a server that has read it need not read it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from mock_interviewer.core.prompts import fence, fenced
from mock_interviewer.core.transcript import Line, Role, Sentence, sentences

_NAMES = {Role.CANDIDATE: "Candidate", Role.INTERVIEWER: "Interviewer"}


def plain(lines: Sequence[Line]) -> str:
    """The turns one after the other, each fenced."""
    return "\n".join(f"{_NAMES[line.role]}:\n{fenced(line.text)}" for line in lines)


def numbered(lines: Sequence[Line], role: Role) -> str:
    """The turns with the sentences of `role` numbered, one a line; the others are not citable."""
    by_line: dict[int, list[Sentence]] = {}
    for sentence in sentences(lines, role):
        by_line.setdefault(sentence.line, []).append(sentence)
    parts = []
    for index, line in enumerate(lines):
        if line.role is role:
            mark = fence(line.text)
            rows = [
                f"{sentence.number}. {' '.join(sentence.text.split())}"
                for sentence in by_line.get(index, [])
            ]
            parts.append("\n".join([f"{_NAMES[line.role]}:", mark, *rows, mark]))
        else:
            parts.append(f"{_NAMES[line.role]}:\n{fenced(line.text)}")
    return "\n".join(parts)
