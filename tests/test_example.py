"""The worked example of another trade: its files fit together, and the commands take them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.core.interview import Trade
from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.questions import Aim, Bank, load_bank, load_bank_file
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation.cases import load_cases
from mock_interviewer.evaluation.suite import Suite
from mock_interviewer.grading.checklist import label_names
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.flow import first_aims
from mock_interviewer.interviewing.prober import DirectProber, Found, Words
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.service.plan import Focus, Setup
from mock_interviewer.service.program import Program
from mock_interviewer.settings import load_settings
from tests.scripted import ScriptedChat

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "teaching"
RUBRIC = load_rubric(EXAMPLE / "rubric.yaml")
SCORES = [score.id for score in RUBRIC.scores]
BANK_FILE = EXAMPLE / "questions.yaml"
SUITE = EXAMPLE / "suites" / "teaching.yaml"
CASES = load_cases([EXAMPLE / "cases.jsonl"])
ANSWER = [Line(role=Role.CANDIDATE, text="In Year 4 I drew a number line with them.")]


def run(*command: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(part) for part in command])


@pytest.fixture
def bank() -> Bank:
    return load_bank([BANK_FILE], SCORES)


def test_the_whole_example_passes_the_check() -> None:
    files = ("--rubric", EXAMPLE / "rubric.yaml", "--bank", BANK_FILE, "--suite", SUITE)
    done = run("check", *files, "--prompts", EXAMPLE / "prompts")
    assert done.exit_code == 0, done.output
    for line in ("questions: 5 questions", "rubric.yaml: 4 criteria", "teaching.yaml: 12 cases"):
        assert line in done.output


def test_a_fault_in_what_is_named_is_found_by_the_check(tmp_path: Path) -> None:
    (tmp_path / "level.yaml").write_text("name: level")
    done = run("check", "--prompts", tmp_path)
    assert done.exit_code == 1
    assert "no prompt is called level" in done.output


def test_the_cases_are_answers_to_questions_of_the_bank() -> None:
    questions = {question.id: question for question in load_bank_file(BANK_FILE)}
    for case in CASES:
        question = questions[case.question_id]
        assert (case.question, case.kind) == (question.text, question.kind)


def test_no_case_stands_in_the_rubric_or_the_bank() -> None:
    shown = [example.answer for example in RUBRIC.examples]
    shown += [question.model_answer for question in load_bank_file(BANK_FILE)]
    assert not {case.text for case in CASES} & set(shown)


def test_the_rubric_serves_small_models_too() -> None:
    assert {label for c in RUBRIC.criteria for label in c.labels} <= set(
        label_names(load_prompt("labels"))
    )
    assert {item.aim for c in RUBRIC.criteria for item in c.items} - {None} <= set(Aim)


def test_grading_asks_with_the_rubric_and_prompts_of_the_trade(tmp_path: Path) -> None:
    answers, requests = tmp_path / "answers.jsonl", tmp_path / "requests.jsonl"
    lines = [case.model_dump(exclude={"raters", "question_id"}, mode="json") for case in CASES[:2]]
    answers.write_text("".join(json.dumps(line) + "\n" for line in lines))
    named = ("--rubric", EXAMPLE / "rubric.yaml", "--prompts", EXAMPLE / "prompts")
    files = ("--out", tmp_path / "grades.jsonl", "--requests", requests)
    done = run("grade", answers, *named, *files, "--model", "toy", "--strategy", "levels")
    assert "2 requests written" in done.output
    text = requests.read_text()
    assert "a teaching post" in text
    assert "customer" not in text


def test_what_the_suite_asks_is_what_grading_asks() -> None:
    case = CASES[0]
    asked = (
        Suite(SUITE).grader(ScriptedChat("")).requests(case.question, case.kind, case.transcript)
    )
    own = Grader(
        ScriptedChat(""), RUBRIC, Strategy.LEVELS, prompt_folder=EXAMPLE / "prompts"
    ).requests(case.question, case.kind, case.transcript)
    assert asked == own


def test_settings_make_the_program_practise_the_trade(tmp_path: Path) -> None:
    program = Program(
        load_settings(
            {
                "OPENAI_BASE_URL": "http://localhost:9/v1",
                "MOCK_INTERVIEWER_MODEL": "toy",
                "MOCK_INTERVIEWER_STRATEGY": "levels",
                "MOCK_INTERVIEWER_DATA": str(tmp_path),
                "MOCK_INTERVIEWER_RUBRIC": str(EXAMPLE / "rubric.yaml"),
                "MOCK_INTERVIEWER_BANKS": str(BANK_FILE),
                "MOCK_INTERVIEWER_PROMPTS": str(EXAMPLE / "prompts"),
            }
        )
    )
    setup = Setup(focus="lesson", count=8, trade=Trade.OTHER)
    interview = program.practice.interview(program.practice.start("ada", setup))
    assert {q.id for q in interview.questions} == {
        question.id for question in load_bank_file(BANK_FILE) if "lesson" in question.calls_for
    }
    assert "a teaching post" in program.graders.grader().prompts["levels"].messages[0].text
    about = Setup(focus=Focus.COMPETENCIES, competencies=("working_with_parents",))
    interview = program.practice.interview(program.practice.start("ada", about))
    assert [question.id for question in interview.questions] == ["parent-says-too-hard"]


def test_a_probe_asks_for_things_in_the_words_of_the_trade(bank: Bank) -> None:
    chat = ScriptedChat("result: What could they do with the line the next day?")
    grader = Grader(chat, RUBRIC, Strategy.LEVELS, prompt_folder=EXAMPLE / "prompts")
    question = bank.get("pupil-who-was-lost")
    steps = list(DirectProber(chat, grader, 8192).probe(question, ANSWER, first_aims(question)))
    assert steps[0] == Found(Aim.RESULT)
    assert Words("What could they do with the line the next day?") in steps
    asked = "\n".join(message.content for message in chat.requests[0].messages)
    assert "result: what the pupils could do in the end" in asked
    assert "feelings: what the pupil found hard" in asked
    assert "a teaching post" in asked


def test_a_probe_never_asks_for_what_the_rubric_leaves_out(bank: Bank) -> None:
    chat = ScriptedChat("feelings: What did she feel?")
    aims = {aim: words for aim, words in RUBRIC.aims.items() if aim is not Aim.FEELINGS}
    grader = Grader(chat, RUBRIC.model_copy(update={"aims": aims}), Strategy.LEVELS)
    question = bank.get("pupil-who-was-lost")
    steps = list(DirectProber(chat, grader, 8192).probe(question, ANSWER, first_aims(question)))
    assert steps == [Found(None)]
    assert "feelings:" not in chat.requests[0].messages[-1].content


def test_a_rubric_without_aims_is_never_probed(bank: Bank) -> None:
    chat = ScriptedChat("result: What then?")
    grader = Grader(chat, RUBRIC.model_copy(update={"aims": {}}), Strategy.LEVELS)
    question = bank.get("pupil-who-was-lost")
    steps = list(DirectProber(chat, grader, 8192).probe(question, ANSWER, first_aims(question)))
    assert (steps, chat.requests) == ([Found(None)], [])


def suite_with(folder: Path, **changes: object) -> Path:
    data = yaml.safe_load(SUITE.read_text())
    for key in ("rubric", "prompts", "recordings"):
        data[key] = str(EXAMPLE / "suites" / data[key])
    data["cases"] = [str(EXAMPLE / "cases.jsonl")]
    path = folder / "teaching.yaml"
    path.write_text(yaml.safe_dump(data | changes))
    return path


def test_probes_of_a_suite_are_for_questions_of_its_own_banks(tmp_path: Path) -> None:
    case = json.loads((EXAMPLE / "cases.jsonl").read_text().splitlines()[0])
    for rater in case["raters"].values():
        rater["ratings"]["learning"] = 1
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(case) + "\n")
    probes = [str(path)]
    with pytest.raises(DataFileError, match="a suite's key `banks`"):
        Suite(suite_with(tmp_path, probes=probes)).holed()
    holed = Suite(suite_with(tmp_path, probes=probes, banks=[str(BANK_FILE)])).holed()
    assert [(case.id, question.id) for case, question in holed] == [("t01", "pupil-who-was-lost")]


def test_the_robustness_table_is_refused_for_ratings_that_it_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"robustness: .* has no action, empathy, result"):
        Suite(suite_with(tmp_path, robustness=str(EXAMPLE.parents[1] / "evals" / "robustness")))


def test_cases_that_lack_a_criterions_level_are_named(tmp_path: Path) -> None:
    rubric = yaml.safe_load((EXAMPLE / "rubric.yaml").read_text())
    voice = json.loads(json.dumps(rubric["criteria"][3]).replace("standing", "voice"))
    voice["levels"] = {int(level): text for level, text in voice["levels"].items()}
    voice["words"] = {int(level): text for level, text in voice["words"].items()}
    voice["next_step"] = {int(level): text for level, text in voice["next_step"].items()}
    voice |= {"id": "voice", "items": [{**item, "id": item["id"] + "2"} for item in voice["items"]]}
    for example in rubric["examples"]:
        example["levels"]["voice"] = 1
    path = tmp_path / "rubric.yaml"
    path.write_text(yaml.safe_dump({**rubric, "criteria": [*rubric["criteria"], voice]}))
    done = run("check", "--suite", suite_with(tmp_path, rubric=str(path)))
    assert done.exit_code == 1
    assert "12 of 12 cases (t01 first) have no level for voice, which the rubric" in done.output


def test_cases_with_a_level_that_the_scale_lacks_are_named(tmp_path: Path) -> None:
    text = (EXAMPLE / "cases.jsonl").read_text().splitlines()[0]
    case = json.loads(text)
    for rater in case["raters"].values():
        rater["ratings"]["standing"] = 3
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(case) + "\n")
    done = run("check", "--suite", suite_with(tmp_path, cases=[str(path)]))
    assert "t01: raters: a: standing: expected one of [0, 1, 2] or null, got 3" in done.output
