"""A model that says what a test tells it to, for exact replies and for faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mock_interviewer.llm.chat import Reply, Request

Script = Callable[[Request], str | Reply | Exception]


class ScriptedChat:
    """A `ChatModel`. `script` gives each request's text or reply, or the exception to raise.

    `requests` are those asked and streamed so far, in order; `urgent` says of each asked one
    whether a person was waiting. A stream comes word by word; with `breaks_after` pieces it ends
    with `fault`, as a server that goes away in the middle.
    """

    def __init__(
        self,
        script: Script | str | Reply | Exception,
        *,
        name: str = "scripted",
        breaks_after: int | None = None,
        fault: Exception | None = None,
    ) -> None:
        self._script = script
        self._name = name
        self._breaks_after = breaks_after
        self._fault = fault
        self.requests: list[Request] = []
        self.urgent: list[bool] = []

    @property
    def name(self) -> str:
        """The model's id, as it stands in a stamp."""
        return self._name

    def ask(self, request: Request, *, urgent: bool = False) -> Reply:
        """Answer as the script says."""
        self.urgent.append(urgent)
        return self._reply(request)

    def stream(self, request: Request) -> Iterator[str]:
        """Answer word by word; joined, the words are the text to the letter."""
        text = self._reply(request).text
        yield from re.findall(r"\s*\S+\s*$|\s*\S+", text)[: self._breaks_after]
        if self._fault is not None:
            raise self._fault

    def _reply(self, request: Request) -> Reply:
        self.requests.append(request)
        script = self._script
        said = script(request) if callable(script) else script
        if isinstance(said, Exception):
            raise said
        return Reply(said) if isinstance(said, str) else said
