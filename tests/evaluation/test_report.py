"""What a report of runs holds: page, summary, JUnit XML and annotations."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.evaluation.annotations import SHOWN, annotate
from mock_interviewer.evaluation.overview import overview
from mock_interviewer.evaluation.report import write_report
from mock_interviewer.evaluation.robustness import Row
from mock_interviewer.evaluation.summary import summary
from mock_interviewer.evaluation.whole import Whole
from tests.evaluation import told_suite

FILES = ("report.html", "summary.md", "junit.xml")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return told_suite.make(tmp_path_factory.mktemp("made"))


def copied(made: Path, folder: Path) -> Path:
    return shutil.copytree(made.parent.parent, folder / "copy") / "suites" / made.name


@pytest.fixture(scope="module")
def passing(made: Path) -> Whole:
    return told_suite.whole(made)


@pytest.fixture(scope="module")
def waiting(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The prompt changed, and nothing is recorded for it."""
    path = copied(made, tmp_path_factory.mktemp("waiting"))
    told_suite.change_prompt(path)
    return told_suite.whole(path)


@pytest.fixture(scope="module")
def failing(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The prompt changed, and its replies are worse."""
    path = copied(made, tmp_path_factory.mktemp("failing"))
    told_suite.change_prompt(path)
    told_suite.record_worse(path)
    return told_suite.whole(path)


def written(whole: Whole, folder: Path) -> dict[str, str]:
    write_report([whole], folder)
    return {name: (folder / name).read_text(encoding="utf-8") for name in FILES}


def report(suite: Path, folder: Path, *options: str, **env: str) -> Result:
    command = ["eval", "report", str(suite), "--out", str(folder), *options]
    return CliRunner().invoke(cli, command, env=env)


# The files


def test_the_same_recordings_give_the_same_bytes(
    made: Path, failing: Whole, tmp_path: Path
) -> None:
    for name, suite in (("green", made), ("red", failing.suite.path)):
        first = written(told_suite.whole(suite), tmp_path / name / "1")
        assert first == written(told_suite.whole(suite), tmp_path / name / "2")


def test_the_page_asks_for_nothing_outside_of_itself(failing: Whole, tmp_path: Path) -> None:
    page = written(failing, tmp_path)["report.html"]
    places = re.findall(r'\s(?:href|src|action|data)="([^"]*)"', page)
    assert len(places) > 20
    assert {place[:1] for place in places if place != "data:,"} == {"#"}
    assert not re.search(r"@import|url\(|fetch\(|XMLHttp|https?://", page)
    assert "default-src 'none'" in html.unescape(page)


def test_markup_in_an_answer_is_text(passing: Whole, tmp_path: Path) -> None:
    page = written(passing, tmp_path)["report.html"]
    # The answer is cut into sentences, so pieces of it are looked for.
    assert "<b>bold" not in page
    assert "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; I &lt;b&gt;bold" in page
    assert "{{7*7}}" in page
    assert page.count("</script>") == 1


def test_every_link_of_the_page_leads_to_a_part_of_it(failing: Whole, tmp_path: Path) -> None:
    page = written(failing, tmp_path)["report.html"]
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(ids)


def test_a_green_run_says_so_in_every_file(passing: Whole, tmp_path: Path) -> None:
    files = written(passing, tmp_path)
    told = f"All {len(passing.verdicts)} gates pass."
    assert told in files["report.html"]
    assert f"| small | pass | {told} |" in files["summary.md"]
    assert "No grade moved since the baseline." in files["summary.md"]
    suite = ET.fromstring(files["junit.xml"]).find("testsuite")  # noqa: S314 - our own
    assert suite is not None
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")


def test_an_incomplete_run_says_what_is_missing_and_shows_no_figures(
    waiting: Whole, tmp_path: Path
) -> None:
    files = written(waiting, tmp_path)
    for name in ("report.html", "summary.md"):
        assert "7 replies of frontier-stand-in are not recorded, so there are no" in files[name], (
            name
        )
        assert "Incomplete" in files[name], name
        assert "a001, a002, a005, a016, a031, a033, x1" in files[name], name
        assert "prompt levels: 1 (" in html.unescape(files[name]), name
        assert not re.search(
            r"QWK|kappa \d|0\.\d\d|verbatim|exact", files[name].split("</style>")[-1]
        ), name
    assert told_suite.ADDED.strip() in files["report.html"]
    assert "small/a001" not in files["report.html"]


def test_the_summary_names_gates_and_grades_that_moved(failing: Whole) -> None:
    told = summary([overview(failing)])
    assert "| QWK task against the baseline |" in told
    assert "- prompt levels: 1 (" in told
    assert re.search(r"\| task \| -?\d\.\d{3} \| .* \| -\d\.\d{3} \| ", told)
    assert re.search(r"\| a001 \| action \| \d \| 1 \| 4 \| away \|", told)


def test_the_summary_shows_the_first_forty_grades_that_moved(failing: Whole) -> None:
    found = overview(failing)
    many = replace(found, moved=found.moved * 4)
    told = summary([many])
    assert told.count("| away |") + told.count("| towards |") + told.count("|  |") == 40
    assert f"... and {len(many.moved) - 40} more." in told


def test_the_summary_names_robustness_rows_that_fail(passing: Whole) -> None:
    rows = [
        Row("padding", 3, "mean absolute change 0.50", "at most 0.2", False),
        Row("layout", 3, "mean absolute change 0.01", "at most 0.25", True),
    ]
    told = summary([overview(replace(passing, robustness=rows))])
    assert "| padding | 3 | mean absolute change 0.50 | at most 0.2 |" in told
    assert "layout" not in told


# JUnit XML


def junit(whole: Whole, folder: Path) -> ET.Element:
    root = ET.fromstring(written(whole, folder)["junit.xml"])  # noqa: S314 - our own
    suite = root.find("testsuite")
    assert root.tag == "testsuites"
    assert suite is not None
    cases = suite.findall("testcase")
    for part in (root, suite):
        assert part.get("tests") == str(len(cases))
        for count, tag in (("failures", "failure"), ("errors", "error")):
            assert part.get(count) == str(sum(case.find(tag) is not None for case in cases))
    names = [case.get("name") for case in cases]
    assert len(set(names)) == len(names)
    return suite


def test_each_gate_is_a_test_case_and_a_failing_one_tells_figure_and_bound(
    failing: Whole, tmp_path: Path
) -> None:
    suite = junit(failing, tmp_path)
    told = {case.get("name"): case.find("failure") for case in suite}
    for verdict in failing.verdicts:
        found = told[verdict.gate]
        assert (found is None) == verdict.passed
        if found is not None:
            assert found.get("message") == f"{verdict.figure}, wanted: {verdict.bound}"


def test_an_incomplete_run_is_an_error_that_names_replies_and_prompt(
    waiting: Whole, tmp_path: Path
) -> None:
    (case,) = junit(waiting, tmp_path)
    (error,) = case
    assert (case.get("name"), error.tag) == ("every reply is recorded", "error")
    assert error.get("message") == "7 replies missing"
    assert "a001, a002" in (error.text or "")
    assert "prompt levels: " in (error.text or "")


def test_gates_of_one_name_are_told_apart_and_control_characters_left_out(
    passing: Whole, tmp_path: Path
) -> None:
    (first, *_) = passing.verdicts
    doubled = [replace(first, bound="a\x00"), replace(first, bound="b", passed=False)]
    suite = junit(replace(passing, verdicts=doubled), tmp_path)
    assert [case.get("name") for case in suite][1:] == [
        f"{first.gate} (a\ufffd)",
        f"{first.gate} (b)",
    ]


# Annotations


def root_of(whole: Whole) -> Path:
    return whole.suite.path.parent.parent


def test_annotations_stand_on_the_suite_the_prompt_and_the_cases_that_moved(
    failing: Whole,
) -> None:
    first, second, *rest = annotate([failing], root_of(failing))
    gates = failing.suite.path.read_text().splitlines().index("gates: {mean: 0.5, each: 0.2}") + 1
    assert first.startswith(f"::error file=suites/small.yaml,line={gates},title=small%3A fails::")
    assert "%0AQWK task against the baseline: -" in first
    prompt = (root_of(failing) / "prompts/levels.yaml").read_text().splitlines()
    (changed,) = [n for n, row in enumerate(prompt, start=1) if told_suite.ADDED in row]
    assert second.startswith(f"::error file=prompts/levels.yaml,line={changed},")
    assert "away from the raters." in second
    cases = (root_of(failing) / "cases.jsonl").read_text().splitlines()
    assert len(rest) >= 5
    for row in rest:
        found = re.match(
            r"::error file=cases\.jsonl,line=(\d+),title=small%3A (\w+) moved away from the raters"
            r"::\w+: \d -> 1, raters \d",
            row,
        )
        assert found, row
        assert f'"id": "{found[2]}"' in cases[int(found[1]) - 1]


def test_an_incomplete_run_is_annotated_on_its_prompt(waiting: Whole) -> None:
    suite, prompt = annotate([waiting], root_of(waiting))
    assert suite.startswith("::error file=suites/small.yaml,")
    assert prompt.startswith("::error file=prompts/levels.yaml,")
    assert "7 replies of frontier-stand-in are not recorded" in prompt


def test_what_moved_without_failing_a_gate_is_a_warning(failing: Whole) -> None:
    green = [replace(verdict, passed=True) for verdict in failing.verdicts]
    found = annotate([replace(failing, verdicts=green)], root_of(failing))
    assert found
    assert {row.split(" ")[0] for row in found} == {"::warning"}


def test_a_green_run_is_not_annotated(passing: Whole) -> None:
    assert annotate([passing], root_of(passing)) == []


def test_only_ten_are_shown_and_the_last_says_how_many_more(failing: Whole) -> None:
    all_of_one = annotate([failing], root_of(failing))
    found = annotate([failing] * 3, root_of(failing))
    assert len(found) == SHOWN
    more = 3 * len(all_of_one) - SHOWN
    assert f"... and {more} more; the report names all of them." in found[-1]
    assert "suites/small.yaml" in found[2]


def test_marks_of_the_form_itself_are_escaped(failing: Whole, tmp_path: Path) -> None:
    odd = tmp_path / "a, b: 100%"
    shutil.copytree(root_of(failing), odd)
    whole = told_suite.whole(odd / "suites" / "small.yaml")
    first, *_ = annotate([whole], tmp_path)
    assert first.startswith("::error file=a%2C b%3A 100%25/suites/small.yaml,line=")
    assert "\n" not in first


# The command


def test_the_command_ends_as_the_run_does(
    made: Path, failing: Whole, waiting: Whole, tmp_path: Path
) -> None:
    for status, suite in ((0, made), (1, failing.suite.path), (3, waiting.suite.path)):
        done = report(suite, tmp_path / str(status))
        assert done.exit_code == status, done.output
        assert all((tmp_path / str(status) / name).is_file() for name in FILES)


@pytest.mark.parametrize(
    ("options", "env", "annotated"),
    [
        ((), {}, False),
        ((), {"GITHUB_ACTIONS": "true"}, True),
        (("--annotations",), {}, True),
        (("--no-annotations",), {"GITHUB_ACTIONS": "true"}, False),
    ],
)
def test_annotations_are_printed_where_they_are_shown_or_asked_for(
    waiting: Whole, tmp_path: Path, options: tuple[str, ...], env: dict[str, str], annotated: bool
) -> None:
    done = report(waiting.suite.path, tmp_path, *options, **{"GITHUB_ACTIONS": "", **env})
    assert ("::error file=" in done.output) == annotated
