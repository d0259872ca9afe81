"""The log: one event is one line, without keys, and by default without what people wrote.

A traceback stands below its event, each of its lines marked, so that no text can look like an
event of its own. With `MOCK_INTERVIEWER_LOG=debug` requests are shown, with what people wrote in
them; keys and passwords never are.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from urllib.parse import unquote

from mock_interviewer.cli.terminal import visible
from mock_interviewer.errors import ConfigurationError, MockInterviewerError

log = logging.getLogger(__name__)

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
VARIABLE = "MOCK_INTERVIEWER_LOG"
HIDDEN = "[hidden]"

_SECRET_SETTINGS = re.compile(r"KEY$|TOKEN$|PASSWORD|SECRET|^PG?PASS", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?<=://)[^/?#\s\"'<>]*@")
_HEADER = re.compile(
    r"(?i)((?:proxy-)?authorization|(?:x-)?api[-_]?key|cookie|password|passwd|token)"
    r"(['\"]?\s*[:=,]\s*(?:b?['\"])?)((?:bearer|basic)\s+)?[^\s'\",;)}\]]+"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_KEY = re.compile(r"\bsk-[A-Za-z0-9_-]{6,}")
_TRACED = "    | "


def set_up(verbose: bool, environ: Mapping[str, str] = os.environ) -> None:
    """Log to standard error. Raises `ConfigurationError`, naming the variable."""
    name = environ.get(VARIABLE, "").strip().lower() or ("info" if verbose else "warning")
    if name not in LEVELS:
        raise ConfigurationError(f"{VARIABLE}: expected debug, info or warning, got {name!r}.")
    handler = logging.StreamHandler()
    handler.setLevel(LEVELS[name])  # also for loggers that others have told to say more
    handler.setFormatter(OneLine(Redaction(environ), told_in_full=name == "debug"))
    logging.basicConfig(level=LEVELS[name], handlers=[handler])
    threading.excepthook = _log_ended_thread
    if name != "debug":
        for noisy in ("httpx", "httpx2", "alembic"):
            logging.getLogger(noisy).setLevel(logging.WARNING)


def _log_ended_thread(ended: threading.ExceptHookArgs) -> None:
    name = ended.thread.name if ended.thread else "?"
    found = (ended.exc_type, ended.exc_value, ended.exc_traceback)
    log.error("A thread has ended by a bug: %s", name, exc_info=found)  # type: ignore[arg-type]


class Redaction:
    """Puts a mark in the place of keys and passwords: those that are set, and what looks so."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        secrets = set[str]()
        for name, value in environ.items():
            if _SECRET_SETTINGS.search(name):
                secrets.add(value.strip())
            for found in _IN_ADDRESS.finditer(value):
                password = found.group().removesuffix("@").partition(":")[2]
                secrets |= {password, unquote(password)}
        known = sorted((s for s in secrets if len(s) > 3), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """The text without them."""
        if self._known:
            text = self._known.sub(HIDDEN, text)
        text = _IN_ADDRESS.sub(f"{HIDDEN}@", text)
        text = _HEADER.sub(lambda m: f"{m[1]}{m[2]}{HIDDEN}", text)
        text = _BEARER.sub(lambda m: f"{m[1]} {HIDDEN}", text)
        return _KEY.sub(HIDDEN, text)


class OneLine(logging.Formatter):
    """An event as one line, and its traceback below it."""

    def __init__(self, redact: Redaction, *, told_in_full: bool) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._redact = redact
        self._told_in_full = told_in_full

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        record.message = record.getMessage()
        rows = [self.formatMessage(record)]
        if record.exc_info and record.exc_info[1] is not None:
            rows += [f"{_TRACED}{row}" for row in self._traceback(record.exc_info[1])]
        return "\n".join(_line(self._redact(row)) for row in rows)

    def _traceback(self, error: BaseException) -> Iterator[str]:
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is not None:
            yield from self._traceback(before)
            yield "which led to:"
        yield from _frames(error.__traceback__)
        yield f"{type(error).__name__}: {self._message(error)}"

    def _message(self, error: BaseException) -> str:
        # What other libraries put in an error can be what somebody wrote.
        if self._told_in_full or isinstance(error, MockInterviewerError | OSError):
            return str(error)
        return f"its text is left out, {VARIABLE}=debug shows it"


def _frames(found: TracebackType | None) -> Iterator[str]:
    for frame in traceback.format_tb(found):
        yield from frame.rstrip("\n").split("\n")


def _line(text: str) -> str:
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")
