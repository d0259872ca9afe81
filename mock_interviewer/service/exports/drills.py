"""A person's attempts at drills as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from mock_interviewer.storage.drill_attempts import StoredAttempt


def drills_json(attempts: Sequence[StoredAttempt]) -> str:
    """A list with an object for each attempt, in the given order; nothing where there is none."""
    if not attempts:
        return ""
    told = [
        {
            "drill": attempt.drill_id,
            "made_at": attempt.made_at.isoformat(),
            "sent": attempt.sent,
            "feedback": attempt.feedback.model_dump(mode="json"),
        }
        for attempt in attempts
    ]
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
