"""The model file from the hub, which is a real HTTP server on loopback."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mock_interviewer.errors import ModelFileError
from mock_interviewer.llm import model_sources
from mock_interviewer.llm.model_files import fetch
from mock_interviewer.llm.model_sources import Hub
from tests.llm.toy_hub import HubServer, at, hub
from tests.llm.toy_model import CONTENT, TOY, Giving, Watched, silent

__all__ = ["hub"]


def test_the_hub_gives_the_file_at_its_pinned_revision(tmp_path: Path, hub: HubServer) -> None:
    watched = Watched()

    assert fetch(TOY, tmp_path, watched, sources=[at(hub)]).read_bytes() == CONTENT
    assert (100, 100, "downloading") in watched.told


def test_the_hub_is_asked_for_the_missing_bytes_only(tmp_path: Path, hub: HubServer) -> None:
    (tmp_path / "toy.gguf.part").write_bytes(CONTENT[:30])

    assert fetch(TOY, tmp_path, silent, sources=[at(hub)]).read_bytes() == CONTENT
    assert [wanted for command, wanted, _ in hub.asked if command == "GET"] == ["bytes=30-"]


def test_a_hub_that_sends_everything_again_does_not_double_the_beginning(
    tmp_path: Path, hub: HubServer
) -> None:
    (tmp_path / "toy.gguf.part").write_bytes(CONTENT[:30])
    hub.knows_ranges = False

    assert fetch(TOY, tmp_path, silent, sources=[at(hub)]).read_bytes() == CONTENT


def test_a_line_that_keeps_breaking_is_taken_up_again_while_bytes_come(
    tmp_path: Path, hub: HubServer
) -> None:
    hub.breaks_after = 40

    assert fetch(TOY, tmp_path, silent, sources=[at(hub)]).read_bytes() == CONTENT
    # 0-40, 40-80 and the last 20.
    assert [wanted for command, wanted, _ in hub.asked if command == "GET"] == [
        "bytes=0-",
        "bytes=40-",
        "bytes=80-",
    ]


def test_a_line_that_brings_nothing_is_given_up(tmp_path: Path, hub: HubServer) -> None:
    hub.breaks_after = 0

    with pytest.raises(ModelFileError, match="not reachable"):
        fetch(TOY, tmp_path, silent, sources=[at(hub)])


def test_a_hub_with_a_file_of_another_size_gives_nothing(tmp_path: Path, hub: HubServer) -> None:
    hub.content = b"<html>please log in to this network</html>"

    with pytest.raises(ModelFileError, match="without this file"):
        fetch(TOY, tmp_path, silent, sources=[at(hub)])
    assert not (tmp_path / "toy.gguf.part").exists()


def test_a_hub_that_does_not_know_the_file_says_so(tmp_path: Path, hub: HubServer) -> None:
    with pytest.raises(ModelFileError, match="the model hub: it answered 404"):
        fetch(replace(TOY, hub_repo="someone/else"), tmp_path, silent, sources=[at(hub)])


def test_the_users_token_is_not_sent_for_a_public_file(
    tmp_path: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch(TOY, tmp_path, silent, sources=[at(hub)])

    assert {authorization for _, _, authorization in hub.asked} == {None}


def test_the_hub_is_left_alone_when_it_is_switched_off(
    tmp_path: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(ModelFileError, match="switched off by HF_HUB_OFFLINE"):
        fetch(TOY, tmp_path, silent, sources=[at(hub)])
    assert hub.asked == []


def test_an_endpoint_that_is_no_address_makes_way_for_the_next_source(
    tmp_path: Path, hub: HubServer
) -> None:
    odd = Hub(endpoint="http://127.0.0.1:port")

    assert fetch(TOY, tmp_path, silent, sources=[odd, Giving()]).exists()


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_hub_that_refuses_costs_no_time(tmp_path: Path, hub: HubServer) -> None:
    gone, start = Hub(endpoint=f"http://127.0.0.1:{closed_port()}"), time.monotonic()
    fetch(TOY, tmp_path, silent, sources=[gone, Giving()])

    assert time.monotonic() - start < 2


def test_a_hub_that_never_answers_costs_about_a_second(tmp_path: Path, hub: HubServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        deaf = Hub(endpoint=f"http://127.0.0.1:{mute.getsockname()[1]}")
        start = time.monotonic()
        fetch(TOY, tmp_path, silent, sources=[deaf, Giving()])

    assert time.monotonic() - start < 2


def test_a_name_look_up_that_hangs_is_not_waited_for() -> None:
    # Looking up a name cannot be told to hurry, so a sleep stands in for it.
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        model_sources._within(0.2, lambda: time.sleep(5))

    assert time.monotonic() - start < 1
