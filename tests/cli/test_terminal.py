"""What is printed is shown and not obeyed, whoever prints it."""

from __future__ import annotations

import io
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from tqdm import tqdm

from mock_interviewer.cli import terminal
from mock_interviewer.cli.terminal import SafeStream, visible
from tests.hostile import HOSTILE, SIGNS

REPOSITORY = Path(__file__).resolve().parents[2]


def obeyed(text: str) -> str:
    """The signs in a text that a terminal would obey, or that cannot be seen."""
    return "".join(
        sign
        for sign in text
        if sign not in "\n\t" and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_no_sign_is_left_that_a_terminal_would_obey(name: str) -> None:
    assert obeyed(visible(HOSTILE[name])) == ""


@pytest.mark.parametrize("name", sorted(SIGNS.keys() - {"forged event", "GitHub's command"}))
def test_a_sign_that_was_there_is_seen(name: str) -> None:
    shown = visible(SIGNS[name])
    assert "\\" in shown or "##[" in shown


def test_words_are_left_as_they_are() -> None:
    text = "Frau Müller sagte: „Schön“ – 日本語 🙂\n\tЖ"
    assert visible(text) == text


def printed(*texts: str) -> str:
    raw = io.StringIO()
    stream = SafeStream(raw)
    for text in texts:
        assert stream.write(text) == len(text)
    return raw.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_printed_in_pieces_is_as_safe(name: str) -> None:
    text = HOSTILE[name]
    assert obeyed(printed("said: ", text, "\n")) == ""
    assert obeyed(printed(f"said: {text}\n")) == ""


def test_a_progress_bar_still_moves() -> None:
    raw = io.StringIO()
    with tqdm([1, 2], file=SafeStream(raw, bars=True), mininterval=0, ncols=40) as bar:
        for _ in bar:
            pass
    assert raw.getvalue().count("\r") >= 3
    assert "100%" in raw.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_is_a_command_of_github(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for shown in (printed(f"{HOSTILE[name]}\n"), printed("said\n", HOSTILE[name], "\n")):
        assert not [row for row in shown.split("\n") if row.strip().startswith("::")]
        assert "##[" not in shown


def test_a_command_that_is_meant_comes_through(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setattr(sys, "stdout", SafeStream(sys.stdout))
    terminal.command("::error file=a.py,line=1,title=t::m\x1b[2J")
    assert capsys.readouterr().out == "::error file=a.py,line=1,title=t::m\\x1b[2J\n"


def test_a_command_prints_nothing_that_the_terminal_would_obey(tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    answers.write_text('{"id": "a", "question": "\\u001b[2J", "kind": "x"}\n')
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mock_interviewer", "grade", str(answers)),
            *("--out", str(tmp_path / "grades")),
            *("--requests", str(tmp_path / "\x1b]0;pwned\x07")),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "\\x1b]0;pwned" in done.stderr
    assert obeyed((done.stdout + done.stderr).replace("\r", "")) == ""
