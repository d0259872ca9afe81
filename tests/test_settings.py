"""Settings: all from the environment, each fault named by its variable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mock_interviewer.core.price import Price
from mock_interviewer.errors import ConfigurationError
from mock_interviewer.settings import load_settings

KEY = "sk-very-secret"


def test_without_any_variable_everything_has_its_default() -> None:
    settings = load_settings({})
    assert settings.data.name == "mock-interviewer"
    assert (settings.base_url, settings.api_key, settings.model) == (None, None, None)
    assert (settings.model_file, settings.strategy, settings.banks) == (None, None, ())
    assert settings.price is None
    assert settings.message_characters == 5000
    assert (settings.open_interviews, settings.messages_per_minute) == (20, 30)
    assert (settings.first_token_seconds, settings.turn_seconds) == (20.0, 60.0)
    assert (settings.login_hours, settings.proxies) == (12.0, ("127.0.0.1", "::1"))
    assert settings.retention_days is None


def test_every_variable_is_read(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.touch()
    banks = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    settings = load_settings(
        {
            "MOCK_INTERVIEWER_DATA": str(tmp_path),
            "OPENAI_BASE_URL": "http://localhost:8000/v1",
            "OPENAI_API_KEY": KEY,
            "MOCK_INTERVIEWER_MODEL": "toy",
            "MOCK_INTERVIEWER_MODEL_FILE": str(file),
            "MOCK_INTERVIEWER_STRATEGY": "checklist",
            "MOCK_INTERVIEWER_BANKS": os.pathsep.join(map(str, banks)),
            "MOCK_INTERVIEWER_RUBRIC": str(tmp_path / "rubric.yaml"),
            "MOCK_INTERVIEWER_PROMPTS": str(tmp_path / "prompts"),
            "MOCK_INTERVIEWER_PRICE": "0.75, 0.075, 4.5",
            "MOCK_INTERVIEWER_MESSAGE_CHARACTERS": "800",
            "MOCK_INTERVIEWER_OPEN_INTERVIEWS": "3",
            "MOCK_INTERVIEWER_MESSAGES_PER_MINUTE": "7",
            "MOCK_INTERVIEWER_FIRST_TOKEN_SECONDS": "2.5",
            "MOCK_INTERVIEWER_TURN_SECONDS": "30",
            "MOCK_INTERVIEWER_LOGIN_HOURS": "1.5",
            "MOCK_INTERVIEWER_PROXIES": "10.0.0.5, 10.1.0.0/16",
            "MOCK_INTERVIEWER_RETENTION_DAYS": "90",
        }
    )
    assert settings.data == tmp_path
    assert settings.database_url == f"sqlite:///{tmp_path}{os.sep}interviews.sqlite3"
    assert (settings.base_url, settings.api_key) == ("http://localhost:8000/v1", KEY)
    assert (settings.model, settings.model_file) == ("toy", file)
    assert (settings.strategy, settings.banks) == ("checklist", tuple(banks))
    assert settings.price == Price(prompt=0.75, cached=0.075, completion=4.5)
    assert settings.message_characters == 800
    assert (settings.open_interviews, settings.messages_per_minute) == (3, 7)
    assert (settings.first_token_seconds, settings.turn_seconds) == (2.5, 30.0)
    assert (settings.login_hours, settings.proxies) == (1.5, ("10.0.0.5", "10.1.0.0/16"))
    assert settings.retention_days == 90


def test_the_environment_of_the_process_is_read_where_no_other_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOCK_INTERVIEWER_MODEL", "toy")
    assert load_settings().model == "toy"


def test_it_can_be_said_that_no_proxy_is_believed() -> None:
    assert load_settings({"MOCK_INTERVIEWER_PROXIES": "none"}).proxies == ()


def test_empty_variables_and_white_space_count_as_not_set() -> None:
    names = ["OPENAI_BASE_URL", "OPENAI_API_KEY", "MOCK_INTERVIEWER_STRATEGY"]
    numbers = [
        "MOCK_INTERVIEWER_MESSAGE_CHARACTERS",
        "MOCK_INTERVIEWER_PRICE",
        "MOCK_INTERVIEWER_RETENTION_DAYS",
    ]
    banks = {"MOCK_INTERVIEWER_BANKS": f" {os.pathsep}{os.pathsep} "}
    assert load_settings(dict.fromkeys(names + numbers, " \t") | banks) == load_settings({})


def test_white_space_around_a_value_is_dropped() -> None:
    assert load_settings({"OPENAI_API_KEY": f" {KEY}\n"}).api_key == KEY


def test_folders_and_banks_may_begin_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(Path("/home/ada")))
    environ = {"MOCK_INTERVIEWER_DATA": "~/data", "MOCK_INTERVIEWER_BANKS": "~/own.yaml"}
    settings = load_settings(environ)
    assert settings.data == Path("/home/ada/data")
    assert settings.banks == (Path("/home/ada/own.yaml"),)


def test_a_model_file_of_the_command_line_goes_before_that_of_the_environment(
    tmp_path: Path,
) -> None:
    files = [tmp_path / "a.gguf", tmp_path / "b.gguf"]
    for file in files:
        file.touch()
    environ = {"MOCK_INTERVIEWER_MODEL_FILE": str(files[0])}
    assert load_settings(environ, model_file=files[1]).model_file == files[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOCK_INTERVIEWER_DATABASE_URL", "mysql://localhost/interviews"),
        ("MOCK_INTERVIEWER_DATABASE_URL", "postgresql:interviews"),
        ("MOCK_INTERVIEWER_DATABASE_URL", "postgresql://[::1/interviews"),
        ("MOCK_INTERVIEWER_DATABASE_URL", "postgresql://localhost:high/interviews"),
        ("OPENAI_BASE_URL", "localhost:8000/v1"),
        ("OPENAI_BASE_URL", "http://"),
        ("OPENAI_BASE_URL", "http://[::1/v1"),
        ("OPENAI_BASE_URL", "http://localhost:80a/v1"),
        ("OPENAI_BASE_URL", "ftp://localhost/v1"),
        ("MOCK_INTERVIEWER_STRATEGY", "guess"),
        ("MOCK_INTERVIEWER_STRATEGY", "Levels"),
        ("MOCK_INTERVIEWER_PRICE", "1"),
        ("MOCK_INTERVIEWER_PRICE", "1,2,3,4"),
        ("MOCK_INTERVIEWER_PRICE", "1,2,three"),
        ("MOCK_INTERVIEWER_PRICE", "1,-2,3"),
        ("MOCK_INTERVIEWER_PRICE", "1,nan,3"),
        ("MOCK_INTERVIEWER_PRICE", "1,inf,3"),
        ("MOCK_INTERVIEWER_MESSAGE_CHARACTERS", "many"),
        ("MOCK_INTERVIEWER_MESSAGE_CHARACTERS", "0"),
        ("MOCK_INTERVIEWER_MESSAGE_CHARACTERS", "0.5"),
        ("MOCK_INTERVIEWER_MESSAGE_CHARACTERS", "-5"),
        ("MOCK_INTERVIEWER_FIRST_TOKEN_SECONDS", "0"),
        ("MOCK_INTERVIEWER_FIRST_TOKEN_SECONDS", "nan"),
        ("MOCK_INTERVIEWER_TURN_SECONDS", "inf"),
        ("MOCK_INTERVIEWER_TURN_SECONDS", "1m"),
        ("MOCK_INTERVIEWER_LOGIN_HOURS", "0"),
        ("MOCK_INTERVIEWER_PROXIES", "*"),
        ("MOCK_INTERVIEWER_PROXIES", "proxy.example"),
        ("MOCK_INTERVIEWER_RETENTION_DAYS", "0"),
        ("MOCK_INTERVIEWER_RETENTION_DAYS", "-30"),
        ("MOCK_INTERVIEWER_RETENTION_DAYS", "1.5"),
        ("MOCK_INTERVIEWER_RETENTION_DAYS", "a month"),
        ("MOCK_INTERVIEWER_RETENTION_DAYS", "36501"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_the_name_of_its_variable(
    name: str, value: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}: expected"):
        load_settings({name: value})


@pytest.mark.parametrize("key", ["sk-very\u2026secret", "sk-very\nsecret", "sk-very\tsecret"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^OPENAI_API_KEY: expected") as caught:
        load_settings({"OPENAI_API_KEY": key})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kind", ["nothing", "a folder"])
def test_a_model_file_that_is_no_file_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "a folder" else tmp_path / "nowhere.gguf"
    with pytest.raises(ConfigurationError, match="There is no model file") as caught:
        load_settings({"MOCK_INTERVIEWER_MODEL_FILE": str(path)})
    assert str(path) in str(caught.value)


def test_printed_settings_show_neither_the_key_nor_a_password_in_the_address() -> None:
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://ada:pass-word@localhost/v1"}
    settings = load_settings(environ)
    for text in (str(settings), repr(settings)):
        assert KEY not in text
        assert "pass-word" not in text


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("postgresql://ada:pass-word@db:5433/talks", "database talks at db:5433"),
        ("postgres://ada:pass-word@db/talks", "database talks at db"),
        ("postgresql+psycopg://ada:pass-word@db/talks", "database talks at db"),
        ("postgresql:///talks?host=/run/postgresql&password=pass-word", "database talks"),
        ("postgresql://ada:pass%40word@db/two%20talks", "database two talks at db"),
    ],
)
def test_a_database_is_shown_without_its_password_and_opened_with_it(
    given: str, place: str
) -> None:
    settings = load_settings({"MOCK_INTERVIEWER_DATABASE_URL": given})
    assert settings.database_url == f"postgresql+psycopg://{given.partition('://')[2]}"
    assert settings.database_place == f"the PostgreSQL {place}"
    assert "pass" not in repr(settings)


def test_a_wrong_address_of_a_database_is_refused_without_telling_its_password() -> None:
    with pytest.raises(ConfigurationError) as fault:
        load_settings({"MOCK_INTERVIEWER_DATABASE_URL": "mysql://ada:pass-word@db/talks"})
    assert "pass-word" not in str(fault.value)
