"""A person's role-plays as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mock_interviewer.storage.role_play_records import StoredExchange, StoredRolePlay


def role_plays_json(role_plays: Sequence[StoredRolePlay]) -> str:
    """A list with an object for each role-play, in the given order; nothing where there is none."""
    if not role_plays:
        return ""
    return json.dumps([_told(each) for each in role_plays], ensure_ascii=False, indent=2) + "\n"


def _told(role_play: StoredRolePlay) -> dict[str, Any]:
    return {
        "id": role_play.id,
        "begun_at": role_play.created_at.isoformat(),
        "finished_at": _time(role_play.finished_at),
        "branch_of": role_play.branch_of,
        "branch_from": role_play.branch_from,
        "exchanges": [_exchange(each) for each in role_play.exchanges],
        "grading": role_play.grading.value if role_play.grading else None,
        "reason": role_play.reason,
        "grade": role_play.grade.model_dump(mode="json") if role_play.grade else None,
        "usage": role_play.usage.model_dump(),
        "scenario": role_play.scenario,
    }


def _exchange(each: StoredExchange) -> dict[str, Any]:
    told: dict[str, Any] = {
        "number": each.number,
        "replied_at": each.replied_at.isoformat(),
        "reply": each.reply,
    }
    if each.whole is not None:
        told |= each.whole.model_dump(mode="json", exclude={"reply"})
    return told


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
