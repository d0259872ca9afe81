from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_interviewer.core.questions import (
    REQUIRED_PROBES,
    Aim,
    Competency,
    Kind,
    load_bank,
    load_bank_file,
)
from mock_interviewer.errors import DataFileError, NotFoundError


def entry(**changes: Any) -> dict[str, Any]:
    """A question as it stands in a file; a change to None takes the key out."""
    whole = {
        "id": "lost-umbrella",
        "kind": "behavioural",
        "competencies": ["bad_news"],
        "difficulty": 2,
        "calls_for": ["star", "empathy"],
        "text": "Tell me about something that a customer had lost.",
        "strong_answer": "Shows what the loss meant to the customer.",
        "hint": "Think of the box behind the counter.",
        "probes": {aim.value: f"What about the {aim.value} then?" for aim in Aim},
        "model_answer": "I kept the umbrella behind the counter until Mrs Bello came back for it.",
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def bank_file(path: Path, *entries: Mapping[str, Any]) -> Path:
    path.write_text(yaml.safe_dump({"questions": list(entries)}), encoding="utf-8")
    return path


def fault(folder: Path, *entries: Mapping[str, Any]) -> str:
    path = bank_file(folder / "own.yaml", *entries)
    with pytest.raises(DataFileError) as caught:
        load_bank_file(path)
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_users_own_file_adds_its_questions_after_the_packages(tmp_path: Path) -> None:
    own = bank_file(tmp_path / "own.yaml", entry(), entry(id="lost-glove"))
    bank = load_bank([own])
    assert [question.id for question in bank.questions[-2:]] == ["lost-umbrella", "lost-glove"]
    assert len(bank) == len(load_bank()) + 2


def test_a_question_is_found_by_its_id(tmp_path: Path) -> None:
    bank = load_bank([bank_file(tmp_path / "own.yaml", entry())])
    assert bank.get("lost-umbrella").text == "Tell me about something that a customer had lost."


def test_an_unknown_id_says_where_the_ids_are_listed() -> None:
    with pytest.raises(NotFoundError, match=r"no question 'lost-hat'.*questions list"):
        load_bank().get("lost-hat")


def test_an_id_of_the_package_may_not_be_used_again(tmp_path: Path) -> None:
    taken = load_bank().questions[0].id
    own = bank_file(tmp_path / "own.yaml", entry(id=taken))
    with pytest.raises(DataFileError, match=rf"own\.yaml: {taken}: id: .* already used in .*yaml"):
        load_bank([own])


def test_an_id_may_not_be_used_twice_in_one_file(tmp_path: Path) -> None:
    own = bank_file(tmp_path / "own.yaml", entry(), entry())
    with pytest.raises(DataFileError, match="lost-umbrella: id: this id is already used"):
        load_bank([own])


@pytest.mark.parametrize(
    "text", ["", "questions:", "questions: 3", "questions: []", "- id: a", "question: []",
             "questions: []\nversion: 2"]
)  # fmt: skip
def test_a_bank_file_is_one_key_with_a_list_of_questions(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError, match=r"own\.yaml: expected one key, `questions`"):
        load_bank_file(path)


def test_a_file_may_declare_competencies_of_its_own(tmp_path: Path) -> None:
    path = bank_file(tmp_path / "own.yaml", entry(competencies=["patience", "bad_news"]))
    path.write_text(path.read_text() + "competencies: [patience]\n")
    (read,) = load_bank_file(path)
    assert read.competencies == ("patience", "bad_news")
    assert load_bank([path]).competencies == (*Competency, "patience")


@pytest.mark.parametrize("declared", ["[]", "patience", "[Two words]", "null"])
def test_declared_competencies_are_a_list_of_names(tmp_path: Path, declared: str) -> None:
    path = bank_file(tmp_path / "own.yaml", entry())
    path.write_text(path.read_text() + f"competencies: {declared}\n")
    with pytest.raises(DataFileError, match=r"own\.yaml: competencies"):
        load_bank_file(path)


def test_an_undeclared_competency_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    said = fault(tmp_path, entry(competencies=["patiense"]))
    assert said.startswith("lost-umbrella: competencies: not known: patiense; expected some of ")
    assert "bad_news" in said


def test_with_another_rubric_only_questions_that_call_for_its_scores_are_asked(
    tmp_path: Path,
) -> None:
    own = bank_file(tmp_path / "own.yaml", entry(calls_for=["lesson"]))
    assert [question.id for question in load_bank([own], ["lesson"]).questions] == ["lost-umbrella"]
    told = load_bank([own], ["lesson", "star"]).questions
    assert {score for question in told for score in question.calls_for} == {"lesson", "star"}


def test_a_users_question_may_not_call_for_a_score_that_the_rubric_lacks(tmp_path: Path) -> None:
    own = bank_file(tmp_path / "own.yaml", entry(calls_for=["lessen"]))
    with pytest.raises(
        DataFileError,
        match=r"own\.yaml: lost-umbrella: calls_for: .* no score called lessen; .*star",
    ):
        load_bank([own])


def test_a_rubric_that_no_question_calls_for_says_what_is_needed() -> None:
    with pytest.raises(DataFileError, match="MOCK_INTERVIEWER_BANKS"):
        load_bank(scores=["lesson"])


def test_a_bank_file_has_no_other_key(tmp_path: Path) -> None:
    path = bank_file(tmp_path / "own.yaml", entry())
    path.write_text(path.read_text() + "version: 2\n")
    with pytest.raises(DataFileError, match=r"own\.yaml: expected one key, `questions`"):
        load_bank_file(path)


def test_a_fault_names_the_question_by_its_id(tmp_path: Path) -> None:
    said = fault(tmp_path, entry(), entry(id="lost-glove", hint=None))
    assert said == "lost-glove: hint: this key is required and is missing"


def test_a_question_without_an_id_is_named_by_its_number(tmp_path: Path) -> None:
    said = fault(tmp_path, entry(), entry(id=None))
    assert said == "questions[2]: id: this key is required and is missing"


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_needs_its_prepared_probes(tmp_path: Path, kind: Kind) -> None:
    said = fault(tmp_path, entry(kind=kind.value, probes={}))
    names = ", ".join(sorted(REQUIRED_PROBES[kind]))
    assert said.endswith(f"a {kind.value} question also needs probes for: {names}")


def test_a_role_play_needs_no_probe_for_the_parts_of_a_story(tmp_path: Path) -> None:
    # A reply in a role has no situation, task or result to be asked for.
    probes = {aim: f"What about the {aim} then?" for aim in ("action", "feelings", "how_known")}
    path = bank_file(tmp_path / "own.yaml", entry(kind="role_play", probes=probes))
    assert load_bank_file(path)[0].kind is Kind.ROLE_PLAY


@pytest.mark.parametrize(
    "probe", ["What happened? And then?", "Tell me how it ended.", "What happened? Tell me.",
              "How did it end?!"]
)  # fmt: skip
def test_a_prepared_probe_asks_one_thing(tmp_path: Path, probe: str) -> None:
    said = fault(tmp_path, entry(probes={**entry()["probes"], "result": probe}))
    assert "the probe for result must ask one thing" in said
    assert repr(probe) in said


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"id": "Lost-Umbrella"}, "id"),
        ({"id": "lost_umbrella"}, "id"),
        ({"id": "lost--umbrella"}, "id"),
        ({"id": "2-umbrellas"}, "id"),
        ({"id": "a" * 61}, "id"),
        ({"kind": "trick"}, "kind"),
        ({"competencies": []}, "competencies"),
        ({"competencies": ["patience"]}, "competencies"),
        ({"competencies": ["bad_news", "bad_news"]}, "competencies"),
        ({"difficulty": 0}, "difficulty"),
        ({"difficulty": 4}, "difficulty"),
        ({"calls_for": []}, "calls_for"),
        ({"calls_for": ["star", "star"]}, "calls_for"),
        ({"text": "Why?"}, "text"),
        ({"text": "a" * 601}, "text"),
        ({"strong_answer": ""}, "strong_answer"),
        ({"hint": "Think."}, "hint"),
        ({"model_answer": "I helped."}, "model_answer"),
        ({"model_answer": "a" * 2501}, "model_answer"),
        ({"source": "a book"}, "source"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, Any], key: str
) -> None:
    said = fault(tmp_path, entry(**change))
    assert f": {key}: " in said
