"""What a model's tokens cost."""

from __future__ import annotations

from dataclasses import dataclass

from mock_interviewer.core.grade import Usage

A_MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens."""

    prompt: float
    cached: float
    completion: float

    def cost(self, usage: Usage) -> float:
        """US dollars."""
        computed = usage.prompt - usage.cached
        return (
            computed * self.prompt + usage.cached * self.cached + usage.completion * self.completion
        ) / A_MILLION
