"""Gates: what passes, and that no broken grader, case or baseline gets through."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from mock_interviewer.cli import cli
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation import gates, probing
from mock_interviewer.evaluation.comparing import comparison
from mock_interviewer.evaluation.gates import Gates
from mock_interviewer.evaluation.recordings import RecordingChat, pack, recorded
from mock_interviewer.evaluation.results import Line, Results, load, write
from mock_interviewer.evaluation.robustness import Row
from mock_interviewer.evaluation.runner import run
from mock_interviewer.evaluation.suite import Suite, suite_cases
from mock_interviewer.evaluation.whole import judged
from mock_interviewer.grading import levels
from mock_interviewer.llm.chat import Request
from tests.evaluation import small_suite
from tests.scripted import ScriptedChat

ROOT = Path(__file__).resolve().parents[2]
RUBRIC = load_rubric()
ACCEPTED = load(ROOT / "evals/baselines/strong.jsonl")
STRICT = Gates(mean=0.85, each=0.75)


def failing(
    results: Results, baseline: Results | None = ACCEPTED, wanted: Gates = STRICT
) -> list[str]:
    verdicts = gates.check(wanted, RUBRIC, results, baseline)
    return [verdict.gate for verdict in verdicts if not verdict.passed]


def changed(change: Callable[[Line], Line]) -> Results:
    return replace(ACCEPTED, lines=[change(line) for line in ACCEPTED.lines])


def graded(level: Callable[[Line, range], int | None]) -> Results:
    """The accepted results, but with other levels where there is one."""

    def other(line: Line) -> Line:
        if line.level is None:
            return line
        return line.model_copy(update={"level": level(line, RUBRIC.criterion(line.rating).scale)})

    return changed(other)


def test_the_accepted_results_pass() -> None:
    assert failing(ACCEPTED) == []


DICE = random.Random(3)  # noqa: S311


@pytest.mark.parametrize(
    ("level", "gate"),
    [
        (lambda line, scale: scale[len(scale) // 2], "mean QWK"),
        (lambda line, scale: DICE.choice(scale), "mean QWK"),
        (lambda line, scale: scale.start + scale.stop - 1 - line.level, "mean QWK"),
        (lambda line, scale: min(line.level + 1, scale.stop - 1), "mean QWK against the baseline"),
        (lambda line, scale: None, "coverage"),
    ],
    ids=["constant", "random", "inverted", "off by one", "always ungraded"],
)
def test_a_broken_grader_turns_it_red(
    level: Callable[[Line, range], int | None], gate: str
) -> None:
    assert gate in failing(graded(level))


def test_one_rating_that_falls_turns_it_red_although_the_mean_holds() -> None:
    def worse(line: Line, scale: range) -> int | None:
        if line.rating != "advocacy" or line.case > "a060" or line.level is None:
            return line.level
        return min(line.level + 1, 2)

    found = failing(graded(worse), wanted=Gates(mean=0.85, each=0.5, mean_drop=0.05))
    assert found == ["QWK advocacy against the baseline"]


def test_a_floor_of_one_rating_stands_in_the_place_of_that_for_each() -> None:
    assert failing(ACCEPTED, wanted=Gates(each=0.915)) == ["QWK advocacy"]
    assert failing(ACCEPTED, wanted=Gates(each=0.915, floors={"advocacy": 0.9})) == []


def test_a_single_ungraded_rating_turns_full_coverage_red() -> None:
    (first, *rest) = [line for line in ACCEPTED.lines if line.reference is not None]
    lost = replace(ACCEPTED, lines=[first.model_copy(update={"level": None}), *rest])
    assert failing(lost) == ["coverage"]
    assert failing(lost, wanted=Gates(coverage=0.99)) == []


def test_other_cases_than_those_of_the_baseline_turn_it_red() -> None:
    other = replace(ACCEPTED, head=ACCEPTED.head.model_copy(update={"cases": "0"}))
    assert failing(other) == ["cases are those of the baseline"]


def test_without_a_baseline_the_floors_are_checked_alone() -> None:
    assert failing(ACCEPTED, None) == []


def test_every_changed_grade_is_named_with_what_the_raters_said() -> None:
    line = next(x for x in ACCEPTED.lines if x.rating == "task" and x.level == x.reference == 5)
    after = changed(lambda x: x.model_copy(update={"level": 3}) if x == line else x)
    (moved,) = gates.moved(RUBRIC, ACCEPTED, after)
    assert (moved.case, moved.before, moved.after, moved.worse) == (line.case, 5, 3, True)
    told = comparison(RUBRIC, ACCEPTED, after)
    assert f"worse: {line.case} task: 5 -> 3, raters 5" in told
    assert "1 grades changed, 1 away" in told
    assert not gates.moved(RUBRIC, after, ACCEPTED)[0].worse


def test_what_differs_between_two_runs_is_told() -> None:
    head = ACCEPTED.head.model_copy(update={"prompts": {"levels": "9 (new)"}, "model": "other"})
    told = comparison(RUBRIC, ACCEPTED, replace(ACCEPTED, head=head))
    assert "model: frontier-stand-in -> other" in told
    assert "prompt levels: " in told
    assert "-> 9 (new)" in told


def test_results_survive_their_file_and_a_broken_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    write(ACCEPTED, path)
    assert load(path) == ACCEPTED
    path.write_text(path.read_text().replace('"trial":0', '"trial":"x"', 1))
    with pytest.raises(DataFileError, match=r"results\.jsonl: line 2"):
        load(path)
    with pytest.raises(DataFileError, match="there are no results here"):
        load(tmp_path / "nowhere.jsonl")


# By the commands


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite of six cases with its own cases file, recordings and baseline."""
    path = small_suite.make(tmp_path)
    done = CliRunner().invoke(cli, ["eval", "accept", str(path), "--why", "first"])
    assert done.exit_code == 0, done.output
    return path


def outcome(suite: Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["eval", "run", str(suite)])
    return done.exit_code, done.output


def test_an_accepted_suite_is_green_and_says_why_it_was_accepted(suite: Path) -> None:
    assert outcome(suite)[0] == 0
    assert load(suite.parent.parent / "baselines/small.jsonl").head.why == "first"


def test_an_edited_reference_turns_it_red(suite: Path) -> None:
    path = suite.parent.parent / "cases.jsonl"
    path.write_text(path.read_text().replace('"task": 5', '"task": 4', 1))
    status, told = outcome(suite)
    assert status == 1
    assert "FAIL  cases are those of the baseline" in told


def test_a_dropped_case_turns_it_red(suite: Path) -> None:
    path = suite.parent.parent / "cases.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    status, told = outcome(suite)
    assert status == 1
    assert "Cases that are gone: a001." in told


def test_trials_are_not_served_from_one_recording(suite: Path) -> None:
    suite.write_text(json.dumps(json.loads(suite.read_text()) | {"trials": 4}))
    status, told = outcome(suite)
    assert status == 3
    assert "recorded replies are missing" in told


def test_a_changed_prompt_ends_incomplete_and_with_worse_replies_red(
    suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Suite(suite)
    before = recorded(wanted.model, wanted.recordings)
    changed_prompt = " Be quick."

    def request_of(real: Callable[..., Request]) -> Callable[..., Request]:
        def made(*args: object) -> Request:
            request = real(*args)
            system, *rest = request.messages
            other = system.model_copy(update={"content": system.content + changed_prompt})
            return replace(request, messages=(other, *rest))

        return made

    monkeypatch.setattr(levels, "request", request_of(levels.request))
    status, told = outcome(suite)
    assert status == 3
    assert "6 replies of frontier-stand-in are not recorded" in told

    def careless(request: Request) -> str:
        system, *rest = request.messages
        old = system.model_copy(update={"content": system.content.removesuffix(changed_prompt)})
        reply = json.loads(before.ask(replace(request, messages=(old, *rest))).text)
        for name in ("task", "action", "result", "empathy"):
            reply["ratings"][name]["level"] = 1
        return json.dumps(reply)

    chat = RecordingChat(ScriptedChat(careless), wanted.recordings, wanted.model)
    run(suite_cases(wanted), chat, wanted.grader)
    pack(wanted.recordings, "new")
    status, told = outcome(suite)
    assert status == 1
    assert "away from the raters' level" in told
    assert "worse: a001 " in told
    assert "empathy: " in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"gates": {"floors": {"empaty": 0.5}}}, "floors: no such ratings: empaty"),
        ({"gates": {"robustness": True}}, "robustness: expected a folder"),
        ({"recordings": "../nowhere"}, "nowhere: recordings: there is no such folder"),
    ],
)
def test_a_gate_or_folder_that_cannot_work_is_refused(
    suite: Path, change: dict[str, object], told: str
) -> None:
    suite.write_text(json.dumps(json.loads(suite.read_text()) | change))
    with pytest.raises(DataFileError, match=told):
        CliRunner().invoke(cli, ["eval", "run", str(suite)], catch_exceptions=False)


def test_codes_that_were_fitted_for_another_rubric_are_not_measured(suite: Path) -> None:
    suite.write_text(json.dumps(json.loads(suite.read_text()) | {"strategy": "sentences"}))
    with pytest.raises(DataFileError, match="belongs to another rubric or sentence prompt"):
        CliRunner().invoke(cli, ["eval", "run", str(suite)], catch_exceptions=False)


def test_accepting_tells_what_moved_and_what_still_fails(suite: Path) -> None:
    data = json.loads(suite.read_text()) | {"gates": {"mean": 0.999}}
    suite.write_text(json.dumps(data))
    done = CliRunner().invoke(cli, ["eval", "accept", str(suite), "--why", "second"])
    assert "0 grades changed" in done.output
    assert "Still failing: mean QWK" in done.output


def test_nothing_is_accepted_without_a_reason_or_with_replies_missing(suite: Path) -> None:
    done = CliRunner().invoke(cli, ["eval", "accept", str(suite), "--why", "  "])
    assert done.exit_code != 0
    suite.write_text(json.dumps(json.loads(suite.read_text()) | {"model": "another"}))
    done = CliRunner().invoke(cli, ["eval", "accept", str(suite), "--why", "new"])
    assert done.exit_code == 3
    assert load(suite.parent.parent / "baselines/small.jsonl").head.why == "first"


def test_missing_replies_come_by_batch_files(suite: Path, tmp_path: Path) -> None:
    recordings = suite.parent.parent / "recordings"
    known = recorded("frontier-stand-in", recordings)
    for path in recordings.iterdir():
        path.unlink()
    requests, replies = tmp_path / "requests.jsonl", tmp_path / "replies.jsonl"
    done = CliRunner().invoke(cli, ["eval", "record", str(suite), "--requests", str(requests)])
    assert done.exit_code == 0, done.output
    assert "6 replies are missing" in done.output
    keys = [json.loads(line)["custom_id"] for line in requests.read_text().splitlines()]
    first = "".join(json.dumps(known._replies[key]) + "\n" for key in keys[:5])
    replies.write_text(first)
    done = CliRunner().invoke(cli, ["eval", "record", str(suite), "--replies", str(replies)])
    assert "5 replies taken in.\n1 replies are missing" in done.output
    assert outcome(suite)[0] == 3
    replies.write_text(json.dumps(known._replies[keys[5]]) + "\n")
    CliRunner().invoke(cli, ["eval", "record", str(suite), "--replies", str(replies)])
    assert outcome(suite)[0] == 0


def test_two_results_files_are_compared(suite: Path, tmp_path: Path) -> None:
    base = ROOT / "evals/baselines"
    done = CliRunner().invoke(
        cli, ["eval", "compare", str(base / "strong.jsonl"), str(base / "embedded.jsonl")]
    )
    assert done.exit_code == 0, done.output
    assert "strategy: levels -> sentences" in done.output
    assert "grades changed" in done.output


def test_rows_that_are_known_to_fail_are_only_printed() -> None:
    suite = Suite(ROOT / "evals/suites/embedded.yaml")
    rows = [Row(name, 12, ".4", ".2", passed=False) for name in ("padding", "layout")]
    for known, failing in (((), ["padding", "layout"]), (("padding",), ["layout"])):
        suite.gates = Gates(robustness=True, robustness_not_yet=known)
        found = judged(suite, ACCEPTED, rows, [], None)
        assert [v.gate for v in found if not v.passed] == [f"robustness: {n}" for n in failing]


def test_a_row_that_does_not_exist_is_refused(suite: Path) -> None:
    gated = {"gates": {"robustness": True, "robustness_not_yet": ["pading"]}}
    suite.write_text(json.dumps(json.loads(suite.read_text()) | gated))
    with pytest.raises(DataFileError, match="robustness_not_yet: no such rows: pading"):
        CliRunner().invoke(cli, ["eval", "run", str(suite)], catch_exceptions=False)


def test_earlier_baselines_are_remembered_with_their_reasons(suite: Path) -> None:
    CliRunner().invoke(cli, ["eval", "accept", str(suite), "--why", "second"])
    head = load(suite.parent.parent / "baselines/small.jsonl").head
    assert head.why == "second"
    assert [entry.partition(": ")[2] for entry in head.earlier] == ["first"]


@pytest.mark.parametrize(
    "looser",
    [{"gates": {}}, {"gates": {"mean": 0.5, "each_drop": 2}}, {"gates": {"mean": 0.1}}],
    ids=["none", "a wide drop", "a low floor"],
)
def test_loosened_gates_turn_it_red_until_they_are_accepted(
    suite: Path, looser: dict[str, object]
) -> None:
    suite.write_text(json.dumps(json.loads(suite.read_text()) | looser))
    status, told = outcome(suite)
    assert status == 1
    assert "FAIL  gates are those of the baseline" in told
    CliRunner().invoke(cli, ["eval", "accept", str(suite), "--why", "looser"])
    assert outcome(suite)[0] == 0


def test_a_suite_without_a_baseline_says_so(suite: Path) -> None:
    (suite.parent.parent / "baselines/small.jsonl").unlink()
    assert "There is no baseline to fall behind; accept one." in outcome(suite)[1]


@pytest.mark.parametrize(("wanted", "passed"), [(0.98, True), (0.99, False)])
def test_probes_that_ask_for_too_little_that_is_missing_turn_it_red(
    wanted: float, passed: bool
) -> None:
    strong = Suite(ROOT / "evals/suites/strong.yaml")
    strong.gates = Gates(probes=wanted)
    chat = recorded(strong.model, strong.recordings)
    probed = probing.run(strong.holed(), strong.prober(chat))
    (found,) = [v for v in judged(strong, ACCEPTED, [], probed, None) if v.gate == "probes"]
    # 54 of 55 are .982
    assert (found.figure, found.passed) == ("98% ask for something missing", passed)


def test_a_changed_probe_prompt_is_named(tmp_path: Path) -> None:
    dev = str(ROOT / "evals/reference/dev.jsonl")
    suite = small_suite.make(tmp_path, probes=[dev])
    done = CliRunner().invoke(cli, ["eval", "accept", str(suite), "--why", "first"])
    assert done.exit_code == 0, done.output
    folder = tmp_path / "changed"
    folder.mkdir()
    prompt = (ROOT / "prompts/probe.yaml").read_text()
    (folder / "probe.yaml").write_text(prompt.replace("version: 3", "version: 4"))
    suite.write_text(json.dumps(json.loads(suite.read_text()) | {"prompts": "../changed"}))
    assert "prompt probe: 3 " in outcome(suite)[1]


def test_replies_of_another_model_are_not_taken_in(suite: Path, tmp_path: Path) -> None:
    replies = tmp_path / "replies.jsonl"
    body = {"model": "my-model", "choices": []}
    line = {"custom_id": "x", "response": {"status_code": 200, "body": body}}
    replies.write_text(json.dumps(line) + "\n")
    done = CliRunner().invoke(cli, ["eval", "record", str(suite), "--replies", str(replies)])
    assert "the reply is of my-model, the suite is for frontier-stand-in" in str(done.exception)
