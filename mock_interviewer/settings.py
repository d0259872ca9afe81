"""Settings, all from the environment, read once at start."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import platformdirs

from mock_interviewer.core.price import Price
from mock_interviewer.errors import ConfigurationError

MOST_DAYS = 36500


@dataclass(frozen=True)
class Settings:
    """What can be set. Every field names its variable; `docs/settings.md` lists them."""

    data: Path
    """MOCK_INTERVIEWER_DATA: folder of the database."""
    database: str | None = field(default=None, repr=False)
    """MOCK_INTERVIEWER_DATABASE_URL: a PostgreSQL database; may hold a password."""
    base_url: str | None = field(default=None, repr=False)
    """OPENAI_BASE_URL; may hold a password."""
    api_key: str | None = field(default=None, repr=False)
    """OPENAI_API_KEY; never printed."""
    model: str | None = None
    """MOCK_INTERVIEWER_MODEL: id at the server."""
    model_file: Path | None = None
    """MOCK_INTERVIEWER_MODEL_FILE or --model-file: another GGUF for the embedded server."""
    strategy: str | None = None
    """MOCK_INTERVIEWER_STRATEGY: overrides how the model grades (levels, checklist, advice)."""
    banks: tuple[Path, ...] = ()
    """MOCK_INTERVIEWER_BANKS: further question files, separated like PATH."""
    rubric: Path | None = None
    """MOCK_INTERVIEWER_RUBRIC: a rubric file of another trade."""
    prompts: Path | None = None
    """MOCK_INTERVIEWER_PROMPTS: folder of prompts that replace the program's of the same names."""
    price: Price | None = None
    """MOCK_INTERVIEWER_PRICE: `prompt,cached,completion`, dollars for a million tokens."""
    message_characters: int = 5000
    """MOCK_INTERVIEWER_MESSAGE_CHARACTERS: longest message of a candidate."""
    open_interviews: int = 20
    """MOCK_INTERVIEWER_OPEN_INTERVIEWS: unfinished interviews that one person may have."""
    messages_per_minute: int = 30
    """MOCK_INTERVIEWER_MESSAGES_PER_MINUTE: of one person; drafts ten times as many."""
    first_token_seconds: float = 20.0
    """MOCK_INTERVIEWER_FIRST_TOKEN_SECONDS: after that a prepared line is used."""
    turn_seconds: float = 60.0
    """MOCK_INTERVIEWER_TURN_SECONDS: longest time for a whole turn, or a request of a grade."""
    login_hours: float = 12.0
    """MOCK_INTERVIEWER_LOGIN_HOURS: how long a login lasts."""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """MOCK_INTERVIEWER_PROXIES: addresses whose word on the client's address and scheme counts."""
    retention_days: int | None = None
    """MOCK_INTERVIEWER_RETENTION_DAYS: interviews are deleted so long after their last turn."""

    @property
    def database_url(self) -> str:
        """Where interviews are stored, as SQLAlchemy wants it; may hold a password."""
        if self.database is None:
            return f"sqlite:///{self.database_file}"
        return f"postgresql+psycopg://{self.database.partition('://')[2]}"

    @property
    def database_file(self) -> Path:
        """The file of the SQLite database."""
        return self.data / "interviews.sqlite3"

    @property
    def database_place(self) -> str:
        """Where interviews are stored, to be shown: without a password."""
        if self.database is None:
            return str(self.data)
        parts = urlsplit(self.database)
        server = parts.netloc.rpartition("@")[2]
        name = unquote(parts.path.removeprefix("/")) or "of the user's name"
        return f"the PostgreSQL database {name}" + (f" at {server}" if server else "")


def load_settings(
    environ: Mapping[str, str] | None = None, *, model_file: Path | None = None
) -> Settings:
    """Read the settings. Raises `ConfigurationError`, naming the variable."""
    env = os.environ if environ is None else environ

    def text(name: str) -> str | None:
        return env.get(name, "").strip() or None

    file = model_file or _path(text("MOCK_INTERVIEWER_MODEL_FILE"))
    if file is not None and not file.is_file():
        raise ConfigurationError(f"There is no model file {file}.")
    strategy = text("MOCK_INTERVIEWER_STRATEGY")
    if strategy not in (None, "levels", "checklist", "sentences", "advice"):
        raise ConfigurationError(
            "MOCK_INTERVIEWER_STRATEGY: expected levels, checklist, sentences or advice, "
            f"got {strategy!r}."
        )
    data = text("MOCK_INTERVIEWER_DATA")
    banks = text("MOCK_INTERVIEWER_BANKS")
    return Settings(
        data=_path(data) or Path(platformdirs.user_data_dir("mock-interviewer", False)),
        database=_database(text("MOCK_INTERVIEWER_DATABASE_URL")),
        base_url=_url(text("OPENAI_BASE_URL")),
        api_key=_key(text("OPENAI_API_KEY")),
        model=text("MOCK_INTERVIEWER_MODEL"),
        model_file=file,
        strategy=strategy,
        banks=tuple(p for part in (banks or "").split(os.pathsep) if (p := _path(part.strip()))),
        rubric=_path(text("MOCK_INTERVIEWER_RUBRIC")),
        prompts=_path(text("MOCK_INTERVIEWER_PROMPTS")),
        price=_price(text("MOCK_INTERVIEWER_PRICE")),
        message_characters=_whole(env, "MOCK_INTERVIEWER_MESSAGE_CHARACTERS", 5000),
        open_interviews=_whole(env, "MOCK_INTERVIEWER_OPEN_INTERVIEWS", 20),
        messages_per_minute=_whole(env, "MOCK_INTERVIEWER_MESSAGES_PER_MINUTE", 30),
        first_token_seconds=_number(env, "MOCK_INTERVIEWER_FIRST_TOKEN_SECONDS", 20.0),
        turn_seconds=_number(env, "MOCK_INTERVIEWER_TURN_SECONDS", 60.0),
        login_hours=_number(env, "MOCK_INTERVIEWER_LOGIN_HOURS", 12.0),
        proxies=_addresses(env, "MOCK_INTERVIEWER_PROXIES", ("127.0.0.1", "::1")),
        retention_days=_days(env, "MOCK_INTERVIEWER_RETENTION_DAYS"),
    )


def _path(text: str | None) -> Path | None:
    # Unlike `expanduser` of a path, this leaves the home of an unknown user as it stands.
    return Path(os.path.expanduser(text)) if text else None


def _database(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        fit = parts.scheme in ("postgresql", "postgres", "postgresql+psycopg") and parts.port != 0
    except ValueError:
        fit = False
    if not fit or "://" not in text:
        raise ConfigurationError(
            "MOCK_INTERVIEWER_DATABASE_URL: expected the address of a PostgreSQL database, such as "
            "postgresql://name:password@localhost/interviews. Without it, interviews are kept in "
            "a file."
        )
    return text


def _url(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fit = False
    if not fit:
        raise ConfigurationError(
            "OPENAI_BASE_URL: expected an address such as http://localhost:8000/v1."
        )
    return text


def _key(text: str | None) -> str | None:
    if text is not None and not (text.isascii() and text.isprintable()):
        raise ConfigurationError(
            "OPENAI_API_KEY: expected one line of plain characters; copy the key anew."
        )
    return text


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name, "").strip()
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise ConfigurationError(f"{name}: expected a number above 0, got {text!r}.")
    return value


def _addresses(env: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    text = env.get(name, "").strip()
    if not text:
        return default
    if text == "none":
        return ()
    found = tuple(part.strip() for part in text.split(","))
    try:
        for part in found:
            ipaddress.ip_network(part)
    except ValueError:
        raise ConfigurationError(
            f"{name}: expected addresses or networks separated by commas, such as "
            f"10.0.0.5,10.1.0.0/16, or none; got {text!r}."
        ) from None
    return found


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    value = _number(env, name, default)
    if value != int(value):
        raise ConfigurationError(f"{name}: expected a whole number, got {env[name].strip()!r}.")
    return int(value)


def _days(env: Mapping[str, str], name: str) -> int | None:
    if not env.get(name, "").strip():
        return None
    value = _whole(env, name, 0)
    if value > MOST_DAYS:
        raise ConfigurationError(f"{name}: expected {MOST_DAYS} days at most, got {value}.")
    return value


def _price(text: str | None) -> Price | None:
    if text is None:
        return None
    try:
        prompt, cached, completion = (float(part) for part in text.split(","))
        fit = all(0 <= part < float("inf") for part in (prompt, cached, completion))
    except ValueError:
        fit = False
    if not fit:
        raise ConfigurationError(
            "MOCK_INTERVIEWER_PRICE: expected three numbers separated by commas, dollars for a "
            f"million prompt, cached and completion tokens; got {text!r}."
        )
    return Price(prompt, cached, completion)
