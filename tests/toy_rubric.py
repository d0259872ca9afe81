"""A small rubric, and models that fill it in: small enough to work every figure out by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.llm.chat import Reply, Request, Token

RUBRIC = Rubric.model_validate(
    {
        "id": "toy",
        "version": 1,
        "title": "Story and care",
        "rules": ["Only what is written counts."],
        "aims": {
            "situation": "one occasion",
            "result": "how it ended",
            "how_known": "how you knew",
            "feelings": "what they felt",
        },
        "scores": [
            {"id": "star", "name": "Story", "mean_of": ["story", "end"]},
            {"id": "empathy", "name": "Empathy", "mean_of": ["heart"], "with_it": ["care"]},
        ],
        "criteria": [
            {
                "id": "story",
                "name": "Story",
                "about": "Whether it is told.",
                "applies": {"opinion": "if_example", "role_play": "never"},
                "levels": {1: "Nothing.", 3: "Something.", 5: "Everything."},
                "words": {1: "none", 2: "hint", 3: "some", 4: "much", 5: "all"},
                "next_step": {1: "Tell one.", 2: "Stay.", 3: "Add where.", 4: "Add why."},
                "labels": ["setting"],
                "items": [
                    {
                        "id": "occasion",
                        "text": "Is one occasion told?",
                        "lack": "one occasion",
                        "needed_for": 3,
                        "aim": "situation",
                    },
                    {
                        "id": "scene",
                        "text": "Is it told where?",
                        "lack": "where",
                        "needed_for": 4,
                    },
                    {"id": "stakes", "text": "Is it told why?", "needed_for": 5},
                ],
            },
            {
                "id": "end",
                "name": "End",
                "about": "Whether it ends.",
                "applies": {"opinion": "if_example", "role_play": "never"},
                "levels": {1: "None.", 3: "General.", 5: "Checkable."},
                "words": {1: "none", 2: "hint", 3: "general", 4: "plain", 5: "checkable"},
                "next_step": {1: "End it.", 2: "Say.", 3: "Say what changed.", 4: "Give a number."},
                "labels": ["outcome"],
                "items": [
                    {
                        "id": "ending",
                        "text": "Is an ending told?",
                        "ask": "Ended?",
                        "lack": "the end",
                        "needed_for": 3,
                        "aim": "result",
                    },
                    {
                        "id": "proof",
                        "text": "Is there proof?",
                        "lack": "proof",
                        "needed_for": 5,
                        "aim": "how_known",
                    },
                ],
            },
            {
                "id": "heart",
                "name": "Heart",
                "about": "Whether the person is seen.",
                "levels": {1: "No.", 3: "Noticed.", 5: "Shown."},
                "words": {1: "no", 2: "hint", 3: "noticed", 4: "felt", 5: "shown"},
                "next_step": {1: "Look.", 2: "Name it.", 3: "Act on it.", 4: "Show it."},
                "labels": ["understanding", "feeling"],
                "items": [
                    {
                        "id": "noticed",
                        "text": "Is a feeling told?",
                        "lack": "what they felt",
                        "needed_for": 3,
                        "aim": "feelings",
                    }
                ],
            },
            {
                "id": "care",
                "name": "Care",
                "about": "Whether something is done.",
                "levels": {0: "No.", 1: "Willing.", 2: "Done."},
                "words": {0: "no", 1: "willing", 2: "done"},
                "next_step": {0: "Offer.", 1: "Do it."},
                "labels": ["step"],
                "items": [
                    {"id": "willing", "text": "Is there good will?", "needed_for": 1},
                    {"id": "deed", "text": "Is there a deed?", "needed_for": 2},
                ],
            },
        ],
    }
)

QUESTION = "Tell me about a time you helped somebody."

TOLD = "In May a guest lost her key. She was afraid. I searched the garden. She went home happy."
"""Four sentences: a setting, a feeling, a step and an outcome."""

ANSWER = [Line(role=Role.CANDIDATE, text=TOLD)]


def rating(level: int = 3, **more: Any) -> dict[str, Any]:
    """One criterion of a strong model's reply; `items` are all met unless given."""
    return {"evidence": [1], "missing": "", "next_step": "", "level": level, **more}


def structured(ratings: Mapping[str, Mapping[str, Any]] | None = None, **more: Any) -> str:
    """A strong model's whole reply: level 3 with all items met in all that is not given."""
    given = ratings or {}
    data = {
        "not_an_answer": False,
        "tells_example": True,
        "ratings": {
            criterion.id: {
                **rating(3 if criterion.highest == 5 else 1),
                "items": {item.id: True for item in criterion.items},
                **given.get(criterion.id, {}),
            }
            for criterion in RUBRIC.criteria
        },
        "next_time": "",
        **more,
    }
    return json.dumps(data)


def yes(probability: float, usage: Usage | None = None) -> Reply:
    """A reply to an item: Yes with this probability, else No."""
    alternatives = {
        text: math.log(value) for text, value in (("Yes", probability), ("No", 1 - probability))
    }
    return Reply("Yes", (Token("Yes", alternatives),), usage or Usage())


def labels(*rows: str | Mapping[str, float]) -> Reply:
    """A reply with a label for each sentence, sure of it or with these probabilities."""
    tokens: list[Token] = []
    for number, row in enumerate(rows, start=1):
        shares = {row: 1.0} if isinstance(row, str) else row
        best = max(shares, key=lambda label: shares[label])
        alternatives = {f" {label}": math.log(share) for label, share in shares.items()}
        tokens += [Token(str(number), {}), Token(f" {best}", alternatives), Token("\n", {})]
    return Reply("".join(token.text for token in tokens), tuple(tokens))


def checklist_model(
    met: Mapping[str, float], marked: Reply | None = None, cost: Usage | None = None
) -> Any:
    """A script for a small model that finds each item met with its probability, else 0.9."""
    questions = {item.question: item.id for c in RUBRIC.criteria for item in c.items}

    def script(request: Request) -> Reply:
        asked = request.messages[-1].content
        for question, name in questions.items():
            if asked.endswith(question):
                return yes(met.get(name, 0.9), cost)
        return marked or labels("setting", "feeling", "step", "outcome")

    return script
