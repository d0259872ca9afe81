"""Gradio's Blocks for many candidates at once.

Gradio means an app for a few people: forty events at a time, whatever they wait for; after each
event statistics of up to ten thousand; with each word that is shown it makes every component
anew that the handler may show, also those that it leaves alone; and it remembers what each of ten
thousand pages has shown. Each is put right here, by what Gradio lets one set or override.
"""

from __future__ import annotations

import copy
import os
from typing import Any

import gradio as gr

EVENTS_AT_ONCE = 400
"""Each takes a thread, most of which wait for the model; drafts must not wait with them."""

SESSIONS_REMEMBERED = 300
"""Pages, the latest used. One that was forgotten has lost no more than a button's question."""


class Blocks(gr.Blocks):
    """The page of an app that holds hundreds of candidates in one process."""

    def __init__(self, **options: Any) -> None:
        # Read by the queue that is made here, and again by the one with another limit.
        os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
        os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
        super().__init__(analytics_enabled=False, **options)
        self.max_threads = EVENTS_AT_ONCE
        self.state_session_capacity = SESSIONS_REMEMBERED

    async def postprocess_data(self, block_fn: Any, predictions: Any, state: Any) -> list[Any]:
        """Make what the browser gets of what a handler gives, only for what it names."""
        outputs = block_fn.outputs
        # A skip of everything is a dictionary, too, but none of components.
        by_part = isinstance(predictions, dict) and all(part in outputs for part in predictions)
        if not by_part or not predictions:
            return await super().postprocess_data(block_fn, predictions, state)
        named = [part for part in outputs if part in predictions]
        values = [predictions[part] for part in named]
        only = copy.copy(block_fn)
        only.outputs = named
        given = values if len(named) > 1 else values[0]
        forgetful: Any = _Forgetful(state)
        made = await super().postprocess_data(only, given, forgetful)
        found = dict(zip(named, made, strict=True))
        return [found.get(part, gr.skip()) for part in outputs]


class _Forgetful:
    """A session's state that keeps the values of `gr.State`, and of what is shown nothing.

    What a page shows is known to the browser and the database.
    """

    def __init__(self, state: Any) -> None:
        self._state = state
        self._made: dict[int, Any] = {}

    def get(self, key: int, default: Any = None) -> Any:
        return self._made.get(key, default)

    def __contains__(self, key: int) -> bool:
        return key in self._made

    def __getitem__(self, key: int) -> Any:
        return self._made[key]

    def __setitem__(self, key: int, value: Any) -> None:
        if isinstance(value, gr.blocks.Block):
            self._made[key] = value
        elif self._state is not None:
            self._state[key] = value

    def _update_config(self, key: int) -> None:
        pass

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass
