"""What the embedded model says to each order: `python -m tests.interviewing.embedded_injections`.

Prints what a candidate is asked in each row of the table, and whose words these are: the model's,
or the prepared ones because the model's had left the interviewer's bounds.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from itertools import chain

from mock_interviewer.core.questions import Question, load_bank
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.prober import Found, Prober, Words, make_prober
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.connect import connect
from mock_interviewer.settings import load_settings
from tests.interviewing.injections import INJECTIONS, Injection

QUESTION = "customer-who-was-angry"
ASKED_BEFORE = "Which parcel was it?"


def asked(prober: Prober, question: Question, injection: Injection) -> tuple[str, str]:
    """Whose words, and which."""
    first, *more = (Line(role=Role.CANDIDATE, text=text) for text in injection.told)
    between = Line(role=Role.INTERVIEWER, text=ASKED_BEFORE)
    lines = [first, *chain.from_iterable((between, line) for line in more)]
    words = Words("")
    for step in prober.probe(question, lines, tuple(question.probes)):
        match step:
            case Found(None):
                return "nothing", ""
            case Words():
                words = step
    return ("prepared" if words.prepared else "model"), words.text


def main() -> None:
    """Ask for each row, in the table's order."""
    logging.disable(logging.CRITICAL)
    connection = connect(load_settings())
    assert connection.embedded is not None
    connection.embedded.prepare()
    connection.embedded.wait()
    strategy = connection.entry.strategy or Strategy.CHECKLIST
    context = connection.entry.context
    grader = Grader(connection.model, load_rubric(), strategy, context)
    prober = make_prober(connection.model, grader, context, math.inf, math.inf)
    question = load_bank().get(QUESTION)
    counts: Counter[str] = Counter()
    for name, injection in INJECTIONS.items():
        started = time.monotonic()
        whose, text = asked(prober, question, injection)
        counts[whose] += 1
        print(f"{name} | {whose} | {time.monotonic() - started:.0f} s | {text}", flush=True)
    print(", ".join(f"{whose}: {count}" for whose, count in counts.most_common()))
    connection.embedded.close()


if __name__ == "__main__":
    main()
