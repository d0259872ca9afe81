"""`check` looks at the drills as well."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from mock_interviewer.cli.looking import check
from mock_interviewer.core.drill_bank import load_drills
from mock_interviewer.core.rubric import load_rubric

TOO_SHORT = """
drills:
  - id: lost-glove
    kind: warmer
    trade: retail
    channel: phone
    difficulty: 1
    trains: [empathy]
    situation: "A customer has left a glove in the shop and asks whether it was found."
    explanation: "The glove was a present; say first that you will look, and look at once, please."
    cold: "No idea where it is."
    keep: ["It is not known where it is."]
    examples:
      - {line: "I don't know yet; I'll look.", why: "It looks."}
"""


def checked(*arguments: str) -> Result:
    return CliRunner().invoke(check, arguments)


def test_the_packages_drills_kinds_phrases_and_posting_words_are_in_order() -> None:
    done = checked()
    assert done.exit_code == 0, done.output
    drills = len(load_drills([criterion.id for criterion in load_rubric().criteria]))
    for line in (
        f"drills: {drills} drills",
        "kinds of drills: 8",
        "noticed phrases:",
        "words of postings:",
    ):
        assert f"ok     {line}" in done.output


def test_a_faulty_drill_of_ones_own_is_named_with_its_file_and_key(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(TOO_SHORT, encoding="utf-8")
    done = checked("--drills", str(own))
    assert done.exit_code == 1
    assert "FAULT  drills:" in done.output
    assert "own.yaml: lost-glove: examples: Tuple should have at least 2 items" in done.output
