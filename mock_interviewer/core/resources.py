"""Where the program's own data files are, installed or in a checkout.

`prompts/` and `rubrics/` stand at the top of the repository, where people look for them; the
wheel carries them inside the package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def package_file(*parts: str) -> Path:
    """Path of a file or folder that belongs to the package, such as `questions`."""
    return _PACKAGE.joinpath(*parts)


def shared_file(*parts: str) -> Path:
    """Path below `prompts/` or `rubrics/`: in the installed package, else in the checkout."""
    installed = _PACKAGE.joinpath(*parts)
    return installed if installed.exists() else _PACKAGE.parent.joinpath(*parts)
