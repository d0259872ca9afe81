"""What `pip install .` puts on a machine, and what the locked requirements promise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

CHECKOUT = Path(__file__).parent.parent
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKED = [CHECKOUT / "requirements" / name for name in ("run.txt", "postgres.txt", "dev.txt")]


def build(target: str, source: Path, folder: Path) -> Path:
    """Build a `wheel` or `sdist` as pip would, from what is installed here."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build("wheel", CHECKOUT, tmp_path_factory.mktemp("wheel"))


def contents(wheel: Path) -> dict[str, bytes]:
    """File names and bytes, without the metadata."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        return {name: archive.read(name) for name in names}


def package_files() -> dict[str, bytes]:
    """What the checkout holds for the package, by the names that a wheel gives it."""
    expected = {}
    for top, inside in [
        ("mock_interviewer", "mock_interviewer"),
        ("prompts", "mock_interviewer/prompts"),
        ("rubrics", "mock_interviewer/rubrics"),
    ]:
        for path in (CHECKOUT / top).rglob("*"):
            relative = path.relative_to(CHECKOUT / top)
            if path.is_file() and path.suffix != ".pyc" and not path.name.startswith("."):
                expected[f"{inside}/{relative.as_posix()}"] = path.read_bytes()
    return expected


def requirements(locked: Path) -> list[str]:
    """The lines of a requirements file, each with its continuation lines joined to it."""
    text = locked.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_the_wheel_holds_every_file_of_the_package_with_its_prompts_and_rubrics(
    wheel: Path,
) -> None:
    expected = package_files()
    for folder in ("questions", "prompts", "rubrics"):
        assert any(name.startswith(f"mock_interviewer/{folder}/") for name in expected), folder
    assert contents(wheel) == expected


def test_an_installed_package_finds_its_data_without_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        "from mock_interviewer.core.resources import package_file, shared_file\n"
        "for path in (package_file('questions'), shared_file('prompts'), shared_file('rubrics')):\n"
        "    print(path.is_dir(), path)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    printed = subprocess.check_output(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, text=True
    )
    inside = tmp_path.resolve() / "mock_interviewer"
    assert printed.splitlines() == [
        f"True {inside / folder}" for folder in ("questions", "prompts", "rubrics")
    ]


def test_the_wheel_brings_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/entry_points.txt")]
        lines = archive.read(name).decode().splitlines()
    assert "mock-interviewer = mock_interviewer.cli:main" in lines


def test_a_wheel_made_from_the_source_distribution_is_the_same(wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", CHECKOUT, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    assert contents(build("wheel", source, tmp_path / "wheel")) == contents(wheel)


@pytest.mark.parametrize("locked", LOCKED, ids=lambda path: path.name)
def test_locked_requirements_are_names_versions_and_hashes_from_any_index(locked: Path) -> None:
    assert "://" not in locked.read_text(encoding="utf-8")
    for line in requirements(locked):
        assert re.match(r"[a-z0-9-]+==\S+ ", line), f"not a pinned name: {line[:80]}"
        assert re.search(r" --hash=sha256:[0-9a-f]{64}\b", line), f"no hash: {line[:80]}"


@pytest.mark.parametrize("locked", LOCKED, ids=lambda path: path.name)
def test_locked_requirements_cover_what_the_project_asks_for(locked: Path) -> None:
    pinned = {}
    for line in requirements(locked):
        pin = Requirement(line.partition(" --hash")[0])
        pinned[canonicalize_name(pin.name)] = Version(next(iter(pin.specifier)).version)
    asked = [*PROJECT["dependencies"], "hatchling"]
    extras = {"run.txt": [], "postgres.txt": ["postgres"], "dev.txt": ["postgres", "dev"]}
    for extra in extras[locked.name]:
        asked += PROJECT["optional-dependencies"][extra]
    for wanted in map(Requirement, asked):
        name = canonicalize_name(wanted.name)
        assert name in pinned, f"{name} is not locked; run: make lock"
        assert pinned[name] in wanted.specifier, f"{name} {pinned[name]}; run: make lock"


def test_the_tests_run_with_the_very_packages_that_candidates_get() -> None:
    run, postgres, dev = map(set, map(requirements, LOCKED))
    assert run <= postgres <= dev, "different pins; run: make lock"
