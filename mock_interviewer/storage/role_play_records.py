"""What the store hands out of role-plays, and how it is read off and put into the rows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mock_interviewer.core.grade import Grade, Usage
from mock_interviewer.core.observation import Exchange, Observation
from mock_interviewer.storage.records import AnswerState
from mock_interviewer.storage.role_play_tables import ExchangeRow, RolePlayRow


@dataclass(frozen=True)
class StoredExchange:
    """A reply, and what came of it; None while the customer has not answered."""

    number: int
    reply: str
    replied_at: datetime
    whole: Exchange | None


@dataclass(frozen=True)
class StoredRolePlay:
    """A role-play as it is on disk. `scenario`: as it stood in its file when it began."""

    id: str
    candidate_id: str
    created_at: datetime
    scenario: Mapping[str, Any]
    branch_of: str | None
    branch_from: int | None
    finished_at: datetime | None
    exchanges: tuple[StoredExchange, ...]
    grading: AnswerState | None
    """None while the conversation goes on."""
    reason: str
    tries: int
    grade: Grade | None
    usage: Usage
    """Of reading the replies and of the customer's words; the grade's stamp has its own."""

    @property
    def answered(self) -> tuple[Exchange, ...]:
        """The exchanges that are whole."""
        return tuple(each.whole for each in self.exchanges if each.whole is not None)

    @property
    def pending(self) -> StoredExchange | None:
        """The reply that waits for the customer's answer."""
        last = self.exchanges[-1] if self.exchanges else None
        return last if last and last.whole is None and not self.finished_at else None


def new_row(candidate_id: str, scenario: Mapping[str, Any], now: datetime) -> RolePlayRow:
    """A new role-play with an unguessable id."""
    return RolePlayRow(
        id=secrets.token_urlsafe(16),
        candidate_id=candidate_id,
        created_at=now,
        scenario=dict(scenario),
        grading="",
        reason="",
        tries=0,
        not_before=now,
    )


def copied(row: ExchangeRow, role_play_id: str) -> ExchangeRow:
    """The same exchange in another role-play."""
    return ExchangeRow(
        role_play_id=role_play_id,
        number=row.number,
        reply=row.reply,
        replied_at=row.replied_at,
        observation=row.observation,
        said=row.said,
        prepared=row.prepared,
    )


def stored(row: RolePlayRow, exchanges: Sequence[ExchangeRow]) -> StoredRolePlay:
    """A role-play with its exchanges, which are given in their order."""
    return StoredRolePlay(
        id=row.id,
        candidate_id=row.candidate_id,
        created_at=row.created_at,
        scenario=row.scenario,
        branch_of=row.branch_of,
        branch_from=row.branch_from,
        finished_at=row.finished_at,
        exchanges=tuple(_exchange(each) for each in exchanges),
        grading=AnswerState(row.grading) if row.grading else None,
        reason=row.reason,
        tries=row.tries,
        grade=Grade.model_validate(row.grade) if row.grade else None,
        usage=Usage(
            prompt=row.prompt_tokens, cached=row.cached_tokens, completion=row.completion_tokens
        ),
    )


def _exchange(row: ExchangeRow) -> StoredExchange:
    whole = None
    if row.said is not None and row.observation is not None:
        whole = Exchange(
            reply=row.reply,
            observation=Observation.model_validate(row.observation),
            said=row.said,
            prepared=bool(row.prepared),
        )
    return StoredExchange(row.number, row.reply, row.replied_at, whole)
