"""Role-plays of all people: begun, replied to, answered, ended, and tried again from any reply.

A reply is committed before it is answered. `answered` answers what waits, whenever it is asked, so
that a program that died in between goes on when the page is loaded again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from mock_interviewer.core.mood import Band, band_of
from mock_interviewer.core.scenario import Ending, Scenario
from mock_interviewer.core.scenario_bank import find_scenario
from mock_interviewer.errors import (
    ConfigurationError,
    DataFileError,
    ModelError,
    NotAllowedError,
    NotFoundError,
    StorageError,
)
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.role_play import play
from mock_interviewer.interviewing.scene import Scene, make_scene
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.service.access import Person, may_begin
from mock_interviewer.service.limits import Act, Limits
from mock_interviewer.storage.role_play_records import StoredRolePlay
from mock_interviewer.storage.role_plays import NO_ROLE_PLAY, RolePlays

log = logging.getLogger(__name__)

REPLY_CHARACTERS = 1500
"""Far more than one breath; the customer hears no speeches."""
ANSWERED_AT_ONCE = 8
"""Replies that are answered at the same time; the next ones wait on their pages."""

_MANNER = {
    Strategy.LEVELS: "The model {model} reads your replies and gives the customer words.",
    Strategy.ADVICE: "Code reads your replies; the model {model} gives the customer words.",
}
_SMALL = (
    "The model {model} is small: it helps to read your replies, and the customer speaks lines that "
    "were prepared. A fine sentence in words that nobody thought of may go unseen."
)
_UNKNOWN = "Whether the model {model} can speak for the customer is found out at the first reply."


@dataclass(frozen=True)
class RolePlay:
    """A stored role-play with its scenario, read off where it stands."""

    stored: StoredRolePlay
    scenario: Scenario
    mood: int
    ending: Ending | None
    """None while it goes on, or where the representative ended it."""

    @property
    def band(self) -> Band:
        """The band that the mood lies in."""
        return band_of(self.mood)

    @property
    def finished(self) -> bool:
        """Whether nothing more can be said in it."""
        return self.stored.finished_at is not None

    @property
    def next_number(self) -> int:
        """The number that the next reply carries."""
        return len(self.stored.exchanges) + 1


class RolePlaying:
    """Everybody's role-plays. May be used from several threads.

    `grader` may take long and raise `ModelError`; `on_finished` is told when one waits for its
    grade; `seconds` is how long a page waits for the customer at most.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        role_plays: RolePlays,
        *,
        grader: Callable[[], Grader],
        context: int,
        limits: Limits,
        seconds: float,
        on_finished: Callable[[], None] = lambda: None,
    ) -> None:
        self.scenarios = tuple(scenarios)
        self._role_plays = role_plays
        self._grader = grader
        self._context = context
        self._limits = limits
        self._seconds = seconds
        self._on_finished = on_finished
        self._lock = threading.Lock()
        self._answering: dict[str, threading.Event] = {}
        self._free = threading.BoundedSemaphore(ANSWERED_AT_ONCE)

    def scenario(self, scenario_id: str) -> Scenario:
        """The scenario with this id. Raises `NotFoundError`."""
        return find_scenario(self.scenarios, scenario_id)

    def begin(self, person: Person, scenario_id: str) -> str:
        """Begin one; returns its id. Raises as `check`, `NotFoundError`, `LimitError`."""
        check(person)
        scenario = self.scenario(scenario_id)
        self._limits.count(Act.ROLE_PLAY, person.id)
        return self._role_plays.create(person.id, scenario.model_dump(mode="json"))

    def latest(self, person: Person, most: int) -> list[RolePlay]:
        """This person's, the latest first, but for those of an old form. Raises as `check`."""
        check(person)
        found = []
        for stored in self._role_plays.of_person(person.id)[::-1][:most]:
            try:
                found.append(read(stored))
            except DataFileError:
                log.info("A role-play with a scenario of an older form is left out of the list")
        return found

    def own(self, person: Person, role_play_id: str) -> StoredRolePlay:
        """One of this person's. Raises `NotFoundError`, for another person's as for none."""
        stored = self._role_plays.get(role_play_id)
        if not may_begin(person) or stored.candidate_id != person.id:
            raise NotFoundError(NO_ROLE_PLAY)
        return stored

    def open(self, person: Person, role_play_id: str) -> RolePlay:
        """The same, read off. Raises as `own`, and `DataFileError` for one of an old form."""
        return read(self.own(person, role_play_id))

    def reply(self, person: Person, role_play_id: str, number: int, text: str) -> None:
        """Keep a reply, which is answered by `answered`.

        Raises as `open`, `LimitError`, `StaleTurnError` for a page that is behind, and
        `ConfigurationError` for a text that says nothing or too much.
        """
        self.open(person, role_play_id)
        if not text.strip():
            raise ConfigurationError("There is nothing in the box yet. Say something first.")
        if len(text) > REPLY_CHARACTERS:
            raise ConfigurationError(
                f"That is too long for one reply: {len(text):,} characters, and up to "
                f"{REPLY_CHARACTERS:,} are taken. Shorten it; your text is still in the box."
            )
        self._limits.count(Act.MESSAGE, person.id)
        self._role_plays.reply(role_play_id, number, text)

    def answered(self, person: Person, role_play_id: str) -> RolePlay:
        """Where it stands, after the customer has answered the reply that waits, if one does.

        Waits for the customer for a while; then, or where too many others are being answered, the
        reply still waits, and is looked at again by asking again. Raises as `open`.
        """
        found = self.open(person, role_play_id)
        if found.stored.pending is None:
            return found
        with self._lock:
            done = self._answering.get(role_play_id)
            if done is None and self._free.acquire(blocking=False):
                done = self._answering[role_play_id] = threading.Event()
                threading.Thread(
                    target=self._answer, args=(role_play_id, done), name="a-customer", daemon=True
                ).start()
        if done is not None:
            done.wait(self._seconds)
        return self.open(person, role_play_id)

    def end(self, person: Person, role_play_id: str) -> None:
        """End it, as the representative. Raises as `open`."""
        self.open(person, role_play_id)
        self._role_plays.finish(role_play_id)
        self._on_finished()

    def branch(self, person: Person, role_play_id: str, number: int) -> str:
        """Try again from a reply, beside the first; returns the new one's id.

        Raises as `open`, `LimitError`, and `NotFoundError` if there is no such reply.
        """
        self.open(person, role_play_id)
        self._limits.count(Act.ROLE_PLAY, person.id)
        return self._role_plays.branch(role_play_id, number)

    def grade_again(self, person: Person, role_play_id: str) -> None:
        """Try a grade that could not be made once more. Raises as `open`, and `LimitError`."""
        self.open(person, role_play_id)
        self._limits.count(Act.GRADE_AGAIN, person.id)
        self._role_plays.retry_grading(role_play_id)
        self._on_finished()

    def family(self, person: Person, role_play_id: str) -> list[RolePlay]:
        """This one with all that branched off the same first one, the oldest first.

        Raises as `open`.
        """
        self.open(person, role_play_id)
        mine = {stored.id: stored for stored in self._role_plays.of_person(person.id)}
        wanted = first_of(mine, role_play_id)
        return [read(stored) for stored in mine.values() if first_of(mine, stored.id) == wanted]

    def suggested(self, person_id: str) -> list[Scenario]:
        """The scenarios, the most fitting first: what was not played yet, then what is easy."""
        played = self._role_plays.played(person_id)
        return sorted(self.scenarios, key=lambda s: (played.count(s.id), s.difficulty))

    def _answer(self, role_play_id: str, done: threading.Event) -> None:
        """In a thread of its own: a page that is closed or too slow ends no answer."""
        try:
            found = read(self._role_plays.get(role_play_id))
            pending = found.stored.pending
            if pending is not None:
                answered = self._scene(found.scenario).answer(found.stored.answered, pending.reply)
                ends = answered.step.ending is not None
                self._role_plays.answer(
                    role_play_id, pending.number, answered.exchange, ends, answered.usage
                )
                if ends:
                    self._on_finished()
        except (NotFoundError, StorageError) as error:
            log.info("A reply is not answered now: %s", error)
        finally:
            with self._lock:
                del self._answering[role_play_id]
            self._free.release()
            done.set()

    def _scene(self, scenario: Scenario) -> Scene:
        try:
            return make_scene(scenario, self._grader(), self._context)
        except ModelError as error:
            log.info("How the model grades is not known yet; code alone observes: %s", error)
            return make_scene(scenario, None, 0)


def check(person: Person) -> None:
    """Raise `NotAllowedError` for somebody who does not practise."""
    if not may_begin(person):
        raise NotAllowedError("An admin manages accounts, and plays no parts.")


def read(stored: StoredRolePlay) -> RolePlay:
    """Read off where a stored one stands. Raises `DataFileError` for a scenario of an old form."""
    try:
        scenario = Scenario.model_validate(stored.scenario)
    except ValidationError as error:
        raise DataFileError(
            "This role-play was held with a scenario of an older form, which cannot be shown any "
            "more. The download of your data has all that was said."
        ) from error
    standing = play(scenario, stored.answered).standing
    return RolePlay(stored, scenario, standing.mood, standing.ending)


def manner(strategy: Strategy | None, model: str) -> str:
    """Who reads the replies and who speaks, for a page. None: it is not known yet."""
    if strategy is None:
        return _UNKNOWN.format(model=model)
    return _MANNER.get(strategy, _SMALL).format(model=model)


def first_of(mine: Mapping[str, StoredRolePlay], role_play_id: str) -> str:
    """The one among a person's, all of them by id, that this is another try of, or itself."""
    above = mine[role_play_id].branch_of
    return role_play_id if above is None or above not in mine else first_of(mine, above)
