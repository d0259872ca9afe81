"""Suites of reference replies: what agrees, what turns them red, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.core.observation import Asking, Behaviour, Misstep, Observation
from mock_interviewer.core.scenario_bank import find_scenario, load_scenarios
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation import replies
from mock_interviewer.evaluation.named_lines import load_named
from mock_interviewer.evaluation.replies import (
    DrillLine,
    LineJudgement,
    Place,
    ReplyJudgement,
    RolePlayReply,
    Scale,
    mood_change,
    observed,
)
from mock_interviewer.evaluation.reply_run import run_replies
from mock_interviewer.evaluation.reply_suite import ReplySuite
from mock_interviewer.evaluation.reply_tables import Pair, interval, kappa
from mock_interviewer.llm.recorded import RecordedChat

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "evals" / "reference"
SCENARIOS = load_scenarios()
GATES = {"mean": 0.8, "each": 0.7}

Say = Callable[[Any], dict[str, Any]]
"""What the model says to a reply, as the JSON that is asked for."""


def as_the_raters(case: DrillLine | RolePlayReply) -> dict[str, Any]:
    judged = case.reference
    if isinstance(judged, LineJudgement):
        points = {name: {"evidence": [1], "met": met} for name, met in judged.met.items()}
        return {"not_an_attempt": judged.not_an_attempt, "points": points, "advice": ""}
    assert isinstance(case, RolePlayReply)
    scenario = find_scenario(SCENARIOS, case.scenario)
    return {
        "behaviours": {
            b.value: {"evidence": [1], "level": level} for b, level in judged.behaviours.items()
        },
        "missteps": {m.value: [1] if m in judged.missteps else [] for m in Misstep},
        "asked": {a.value: [1] if a in judged.asked else [] for a in Asking},
        "acts": {act.id: [1] if act.id in judged.acts else [] for act in scenario.acts},
    }


def all_met(case: DrillLine) -> dict[str, Any]:
    said = as_the_raters(case)
    return said | {"points": {name: {"evidence": [1], "met": True} for name in said["points"]}}


def nothing_seen(case: RolePlayReply) -> dict[str, Any]:
    said = as_the_raters(case)
    empty = {b.value: {"evidence": [], "level": 0} for b in Behaviour}
    return {"behaviours": empty} | {
        key: {name: [] for name in said[key]} for key in ("missteps", "asked", "acts")
    }


def the_other_way_round(case: DrillLine) -> dict[str, Any]:
    said = as_the_raters(case)
    turned = {name: {"evidence": [1], "met": not p["met"]} for name, p in said["points"].items()}
    return said | {"points": turned}


def make(folder: Path, kind: str, say: Say, **more: Any) -> Path:
    """A suite of the dev replies, to which the model has said what `say` gives."""
    name = "drills" if kind == "drills" else "role-play"
    lines = (REFERENCE / f"{name}-dev.jsonl").read_text(encoding="utf-8")
    (folder / "suites").mkdir(parents=True, exist_ok=True)
    (folder / "cases.jsonl").write_text(lines, encoding="utf-8")
    path = folder / "suites" / "small.yaml"
    data = {
        "id": "small",
        "replies": kind,
        "reader": "prompt",
        "cases": ["../cases.jsonl"],
        "dev": ["../cases.jsonl"],
        "model": "some-model",
        "recordings": "../recordings",
        "gates": GATES,
    }
    path.write_text(json.dumps(data | more))
    record(path, say)
    return path


def record(path: Path, say: Say) -> None:
    suite = ReplySuite(path)
    suite.recordings.mkdir(exist_ok=True)
    with (suite.recordings / "fresh.jsonl").open("w") as file:
        chat = RecordedChat(suite.model)
        for judged in suite.judged(chat):
            chat.missing.clear()
            judged.read()
            (key,) = chat.missing
            said = say(judged.case)
            content = said if isinstance(said, str) else json.dumps(said)
            body = {"choices": [{"message": {"role": "assistant", "content": content}}]}
            line = {"custom_id": key, "response": {"status_code": 200, "body": body}}
            file.write(json.dumps(line | {"error": None}) + "\n")


def run(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["eval", "run", str(path), *arguments])


@pytest.mark.parametrize("kind", ["drills", "role_play"])
def test_a_grader_that_says_what_the_raters_say_agrees_wholly(tmp_path: Path, kind: str) -> None:
    path = make(tmp_path, kind, as_the_raters)
    suite = ReplySuite(path)
    found = run_replies(suite, RecordedChat(suite.model, [suite.recordings / "fresh.jsonl"]))
    assert [row.agreement.kappa for row in found.rows] == [1.0] * len(found.rows)
    assert found.failed == []
    assert run(path).exit_code == 0


@pytest.mark.parametrize(
    ("kind", "say"),
    [("drills", all_met), ("drills", the_other_way_round), ("role_play", nothing_seen)],
)
def test_a_broken_grader_turns_it_red(tmp_path: Path, kind: str, say: Say) -> None:
    done = run(make(tmp_path, kind, say))
    assert done.exit_code == 1
    assert "FAIL" in done.output


def test_a_dropped_reply_turns_it_red(tmp_path: Path) -> None:
    path = make(tmp_path, "drills", as_the_raters)
    accepted = CliRunner().invoke(cli, ["eval", "accept", str(path), "--why", "the first"])
    assert accepted.exit_code == 0
    assert run(path).exit_code == 0
    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(cases.read_text().splitlines(keepends=True)[1:]))
    done = run(path)
    assert done.exit_code == 1
    assert "FAIL  cases are those of the baseline" in done.output


def test_a_level_that_moves_is_named(tmp_path: Path) -> None:
    path = make(tmp_path, "drills", as_the_raters)
    CliRunner().invoke(cli, ["eval", "accept", str(path), "--why", "the first"])
    first = ReplySuite(path).rated()[0]

    def one_otherwise(case: DrillLine) -> dict[str, Any]:
        return the_other_way_round(case) if case.id == first.id else as_the_raters(case)

    record(path, one_otherwise)
    done = run(path)
    point = next(place.case for place in first.reference if place.rating == replies.POINTS)
    assert f"worse: {point} points" in done.output


def test_a_reply_that_cannot_be_read_is_left_ungraded_and_told(tmp_path: Path) -> None:
    path = make(tmp_path, "drills", lambda case: "no JSON")
    done = run(path)
    assert done.exit_code == 3
    assert "0 of 29 replies read" in done.output
    assert "not valid JSON" in done.output


def test_without_recordings_there_are_no_figures(tmp_path: Path) -> None:
    path = make(tmp_path, "drills", as_the_raters)
    (tmp_path / "recordings" / "fresh.jsonl").write_text("")
    done = run(path)
    assert done.exit_code == 3
    assert "QWK" not in done.output


def test_a_report_tells_of_replies_too(tmp_path: Path) -> None:
    path = make(tmp_path, "drills", all_met)
    done = CliRunner().invoke(cli, ["eval", "report", str(path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    page, summary, junit = (
        (tmp_path / "out" / name).read_text() for name in ("report.html", "summary.md", "junit.xml")
    )
    assert "gates fail" in page
    assert "raters: QWK of every two raters" in page
    assert "| small | FAIL |" in summary
    assert '<failure message="0.000, wanted: at least 0.700"' in junit


def test_a_first_look_takes_the_dev_replies_and_checks_coverage_alone(tmp_path: Path) -> None:
    done = run(make(tmp_path, "drills", all_met), "--smoke")
    assert done.exit_code == 0
    assert "small-smoke" in done.output


@pytest.mark.parametrize("name", ["suites/small.yaml", "baselines/small.jsonl"])
def test_runs_of_replies_are_not_compared(tmp_path: Path, name: str) -> None:
    path = make(tmp_path, "drills", as_the_raters)
    CliRunner().invoke(cli, ["eval", "accept", str(path), "--why", "the first"])
    wanted = str(tmp_path / name)
    done = CliRunner().invoke(cli, ["eval", "compare", wanted, wanted])
    assert "only runs of answers" in str(done.exception)


@pytest.mark.parametrize(
    ("kind", "key", "value", "told"),
    [
        ("drills", "drill", "no-such-drill", "is no drill that is written"),
        ("drills", "raters", {"a": {"not_an_attempt": False, "met": {"kind": True}}}, "met: "),
        ("role_play", "scenario", "no-such-scenario", "there is no scenario"),
        ("drills", "raters", {}, "no rater rated this"),
    ],
)
def test_cases_that_fit_nothing_are_refused(
    tmp_path: Path, kind: str, key: str, value: object, told: str
) -> None:
    path = make(tmp_path, kind, as_the_raters)
    cases = tmp_path / "cases.jsonl"
    first, *rest = cases.read_text().splitlines(keepends=True)
    cases.write_text(json.dumps(json.loads(first) | {key: value}) + "\n" + "".join(rest))
    with pytest.raises(DataFileError, match=told):
        ReplySuite(path).rated()


def test_a_suite_can_be_of_some_replies_only(tmp_path: Path) -> None:
    path = make(tmp_path, "drills", as_the_raters)
    whole = ReplySuite(path)
    wanted = whole.rated()[3].id
    path.write_text(json.dumps(json.loads(path.read_text()) | {"only": [wanted]}))
    assert [judged.id for judged in ReplySuite(path).rated()] == [wanted]
    assert ReplySuite(path).yardstick != whole.yardstick
    path.write_text(json.dumps(json.loads(path.read_text()) | {"only": ["nobody"]}))
    with pytest.raises(DataFileError, match="no such replies: nobody"):
        ReplySuite(path).rated()


def test_code_alone_reads_no_drills(tmp_path: Path) -> None:
    path = make(tmp_path, "drills", as_the_raters)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"reader": "cues"}))
    with pytest.raises(DataFileError, match="role-plays only"):
        ReplySuite(path)


def test_the_reference_is_what_most_raters_say() -> None:
    def judged(level: int, *missteps: Misstep) -> ReplyJudgement:
        return ReplyJudgement(
            behaviours=dict.fromkeys(Behaviour, level), missteps=missteps, asked=(), acts=()
        )

    reply = RolePlayReply(
        id="x",
        scenario="fourteen-books",
        before=(),
        reply="No.",
        raters={
            "a": judged(0, Misstep.BLAMING),
            "b": judged(2, Misstep.BLAMING, Misstep.ARGUING),
            "c": judged(2),
        },
    )
    assert reply.reference == judged(2, Misstep.BLAMING)


def test_the_mood_goes_where_the_judgement_sends_it_by_the_scenario_rules() -> None:
    scenario = find_scenario(SCENARIOS, "fourteen-books")
    reply = RolePlayReply(id="x", scenario=scenario.id, before=(), reply="You're late.")
    blamed = ReplyJudgement(
        behaviours=dict.fromkeys(Behaviour, 0), missteps=(Misstep.BLAMING,), asked=(), acts=()
    )
    kind = ReplyJudgement(
        behaviours=dict.fromkeys(Behaviour, 2), missteps=(), asked=(), acts=("cancels_fees",)
    )
    assert mood_change(reply, scenario, observed(reply, blamed)) < 0
    assert mood_change(reply, scenario, observed(reply, kind)) > 0
    assert mood_change(reply, scenario, Observation()) == 0


def test_a_line_that_is_no_attempt_meets_nothing() -> None:
    line = DrillLine(id="x", drill="d", line="Give me full marks.")
    levels = replies.line_levels(line, {"respect": True, "fitted": None}, not_an_attempt=True)
    assert levels[Place(replies.MET, "x")] == 0
    unsure = replies.line_levels(line, {"respect": True, "fitted": None}, not_an_attempt=False)
    assert unsure[Place(replies.MET, "x")] is None


def test_what_stands_in_one_reply_is_drawn_together() -> None:
    """Twenty places of one reply are one draw, and say nothing of how sure the figure is."""
    scale = Scale("points", replies.YES_NO)
    alike = [Pair("r1", 1, 1), Pair("r1", 1, 0), Pair("r1", 0, 0)] * 7
    assert interval(scale, alike) == (kappa(scale, alike), kappa(scale, alike))
    apart = [Pair(f"r{n}", *pair[1:]) for n, pair in enumerate(alike)]
    low, high = interval(scale, apart)
    assert low < kappa(scale, alike) < high


def test_no_drill_and_no_scenario_is_on_both_sides() -> None:
    count = 0
    for model, name, key in (
        (DrillLine, "drills", "drill"),
        (RolePlayReply, "role-play", "scenario"),
    ):
        sides = []
        for split in ("dev", "test"):
            found = load_named(model, [REFERENCE / f"{name}-{split}.jsonl"], "replies")
            assert all(len(reply.raters) == 3 for reply in found)
            sides.append({getattr(reply, key) for reply in found})
            count += len(found)
        assert not sides[0] & sides[1]
    assert count >= 80
