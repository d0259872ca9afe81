"""The embedded model's life: a real child process, in which a stand-in serves instead of llama.cpp.

The child finds `stand_in/xllamacpp.py` before the real one; its "model file" is a JSON script.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_interviewer.core.prompts import Message
from mock_interviewer.errors import ConfigurationError, ModelFileError, ModelUnavailableError
from mock_interviewer.llm import child_server
from mock_interviewer.llm.chat import Request
from mock_interviewer.llm.embedded import EmbeddedChat, Stage
from mock_interviewer.llm.model_files import Progress
from tests.model_server import Received, json_answer, serving

ROOT = Path(__file__).parents[2]


def said(text: str) -> Request:
    return Request((Message(role="user", content=text),), max_tokens=5)


@pytest.fixture(autouse=True)
def _found_first(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = str(Path(__file__).with_name("stand_in"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([stand_in, str(ROOT)]))


Make = Callable[..., EmbeddedChat]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes an embedded chat from a script; what it starts is stopped after the test."""
    made: list[EmbeddedChat] = []

    def make(script: dict[str, Any] | None = None, **options: Any) -> EmbeddedChat:
        path = tmp_path / "Model.gguf"
        path.write_text(json.dumps(script or {}))
        options = {
            "name": "toy",
            "locate": lambda _report: path,
            "context": 4096,
            "first_token_seconds": 5.0,
            "turn_seconds": 10.0,
            **options,
        }
        made.append(EmbeddedChat(**options))
        return made[-1]

    yield make
    for chat in made:
        chat.close()


@pytest.fixture
def chat(make: Make) -> EmbeddedChat:
    """A chat that is ready."""
    chat = make()
    chat.prepare()
    assert chat.status.stage is Stage.READY, chat.status.text
    return chat


def process_of(chat: EmbeddedChat) -> int:
    assert chat.process_id is not None
    return chat.process_id


def is_gone(process_id: int) -> bool:
    for _ in range(200):
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


# On the way to being ready


def test_until_it_is_prepared_asking_says_that_it_has_not_been_started(make: Make) -> None:
    chat = make()
    assert chat.status.stage is Stage.WAITING
    assert chat.process_id is None
    with pytest.raises(ModelUnavailableError, match=r"^the model has not been started yet$"):
        chat.ask(said("Hello"))
    with pytest.raises(ModelUnavailableError):
        next(chat.stream(said("Hello")))


def test_prepared_it_answers_and_streams(chat: EmbeddedChat) -> None:
    assert chat.name == "toy"
    assert chat.ask(said("Hello")).text == "You said Hello"
    assert chat.ask(said("Hello"), urgent=True).text == "You said Hello"
    assert list(chat.stream(said("Hello"))) == ["one ", "two "]


def test_the_server_is_set_up_for_this_machine_and_this_program_alone(chat: EmbeddedChat) -> None:
    params = json.loads(chat.ask(said("params")).text)
    assert (params["hostnames"], params["port"]) == (["127.0.0.1"], 0)
    assert len(params["api_keys"]) == 1
    assert len(params["api_keys"][0]) == 32  # 24 random bytes as base64
    assert params["endpoint_slots"] is False
    assert params["cors_origins"] == ""
    assert params["ui"] is False
    # One slot for the conversation and one for grading, in one memory of 4096 + 4096 tokens.
    assert (params["n_ctx"], params["n_parallel"]) == (8192, 2)
    assert params["kv_unified"] is True
    assert params["cpuparams"] == params["cpuparams_batch"]
    assert 1 <= params["cpuparams"]["n_threads"] <= 8
    assert params["cache_ram_mib"] == 256
    # Neither slot loses what it has read to the other, and the file is not held in memory twice.
    assert params["cache_idle_slots"] is False
    assert params["load_mode"] == "none"
    # It hands out the state of each token, for texts of up to one step.
    assert params["slot_prompt_similarity"] == 0.01
    assert (params["embedding"], params["pooling_type"]) == (True, "none")
    assert params["n_batch"] == params["n_ubatch"] == 512


def test_the_number_of_threads_can_be_given(make: Make) -> None:
    chat = make(threads=3)
    chat.prepare()
    assert json.loads(chat.ask(said("params")).text)["cpuparams"] == {"n_threads": 3}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_key_stands_in_no_argument_list_and_no_environment(chat: EmbeddedChat) -> None:
    (key,) = json.loads(chat.ask(said("params")).text)["api_keys"]
    for name in ("cmdline", "environ"):
        assert key.encode() not in Path(f"/proc/{process_of(chat)}/{name}").read_bytes()
    assert key not in repr(chat)


def test_progress_is_told_as_stage_share_and_sentence(make: Make, tmp_path: Path) -> None:
    seen = []

    def locate(report: Progress) -> Path:
        for done, total, stage in ((0, 0, "downloading"), (250_000_000, 10**9, "downloading")):
            report(done, total, stage)
            seen.append(chat.status)
        report(5 * 10**8, 10**9, "checking")
        seen.append(chat.status)
        return tmp_path / "Model.gguf"

    chat = make(locate=locate)
    chat.prepare()
    assert [(s.stage, s.done, s.text) for s in seen] == [
        (Stage.DOWNLOADING, 0.0, "Downloading the interviewer's model: 0 of 0 MB."),
        (Stage.DOWNLOADING, 0.25, "Downloading the interviewer's model: 250 of 1,000 MB."),
        (Stage.CHECKING, 0.5, "Checking the interviewer's model: 500 of 1,000 MB."),
    ]
    assert (chat.status.stage, chat.status.done) == (Stage.READY, 1.0)


def test_it_is_prepared_in_the_background_and_can_be_waited_for(make: Make, tmp_path: Path) -> None:
    go = threading.Event()

    def locate(report: Progress) -> Path:
        go.wait(5)
        return tmp_path / "Model.gguf"

    chat = make(locate=locate)
    chat.prepare_in_background()
    with pytest.raises(ModelUnavailableError):
        chat.ask(said("Hello"))
    go.set()
    chat.wait()
    assert chat.ask(said("Hello")).text == "You said Hello"


def test_requests_that_warm_it_up_are_asked_before_it_is_ready(make: Make, tmp_path: Path) -> None:
    chat = make()
    chat.prepare([said("Hello"), said("die once")])
    # Dead of the second of them, it is started again by the first question.
    assert chat.status.stage is Stage.READY
    assert chat.ask(said("Hello")).text == "You said Hello"
    assert (tmp_path / "Model.starts").read_text() == "xx"


# What can go wrong before it is ready


def test_a_file_that_cannot_be_had_is_told(make: Make) -> None:
    def locate(report: Progress) -> Path:
        raise ModelFileError("The model cannot be fetched.")

    chat = make(locate=locate)
    chat.prepare()
    assert chat.status.stage is Stage.FAILED
    with pytest.raises(ConfigurationError, match="The model cannot be fetched"):
        chat.wait()
    with pytest.raises(ModelUnavailableError, match="the model cannot be fetched"):
        chat.ask(said("Hello"))


def test_a_file_that_cannot_be_loaded_is_named_as_it_is_written(make: Make, tmp_path: Path) -> None:
    chat = make({"loading": "crash"})
    chat.prepare()
    assert chat.status.stage is Stage.FAILED
    assert str(tmp_path / "Model.gguf") in chat.status.text
    assert "`mock-interviewer model verify`" in chat.status.text
    with pytest.raises(ModelUnavailableError) as caught:
        chat.ask(said("Hello"))
    assert str(tmp_path / "Model.gguf") in str(caught.value)


def test_loading_that_never_ends_is_ended(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_server, "LOADING_SECONDS", 0.3)
    chat = make({"loading": "hang"})
    chat.prepare()
    assert chat.status.stage is Stage.FAILED
    assert is_gone(process_of(chat))


def test_where_the_server_does_not_run_nothing_is_fetched(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    fetched = []

    def locate(report: Progress) -> Path:
        fetched.append(True)
        raise ModelFileError("The model cannot be fetched.")

    chat = make(locate=locate)
    chat.prepare()
    assert chat.status.stage is Stage.FAILED
    assert "does not run on this system" in chat.status.text
    assert "OPENAI_BASE_URL" in chat.status.text
    assert fetched == []


def test_a_fault_that_nobody_foresaw_leaves_no_one_waiting(make: Make) -> None:
    def locate(report: Progress) -> Path:
        raise RuntimeError("a bug")

    chat = make(locate=locate)
    with pytest.raises(RuntimeError):
        chat.prepare()
    assert chat.status.stage is Stage.FAILED
    with pytest.raises(ConfigurationError):
        chat.wait()


# Its child process


def test_a_child_that_dies_is_started_again_once_and_the_question_is_answered(
    chat: EmbeddedChat,
) -> None:
    first = process_of(chat)
    os.kill(first, signal.SIGKILL)
    assert chat.ask(said("Hello")).text == "You said Hello"
    assert process_of(chat) != first
    os.kill(process_of(chat), signal.SIGKILL)
    with pytest.raises(ModelUnavailableError):
        chat.ask(said("Hello"))
    assert chat.status.stage is Stage.FAILED
    with pytest.raises(ModelUnavailableError, match=r"^the embedded model has stopped twice"):
        chat.ask(said("Hello"))


def test_a_child_that_dies_of_a_question_is_asked_it_again(chat: EmbeddedChat) -> None:
    assert chat.ask(said("die once")).text == "You said die once"


def test_a_stream_that_dies_is_an_error_and_the_next_question_is_answered(
    chat: EmbeddedChat,
) -> None:
    pieces = []
    with pytest.raises(ModelUnavailableError):
        pieces.extend(chat.stream(said("die")))
    assert chat.status.stage is Stage.READY
    assert chat.ask(said("Hello")).text == "You said Hello"


def test_all_that_were_asking_when_the_child_died_are_answered(chat: EmbeddedChat) -> None:
    answers = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(chat.ask(said("die together"), urgent=True).text)
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == ["You said die together"] * 2


def test_a_child_that_cannot_be_started_again_is_told(make: Make) -> None:
    chat = make({"again": "crash"})
    chat.prepare()
    os.kill(process_of(chat), signal.SIGKILL)
    with pytest.raises(ModelUnavailableError):
        chat.ask(said("Hello"))
    assert chat.status.stage is Stage.FAILED
    assert "cannot be loaded" in chat.status.text


def test_a_slow_answer_is_no_death(make: Make) -> None:
    chat = make(first_token_seconds=0.2)
    chat.prepare()
    first = process_of(chat)
    with pytest.raises(ModelUnavailableError, match="took too long"):
        list(chat.stream(said("slow")))
    assert process_of(chat) == first


def test_an_interrupt_from_the_terminal_does_not_take_the_child_away(chat: EmbeddedChat) -> None:
    first = process_of(chat)
    os.kill(first, signal.SIGINT)
    time.sleep(0.1)
    assert chat.ask(said("Hello")).text == "You said Hello"
    assert process_of(chat) == first


def test_closing_ends_the_child(chat: EmbeddedChat) -> None:
    child = process_of(chat)
    started = time.monotonic()
    chat.close()
    assert time.monotonic() - started < 4  # orderly, without a kill after 5 s
    assert is_gone(child)
    assert chat.process_id is None
    with pytest.raises(ModelUnavailableError):
        chat.ask(said("Hello"))
    assert chat.process_id is None  # nor does asking start it again
    chat.close()


def test_closed_during_the_download_it_starts_no_child(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def locate(report: Progress) -> Path:
        chat.close()
        return tmp_path / "Model.gguf"

    chat = make(locate=locate)
    with caplog.at_level(logging.INFO):
        chat.prepare()
    assert chat.process_id is None
    assert not (tmp_path / "Model.starts").exists()
    assert "cannot be used" not in caplog.text


def test_the_child_ends_with_its_parent_however_that_ends(chat: EmbeddedChat) -> None:
    # The parent's death closes its end of the pipe; so does this.
    child = process_of(chat)
    assert chat._server is not None
    process = chat._server._process
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(5) == 0
    assert is_gone(child)


# Who is asked


def test_answers_do_not_go_through_a_proxy(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def proxy(received: Received) -> Any:
        return json_answer({"error": "this went out"}, 500)

    with serving(proxy) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, server.url.removesuffix("/v1"))
        chat = make()
        chat.prepare()
        assert chat.ask(said("Hello")).text == "You said Hello"
        assert list(chat.stream(said("Hello"))) == ["one ", "two "]
        assert server.requests == []


def test_the_conversation_and_grading_have_a_slot_each(chat: EmbeddedChat) -> None:
    assert chat.ask(said("slot"), urgent=True).text == "0"
    assert chat.ask(said("slot")).text == "1"


def test_a_person_is_served_before_the_background(chat: EmbeddedChat) -> None:
    pieces = chat.stream(said("Hello"))
    assert next(pieces) == "one "
    background = threading.Thread(target=lambda: chat.ask(said("Hello")))
    background.start()
    background.join(0.3)
    assert background.is_alive()  # while somebody is listening
    assert list(pieces) == ["two "]
    background.join(5)
    assert not background.is_alive()
