"""The embedded model: a local server in a supervised child process, from download to ready."""

from __future__ import annotations

import atexit
import importlib.util
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import httpx2

from mock_interviewer.errors import (
    ConfigurationError,
    MockInterviewerError,
    ModelError,
    ModelFileError,
    ModelUnavailableError,
)
from mock_interviewer.llm.chat import Reply, Request
from mock_interviewer.llm.child_server import ChildServer
from mock_interviewer.llm.embedding import Embedding, Frame, StateReader
from mock_interviewer.llm.model_sources import Progress
from mock_interviewer.llm.openai_chat import OpenAIChat
from mock_interviewer.llm.turnstile import Turnstile

log = logging.getLogger(__name__)

BACKGROUND_SECONDS = 300.0
"""Nobody waits for a grading item; a slow or busy machine may take its time."""

CONVERSATION_SLOT, GRADING_SLOT = 0, 1


class Stage(StrEnum):
    """Where the model is on its way to being ready."""

    WAITING = "waiting"
    DOWNLOADING = "downloading"
    CHECKING = "checking"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Status:
    """For the page and the terminal: the stage, how far it is (0 to 1), and a sentence."""

    stage: Stage
    done: float = 0.0
    text: str = ""


Locate = Callable[[Progress], Path]
"""Returns the model file, fetching it if need be, and reports bytes done, total and stage."""


class EmbeddedChat:
    """A chat model on this machine. Until it is ready, asking raises `ModelUnavailableError`."""

    def __init__(
        self,
        *,
        name: str,
        locate: Locate,
        context: int,
        first_token_seconds: float,
        turn_seconds: float,
        threads: int | None = None,
    ) -> None:
        self._name = name
        self._locate = locate
        self._context = context
        self._limits = (first_token_seconds, turn_seconds)
        self._threads = threads
        self._status = Status(Stage.WAITING, text="The model has not been started yet.")
        self._turnstile = Turnstile()
        self._lock = threading.Lock()
        self._server: ChildServer | None = None
        self._chat: OpenAIChat | None = None
        self._reader: StateReader | None = None
        self._restarts_left = 1
        self._stopping = False
        self._done = threading.Event()

    @property
    def name(self) -> str:
        """The model's id."""
        return self._name

    @property
    def status(self) -> Status:
        """Where the model is on its way to being ready."""
        return self._status

    @property
    def process_id(self) -> int | None:
        """The child's process id, for measurements; None while it does not run."""
        return self._server.process_id if self._server else None

    def prepare(self, warm_up: Sequence[Request] = ()) -> None:
        """Fetch, load and warm the model; blocks. What went wrong is told by `status`.

        `warm_up` are requests whose beginning later requests share: the server keeps it read.
        """
        try:
            _require_server()
            path = self._locate(self._report)
            self._start(path)
            self._warm(warm_up)
            self._status = Status(Stage.READY, 1.0, "The model is ready.")
        except MockInterviewerError as error:
            if not self._stopping:
                log.error("The embedded model cannot be used: %s", error)
            self._status = Status(Stage.FAILED, text=str(error))
        finally:
            if self._status.stage not in (Stage.READY, Stage.FAILED):  # a bug's exception passes
                self._status = Status(Stage.FAILED, text="The embedded model cannot be used.")
            self._done.set()

    def prepare_in_background(self, warm_up: Sequence[Request] = ()) -> None:
        """`prepare` in a thread of its own."""
        threading.Thread(
            target=self.prepare, args=(warm_up,), name="embedded-model", daemon=True
        ).start()

    def wait(self) -> None:
        """Block until the model is ready. Raises `ConfigurationError` if it cannot be used."""
        self._done.wait()
        if self._status.stage is Stage.FAILED:
            raise ConfigurationError(self._status.text)

    def ask(self, request: Request, *, urgent: bool = False) -> Reply:
        """Answer in one piece; requests that nobody waits for let the others go first."""
        way = self._turnstile.urgent() if urgent else self._turnstile.background()
        with way:
            chat = self._connected(wait_ready=True)
            try:
                return chat.ask(request, urgent=urgent, extra=_slot(urgent))
            except ModelUnavailableError:
                if not self._revive(chat):
                    raise
                return self._connected().ask(request, extra=_slot(urgent))

    def stream(self, request: Request) -> Iterator[str]:
        """Answer in pieces of text, before any background request."""
        with self._turnstile.urgent():
            chat = self._connected(wait_ready=True)
            try:
                yield from chat.stream(request, extra=_slot(urgent=True))
            except ModelUnavailableError:
                self._revive(chat)
                raise

    def embed(self, frame: Frame, *, urgent: bool = False) -> Embedding:
        """Read one text; texts that nobody waits for let all else go first."""
        way = self._turnstile.urgent() if urgent else self._turnstile.background()
        with way:
            chat = self._connected(wait_ready=True)
            reader = self._reader
            assert reader is not None
            try:
                return reader.embed(frame)
            except ModelUnavailableError:
                if not self._revive(chat):
                    raise
                assert self._reader is not None
                return self._reader.embed(frame)

    def close(self) -> None:
        """Stop the child process."""
        self._stopping = True
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _warm(self, requests: Sequence[Request]) -> None:
        for request in requests:
            try:
                self._connected().ask(request, extra=_slot(urgent=True))
            except ModelError as error:
                log.info("Warming the model up did not work: %s", error)

    def _report(self, done: int, total: int, stage: str) -> None:
        now = Stage.CHECKING if stage == "checking" else Stage.DOWNLOADING
        megabytes = f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
        text = f"{now.capitalize()} the interviewer's model: {megabytes}."
        self._status = Status(now, done / total if total else 0.0, text)

    def _start(self, path: Path) -> None:
        self._path = path
        if self._stopping:
            raise ModelFileError("The program is being stopped.")
        self._status = Status(Stage.LOADING, text="Loading the interviewer's model.")
        server = self._server = ChildServer()
        atexit.register(self.close)
        if self._stopping:  # since a moment ago, and this child was not there to be stopped
            self.close()
        address = server.load(path, self._context, self._threads)
        first_token, turn = self._limits
        self._reader = StateReader(address, server.key, BACKGROUND_SECONDS)
        self._chat = OpenAIChat(
            model=self._name,
            api_key=server.key,
            base_url=f"{address}/v1",
            first_token_seconds=first_token,
            turn_seconds=turn,
            background_seconds=BACKGROUND_SECONDS,
            max_retries=0,
            # A proxy could not reach this machine's own address, and has no business to.
            http_client=httpx2.Client(trust_env=False),
        )

    def _connected(self, wait_ready: bool = False) -> OpenAIChat:
        if self._chat is None or (wait_ready and self._status.stage is not Stage.READY):
            text = self._status.text
            raise ModelUnavailableError(text[:1].lower() + text[1:].rstrip("."))
        return self._chat

    def _revive(self, failed: OpenAIChat) -> bool:
        """Start the child again, once, if it has died. Returns whether it is worth asking again."""
        with self._lock:
            if self._chat is not failed:  # another request has seen to it
                return self._status.stage is Stage.READY
            server = self._server
            if self._stopping or server is None or server.is_alive():
                return False
            if self._restarts_left == 0:
                self._status = Status(
                    Stage.FAILED,
                    text="The embedded model has stopped twice. Restart the program to go on.",
                )
                return False
            self._restarts_left -= 1
            log.warning("The embedded model's process has ended; starting it again")
            try:
                self._start(self._path)
            except ModelFileError as error:
                self._status = Status(Stage.FAILED, text=str(error))
                return False
            self._status = Status(Stage.READY, 1.0, "The model is ready.")
            return True


def _require_server() -> None:
    if importlib.util.find_spec("xllamacpp") is None:
        raise ConfigurationError(
            "The embedded model does not run on this system: there is no xllamacpp for it. "
            "Set OPENAI_BASE_URL or OPENAI_API_KEY to use a model server instead."
        )


def _slot(urgent: bool) -> dict[str, int]:
    """The server's slot: the conversation's, or the one for grading."""
    return {"id_slot": CONVERSATION_SLOT if urgent else GRADING_SLOT}
