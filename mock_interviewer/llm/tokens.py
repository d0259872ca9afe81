"""Counting tokens, so that a long interview never overruns a model's context.

tiktoken fetches its vocabulary from the network without a time-out; so it is only used where the
vocabulary is on disk already (`TIKTOKEN_CACHE_DIR`), and elsewhere the count is estimated on the
safe side. What a request really cost is what the server reports.
"""

from __future__ import annotations

import functools
import logging
import math
import os
from collections.abc import Sequence

import tiktoken

from mock_interviewer.core.prompts import Message

log = logging.getLogger(__name__)

BYTES_PER_TOKEN = 3
"""Below what prose of any language measures (English 4.1 bytes a token, Chinese 4.0)."""

TOKENS_PER_MESSAGE = 6
"""Room for the role and the marks around each message."""


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
    if not os.environ.get("TIKTOKEN_CACHE_DIR"):
        return None
    try:
        return tiktoken.get_encoding("o200k_base")
    except (OSError, ValueError) as error:
        log.warning("Token counts are estimated: the vocabulary cannot be loaded (%s)", error)
        return None
