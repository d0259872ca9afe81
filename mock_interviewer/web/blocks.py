"""Gradio's Blocks for many candidates at once.

Gradio means an app for a few people: forty events at a time, whatever they wait for; after each
event statistics of up to ten thousand; and with each word that is shown it makes every component
anew that the handler may show, also those that it leaves alone. Each is put right here, by what
Gradio lets one set or override.
"""

from __future__ import annotations

import copy
import os
from typing import Any

import gradio as gr

EVENTS_AT_ONCE = 400
"""Each takes a thread, most of which wait for the model; drafts must not wait with them."""


class Blocks(gr.Blocks):
    """The page of an app that holds hundreds of candidates in one process."""

    def __init__(self, **options: Any) -> None:
        # Read by the queue that is made here, and again by the one with another limit.
        os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
        os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
        super().__init__(analytics_enabled=False, **options)
        self.max_threads = EVENTS_AT_ONCE

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
        made = await super().postprocess_data(only, values if len(named) > 1 else values[0], state)
        found = dict(zip(named, made, strict=True))
        return [found.get(part, gr.skip()) for part in outputs]
