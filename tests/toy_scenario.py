"""A scenario of its smallest form: somebody wants an umbrella back."""

from __future__ import annotations

from typing import Any

from mock_interviewer.core.mood import Band
from mock_interviewer.core.observation import Behaviour, Misstep, Observation, Seen
from mock_interviewer.core.scenario import Scenario


def scenario_data(**changes: Any) -> dict[str, Any]:
    """The scenario as it stands in a file; a change to None takes the key out."""
    whole = {
        "id": "lost-umbrella",
        "version": 1,
        "title": "The lost umbrella",
        "trade": "retail",
        "channel": "counter",
        "difficulty": 1,
        "state": "Cross",
        "brief": "You mind the box of lost things.",
        "customer": {
            "name": "Mrs Bello",
            "story": "She left an umbrella on the bus.",
            "wants": "The umbrella, today.",
            "manner": "Short.",
        },
        "need": {
            "what": "It was a gift of her late husband's.",
            "sign": "She says that no other will do.",
            "uncovered_by": ["stakes", "sign"],
            "mood": 5,
            "about": ["no other"],
            "key_phrases": ["husband"],
            "said": "My husband gave it to me.",
            "evaded": "That is my affair.",
        },
        "facts": [{"label": "Box", "value": "Two umbrellas, one red."}],
        "policy": {"may": ["Hand it out."], "must_not": ["Open her bag."]},
        "start_mood": 4,
        "moods": {band.value: f"She is {band.value}." for band in Band},
        "behaviours": {b.value: {"some": 0, "shown": 1} for b in Behaviour},
        "missteps": {m.value: -2 for m in Misstep},
        "most_rise": 3,
        "most_fall": 4,
        "hardships": ["umbrella*", "the rain"],
        "acts": [
            {
                "id": "hands_it_out",
                "what": "Gives her the umbrella.",
                "cues": ["here umbrella"],
                "moves": 2,
                "shows": ["resolution"],
                "said": "That is the one.",
            },
            {
                "id": "opens_the_bag",
                "what": "Opens her bag.",
                "cues": ["open* bag"],
                "moves": -1,
                "said": "Hands off.",
            },
        ],
        "endings": [
            ending("leaves", "hung_up", at_most=0),
            ending(
                "has_it", "satisfied", right=True, at_least=7, done=["hands_it_out"], found=True
            ),
            ending("time", "time", after=6),
        ],
        "lines": {
            "opening": "My umbrella. Have you got it?",
            "bands": {
                band.value: {
                    "warmed": [f"Better, in the band {band.value}."],
                    "same": [f"Same, in the band {band.value}.", f"Again, in {band.value}."],
                }
                for band in Band
            },
            "retorts": {m.value: f"No {m.value.replace('_', ' ')}, please." for m in Misstep},
            "answers": [{"about": ["colour"], "says": "Red, with a duck on it."}],
        },
        "could_say": {b.value: [f"A line of {b.value}."] for b in Behaviour},
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def ending(ending_id: str, kind: str, *, right: bool = False, **rules: Any) -> dict[str, Any]:
    """An ending as it stands in a file."""
    return {
        "id": ending_id,
        "kind": kind,
        "right": right,
        "title": f"It ends: {ending_id}",
        "meaning": "It is over.",
        "said": f"Goodbye, {ending_id}.",
        **rules,
    }


def toy(**changes: Any) -> Scenario:
    """The scenario, with changes."""
    return Scenario.model_validate(scenario_data(**changes))


def shown(*behaviours: Behaviour, level: int = 2) -> Observation:
    """An observation of these behaviours in the first sentence."""
    seen = Seen(level=level, sentences=(1,))
    return Observation(behaviours=dict.fromkeys(behaviours, seen))


def made(*missteps: Misstep) -> Observation:
    """An observation of these missteps in the first sentence."""
    return Observation(missteps=dict.fromkeys(missteps, (1,)))
