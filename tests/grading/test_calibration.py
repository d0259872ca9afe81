"""Calibrations: made from empty and full answers, and used with nothing but their own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mock_interviewer.core import datafile
from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.rubric import Item, load_rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.grading import calibration as calibrations
from mock_interviewer.grading.calibration import Calibration, measure
from tests.toy_rubric import RUBRIC

NAMES = [item.id for criterion in RUBRIC.criteria for item in criterion.items]


def made(**changes: object) -> Calibration:
    data = {
        "model": "toy",
        "rubric": RUBRIC.digest,
        "prompts": "abc",
        "made": date(2026, 11, 1),
        "nulls": dict.fromkeys(NAMES, -2.0),
        "fulls": dict.fromkeys(NAMES, 3.0),
    }
    return Calibration.model_validate(data | changes)


def test_each_item_gets_its_means_on_empty_and_on_full_answers() -> None:
    odds = {"empty": -3.0, "vague": -0.5, "full": 2.0, "fuller": 4.0, "fullest": 4.1}

    def ask(question: str, answer: str, item: Item) -> float:
        assert question == "Q?"
        return odds[answer] + (0.25 if item.id == "deed" else 0.0)

    found = measure(
        RUBRIC,
        "abc",
        "toy",
        nulls=[("Q?", "empty"), ("Q?", "vague")],
        fulls=[("Q?", "full"), ("Q?", "fuller"), ("Q?", "fullest")],
        ask=ask,
    )
    # (-3 - 0.5) / 2 = -1.75; (2 + 4 + 4.1) / 3 = 3.3667, to three places; and 0.25 more for deed.
    assert found.nulls == {**dict.fromkeys(NAMES, -1.75), "deed": -1.5}
    assert found.fulls == {**dict.fromkeys(NAMES, 3.367), "deed": 3.617}
    assert (found.model, found.rubric, found.prompts) == ("toy", RUBRIC.digest, "abc")


def test_all_items_of_an_answer_are_asked_in_a_row_so_that_it_is_read_once() -> None:
    asked: list[str] = []

    def ask(question: str, answer: str, item: Item) -> float:
        asked.append(answer)
        return 0.0

    measure(RUBRIC, "abc", "toy", [("Q?", "a"), ("Q?", "b")], [("Q?", "c")], ask)
    assert asked == ["a"] * len(NAMES) + ["b"] * len(NAMES) + ["c"] * len(NAMES)


def test_the_name_changes_with_every_figure() -> None:
    names = {
        made().name,
        made(nulls=dict.fromkeys(NAMES, -2.1)).name,
        made(fulls=dict.fromkeys(NAMES, 3.1)).name,
    }
    assert len(names) == 3
    assert made().name == made(made=date(2025, 1, 1)).name
    assert "not fitted" in made().name


def test_a_calibration_is_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "toy.yaml"
    calibrations.write(made(), path)
    assert datafile.load(Calibration, path) == made()


def test_a_damaged_calibration_is_named_by_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "toy.yaml"
    calibrations.write(made(), path)
    path.write_text(path.read_text().replace("fulls:", "full:"))
    with pytest.raises(DataFileError, match=r"toy\.yaml: fulls: this key is required"):
        datafile.load(Calibration, path)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calibration:
    """A calibration where the program looks for one, whatever the model."""
    path = tmp_path / "toy.yaml"
    calibrations.write(made(), path)
    monkeypatch.setattr(calibrations, "calibration_file", lambda model: path)
    return made()


def test_a_calibration_is_found_by_just_its_model_rubric_and_prompts(
    installed: Calibration,
) -> None:
    assert calibrations.find(RUBRIC, "abc", "toy") == installed
    assert calibrations.find(load_rubric(), "abc", "toy") is None
    assert calibrations.find(RUBRIC, "another", "toy") is None
    # Another model whose file has the same name.
    assert calibrations.find(RUBRIC, "abc", "TOY") is None


def test_a_model_without_a_calibration_has_none() -> None:
    assert calibrations.find(RUBRIC, "abc", "never-heard-of") is None


@pytest.mark.parametrize("model", ["../../etc/passwd", "a/b", "..", "C:\\x"])
def test_a_models_name_never_leads_out_of_the_folder(model: str) -> None:
    folder = calibrations.calibration_file("toy").parent
    assert calibrations.calibration_file(model).parent == folder


def test_the_digest_of_prompts_changes_with_each_and_not_with_their_order() -> None:
    one, two = load_prompt("checklist"), load_prompt("labels")
    digest = calibrations.prompts_digest({"checklist": one, "labels": two})
    assert digest == calibrations.prompts_digest({"labels": two, "checklist": one})
    assert digest != calibrations.prompts_digest({"checklist": one})
    changed = two.model_copy(update={"version": two.version + 1})
    assert digest != calibrations.prompts_digest({"checklist": one, "labels": changed})


def test_there_are_answers_that_hold_nothing() -> None:
    assert len(calibrations.load_nulls().answers) >= 2
