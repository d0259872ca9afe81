"""What each step buys: designs told apart on answers they were not fitted on."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import DataFileError, ModelRefusedError
from mock_interviewer.evaluation import ablation, asked
from mock_interviewer.evaluation.ablation import Material
from mock_interviewer.evaluation.asked import Odds
from mock_interviewer.evaluation.cases import Case
from mock_interviewer.evaluation.fitting import read_sentences
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Reply, Request, Token
from tests.evaluation.test_fitting import BOOK, Told, answers
from tests.scripted import ScriptedChat
from tests.toy_rubric import RUBRIC, structured

FULL = load_rubric()
DIRECT = asked.load_direct(Path(__file__).resolve().parents[2] / "evals/ablation/direct.yaml")


def material(count: int = 120) -> Material:
    told = answers(count)
    read = read_sentences(Told(), asked.load_direct(PROMPT), BOOK, told)
    return Material(told, *read, judged=[True] * count)


PROMPT = Path(__file__).resolve().parents[2] / "prompts/sentence.yaml"


def test_every_design_is_scored_and_what_the_codes_tell_is_found() -> None:
    rows = ablation.table(RUBRIC, material())
    best = rows[-1]
    assert best.design == "codes as our coders gave them"
    assert best.kappa == pytest.approx(1.0, abs=1e-6)
    assert all(row.kappa <= best.kappa + 1e-9 for row in rows)
    assert len({row.design for row in rows}) == len(rows) - 2  # judged, half and all are the same


def test_rows_are_scored_on_the_judged_answers_alone() -> None:
    known = np.array([True, True, False, False])
    levels = {c.id: np.array([c.lowest, c.highest, c.highest, c.highest]) for c in RUBRIC.criteria}
    wanted = {
        c.id: np.array([c.lowest, c.highest, c.lowest, c.lowest], dtype=float)
        for c in RUBRIC.criteria
    }
    row = ablation.score("x", RUBRIC, levels, wanted, known)
    assert (row.kappa, row.lowest) == (1.0, 1.0)
    assert ablation.score("x", RUBRIC, levels, wanted, ~known).kappa <= 0


def case(name: str, level: int) -> Case:
    judgement = {
        "not_an_answer": False,
        "ratings": {c.id: min(level, c.highest) for c in RUBRIC.criteria},
    }
    return Case.model_validate(
        {
            "id": name,
            "question_id": f"q-{name}",
            "question": "Q?",
            "kind": "behavioural",
            "transcript": [{"role": "candidate", "text": f"Level {level}."}],
            "raters": {"a": judgement, "b": judgement},
        }
    )


CASES = [case(f"c{number}", 1 + number % 5) for number in range(20)]


def test_a_level_asked_for_is_the_likeliest_number_or_the_expected_one() -> None:
    def script(request: Request) -> Reply:
        text = request.messages[-1].content
        level = min(int(text.split("Level ")[1][0]), int(text.rstrip(":")[-1]))
        # Expected: .4 of nothing, .3 of one and .3 of two more: .9 of a level more.
        shares = {str(level): 0.4, str(level + 1): 0.3, str(level + 2): 0.3, "x": 0.1}
        return Reply("", (Token("", {text: math.log(p) for text, p in shares.items()}),))

    likeliest, expected = asked.direct_rows(RUBRIC, CASES, ScriptedChat(script), DIRECT)
    assert likeliest.kappa > expected.kappa > 0.5
    assert "20 answers" in likeliest.design


def test_a_reply_without_a_level_is_refused() -> None:
    chat = ScriptedChat(Reply("x", (Token("x", {"x": 0.0}),)))
    with pytest.raises(ModelRefusedError, match="no level"):
        asked.direct_rows(RUBRIC, CASES, chat, DIRECT)


def test_items_are_read_by_a_head_that_has_not_seen_the_question() -> None:
    odds = [
        Odds(id=c.id, log_odds={"a": float(c.reference["story"] or 0) - 2.5, "b": 0.0})
        for c in CASES
    ]
    hard, soft, plain = asked.item_rows(RUBRIC, CASES, odds)
    # With yes or no, levels 1 and 2 are one, and 3 to 5; the log-odds tell all apart.
    assert plain.kappa > hard.kappa
    assert soft.kappa > hard.kappa
    assert "2 items, log-odds" in plain.design


def test_lines_with_other_items_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"id": "a", "log_odds": {"x": 1}}\n{"id": "b", "log_odds": {"y": 1}}\n')
    with pytest.raises(DataFileError, match="the same items in every line"):
        asked.load_odds(path)


def test_the_parts_of_a_structured_reply_are_scored_one_by_one() -> None:
    def script(request: Request) -> str:
        level = int(request.messages[-1].content.split("Level ")[1][0])
        given = {
            c.id: {
                "level": min(level, c.highest),
                "evidence": [1],
                "items": {item.id: False for item in c.items},
            }
            for c in RUBRIC.criteria
        }
        return structured(given)

    grader = Grader(ScriptedChat(script), RUBRIC, Strategy.LEVELS)
    own, listed, kept = asked.structured_rows(RUBRIC, CASES, grader)
    assert own.kappa == 1.0
    # Nothing on the checklist is met: always the lowest, and the level is capped to below 3.
    assert listed.kappa <= 0
    assert listed.kappa < kept.kappa < own.kappa
