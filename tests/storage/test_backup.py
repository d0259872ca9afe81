"""Copies of a SQLite database: whole while others write, checked, and put back only when alone."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.errors import ConfigurationError, DataFileError, MockInterviewerError
from mock_interviewer.storage.backup import back_up, check, restore
from mock_interviewer.storage.store import Store
from tests.interviews import grade, question, turn

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "interviews.sqlite3"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    database.parent.mkdir()
    store = Store(f"sqlite:///{database}")
    yield store
    store.close()


def told(store: Store, candidate: str, texts: int = 1) -> str:
    """An interview with so many messages, and an answer with a grade."""
    interview = store.create_interview(
        candidate_id=candidate, mode=Mode.PRACTICE, trade="retail", questions=[question()]
    )
    for number in range(texts):
        store.append(interview, [turn(number, TurnKind.ANSWER, f"I said {number}.")], [(0, number)])
    store.waiting.save_grade(store.answers(interview)[0].id, grade({"situation": 4}))
    return interview


def candidates(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as raw:
        return [name for (name,) in raw.execute("select candidate_id from interviews order by 1")]


# Backing up


def test_a_backup_made_while_others_write_is_of_one_moment(
    store: Store, database: Path, tmp_path: Path
) -> None:
    over, faults = threading.Event(), list[Exception]()

    def write(name: str) -> None:
        try:
            while not over.is_set():
                told(store, name, texts=3)
        except Exception as error:  # noqa: BLE001 - any fault fails the test
            faults.append(error)

    writers = [threading.Thread(target=write, args=(name,)) for name in ("ada", "bob")]
    for writer in writers:
        writer.start()
    sizes = []
    for number in range(8):
        file = tmp_path / f"{number}.backup"
        back_up(database, file)
        copy = Store(f"sqlite:///{file}")
        found = copy.interviews_of("ada", 9999) + copy.interviews_of("bob", 9999)
        sizes.append(len(found))
        for interview in found:
            # A turn and its answer are committed together, so that no copy has one alone.
            assert len(copy.answers(interview.id)) == len(interview.turns)
        copy.close()
    over.set()
    for writer in writers:
        writer.join(20)
    assert faults == []
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


def test_a_backup_is_one_file_that_only_its_owner_may_read(
    store: Store, database: Path, tmp_path: Path
) -> None:
    told(store, "ada")
    folder = tmp_path / "backups"
    folder.mkdir()
    back_up(database, folder / "one.backup")
    assert [path.name for path in folder.iterdir()] == ["one.backup"]
    if os.name == "posix":
        assert (folder / "one.backup").stat().st_mode & 0o777 == 0o600
    check(folder / "one.backup")
    assert [path.name for path in folder.iterdir()] == ["one.backup"]


def test_no_file_is_overwritten_and_none_is_left_half_written(
    store: Store, database: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(ConfigurationError, match="already"):
        back_up(database, there)
    assert there.read_text() == "mine"
    with pytest.raises(ConfigurationError, match="could not be written"):
        back_up(database, tmp_path / "nowhere" / "file")
    store.close()
    content = bytearray(database.read_bytes())
    content[4096 * 2 : 4096 * 4] = b"\xff" * 4096 * 2
    database.write_bytes(content)
    with pytest.raises(MockInterviewerError):
        back_up(database, tmp_path / "damaged")
    assert not list(tmp_path.glob("damaged*"))


def test_where_there_are_no_interviews_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no interviews"):
        back_up(tmp_path / "interviews.sqlite3", tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


# Restoring


def test_a_restore_brings_everything_back_and_keeps_what_it_replaces(
    store: Store, database: Path, tmp_path: Path
) -> None:
    interview = told(store, "ada", texts=2)
    before = store.interview(interview), store.answers(interview)
    back_up(database, tmp_path / "backup")
    store.append(interview, [turn(2, TurnKind.ANSWER, "Later.")])
    told(store, "bob")
    store.close()

    kept = restore(database, tmp_path / "backup")
    again = Store(f"sqlite:///{database}")
    assert (again.interview(interview), again.answers(interview)) == before
    told(again, "eve")
    again.close()
    assert candidates(database) == ["ada", "eve"]
    assert kept is not None
    assert kept.parent == database.parent
    assert candidates(kept) == ["ada", "bob"]

    # The way back is the same.
    assert restore(database, kept) not in (None, kept)
    assert candidates(database) == ["ada", "bob"]
    assert len(list(database.parent.glob("*-before-*"))) == 2


def test_on_a_new_machine_a_backup_is_all_that_is_needed(
    store: Store, database: Path, tmp_path: Path
) -> None:
    told(store, "ada")
    back_up(database, tmp_path / "backup")
    elsewhere = tmp_path / "other" / "data" / "interviews.sqlite3"
    assert restore(elsewhere, tmp_path / "backup") is None
    Store(f"sqlite:///{elsewhere}").close()
    assert candidates(elsewhere) == ["ada"]


def test_nothing_is_restored_while_a_program_has_the_database_open(
    store: Store, database: Path, tmp_path: Path
) -> None:
    told(store, "ada")
    back_up(database, tmp_path / "backup")
    store.close()
    code = (
        "from mock_interviewer.storage.store import Store; "
        f"s = Store({f'sqlite:///{database}'!r}); print('open', flush=True); input()"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "open\n"
    with pytest.raises(ConfigurationError, match="in use"):
        restore(database, tmp_path / "backup")
    assert sorted(path.name for path in database.parent.glob("*-before-*")) == []
    program.kill()  # which leaves its log and no lock
    program.communicate()
    assert restore(database, tmp_path / "backup") is not None
    assert candidates(database) == ["ada"]


def test_a_kill_in_the_middle_of_a_restore_leaves_the_present_interviews(
    store: Store, database: Path, tmp_path: Path
) -> None:
    told(store, "ada", texts=60)
    back_up(database, tmp_path / "backup")
    interview = told(store, "bob", texts=60)
    before = store.interview(interview)
    store.close()
    code = f"""
import os
from pathlib import Path
from mock_interviewer.storage import backup

class KilledHalfway:
    def __init__(self, path):
        self.file = open_file(path)
    def backup(self, target):
        def progress(_status, left, whole):
            if left < whole / 2:
                os.kill(os.getpid(), 9)
        self.file.backup(target, pages=1, progress=progress)
    def close(self):
        self.file.close()

backup.check = lambda path: None
open_file, backup._reading = backup._reading, KilledHalfway
backup.restore(Path({str(database)!r}), Path({str(tmp_path / "backup")!r}))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode in (-9, 9)
    again = Store(f"sqlite:///{database}")
    assert again.interview(interview) == before
    again.close()
    check(database)


def test_a_damaged_database_is_put_aside(store: Store, database: Path, tmp_path: Path) -> None:
    told(store, "ada")
    back_up(database, tmp_path / "backup")
    store.close()
    database.write_bytes(b"no database" * 1000)
    kept = restore(database, tmp_path / "backup")
    assert kept is not None
    assert kept.read_bytes() == b"no database" * 1000
    assert candidates(database) == ["ada"]


@pytest.mark.parametrize("fault", ["missing", "text", "cut", "flipped", "other", "newer"])
def test_a_backup_that_is_not_fit_changes_nothing(
    store: Store, database: Path, tmp_path: Path, fault: str
) -> None:
    told(store, "ada", texts=40)
    file = tmp_path / "backup"
    back_up(database, file)
    store.close()
    content = bytearray(file.read_bytes())
    match fault:
        case "missing":
            file.unlink()
        case "text":
            file.write_text("a text")
        case "cut":
            file.write_bytes(content[: len(content) // 2])
        case "flipped":
            content[4096:12288] = os.urandom(8192)
            file.write_bytes(content)
        case "other":
            file.unlink()
            with closing(sqlite3.connect(file)) as raw:
                raw.execute("create table songs (name text)")
        case "newer":
            with closing(sqlite3.connect(file)) as raw, raw:
                raw.execute("update alembic_version set version_num = '9999'")
    present = database.read_bytes()
    with pytest.raises(DataFileError, match="newer version" if fault == "newer" else None):
        restore(database, file)
    assert database.read_bytes() == present
    assert list(database.parent.iterdir()) == [database]
