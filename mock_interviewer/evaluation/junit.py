"""Gates of finished runs as JUnit XML, which CI servers show as tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from mock_interviewer.evaluation.gates import Verdict
from mock_interviewer.evaluation.overview import Overview
from mock_interviewer.evaluation.verdict import replies

REPLIES = "every reply is recorded"
SHOWN = 40


def junit(suites: Sequence[Overview]) -> str:
    """A test suite for each suite, a test case for each gate, and one for the replies."""
    root = ET.Element("testsuites", name="mock-interviewer eval")
    parts = [_suite(suite) for suite in suites]
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(part.get(count, "0")) for part in parts)))
    root.extend(parts)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(suite: Overview) -> ET.Element:
    cases = [_replies(suite), *_gates(suite)]
    part = ET.Element("testsuite", name=suite.id)
    part.set("tests", str(len(cases)))
    for count, tag in (("failures", "failure"), ("errors", "error")):
        part.set(count, str(sum(case.find(tag) is not None for case in cases)))
    part.set("skipped", "0")
    part.extend(cases)
    return part


def _replies(suite: Overview) -> ET.Element:
    case = _case(suite, REPLIES)
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


def _gates(suite: Overview) -> list[ET.Element]:
    verdicts = suite.whole.verdicts
    names = Counter(verdict.gate for verdict in verdicts)
    cases = []
    for verdict in verdicts:
        # Two rows of robustness can share a name: what is bounded tells them apart.
        double = names[verdict.gate] > 1
        case = _case(suite, f"{verdict.gate} ({verdict.bound})" if double else verdict.gate)
        if not verdict.passed:
            _add(case, "failure", f"{verdict.figure}, wanted: {verdict.bound}", _told(verdict))
        cases.append(case)
    return cases


def _told(verdict: Verdict) -> str:
    return f"{verdict.gate}: {verdict.figure}\nwanted: {verdict.bound}"


def _case(suite: Overview, name: str) -> ET.Element:
    return ET.Element("testcase", classname=_clean(f"eval.{suite.id}"), name=_clean(name))


def _add(case: ET.Element, tag: str, message: str, text: str) -> None:
    found = ET.SubElement(case, tag, message=_clean(message), type=tag)
    found.text = _clean(text)


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
