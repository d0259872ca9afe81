"""A suite of six cases in a folder of its own, with what a strong model replied to them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from mock_interviewer.llm.recorded import read_replies

ROOT = Path(__file__).resolve().parents[2]
SIX = ("a001", "a002", "a005", "a016", "a031", "a033")
MODEL = "frontier-stand-in"
REPLIES = read_replies(ROOT / "evals/recordings/strong/replies.jsonl.gz")


def make(folder: Path, *, recorded: bool = True, **more: Any) -> Path:
    """Write it below `folder`; returns the suite's file. `more`: further keys of the suite."""
    lines = (ROOT / "evals/reference/test.jsonl").read_text().splitlines()
    cases = [line for line in lines if json.loads(line)["id"] in SIX]
    (folder / "cases.jsonl").write_text("\n".join(cases) + "\n")
    if recorded:
        shutil.copytree(ROOT / "evals/recordings/strong", folder / "recordings")
    path = folder / "suites" / "small.yaml"
    path.parent.mkdir()
    data = {
        "id": "small",
        "cases": ["../cases.jsonl"],
        "model": MODEL,
        "strategy": "levels",
        "recordings": "../recordings",
        "gates": {"mean": 0.5},
    }
    path.write_text(json.dumps(data | more))
    return path


def reply_to(body: dict[str, Any], model: str = MODEL) -> dict[str, Any]:
    """The chat completion that the strong model gave to this request."""
    asked = json.dumps([body | {"model": model}, 0], sort_keys=True, ensure_ascii=False)
    line = REPLIES[hashlib.sha256(asked.encode()).hexdigest()[:32]]
    completion: dict[str, Any] = line["response"]["body"]
    return completion
