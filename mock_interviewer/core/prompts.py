"""Prompts: every text that is sent to a model, one YAML file each in `prompts/`.

    name: probe
    version: 1
    variables: [question, answer]
    messages:
      - {role: system, text: "..."}
      - {role: user, text: "Question: $question ..."}

Variables are written `$name`, because braces clash with JSON. Values are put in as they are and
never looked at again, so an answer that contains `$question` stays as it was typed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from string import Template
from typing import Literal

from pydantic import Field, model_validator

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.resources import shared_file
from mock_interviewer.errors import DataFileError


class Message(Strict):
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class _MessageTemplate(Strict):
    role: Literal["system", "user", "assistant"]
    text: str = Field(min_length=1)


class Prompt(Strict):
    """A prompt file: its messages with `$variables` still in them."""

    name: str
    version: int = Field(ge=1)
    variables: tuple[str, ...] = ()
    messages: tuple[_MessageTemplate, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _variables_are_declared(self) -> Prompt:
        used: set[str] = set()
        for message in self.messages:
            template = Template(message.text)
            if not template.is_valid():
                raise ValueError("a `$` in a text must start a variable name; write `$$` for a $")
            used.update(template.get_identifiers())
        if used != set(self.variables):
            raise ValueError(
                f"`variables` lists {sorted(self.variables)}, the texts use {sorted(used)}"
            )
        return self

    @property
    def digest(self) -> str:
        """Twelve hex digits that change whenever what is sent changes."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def around(self, variable: str) -> tuple[str, str]:
        """The text of a one-message prompt before and after this, its only variable.

        Raises `DataFileError` if it has others.
        """
        mark = "\0"
        (message,) = self.render(**{variable: mark})
        before, _, after = message.content.partition(mark)
        return before, after

    def render(self, **values: str) -> tuple[Message, ...]:
        """Fill in the variables. Raises `DataFileError` if they are not just the declared ones."""
        if set(values) != set(self.variables):
            raise DataFileError(
                f"prompt {self.name}: wants the variables {sorted(self.variables)}, "
                f"was given {sorted(values)}"
            )
        return tuple(
            Message(role=message.role, content=Template(message.text).substitute(values).strip())
            for message in self.messages
        )


def prompt_file(name: str, folder: Path | None = None) -> Path:
    """Where a prompt is: in this folder if it is there, else among the program's own."""
    other = folder / f"{name}.yaml" if folder else None
    return other if other and other.is_file() else shared_file("prompts", f"{name}.yaml")


def load_prompt(name: str, folder: Path | None = None) -> Prompt:
    """Load a prompt by its name. Raises `DataFileError`."""
    path = prompt_file(name, folder)
    if not path.is_file():
        known = ", ".join(prompt_names())
        raise DataFileError(f"There is no prompt {name!r}. There are: {known}.")
    prompt = datafile.load(Prompt, path)
    if prompt.name != name:
        raise DataFileError(f"{path}: name: expected {name!r}, as the file is called")
    return prompt


def prompt_names() -> list[str]:
    """The names of all installed prompts."""
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def check_folder(folder: Path) -> list[str]:
    """The names of the prompts that a folder replaces.

    Raises `DataFileError` if there is no such folder or none in it, or if one is not of its form,
    bears a name that the program never asks for, or wants other variables than the program gives.
    """
    names = sorted(path.stem for path in folder.glob("*.yaml"))
    if not names:
        raise DataFileError(f"{folder}: expected a folder of prompts, such as levels.yaml")
    for name in names:
        if name not in prompt_names():
            known = ", ".join(prompt_names())
            raise DataFileError(f"{folder}: no prompt is called {name}; there are: {known}")
        given, used = set(load_prompt(name).variables), set(load_prompt(name, folder).variables)
        if given != used:
            raise DataFileError(
                f"{folder / name}.yaml: variables: expected {sorted(given)}, got {sorted(used)}"
            )
    return names


def _folder() -> Path:
    return shared_file("prompts")


def fence(text: str) -> str:
    """A line to put before and after a text that is data.

    It is made from the text's own hash: the same text gives the same prompt, which can be cached
    and recorded, and no text can contain its own hash, so nothing in it can close the fence.
    """
    return f"~~~{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def fenced(text: str) -> str:
    """The text between two lines that it cannot contain."""
    mark = fence(text)
    return f"{mark}\n{text}\n{mark}"
