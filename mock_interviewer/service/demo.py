"""The demo report: an invented interview and its grades, shipped with the program.

The grades were made by the program from recorded replies; `demo/README.md` says of which model.
"""

from __future__ import annotations

import json
from datetime import datetime

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.grade import Grade, Usage
from mock_interviewer.core.interview import Mode, Trade, Turn, TurnKind
from mock_interviewer.core.questions import Aim, load_bank
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.service import reports
from mock_interviewer.storage.records import AnswerState, StoredAnswer, StoredInterview


class _DemoTurn(Strict):
    kind: TurnKind
    text: str = ""
    question: int
    aim: Aim | None = None


class _DemoInterview(Strict):
    date: datetime
    mode: Mode
    trade: Trade
    questions: tuple[str, ...]
    turns: tuple[_DemoTurn, ...]


def interview() -> StoredInterview:
    """The invented interview. Raises `DataFileError`."""
    bank = load_bank()
    data = datafile.load(_DemoInterview, package_file("demo", "interview.yaml"))
    return StoredInterview(
        id="demo",
        candidate_id="demo",
        created_at=data.date,
        mode=data.mode,
        trade=data.trade.value,
        questions=tuple(bank.get(question_id) for question_id in data.questions),
        turns=tuple(
            Turn(number, turn.kind, turn.text, turn.question, 0, turn.aim)
            for number, turn in enumerate(data.turns)
        ),
        draft="",
        usage=Usage(),
    )


def report() -> reports.Report:
    """The demo interview's report. Raises `DataFileError`."""
    text = package_file("demo", "grades.json").read_text(encoding="utf-8")
    answers = [
        StoredAnswer(
            id=place,
            interview_id="demo",
            question=place,
            attempt=0,
            state=AnswerState.GRADED,
            reason="",
            tries=0,
            grade=datafile.validated(Grade, grade, f"demo/grades.json: {place}"),
        )
        for place, grade in enumerate(json.loads(text))
    ]
    return reports.make(interview(), answers, load_rubric())
