"""The files of deploy/: what systemd and nginx think of them, and that they fit the program."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from gradio.utils import get_heartbeat_rate

from mock_interviewer.cli.serving import DRAIN_SECONDS
from mock_interviewer.service.grading import STOP_SECONDS
from mock_interviewer.settings import Settings, load_settings
from tests import nginx

DEPLOY = Path(__file__).parents[1] / "deploy"
UNITS = ("mock-interviewer-web@.service", "mock-interviewer-worker@.service")
INSTALLED = "/opt/mock-interviewer"


def systemd_analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("there is no systemd-analyze: install your system's systemd package")
    return found


def setting(unit: str, name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.*)$", (DEPLOY / unit).read_text(), re.MULTILINE)
    return str(value)


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_unit(unit: str, tmp_path: Path) -> None:
    program = tmp_path / "installed" / ".venv" / "bin" / "mock-interviewer"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / unit
    text = (DEPLOY / unit).read_text()
    assert INSTALLED in text
    copy.write_text(text.replace(INSTALLED, str(tmp_path / "installed")))
    verified = subprocess.run(
        [systemd_analyze(), "verify", "--man=no", "--recursive-errors=no", copy],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in verified.stderr.splitlines() if unit.partition("@")[0] in line]
    assert told == []
    assert verified.returncode == 0


@pytest.mark.parametrize("unit", UNITS)
def test_the_unit_leaves_the_program_little_of_the_system(unit: str) -> None:
    command = [systemd_analyze(), "security", "--offline=yes", "--threshold=25", DEPLOY / unit]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout[-300:]


def test_what_is_under_way_has_its_time_before_systemd_kills() -> None:
    assert int(setting(UNITS[0], "TimeoutStopSec")) > DRAIN_SECONDS + 2 * STOP_SECONDS
    assert int(setting(UNITS[1], "TimeoutStopSec")) > 2 * Settings(Path()).turn_seconds


def test_the_example_of_the_settings_can_be_read() -> None:
    lines = (DEPLOY / "environment.example").read_text().splitlines()
    settings = load_settings(dict(line.split("=", 1) for line in lines if "=" in line[:40]))
    assert settings.database is not None
    assert settings.strategy == "levels"


def test_nginx_waits_for_longer_than_the_program_is_ever_silent() -> None:
    (seconds,) = re.findall(r"proxy_read_timeout (\d+)s;", nginx.SITE.read_text())
    assert int(seconds) > 2 * get_heartbeat_rate()
    assert int(seconds) > Settings(Path()).turn_seconds


def test_nginx_lets_the_longest_message_through() -> None:
    (size,) = re.findall(r"client_max_body_size (\d+)k;", nginx.SITE.read_text())
    # Four bytes in the worst case, which JSON may write as twelve characters.
    assert int(size) * 1024 > 12 * Settings(Path()).message_characters


def test_nginx_passes_on_to_the_ports_that_the_page_tells_to_start() -> None:
    ports = re.findall(r"server 127\.0\.0\.1:(\d+)", nginx.SITE.read_text())
    assert ports == re.findall(r"mock-interviewer-web@(\d+)", (DEPLOY / UNITS[0]).read_text())
