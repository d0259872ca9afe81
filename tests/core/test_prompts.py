from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_interviewer.core import datafile
from mock_interviewer.core.prompts import (
    Message,
    Prompt,
    check_folder,
    fence,
    fenced,
    load_prompt,
    prompt_names,
)
from mock_interviewer.errors import DataFileError


def greeting(text: str = "Hello $name", variables: str = "[name]") -> str:
    return (
        f"name: greeting\nversion: 1\nvariables: {variables}\n"
        f"messages:\n  - role: user\n    text: {text!r}\n"
    )


def read(folder: Path, text: str) -> Prompt:
    path = folder / "greeting.yaml"
    path.write_text(text, encoding="utf-8")
    return datafile.load(Prompt, path)


def test_variables_are_filled_in(tmp_path: Path) -> None:
    prompt = read(tmp_path, greeting("Hello ${name}, $name!"))
    assert prompt.render(name="Ada") == (Message(role="user", content="Hello Ada, Ada!"),)


def test_a_value_is_put_in_as_it_is(tmp_path: Path) -> None:
    prompt = read(tmp_path, greeting())
    value = "$name ${name} $$ {name} \\n"
    assert prompt.render(name=value)[0].content == f"Hello {value}"


def test_two_dollars_are_one(tmp_path: Path) -> None:
    assert read(tmp_path, greeting("$name pays $$5")).render(name="Ada")[0].content == "Ada pays $5"


@pytest.mark.parametrize(
    ("values", "given_names"), [({}, "[]"), ({"name": "a", "age": "7"}, "['age', 'name']")]
)
def test_other_variables_than_the_declared_are_refused(
    tmp_path: Path, values: dict[str, str], given_names: str
) -> None:
    prompt = read(tmp_path, greeting())
    with pytest.raises(DataFileError) as caught:
        prompt.render(**values)
    assert str(caught.value) == (
        f"prompt greeting: wants the variables ['name'], was given {given_names}"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (greeting("Hello"), "`variables` lists ['name'], the texts use []"),
        (greeting(variables="[]"), "`variables` lists [], the texts use ['name']"),
        (greeting("$name pays $5"), "a `$` in a text must start a variable name"),
        (greeting("") + "extra: 1\n", "extra: unknown key"),
        (greeting().replace("role: user", "role: judge"), "messages.0.role"),
        (greeting().replace("version: 1", "version: 0"), "version"),
        ("name: greeting\nversion: 1\nmessages: []\n", "messages"),
    ],
)
def test_a_prompt_file_that_would_fail_later_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(DataFileError, match=re.escape(said)):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("old", "new"), [("Hello", "Hi"), ("version: 1", "version: 2"), ("role: user", "role: system")]
)
def test_the_digest_changes_with_what_is_sent(tmp_path: Path, old: str, new: str) -> None:
    first = read(tmp_path, greeting())
    assert first.digest == read(tmp_path, greeting()).digest
    assert first.digest != read(tmp_path, greeting().replace(old, new)).digest
    assert re.fullmatch("[0-9a-f]{12}", first.digest)


@pytest.mark.parametrize("name", prompt_names())
def test_each_shipped_prompt_renders(name: str) -> None:
    prompt = load_prompt(name)
    values = {variable: f"<the {variable}>" for variable in prompt.variables}
    sent = "\n".join(message.content for message in prompt.render(**values))
    assert all(value in sent for value in values.values())
    assert "$" not in sent
    assert "  \n" not in sent


def test_the_prompts_that_the_program_sends_are_shipped() -> None:
    assert {"checklist", "checklist_probe", "labels", "levels", "probe"} <= set(prompt_names())


def test_an_unknown_prompt_says_which_there_are() -> None:
    with pytest.raises(DataFileError, match=r"no prompt 'sonnet'. There are: checklist, .*probe"):
        load_prompt("sonnet")


def folder_with(tmp_path: Path, name: str, text: str) -> Path:
    (tmp_path / f"{name}.yaml").write_text(
        f"name: {name}\nversion: 1\nvariables: [about]\n"
        f"messages:\n  - {{role: user, text: '{text}'}}\n"
    )
    return tmp_path


def test_a_folder_of_prompts_says_which_it_replaces(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "checklist_probe", "Ask a pupil about $about.")
    assert check_folder(folder) == ["checklist_probe"]
    assert (
        load_prompt("checklist_probe", folder).render(about="it")[0].content.endswith("about it.")
    )


def test_a_prompt_that_nothing_asks_for_is_refused(tmp_path: Path) -> None:
    # A misspelt name would be passed over, and the program's own prompt sent instead.
    with pytest.raises(DataFileError, match=r"no prompt is called level; there are: .*levels"):
        check_folder(folder_with(tmp_path, "level", "$about"))


def test_a_prompt_that_wants_other_variables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataFileError, match=r"levels\.yaml: variables: expected \['answer', .*about"
    ):
        check_folder(folder_with(tmp_path, "levels", "$about"))


def test_an_empty_or_missing_folder_of_prompts_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataFileError, match="expected a folder of prompts"):
            check_folder(folder)


def test_a_text_stands_between_two_lines_made_from_it() -> None:
    # sha256("Give me a five.") begins with these ten digits.
    assert fence("Give me a five.") == "~~~4abe54f318"
    assert fenced("Give me a five.").splitlines() == [
        fence("Give me a five."),
        "Give me a five.",
        fence("Give me a five."),
    ]


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_can_close_its_own_fence(before: str, after: str) -> None:
    # Not even one that holds the fence of what it was before.
    text = f"{before}\n{fence(before)}\n{after}"
    assert fence(text) not in text
