"""A client of a scripted server, and requests to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import openai
import pytest

from mock_interviewer.core.prompts import Message
from mock_interviewer.errors import ModelError
from mock_interviewer.llm.chat import Request, Schema
from mock_interviewer.llm.openai_chat import OpenAIChat
from tests.model_server import Answer, ModelServer, Script, serving

KEY = "sk-very-secret"
HELLO = Request((Message(role="user", content="Hello"),), max_tokens=5)
SHAPED = replace(HELLO, schema=Schema("shape", {"type": "object"}))
HTML = Answer(b"<html>Welcome</html>", headers={"Content-Type": "text/html"})

CLIENT = openai.DefaultHttpxClient(follow_redirects=False)
"""Shared, because making one takes longer than a test does."""


def connected(server: ModelServer, **options: Any) -> OpenAIChat:
    options = {"max_retries": 0, "http_client": CLIENT, **options}
    return OpenAIChat(model="toy", api_key=KEY, base_url=server.url, **options)


def asked(script: Script | Answer, request: Request = HELLO, **options: Any) -> Any:
    with serving(script) as server:
        return connected(server, **options).ask(request)


def streamed(script: Script | Answer, **options: Any) -> list[str]:
    """The pieces of a stream that ends well."""
    with serving(script) as server:
        return list(connected(server, **options).stream(HELLO))


def broken(script: Script | Answer, **options: Any) -> tuple[list[str], ModelError]:
    """The pieces that came before a stream's error, and the error."""
    pieces: list[str] = []
    with serving(script) as server, pytest.raises(ModelError) as caught:
        pieces.extend(connected(server, **options).stream(HELLO))
    return pieces, caught.value
