"""`mock-interviewer eval add-case`: from a stored answer and a coach's levels to a case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mock_interviewer.cli import cli
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.storage.store import Store
from tests.interviews import question, turn

TOLD = (
    "In May Mrs Okonjo rang our hotel in Whitby about order 48213. "
    "I looked for Femi's note, and Femi had it.\nShe wrote to ada.k@mail.test that she was glad."
)
PROBE = "What did Femi do then?"
REPLY = "He called Mrs Okonjo back."
RATINGS = [criterion.id for criterion in load_rubric().criteria]
KNOWN = {
    "id": "known",
    "question_id": "q",
    "question": "Q?",
    "kind": "opinion",
    "transcript": [{"role": "candidate", "text": "Something else."}],
    "raters": {"a": {"not_an_answer": False, "ratings": dict.fromkeys(RATINGS, 1)}},
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "data").mkdir()  # where MOCK_INTERVIEWER_DATA is for every test
    store = Store(f"sqlite:///{tmp_path / 'data' / 'interviews.sqlite3'}")
    yield store
    store.close()


def held(store: Store, *, agreed: bool = True, told: str = TOLD) -> str:
    """An interview with one answer of two turns to its first question, and none to its second."""
    interview = store.create_interview(
        candidate_id="ada-of-this-browser",
        mode=Mode.PRACTICE,
        trade="retail",
        questions=[question("one"), question("two")],
    )
    turns = [
        turn(0, TurnKind.QUESTION, "Hello. Tell me about a time number one."),
        turn(1, TurnKind.ANSWER, told),
        turn(2, TurnKind.PROBE, PROBE),
        turn(3, TurnKind.ANSWER, REPLY),
        turn(4, TurnKind.CLOSING, "Thank you."),
    ]
    store.append(interview, turns, [(0, 0)])
    store.set_may_become_case(interview, agreed)
    return interview


def review(reviewer: str = "Ines Maier", level: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "reviewer": reviewer,
        "date": "2026-12-03",
        "ratings": {name: {"level": level, "reason": "Femi did it."} for name in RATINGS} | more,
        "comment": "Thin.",
    }


def levels_file(folder: Path, *reviews: dict[str, Any]) -> Path:
    path = folder / "levels.json"
    path.write_text(json.dumps(reviews or [review()]), encoding="utf-8")
    return path


def add(folder: Path, interview: str, *more: str, number: int = 1, typed: str = "") -> Result:
    levels = folder / "levels.json"
    if not levels.exists():
        levels_file(folder)
    args = ["eval", "add-case", interview, str(number), "--levels", str(levels)]
    return CliRunner().invoke(cli, [*args, "--to", str(folder / "cases.jsonl"), *more], input=typed)


def told_by(result: Result) -> str:
    """The message of an error of ours, which `main` would print."""
    assert result.exception is not None
    return str(result.exception)


def test_an_answer_becomes_a_case_with_other_names(tmp_path: Path, store: Store) -> None:
    interview = held(store)
    result = add(tmp_path, interview, typed="y\n")
    assert result.exit_code == 0, result.output
    (case,) = load_cases([tmp_path / "cases.jsonl"])
    assert [line.text for line in case.transcript] == [
        "In May Mrs Hughes rang our hotel in Ashford about order 29167. "
        "I looked for Robin's note, and Robin had it.\n"
        "She wrote to person1@example.org that she was glad.",
        "What did Robin do then?",
        "He called Mrs Hughes back.",
    ]
    assert (case.question_id, case.question) == ("one", "Tell me about a time number one.")
    assert case.reference == dict.fromkeys(RATINGS, 2)


def test_nothing_in_the_case_leads_back(tmp_path: Path, store: Store) -> None:
    interview = held(store)
    levels_file(tmp_path, review(), review("Olu Adeyemi", 1))
    assert add(tmp_path, interview, "--yes").exit_code == 0
    written = (tmp_path / "cases.jsonl").read_text(encoding="utf-8")
    for detail in (interview, "ada", "Ines", "Olu", "Okonjo", "Femi", "48213", "Thin", "2026"):
        assert detail not in written
    case = Case.model_validate_json(written)
    assert list(case.raters) == ["coach 1", "coach 2"]
    assert re.fullmatch("case-[0-9a-f]{8}", case.id)


def test_all_is_shown_before_it_is_written_and_no_means_no(tmp_path: Path, store: Store) -> None:
    result = add(tmp_path, held(store), typed="n\n")
    assert result.exit_code == 1
    assert "  Okonjo -> Hughes (2 times): In May Mrs Okonjo rang our hotel" in result.output
    assert (
        "  Femi -> Robin (4 times)" in result.output or "Femi -> Robin (3 times)" in result.output
    )
    assert "  May: In May Mrs Okonjo" in result.output
    assert "Candidate: In May Mrs [Hughes] rang our hotel in [Ashford]" in result.output
    assert "Interviewer: What did [Robin] do then?" in result.output
    assert "Nothing is written." in result.output
    assert not (tmp_path / "cases.jsonl").exists()


def test_the_user_has_the_last_word_on_names(tmp_path: Path, store: Store) -> None:
    interview = held(store)
    options = ("--replace", "hotel=guest house", "--keep", "Whitby", "--id", "mine", "--yes")
    assert add(tmp_path, interview, *options).exit_code == 0
    (case,) = load_cases([tmp_path / "cases.jsonl"])
    assert case.id == "mine"
    assert "Mrs Hughes rang our guest house in Whitby" in case.text


def test_the_reports_address_does_as_well_as_the_id(tmp_path: Path, store: Store) -> None:
    address = f"http://localhost:7860/report/{held(store)}?saved=true#may-become-case"
    assert add(tmp_path, address, "--yes").exit_code == 0


def test_an_answer_in_small_letters_is_to_be_read_word_by_word(
    tmp_path: Path, store: Store
) -> None:
    told = "so there was a row with mr okonjo and i sat him down by the kruger and rang the depot"
    result = add(tmp_path, held(store, told=told), typed="n\n")
    assert "Read it word by word" in result.output
    assert "mr [hughes]" in result.output
    assert "  kruger: so there was a row" in result.output
    assert "Read it word by word" not in add(tmp_path, held(store), typed="n\n").output


def test_a_second_case_leaves_the_first_as_it_is(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "cases.jsonl"
    before = json.dumps(KNOWN, indent=None, separators=(" , ", " : ")) + "\n\n"
    path.write_text(before, encoding="utf-8")
    assert add(tmp_path, held(store), "--yes").exit_code == 0
    after = path.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert after.endswith("}\n")
    assert len(load_cases([path])) == 2


def test_what_comes_next_is_said(tmp_path: Path, store: Store) -> None:
    result = add(tmp_path, held(store), "--yes")
    for command in ("eval record SUITE", "eval run SUITE", "eval accept SUITE"):
        assert command in result.output


def test_the_same_answer_is_no_case_twice_whatever_it_is_called_and_whatever_is_replaced(
    tmp_path: Path, store: Store
) -> None:
    interview = held(store)
    assert add(tmp_path, interview, "--yes").exit_code == 0
    again = add(tmp_path, interview, "--replace", "Femi=Lee", "--id", "other", "--yes")
    assert "has the same answer" in told_by(again)
    assert len(load_cases([tmp_path / "cases.jsonl"])) == 1


def test_another_answer_to_the_same_question_becomes_a_case_of_its_own(
    tmp_path: Path, store: Store
) -> None:
    told = "A man came in with a kettle that leaked. I tried it, and it did. I gave him another."
    for interview in (held(store), held(store, told=told)):
        assert add(tmp_path, interview, "--yes").exit_code == 0
    assert len(load_cases([tmp_path / "cases.jsonl"])) == 2


@pytest.mark.parametrize("taken_back", [False, True])
def test_without_consent_nothing_is_shown_or_written(
    tmp_path: Path, store: Store, taken_back: bool
) -> None:
    interview = held(store, agreed=taken_back)
    if taken_back:
        store.set_may_become_case(interview, False)
    result = add(tmp_path, interview, "--yes")
    assert "has not agreed" in told_by(result)
    assert "end of their report" in told_by(result)
    assert result.output == ""
    assert not (tmp_path / "cases.jsonl").exists()


def test_consent_taken_back_while_the_text_is_read_counts(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    interview = held(store)

    def read_and_agree(*_: object) -> bool:
        store.set_may_become_case(interview, False)
        return True

    monkeypatch.setattr("click.confirm", read_and_agree)
    assert "has not agreed" in told_by(add(tmp_path, interview))
    assert not (tmp_path / "cases.jsonl").exists()


@pytest.mark.parametrize(
    ("number", "options", "expected"),
    [
        (2, (), "Attempt 1 of question 2 is not answered."),
        (3, (), "This interview has 2 questions."),
        (1, ("--attempt", "2"), "Attempt 2 of question 1 is not answered; finished attempts: 1"),
        (1, ("--replace", "nobody=somebody"), "'nobody' stands nowhere"),
        (1, ("--replace", "Femi"), "expected OLD=NEW, got 'Femi'"),
        (1, ("--replace", "had it=had it. Yes. So"), "into 6 sentences instead of 4"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    tmp_path: Path, store: Store, number: int, options: tuple[str, ...], expected: str
) -> None:
    result = add(tmp_path, held(store), *options, "--yes", number=number)
    assert re.search(expected, told_by(result))
    assert not (tmp_path / "cases.jsonl").exists()


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        (
            [review(situation=6)],
            r"levels.json: review 1: ratings.situation.level: expected .* 1 to",
        ),
        (
            [review(situation=1), review("Olu", situation=3)],
            r"levels.json: .* differ by more than one level",
        ),
    ],
)
def test_levels_that_do_not_fit_are_refused(
    tmp_path: Path, store: Store, reviews: list[dict[str, Any]], expected: str
) -> None:
    levels_file(tmp_path, *reviews)
    assert re.search(expected, told_by(add(tmp_path, held(store), "--yes")))
    assert not (tmp_path / "cases.jsonl").exists()


def test_an_interview_that_is_not_here_is_refused(tmp_path: Path, store: Store) -> None:
    assert "no such interview" in told_by(add(tmp_path, "unknown", "--yes"))


def test_a_folder_without_interviews_is_named_and_left_empty(tmp_path: Path) -> None:
    result = add(tmp_path, "any", "--yes")
    assert "There are no interviews in" in told_by(result)
    assert not (tmp_path / "data").exists()


def test_the_same_answer_is_not_taken_twice_nor_an_id(tmp_path: Path, store: Store) -> None:
    interview = held(store)
    assert add(tmp_path, interview, "--id", "one", "--yes").exit_code == 0
    before = (tmp_path / "cases.jsonl").read_bytes()
    assert "'one' has the same answer" in told_by(add(tmp_path, interview, "--yes"))
    other = held(store, told="Quite another answer. It has two sentences.")
    assert "a case 'one' already" in told_by(add(tmp_path, other, "--id", "one", "--yes"))
    assert (tmp_path / "cases.jsonl").read_bytes() == before


def test_a_file_that_ends_in_the_middle_of_a_line_is_not_touched(
    tmp_path: Path, store: Store
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(KNOWN), encoding="utf-8")
    assert "its last line has no end" in told_by(add(tmp_path, held(store), "--yes"))
    assert path.read_text(encoding="utf-8") == json.dumps(KNOWN)
