"""Fetching the model file: whatever the source, and with real processes killed."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mock_interviewer.errors import ModelFileError
from mock_interviewer.llm.model_files import fetch, installed, models_dir, verify
from tests.llm.toy_model import (
    CONTENT,
    TOY,
    Failing,
    Giving,
    Watched,
    names_in,
    python,
    silent,
    wait_for,
)

# Fetching, whatever the source


def test_a_fetched_file_is_whole_verified_and_leaves_no_working_files(tmp_path: Path) -> None:
    path = fetch(TOY, tmp_path, silent, sources=[Giving()])

    assert path.read_bytes() == CONTENT
    assert names_in(tmp_path) == {"toy.gguf", "toy.gguf.sha256", "toy.gguf.lock"}
    assert installed(TOY, tmp_path) == path


def test_a_fetched_file_is_not_fetched_again(tmp_path: Path) -> None:
    source = Giving()
    fetch(TOY, tmp_path, silent, sources=[source])
    watched = Watched()
    fetch(TOY, tmp_path, watched, sources=[source])

    assert source.asked == 1
    assert watched.told == []  # nor read again


def test_the_folder_is_made(tmp_path: Path) -> None:
    assert fetch(TOY, tmp_path / "a" / "b", silent, sources=[Giving()]).exists()


def test_the_next_source_is_asked_when_one_fails(tmp_path: Path) -> None:
    assert fetch(TOY, tmp_path, silent, sources=[Failing(), Giving()]).read_bytes() == CONTENT


def test_when_every_source_fails_the_message_names_each_and_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError) as caught:
        fetch(TOY, tmp_path, silent, sources=[Failing(), Failing()])

    assert str(caught.value).count("the empty shelf: nothing here") == 2
    assert str(tmp_path / "toy.gguf") in str(caught.value)


def test_a_wrong_digest_deletes_what_was_fetched_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"wrong sha256.*It was deleted"):
        fetch(TOY, tmp_path, silent, sources=[Giving(b"x" * 100)])

    assert names_in(tmp_path) == {"toy.gguf.lock"}
    assert installed(TOY, tmp_path) is None


def test_a_file_of_the_wrong_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="has 101 bytes instead of 100"):
        fetch(TOY, tmp_path, silent, sources=[Giving(CONTENT + b"!")])

    assert names_in(tmp_path) == {"toy.gguf.lock"}


def test_a_part_that_is_already_whole_is_only_checked(tmp_path: Path) -> None:
    (tmp_path / "toy.gguf.part").write_bytes(CONTENT)
    source = Giving()

    assert fetch(TOY, tmp_path, silent, sources=[source]).read_bytes() == CONTENT
    assert source.asked == 0


def test_progress_ends_with_the_last_byte_checked(tmp_path: Path) -> None:
    watched = Watched()
    fetch(TOY, tmp_path, watched, sources=[Giving()])

    assert watched.told[-1] == (100, 100, "checking")


# What counts as installed


def test_a_file_without_a_note_is_not_taken_as_installed(tmp_path: Path) -> None:
    (tmp_path / "toy.gguf").write_bytes(CONTENT)

    assert installed(TOY, tmp_path) is None


def test_a_file_put_there_by_hand_is_verified_once(tmp_path: Path) -> None:
    (tmp_path / "toy.gguf").write_bytes(CONTENT)
    first, second = Watched(), Watched()
    path = fetch(TOY, tmp_path, first, sources=[Failing()])
    fetch(TOY, tmp_path, second, sources=[Failing()])

    assert installed(TOY, tmp_path) == path
    assert first.told == [(100, 100, "checking")]
    assert second.told == []


def test_a_wrong_file_put_there_by_hand_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "toy.gguf").write_bytes(b"x" * 100)

    assert fetch(TOY, tmp_path, silent, sources=[Giving()]).read_bytes() == CONTENT


def test_a_wrong_file_put_there_by_hand_stays_when_nothing_better_can_be_had(
    tmp_path: Path,
) -> None:
    (tmp_path / "toy.gguf").write_bytes(b"x" * 100)
    with pytest.raises(ModelFileError):
        fetch(TOY, tmp_path, silent, sources=[Failing()])

    assert (tmp_path / "toy.gguf").read_bytes() == b"x" * 100
    assert installed(TOY, tmp_path) is None


@pytest.mark.parametrize("content", [b"x" * 100, CONTENT[:-1]], ids=["changed", "cut"])
def test_a_file_touched_since_it_was_verified_is_not_installed(
    tmp_path: Path, content: bytes
) -> None:
    path = fetch(TOY, tmp_path, silent, sources=[Giving()])
    before = path.stat().st_mtime_ns
    path.write_bytes(content)
    os.utime(path, ns=(before + 1, before + 1))

    assert installed(TOY, tmp_path) is None


def test_a_file_verified_for_another_digest_is_not_installed(tmp_path: Path) -> None:
    fetch(TOY, tmp_path, silent, sources=[Giving()])

    assert installed(replace(TOY, sha256="0" * 64), tmp_path) is None


def test_a_file_whose_size_alone_changed_is_not_installed(tmp_path: Path) -> None:
    path = fetch(TOY, tmp_path, silent, sources=[Giving()])
    before = path.stat().st_mtime_ns
    path.write_bytes(CONTENT[:-1])
    os.utime(path, ns=(before, before))

    assert installed(TOY, tmp_path) is None


@pytest.mark.parametrize("note", ["", "[]", "{not json", "\ud800"], ids=str.__repr__)
def test_a_damaged_note_counts_as_none(tmp_path: Path, note: str) -> None:
    fetch(TOY, tmp_path, silent, sources=[Giving()])
    (tmp_path / "toy.gguf.sha256").write_bytes(note.encode("utf-8", "surrogatepass"))

    assert installed(TOY, tmp_path) is None


def test_verify_tells_a_changed_byte(tmp_path: Path) -> None:
    path = tmp_path / "toy.gguf"
    path.write_bytes(CONTENT)
    verify(path, TOY)
    path.write_bytes(CONTENT[:50] + b"x" + CONTENT[51:])

    with pytest.raises(ModelFileError, match="wrong sha256"):
        verify(path, TOY)


def test_verify_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=re.escape(str(tmp_path / "toy.gguf"))):
        verify(tmp_path / "toy.gguf", TOY)


def test_the_models_folder_lies_in_the_cache_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_INTERVIEWER_CACHE", str(tmp_path))

    assert models_dir() == tmp_path / "models"


@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder differs by system")
def test_the_models_folder_lies_in_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOCK_INTERVIEWER_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert models_dir() == tmp_path / "mock-interviewer" / "models"


# Folders that cannot take it


def test_too_little_room_is_told_before_anything_is_asked_for(tmp_path: Path) -> None:
    source = Giving()
    huge = replace(TOY, size=10**18)
    # All of it, and three thirds more for wheels on their way: 2 * 10**18 bytes.
    with pytest.raises(ModelFileError, match="2,000,000,000,000,000,000 bytes") as caught:
        fetch(huge, tmp_path, silent, sources=[source])

    assert str(tmp_path) in str(caught.value)
    assert source.asked == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_on_the_way_is_told_in_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "toy.gguf.part").symlink_to("/dev/full")

    with pytest.raises(ModelFileError, match=f"not enough room in {re.escape(str(tmp_path))}"):
        fetch(TOY, tmp_path, silent, sources=[Giving()])


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ModelFileError, match=r"cannot be kept in .*file"):
        fetch(TOY, tmp_path / "file", silent, sources=[Giving()])


# Several processes

SLOW_FETCH = """
    import sys, time
    from pathlib import Path
    from mock_interviewer.llm.model_files import fetch
    from tests.llm.toy_model import TOY, CONTENT, silent
    folder, pause = Path(sys.argv[1]), float(sys.argv[2])
    class Slow:
        name = "slow"
        def fetch_into(self, file, part, progress):
            with (folder / "asked").open("a") as log: log.write("x")
            with part.open("wb", buffering=0) as sink:
                sink.write(CONTENT[:50]); time.sleep(pause); sink.write(CONTENT[50:])
    print(fetch(TOY, folder, silent, sources=[Slow()]))
"""


def test_two_processes_at_once_fetch_it_once_and_both_get_it(tmp_path: Path) -> None:
    both = [python(SLOW_FETCH, tmp_path, "1") for _ in range(2)]
    said = [process.communicate(timeout=60)[0].strip() for process in both]

    assert said == [str(tmp_path / "toy.gguf")] * 2
    assert (tmp_path / "asked").read_text() == "x"
    assert (tmp_path / "toy.gguf").read_bytes() == CONTENT


def test_whoever_waits_sees_how_far_the_other_is(tmp_path: Path) -> None:
    other = python(SLOW_FETCH, tmp_path, "2")
    wait_for((tmp_path / "asked").exists)
    watched = Watched()
    fetch(TOY, tmp_path, watched, sources=[Failing()])
    other.communicate(timeout=60)

    assert (50, 100, "downloading") in watched.told


def test_a_killed_process_leaves_no_lock_and_nothing_half_installed(tmp_path: Path) -> None:
    killed = python(SLOW_FETCH, tmp_path, "60")
    part = tmp_path / "toy.gguf.part"
    wait_for(lambda: part.exists() and part.stat().st_size == 50)
    killed.kill()
    killed.communicate()

    assert not (tmp_path / "toy.gguf").exists()
    assert fetch(TOY, tmp_path, silent, sources=[Giving()]).read_bytes() == CONTENT
