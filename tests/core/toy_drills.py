"""Small drills of each kind, for tests."""

from __future__ import annotations

from typing import Any

from mock_interviewer.core.drills import (
    BestReply,
    CheckableResult,
    EmpathicLine,
    NameFeeling,
    SpotStar,
    SympathyOrEmpathy,
)

_SHARED: dict[str, Any] = {
    "trade": "retail",
    "channel": "counter",
    "difficulty": 1,
    "situation": "Mr Ode has come back in the rain for the umbrella that he left in the shop.",
    "explanation": (
        "It is about the walk in the rain, not about the umbrella. Say so first, and then look."
    ),
}


def shared(drill_id: str, trains: list[str], kind: str, **more: Any) -> dict[str, Any]:
    """The keys that every drill has."""
    return {**_SHARED, "id": drill_id, "trains": trains, "kind": kind, **more}


BEST = BestReply.model_validate(
    shared(
        "best",
        ["empathy"],
        "best_reply",
        replies=[
            {"text": "We understand your frustration.", "fault": "stock_phrase", "why": "For all."},
            {"text": "You came back in this rain.", "why": "It sees the way."},
            {"text": "You should have looked.", "fault": "blames", "why": "His fault, it says."},
            {"text": "Ask my colleague, please.", "fault": "passes_on", "why": "Sent away."},
        ],
    )
)
STANCES = SympathyOrEmpathy.model_validate(
    shared(
        "stances",
        ["empathy"],
        "sympathy_or_empathy",
        lines=[
            {"text": "Poor you, I'm sorry.", "stance": "sympathy", "why": "From outside."},
            {"text": "You came back in this rain.", "stance": "empathy", "why": "It sees him."},
            {"text": "We close at six today.", "stance": "neither", "why": "About the shop."},
            {"text": "Your coat is soaked.", "stance": "empathy", "why": "It sees him."},
        ],
    )
)
FEELING = NameFeeling.model_validate(
    shared(
        "feeling",
        ["listening"],
        "name_feeling",
        words="I walked all the way back.",
        feeling="weary",
        neighbours={"tired": "Much the same."},
        others={"glad": "Not at all.", "proud": "Not even so.", "jealous": "Of whom?"},
        sign="all the way back",
    )
)
STAR = SpotStar.model_validate(
    shared(
        "star",
        ["situation", "action"],
        "spot_star",
        story=[
            {"text": "It rained that day.", "part": "situation"},
            {"text": "Rain is a nuisance.", "part": "none", "why": "True of any day."},
            {"text": "The umbrella was mine to find.", "part": "task"},
            {"text": "I looked under every shelf.", "part": "action"},
            {"text": "I rang the last customer.", "part": "action"},
        ],
    )
)
LINE = EmpathicLine.model_validate(
    shared(
        "line",
        ["validation", "empathy"],
        "empathic_line",
        words="I walked all the way back.",
        examples=[
            {"line": "All that way in this rain, for one umbrella.", "why": "It sees the way."},
            {"line": "You must be soaked; sit down, I'll look.", "why": "It sees him."},
        ],
    )
)
RESULT = CheckableResult.model_validate(
    shared(
        "result",
        ["result"],
        "checkable_result",
        vague="He was very happy in the end.",
        facts=["He sent a card with 3 ducks.", "He has come every week since."],
        examples=[
            {"line": "He has come every week since.", "why": "A later deed."},
            {"line": "A card with 3 ducks came in May.", "why": "One can look."},
        ],
    )
)
