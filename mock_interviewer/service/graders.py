"""The grader of a running program, for a model that may have to be placed first."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from urllib.parse import urlsplit

from mock_interviewer.core.rubric import Rubric, load_rubric
from mock_interviewer.grading.grader import Grader
from mock_interviewer.grading.placement import place
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.connect import Connection
from mock_interviewer.settings import Settings

log = logging.getLogger(__name__)


class Graders:
    """Makes the grader for a connection, placing a model that nobody has measured."""

    def __init__(self, connection: Connection, rubric: Rubric, settings: Settings) -> None:
        self._connection = connection
        self._rubric = rubric
        self._settings = settings
        self._lock = threading.Lock()
        self._grader: Grader | None = None
        self._now: Grader | None = None
        self._now_lock = threading.Lock()

    def grader(self) -> Grader:
        """The grader. The first call may place the model. Raises `ModelUnavailableError`."""
        with self._lock:
            if self._grader is None:
                strategy = self.known_strategy() or self._place()
                now = self._now
                same = now is not None and now.strategy is strategy
                self._grader = now if now is not None and same else self._make(strategy)
            return self._grader

    def grader_now(self) -> Grader:
        """The grader without waiting: one for levels while the model is not placed yet.

        The same one each time, as it remembers what it has read.
        """
        if self._grader is not None:
            return self._grader
        with self._now_lock:
            if self._now is None:
                self._now = self._make(self.known_strategy() or Strategy.LEVELS)
            return self._now

    def known_strategy(self) -> Strategy | None:
        """How the model grades, by setting, catalogue or an earlier placement."""
        if self._settings.strategy:
            return Strategy(self._settings.strategy)
        return self._connection.entry.strategy or self._placements().get(self._placement_key)

    def _make(self, strategy: Strategy) -> Grader:
        context = self._connection.entry.context
        return Grader(
            self._connection.model, self._rubric, strategy, context, self._settings.prompts
        )

    def _place(self) -> Strategy:
        model, context = self._connection.model, self._connection.entry.context
        log.info("Nobody has measured %s yet; six known answers show how it can grade", model.name)
        # The known answers are of the program's own trade; what they show is the model's skill.
        strategy = place(model, load_rubric(), context)
        placements = {**self._placements(), self._placement_key: strategy}
        try:
            self._placements_file.parent.mkdir(parents=True, exist_ok=True)
            self._placements_file.write_text(json.dumps(placements, indent=1), encoding="utf-8")
        except OSError as error:
            log.warning("How it grades cannot be noted, and is found out anew: %s", error)
        log.info("%s grades by %s", model.name, strategy.value)
        return strategy

    @property
    def _placement_key(self) -> str:
        address = urlsplit(self._settings.base_url or "")
        server = f"{address.netloc.rpartition('@')[2]}{address.path}"  # without a password
        levels = self._make(Strategy.LEVELS)
        return f"{self._connection.model.name} {server} {levels.key}"

    @property
    def _placements_file(self) -> Path:
        return self._settings.data / "placements.json"

    def _placements(self) -> dict[str, Strategy]:
        try:
            stored = json.loads(self._placements_file.read_text(encoding="utf-8"))
            return {key: Strategy(value) for key, value in stored.items()}
        except (OSError, ValueError, AttributeError):
            return {}  # a lost or damaged file costs six requests
