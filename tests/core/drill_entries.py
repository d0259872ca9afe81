"""Toy drills as they stand in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

SHARED = {
    "id": "lost-umbrella",
    "trade": "retail",
    "channel": "counter",
    "difficulty": 1,
    "trains": ["empathy"],
    "situation": "A customer has left an umbrella in the shop and comes back in the rain for it.",
    "explanation": (
        "It is about the walk in the rain, not about the umbrella. Say so first, and then look."
    ),
}


REPLIES = [
    {"text": "You came back in this rain; let me look.", "why": "It sees the way."},
    *(
        {"text": f"Reply number {n}.", "fault": "stock_phrase", "why": "It fits anybody."}
        for n in (2, 3, 4)
    ),
]


ENTRIES: dict[str, dict[str, Any]] = {
    "best_reply": {"replies": REPLIES},
    "sympathy_or_empathy": {
        "lines": [
            {"text": "Poor you, I'm sorry.", "stance": "sympathy", "why": "From outside."},
            {"text": "You came back in this rain.", "stance": "empathy", "why": "It sees the way."},
            {"text": "We close at six.", "stance": "neither", "why": "About the shop."},
        ]
    },
    "name_feeling": {
        "words": "I walked all the way back.",
        "feeling": "weary",
        "neighbours": {"tired": "Much the same."},
        "others": {"glad": "Not at all.", "proud": "Not at all.", "jealous": "Not at all."},
        "sign": "all the way back",
    },
    "spot_star": {
        "story": [
            {"text": "It rained that day.", "part": "situation"},
            {"text": "The umbrella was mine to find.", "part": "task"},
            {"text": "I looked under every shelf.", "part": "action"},
            {"text": "She came dry to her train.", "part": "result"},
            {"text": "Rain is a nuisance.", "part": "none"},
        ]
    },
}


def entry(kind: str = "best_reply", **changes: Any) -> dict[str, Any]:
    """A drill as it stands in a file; a change to None takes the key out."""
    whole = {**SHARED, "kind": kind, **ENTRIES[kind], **changes}
    return {key: value for key, value in whole.items() if value is not None}


def drill_file(path: Path, *entries: Mapping[str, Any]) -> Path:
    path.write_text(yaml.safe_dump({"drills": list(entries)}), encoding="utf-8")
    return path
