"""What a strong model replies to the six answers by which a model is placed."""

from __future__ import annotations

import json

from mock_interviewer.core import datafile
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.rubric import load_rubric

RUBRIC = load_rubric()
ANSWERS = datafile.read_yaml(package_file("grading", "placement.yaml"))["answers"]


def structured(level: int) -> str:
    """A whole reply with this level in all five-level criteria, all items met."""
    return json.dumps(
        {
            "not_an_answer": False,
            "tells_example": True,
            "ratings": {
                criterion.id: {
                    "evidence": [1],
                    "items": {item.id: True for item in criterion.items},
                    "missing": "",
                    "next_step": "",
                    "level": level if criterion.highest == 5 else 1,
                }
                for criterion in RUBRIC.criteria
            },
            "next_time": "",
        }
    )


def rank_of(asked: str) -> str:
    """The known rank of the answer that stands in a request, or "unknown"."""
    for answer in ANSWERS:
        # Its sentences stand numbered there: the first words are enough.
        if " ".join(answer["text"].split()[:6]) in " ".join(asked.split()):
            return str(answer["rank"])
    return "unknown"
