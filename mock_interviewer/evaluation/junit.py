"""Gates of finished runs as JUnit XML, which CI servers show as tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from mock_interviewer.evaluation.gates import Verdict
from mock_interviewer.evaluation.overview import Overview
from mock_interviewer.evaluation.reply_run import ReplyRun
from mock_interviewer.evaluation.verdict import ending, replies
from mock_interviewer.evaluation.whole import Whole

REPLIES = "every reply is recorded"
SHOWN = 40


def junit(suites: Sequence[Overview], runs: Sequence[ReplyRun] = ()) -> str:
    """A test suite for each suite, a test case for each gate, and one for the replies."""
    root = ET.Element("testsuites", name="mock-interviewer eval")
    parts = [_part(suite.id, [_replies(suite), *_gates(suite.whole)]) for suite in suites]
    parts += [_part(run.suite.id, [_recorded(run), *_gates(run)]) for run in runs]
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(part.get(count, "0")) for part in parts)))
    root.extend(parts)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _part(name: str, cases: Sequence[ET.Element]) -> ET.Element:
    part = ET.Element("testsuite", name=name)
    part.set("tests", str(len(cases)))
    for count, tag in (("failures", "failure"), ("errors", "error")):
        part.set(count, str(sum(case.find(tag) is not None for case in cases)))
    part.set("skipped", "0")
    part.extend(cases)
    return part


def _replies(suite: Overview) -> ET.Element:
    case = _case(suite.id, REPLIES)
    if suite.whole.missed:
        told = [suite.ending.sentence]
        if suite.waiting:
            more = len(suite.waiting) - SHOWN
            told.append("Cases that wait for replies: " + ", ".join(suite.waiting[:SHOWN]))
            told[-1] += f" and {more} more." if more > 0 else "."
        if suite.differences:
            told += ["Since the baseline was accepted:", *suite.differences]
        _add(case, "error", f"{replies(suite.whole.missed)} missing", "\n".join(told))
    return case


def _recorded(run: ReplyRun) -> ET.Element:
    case = _case(run.suite.id, REPLIES)
    if run.missed:
        _add(case, "error", f"{replies(run.missed)} missing", ending(run).sentence)
    return case


def _gates(run: Whole | ReplyRun) -> list[ET.Element]:
    verdicts = run.verdicts
    names = Counter(verdict.gate for verdict in verdicts)
    cases = []
    for verdict in verdicts:
        # Two rows of robustness can share a name: what is bounded tells them apart.
        double = names[verdict.gate] > 1
        case = _case(run.suite.id, f"{verdict.gate} ({verdict.bound})" if double else verdict.gate)
        if not verdict.passed:
            _add(case, "failure", f"{verdict.figure}, wanted: {verdict.bound}", _told(verdict))
        cases.append(case)
    return cases


def _told(verdict: Verdict) -> str:
    return f"{verdict.gate}: {verdict.figure}\nwanted: {verdict.bound}"


def _case(suite: str, name: str) -> ET.Element:
    return ET.Element("testcase", classname=_clean(f"eval.{suite}"), name=_clean(name))


def _add(case: ET.Element, tag: str, message: str, text: str) -> None:
    found = ET.SubElement(case, tag, message=_clean(message), type=tag)
    found.text = _clean(text)


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
