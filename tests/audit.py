"""Whether anything that is installed has a published weakness: `make audit`.

Runs pip-audit over the locked requirements, and believes it only where it has looked: it says that
all is well, too, where it found no advisories. Exit status: 0 looked, and nothing is known; 1 there
is a known weakness; 2 pip-audit is not there; 3 could not look, so that nothing is known at all.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WELL, WEAK, NO_PROGRAM, NOT_LOOKED = 0, 1, 2, 3
LOCKED = Path(__file__).resolve().parent.parent / "requirements"


def main(files: Sequence[Path]) -> int:
    """Audit these files; returns the exit status."""
    if importlib.util.find_spec("pip_audit") is None:
        print("pip-audit is not installed here; `make audit` installs it beside the program.")
        return NO_PROGRAM
    options = [option for file in files for option in ("-r", str(file))]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"),
            *("--format", "json", "--progress-spinner", "off", *options),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        print(f"Could not look for weaknesses, so that nothing is known: {last[:300]}")
        return NOT_LOOKED
    return told(found)


def told(found: Sequence[dict[str, Any]]) -> int:
    """Print what was found; returns the exit status."""
    weak = [package for package in found if package.get("vulns")]
    unknown = [package for package in found if "skip_reason" in package]
    for package in weak:
        for weakness in package["vulns"]:
            fixed = ", ".join(weakness.get("fix_versions", [])) or "no version yet"
            print(f"{package['name']} {package['version']}: {weakness['id']}, mended in {fixed}")
    if unknown or not found:
        names = ", ".join(str(package["name"]) for package in unknown[:5])
        print(
            f"Could not look: nothing is known of {len(unknown)} of {len(found)} packages"
            + (f" ({names}{', ...' if len(unknown) > 5 else ''})." if names else ".")
        )
    if weak:
        return WEAK
    if unknown or not found:
        return NOT_LOOKED
    print(f"{len(found)} packages looked up; no weakness of theirs is known.")
    return WELL


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or sorted(LOCKED.glob("*.txt"))))
