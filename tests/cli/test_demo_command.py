"""`mock-interviewer demo`, started as a process of its own."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from mock_interviewer import cli


def test_the_demo_says_who_can_log_in_and_leaves_no_trace(tmp_path: Path) -> None:
    own, temporary = tmp_path / "own", tmp_path / "temporary"
    own.mkdir()
    temporary.mkdir()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI")}
    environ |= {"MOCK_INTERVIEWER_DATA": str(own), "TMPDIR": str(temporary)}
    command = [sys.executable, "-u", "-m", "mock_interviewer", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as program:
        assert program.stdout is not None
        said = ""
        while "Ctrl+C ends it" not in said:
            line = program.stdout.readline()
            assert line, said
            said += line
        port = int(re.findall(r"http://localhost:(\d+)/", said)[0])
        password = re.findall(r"password +(\S+)", said)[0]
        assert len(re.findall(r"Ines Maier|Eilidh Fraser", said)) > 1
        assert "No model is started" in said
        for typed, landed in ((password, "/"), ("another password", None)):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            form = urlencode({"name": "Ines Maier", "password": typed})
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", "/login", form, kind)
            assert connection.getresponse().getheader("Location") == landed
        program.send_signal(signal.SIGTERM)
        assert program.wait(30) == 0
    assert not list(own.iterdir())
    assert not list(temporary.glob("mock-interviewer-*"))


def test_it_is_not_made_in_a_folder_that_holds_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "interviews.sqlite3"
    kept.write_text("mine")
    with pytest.raises(SystemExit):
        cli.main(["demo", "--data", str(tmp_path)])
    assert "is not empty" in capsys.readouterr().err
    assert kept.read_text() == "mine"
