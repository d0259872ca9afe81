"""Counting tokens, so that a long interview never overruns a model's context.

tiktoken fetches its vocabulary from the network without a time-out; so it is only used where the
vocabulary is whole on disk already (in `TIKTOKEN_CACHE_DIR`), and elsewhere the count is estimated
on the safe side. What a request really cost is what the server reports.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import math
import os
from collections.abc import Sequence
from pathlib import Path

import tiktoken

from mock_interviewer.core.prompts import Message
from mock_interviewer.errors import ModelRefusedError
from mock_interviewer.llm.chat import Request

log = logging.getLogger(__name__)

BYTES_PER_TOKEN = 3
"""Below what prose of any language measures (English 4.1 bytes a token, Chinese 4.0)."""

TOKENS_PER_MESSAGE = 6
"""Room for the role and the marks around each message."""

_O200K_FILE = "fb374d419588a4632f3f557e76b4b70aebbca790"
"""The name by which tiktoken finds o200k_base in a cache folder."""

_O200K_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"


def count(text: str) -> int:
    """Tokens of a text: exact for o200k_base where its vocabulary is at hand, else estimated."""
    encoding = _encoding()
    if encoding is None:
        return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)
    return len(encoding.encode_ordinary(text))


def count_messages(messages: Sequence[Message]) -> int:
    """Tokens of a whole request's messages."""
    return sum(count(message.content) + TOKENS_PER_MESSAGE for message in messages)


def is_exact() -> bool:
    """Whether `count` uses the real vocabulary."""
    return _encoding() is not None


@functools.cache
def _encoding() -> tiktoken.Encoding | None:
    folder = os.environ.get("TIKTOKEN_CACHE_DIR")
    if not folder:
        return None
    try:
        # tiktoken would go online for a file that is missing, and delete one that is damaged.
        found = hashlib.sha256(Path(folder, _O200K_FILE).read_bytes()).hexdigest()
        if found == _O200K_SHA256:
            return tiktoken.get_encoding("o200k_base")
        reason = "it is damaged"
    except (OSError, ValueError) as error:
        reason = str(error)
    log.warning("Token counts are estimated: o200k_base in TIKTOKEN_CACHE_DIR: %s", reason)
    return None


def refuse_too_long(request: Request, context: int) -> None:
    """An answer is graded whole or not at all. Raises `ModelRefusedError`."""
    tokens = count_messages(request.messages) + request.max_tokens
    if tokens > context:
        raise ModelRefusedError(
            f"the answer is too long for this model ({tokens} tokens, room for {context})"
        )
