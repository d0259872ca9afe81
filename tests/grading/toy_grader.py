"""Graders by the toy rubric, over a scripted model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_interviewer.core.grade import Usage
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Reply, Request
from tests.scripted import Script, ScriptedChat
from tests.toy_rubric import RUBRIC, checklist_model

COST = Usage(prompt=100, cached=90, completion=1)


def grader(
    script: Script | str | Reply | Exception = "",
    strategy: Strategy = Strategy.LEVELS,
    **options: Any,
) -> Grader:
    return Grader(ScriptedChat(script), RUBRIC, strategy, **options)


def small(met: Mapping[str, float] | None = None, **options: Any) -> Grader:
    """A grader by checklist, whose model finds the items met as given, else 0.9."""
    return grader(checklist_model(met or {}, **options), Strategy.CHECKLIST)


def asked(grader: Grader) -> list[Request]:
    assert isinstance(grader.model, ScriptedChat)
    return grader.model.requests
