"""YAML files checked against a pydantic model, with errors that name file, key and expectation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from mock_interviewer.errors import DataFileError

T = TypeVar("T", bound=BaseModel)


class Strict(BaseModel):
    """Base of everything that is read from a data file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


_MERGE = "tag:yaml.org,2002:merge"


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, which PyYAML would silently overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == _MERGE:
                continue  # the base class merges, and refuses a key that is a list or a mapping
            key = self.construct_object(key_node)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """Parse one YAML file. Raises `DataFileError` if it cannot be read or is not YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read: {error}") from error
    try:
        return yaml.load(text, _UniqueKeyLoader)  # noqa: S506 - a SafeLoader subclass
    except (yaml.YAMLError, ValueError) as error:  # a date that does not exist is a ValueError
        raise DataFileError(f"{path}: not valid YAML: {error}") from error


def validated(model: type[T], data: Any, source: str) -> T:
    """Check `data` against `model`; every fault is listed with `source`, key and expectation."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise DataFileError("\n".join(_faults(error, source))) from error


def load(model: type[T], path: Path) -> T:
    """Read and check one YAML file. Raises `DataFileError`."""
    return validated(model, read_yaml(path), str(path))


def _faults(error: ValidationError, source: str) -> Iterable[str]:
    for fault in error.errors():
        key = ".".join(str(part) for part in fault["loc"]) or "(the whole file)"
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "unknown key; remove it or correct its spelling"
        elif fault["type"] == "missing":
            message = "this key is required and is missing"
        elif fault["type"] not in ("value_error", "assertion_error"):
            message = f"{message}; got {_short(fault['input'])}"
        yield f"{source}: {key}: {message}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
