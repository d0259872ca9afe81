"""A role-play at work: a reply goes in, the exchange to store comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.observation import Exchange
from mock_interviewer.core.scenario import Scenario
from mock_interviewer.errors import StaleTurnError
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.customer import Customer, ModelCustomer, Moment, PreparedCustomer
from mock_interviewer.interviewing.observer import (
    ChecklistObserver,
    CueObserver,
    ModelObserver,
    Observer,
)
from mock_interviewer.interviewing.role_play import Standing, Step, play, take
from mock_interviewer.llm.catalogue import Strategy


@dataclass(frozen=True)
class Answered:
    """What came of one reply: the exchange is what there is to store."""

    exchange: Exchange
    step: Step
    usage: Usage


class Scene:
    """One scenario with who observes and who speaks. Holds nothing of a conversation."""

    def __init__(self, scenario: Scenario, observer: Observer, customer: Customer) -> None:
        self.scenario = scenario
        self._observer = observer
        self._customer = customer

    @property
    def opening(self) -> str:
        """The customer's first words."""
        return self.scenario.lines.opening

    def standing(self, exchanges: Sequence[Exchange]) -> Standing:
        """Where a conversation stands."""
        return play(self.scenario, exchanges).standing

    def answer(self, exchanges: Sequence[Exchange], reply: str) -> Answered:
        """Answer a reply that follows `exchanges`. Raises `StaleTurnError` after the end.

        A model that is away or makes no sense raises nothing: then the mood stays, which the
        observation says, and the customer has the scenario's words.
        """
        standing = self.standing(exchanges)
        if standing.ending is not None:
            raise StaleTurnError(
                "This conversation has ended. Try again from one of its replies, or start anew."
            )
        observed = self._observer.observe(self.scenario, exchanges, reply)
        step, _ = take(self.scenario, standing, reply, observed.observation)
        said = self._customer.answer(
            Moment(self.scenario, exchanges, reply, observed.observation, step)
        )
        exchange = Exchange(
            reply=reply, observation=observed.observation, said=said.text, prepared=said.prepared
        )
        return Answered(exchange, step, observed.usage + said.usage)


def make_scene(scenario: Scenario, grader: Grader | None, context: int) -> Scene:
    """The scene that goes with how the grader's model grades; None: without any model.

    A model that can give levels observes and speaks. One that is trusted with advice only speaks;
    code observes. A small one does neither: the grader's items and code observe, and the customer
    has the scenario's words.
    """
    if grader is None:
        return Scene(scenario, CueObserver(), PreparedCustomer())
    if grader.strategy in (Strategy.CHECKLIST, Strategy.SENTENCES):
        return Scene(scenario, ChecklistObserver(grader), PreparedCustomer())
    model, folder = grader.model, grader.prompt_folder
    observer: Observer = CueObserver()
    if grader.strategy is Strategy.LEVELS:
        observer = ModelObserver(model, context, folder)
    return Scene(scenario, observer, ModelCustomer(model, context, folder))
