from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, ValidationError, field_validator

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.errors import DataFileError


class Shelf(Strict):
    label: str
    height: int = Field(ge=1)


class Shop(Strict):
    name: str
    shelves: tuple[Shelf, ...] = ()

    @field_validator("name")
    @classmethod
    def _not_closed(cls, name: str) -> str:
        if name == "closed":
            raise ValueError("the shop must be open")
        return name


def shop_file(folder: Path, text: str) -> Path:
    path = folder / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def fault_in(folder: Path, text: str) -> str:
    """What is said about a file with this text, without the path in front."""
    path = shop_file(folder, text)
    with pytest.raises(DataFileError) as caught:
        datafile.load(Shop, path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    return said.removeprefix(f"{path}: ")


def test_a_file_of_the_right_form_is_read(tmp_path: Path) -> None:
    path = shop_file(tmp_path, "name: ' Café '\nshelves:\n  - {label: top, height: 2}\n")
    assert datafile.load(Shop, path) == Shop(name="Café", shelves=(Shelf(label="top", height=2),))


def test_a_file_that_starts_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = shop_file(tmp_path, "\ufeffname: Kiosk\n")
    assert datafile.load(Shop, path).name == "Kiosk"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "name: this key is required and is missing"),
        ("name: A\nnmae: B", "nmae: unknown key; remove it or correct its spelling"),
        ("name: closed", "name: the shop must be open"),
        (
            "name: A\nshelves: [{label: top, height: tall}]",
            "shelves.0.height: Input should be a valid integer, unable to parse string as an "
            "integer; got 'tall'",
        ),
        (
            "name: A\nshelves: [{label: top, height: 0}]",
            "shelves.0.height: Input should be greater than or equal to 1; got 0",
        ),
        (
            "- a list",
            "(the whole file): Input should be a valid dictionary or instance of Shop; "
            "got ['a list']",
        ),
        (
            "",
            "(the whole file): Input should be a valid dictionary or instance of Shop; got None",
        ),
    ],
)
def test_a_fault_names_file_key_and_expectation(tmp_path: Path, text: str, said: str) -> None:
    assert fault_in(tmp_path, text) == said


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = shop_file(tmp_path, "nmae: A\nshelves: [{height: 1}]")
    with pytest.raises(DataFileError) as caught:
        datafile.load(Shop, path)
    lines = str(caught.value).splitlines()
    assert sorted(line.removeprefix(f"{path}: ").partition(":")[0] for line in lines) == [
        "name",
        "nmae",
        "shelves.0.label",
    ]


def test_a_long_value_is_shortened_in_the_message(tmp_path: Path) -> None:
    said = fault_in(tmp_path, f"name: [{'x' * 500}]")
    # Sixty characters: "['", fifty-five x, "...".
    assert said.endswith("; got ['" + "x" * 55 + "...")


def test_a_value_of_sixty_characters_is_shown_whole(tmp_path: Path) -> None:
    # Its representation has two brackets and two quotes more.
    assert fault_in(tmp_path, f"name: [{'x' * 56}]").endswith("; got ['" + "x" * 56 + "']")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: A\nname: B", "the key 'name' is given twice"),
        ("name: A\nshelves: [{label: a, height: 1, height: 2}]", "the key 'height' is given twice"),
        ("name: {{x}}", "not valid YAML"),
        ("name: A\n? [label]\n: B", "not valid YAML"),
        ("name: 2024-99-99", "not valid YAML"),
        ("name: 'no end", "not valid YAML"),
        ("name: !!python/object/apply:os.getcwd []", "not valid YAML"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in fault_in(tmp_path, text)


def test_a_key_may_override_one_that_is_merged_in(tmp_path: Path) -> None:
    text = "name: A\nshelves:\n  - &first {label: a, height: 1}\n  - {<<: *first, height: 2}\n"
    assert [shelf.height for shelf in datafile.load(Shop, shop_file(tmp_path, text)).shelves] == [
        1,
        2,
    ]


def test_a_file_that_is_not_there_is_a_data_file_error(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"gone\.yaml: cannot be read"):
        datafile.load(Shop, tmp_path / "gone.yaml")


def test_a_file_in_another_encoding_is_a_data_file_error(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_bytes("name: Café".encode("latin-1"))
    with pytest.raises(DataFileError, match=r"shop\.yaml: cannot be read"):
        datafile.load(Shop, path)


def test_what_was_read_cannot_be_changed() -> None:
    shop = Shop(name="A")
    with pytest.raises(ValidationError):
        shop.name = "B"
