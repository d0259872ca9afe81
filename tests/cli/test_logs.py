"""One event is one line; no key stands in it, and at the default level nobody's words."""

from __future__ import annotations

import io
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mock_interviewer.cli import logs
from mock_interviewer.errors import ConfigurationError, StorageError
from tests.hostile import HOSTILE

KEY = "sk-Very-Secret-0123456789"
PASSWORD = "p@ss:w/rd"
ENVIRON = {
    "OPENAI_API_KEY": KEY,
    "OPENAI_BASE_URL": "http://ada:base-url-secret@localhost:1/v1",
    "MOCK_INTERVIEWER_DATABASE_URL": "postgresql://bob:p%40ss%3Aw%2Frd@host/interviews",
    "PGPASSWORD": "another-secret",
}


@contextmanager
def logging_as(**environ: str) -> Iterator[io.StringIO]:
    """The root logger set up by a program with this environment."""
    text = io.StringIO()
    root = logging.getLogger()
    before, level, root.handlers = root.handlers, root.level, []
    try:
        logs.set_up(False, ENVIRON | environ)
        handler = root.handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(text)
        yield text
    finally:
        root.handlers = before
        root.setLevel(level)


@pytest.mark.parametrize("name", HOSTILE)
def test_one_event_is_one_line(name: str) -> None:
    with logging_as() as text:
        logging.getLogger("openai").warning("the model said: %s", HOSTILE[name])
    (line,) = text.getvalue().removesuffix("\n").split("\n")
    assert line.startswith("WARNING openai: the model said: ")
    assert line.isprintable()


@pytest.mark.parametrize("level", ["warning", "debug"])
def test_no_traceback_looks_like_an_event(level: str) -> None:
    with logging_as(MOCK_INTERVIEWER_LOG=level) as text:
        try:
            raise ValueError("x\nERROR root: forged\n    | x")
        except ValueError:
            logging.getLogger("toy").exception("It went wrong")
    event, *traced = text.getvalue().removesuffix("\n").split("\n")
    assert event == "ERROR toy: It went wrong"
    assert traced
    assert all(row.startswith("    | ") for row in traced)


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as found:  # noqa: BLE001 - only made here
        return found


def test_what_others_put_in_an_error_is_left_out_but_for_a_debug_log() -> None:
    error = raised(ValueError("invalid input: MARKER"))
    with logging_as() as text:
        logging.getLogger("toy").error("It went wrong", exc_info=error)
    assert "MARKER" not in text.getvalue()
    assert "ValueError" in text.getvalue()
    assert "MOCK_INTERVIEWER_LOG=debug" in text.getvalue()
    with logging_as(MOCK_INTERVIEWER_LOG="debug") as text:
        logging.getLogger("toy").error("It went wrong", exc_info=error)
    assert "MARKER" in text.getvalue()


def test_our_own_errors_and_the_machines_are_told_and_what_led_to_them() -> None:
    marker = "MARKER"
    try:
        try:
            raise sqlite3.OperationalError(marker)
        except sqlite3.OperationalError as cause:
            raise StorageError("the disk is full") from cause
    except StorageError as found:
        error = found
    with logging_as() as text:
        logging.getLogger("toy").error("It went wrong", exc_info=error)
        logging.getLogger("toy").error("And", exc_info=raised(OSError(28, "No space left")))
    assert "StorageError: the disk is full" in text.getvalue()
    assert "OperationalError" in text.getvalue()
    assert "No space left" in text.getvalue()
    assert "MARKER" not in text.getvalue()


SECRETS: dict[str, Callable[[], object]] = {
    "the key": lambda: KEY,
    "the key in a header": lambda: {"Authorization": f"Bearer {KEY}"},
    "another key in a header": lambda: "authorization: Bearer very-secret-token",
    "another header": lambda: [("X-Api-Key", "very-secret-token")],
    "bytes": lambda: [(b"authorization", b"Basic dmVyeS1zZWNyZXQtdG9rZW4=")],
    "a cookie": lambda: "Cookie: very-secret-token",
    "a key of the usual form": lambda: "refused sk-proj-very-secret-token",
    "an address": lambda: ENVIRON["OPENAI_BASE_URL"],
    "any address": lambda: "https://eve:very-secret-token@elsewhere/v1",
    "a database": lambda: ENVIRON["MOCK_INTERVIEWER_DATABASE_URL"],
    "a password alone": lambda: f"password authentication failed: {PASSWORD}",
    "a password setting": lambda: "another-secret",
}


@pytest.mark.parametrize("level", ["warning", "info", "debug"])
@pytest.mark.parametrize("logger", ["openai", "httpx2", "sqlalchemy.engine", "uvicorn.error"])
@pytest.mark.parametrize("name", SECRETS)
def test_no_key_and_no_password_is_logged(
    name: str, logger: str, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("uvicorn", "uvicorn.error"):  # a server of another test may have set them apart
        monkeypatch.setattr(logging.getLogger(part), "propagate", True)
    secret = SECRETS[name]()
    with logging_as(MOCK_INTERVIEWER_LOG=level) as text:
        log = logging.getLogger(logger)
        log.setLevel(logging.DEBUG)
        log.warning("sent %s to it", secret)
        log.warning(f"sent {secret} to it")
        log.error("failed", exc_info=raised(OSError(f"sent {secret} to it")))
    shown = text.getvalue()
    assert shown.count("\n") >= 3
    assert "to it" in shown
    for hidden in (KEY, "ecret", PASSWORD, "p%40ss", "dmVyeS1"):
        assert hidden not in shown.replace("[hidden]", "")


def test_a_level_that_there_is_none_is_named() -> None:
    with pytest.raises(ConfigurationError, match="MOCK_INTERVIEWER_LOG: expected debug, info"):
        logs.set_up(False, {"MOCK_INTERVIEWER_LOG": "loud"})


def test_a_debug_log_shows_requests_and_no_other_does() -> None:
    for level, shown in (("debug", True), ("info", False), ("", False)):
        with logging_as(MOCK_INTERVIEWER_LOG=level) as text:
            logging.getLogger("openai._base_client").debug("Request options: %s", {"json": "TEXT"})
        assert ("TEXT" in text.getvalue()) is shown
