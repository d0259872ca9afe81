"""`make retest`: whether the embedded model gives the same answers the same levels.

    python -m tests.retest

Fifteen answers of the test split (those of the suite strong-retest) are graded four times: with one
thread and with two, each with a server that has read nothing yet and again with one that has.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.evaluation.runner import Result, run
from mock_interviewer.evaluation.suite import Suite, suite_cases
from mock_interviewer.evaluation.tables import retest
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy, load_catalogue
from mock_interviewer.llm.embedded import EmbeddedChat
from mock_interviewer.llm.model_files import fetch, models_dir

SUITE = Path(__file__).resolve().parent.parent / "evals" / "suites" / "strong-retest.yaml"


def main() -> None:
    """Grade, and print how well the four trials agree."""
    cases, rubric = suite_cases(Suite(SUITE)), load_rubric()
    results: list[Result] = []
    for threads in (1, 2):
        chat = started(threads)
        for state in ("cold", "warm"):
            # A new grader remembers nothing; what the server still knows is its own.
            grader = Grader(chat, rubric, Strategy.SENTENCES)
            trial = len({result.trial for result in results})
            for found in run(cases, chat, lambda _chat, kept=grader: kept):
                results.append(Result(found.case, trial, found.grade, found.reason))
            print(f"{threads} thread(s), {state}: graded", flush=True)
        chat.close()
    print(retest(rubric, results))
    pairs = [
        (first.level(c.id), other.level(c.id))
        for first in results
        if first.trial == 0
        for other in results
        if other.case.id == first.case.id and other.trial
        for c in rubric.criteria
        if first.level(c.id) is not None
    ]
    print(f"The same level as the first time: {np.mean([a == b for a, b in pairs]):.1%}")


def started(threads: int) -> EmbeddedChat:
    """The embedded model with so many threads."""
    entry = load_catalogue().embedded
    chat = EmbeddedChat(
        name=entry.id,
        locate=lambda report: fetch(entry.model_file, models_dir(), report),
        context=entry.context,
        first_token_seconds=60,
        turn_seconds=120,
        threads=threads,
    )
    chat.prepare()
    chat.wait()
    return chat


if __name__ == "__main__":
    main()
