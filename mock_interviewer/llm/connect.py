"""Which model is used, and why."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from mock_interviewer.errors import ConfigurationError, ModelError
from mock_interviewer.llm.catalogue import Entry, load_catalogue
from mock_interviewer.llm.chat import ChatModel
from mock_interviewer.llm.embedded import EmbeddedChat, Locate
from mock_interviewer.llm.model_files import fetch, models_dir
from mock_interviewer.llm.openai_chat import OpenAIChat
from mock_interviewer.settings import Settings

_NO_KEY = "none"
"""Servers without keys still want the header; the client refuses to send an empty one."""


@dataclass(frozen=True)
class Connection:
    """A model with what is known of it."""

    model: ChatModel
    entry: Entry
    why: str
    """Which setting chose it, and how to change it; for the terminal and the page."""
    where: str
    """Where answers are sent, for candidates."""
    embedded: EmbeddedChat | None = None


@dataclass(frozen=True)
class Patience:
    """How long a request may take that nobody waits for, and how often it is tried again."""

    seconds: float
    retries: int = 2


def connect(settings: Settings, patience: Patience | None = None) -> Connection:
    """Choose the model. Raises `ConfigurationError`; starts and fetches nothing.

    `patience`: for work that nobody waits for, at a model behind a URL.
    """
    if settings.model_file is not None or not (settings.base_url or settings.api_key):
        return _embedded(settings)
    return _hosted(settings, patience or Patience(settings.turn_seconds))


def _embedded(settings: Settings) -> Connection:
    locate: Locate
    file = settings.model_file
    if file is not None:
        entry = load_catalogue().find(file.stem.lower())
        locate = lambda _report: file  # noqa: E731
        why = f"the model file {file} was given; --model-file names another, none the usual one"
    else:
        entry = load_catalogue().embedded
        model_file = entry.model_file
        locate = lambda report: fetch(model_file, models_dir(), report)  # noqa: E731
        why = (
            "neither OPENAI_BASE_URL nor OPENAI_API_KEY is set; set one of them to use another "
            "model, or --model-file for another GGUF file"
        )
    chat = EmbeddedChat(
        name=entry.id,
        locate=locate,
        context=entry.context,
        first_token_seconds=settings.first_token_seconds,
        turn_seconds=settings.turn_seconds,
    )
    return Connection(
        model=chat,
        entry=entry,
        why=why,
        where="Your answers are read by a model that runs on this machine and are sent nowhere.",
        embedded=chat,
    )


def _hosted(settings: Settings, patience: Patience) -> Connection:
    base_url = settings.base_url

    def chat(model: str) -> OpenAIChat:
        return OpenAIChat(
            model=model,
            api_key=settings.api_key or _NO_KEY,
            base_url=base_url,
            first_token_seconds=settings.first_token_seconds,
            turn_seconds=settings.turn_seconds,
            background_seconds=patience.seconds,
            max_retries=patience.retries,
        )

    if settings.model:
        model, why = (
            settings.model,
            "MOCK_INTERVIEWER_MODEL names it; set it to another id, or unset it",
        )
    elif base_url:
        model, why = _only_model(chat("unknown"), base_url)
    else:
        model = load_catalogue().default_hosted
        why = "OPENAI_API_KEY is set; MOCK_INTERVIEWER_MODEL can name another"
    host = urlsplit(base_url).netloc.rpartition("@")[2] if base_url else "OpenAI"
    return Connection(
        model=chat(model),
        entry=load_catalogue().find(model),
        why=why,
        where=f"Your answers are sent to the model server at {host}.",
    )


def _only_model(chat: OpenAIChat, base_url: str) -> tuple[str, str]:
    try:
        models = chat.models()
    except ModelError as error:
        raise ConfigurationError(
            "OPENAI_BASE_URL is set, and the server there cannot be asked for its models: "
            f"{error}. Start it, correct the address, or name the model with "
            "MOCK_INTERVIEWER_MODEL."
        ) from error
    if len(models) == 1:
        return models[0], (
            "it is the only one that the server at OPENAI_BASE_URL lists; "
            "set OPENAI_BASE_URL to another server, or unset it for the embedded model"
        )
    raise ConfigurationError(
        f"The server at OPENAI_BASE_URL lists {len(models)} models; set MOCK_INTERVIEWER_MODEL to "
        f"one of: {', '.join(models) or '(none)'}."
    )
