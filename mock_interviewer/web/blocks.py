"""Gradio's Blocks for many candidates at once.

Gradio means an app for a few people: forty events at a time, whatever they wait for; after each
event statistics of up to ten thousand; with each word that is shown it makes every component
anew that the handler may show, and takes a thread for each and looks for files in it, though all
of it is words; and it remembers what each of ten thousand pages has shown, with a description of
each component. Each is put right here, by what Gradio lets one set or override.
"""

from __future__ import annotations

import os
from typing import Any

import gradio as gr
from gradio.blocks import BlocksConfig
from gradio.data_classes import GradioModel, GradioRootModel

EVENTS_AT_ONCE = 400
"""Each takes a thread, most of which wait for the model; drafts must not wait with them."""

QUEUE_SECONDS = 0.005
"""How often Gradio looks whether an event has come; by itself a thousand times a second."""

SESSIONS_REMEMBERED = 300
"""Pages, the latest used. One that was forgotten has lost no more than a button's question."""


class Blocks(gr.Blocks):
    """The page of an app that holds hundreds of candidates in one process."""

    def __init__(self, **options: Any) -> None:
        # Read by the queue that is made here, and again by the one with another limit.
        os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
        os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
        super().__init__(analytics_enabled=False, **options)
        self.default_config = _Config(self)
        self.max_threads = EVENTS_AT_ONCE
        self.state_session_capacity = SESSIONS_REMEMBERED

    def queue(self, **options: Any) -> Blocks:
        """Make the queue of events anew, with other limits."""
        super().queue(**options)
        self._queue.sleep_when_free = QUEUE_SECONDS
        return self

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> list[Any]:
        """Make what a handler takes of what the browser sends."""
        plain = all(type(part) in (gr.Textbox, gr.Number, gr.State) for part in block_fn.inputs)
        if not plain or state is None or len(inputs) != len(block_fn.inputs):
            made: list[Any] = await super().preprocess_data(block_fn, inputs, state, explicit_call)
            return made
        return [
            state[part._id] if part.stateful else part.preprocess(value)
            for part, value in zip(block_fn.inputs, inputs, strict=True)
        ]

    async def postprocess_data(self, block_fn: Any, predictions: Any, state: Any) -> list[Any]:
        """Make what the browser gets of what a handler gives, only for what it names."""
        outputs = block_fn.outputs
        # A skip of everything is a dictionary, too, but none of components.
        by_part = isinstance(predictions, dict) and all(part in outputs for part in predictions)
        if not by_part or not predictions:
            made: list[Any] = await super().postprocess_data(block_fn, predictions, state)
            return made
        return [
            _shown(part, predictions[part], state) if part in predictions else gr.skip()
            for part in outputs
        ]


def _shown(part: Any, value: Any, state: Any) -> Any:
    """What the browser gets for one component: its value, or a `gr.update` of what changes.

    What a page shows is known to the browser and the database; only a `gr.State` is kept here.
    """
    if part.stateful:
        state[part._id] = value
        return None
    if isinstance(value, dict) and value.get("__type__") == "update":
        return value | {"value": _made(part, value["value"])} if "value" in value else value
    return _made(part, value)


def _made(part: Any, value: Any) -> Any:
    made = part.postprocess(value)
    return made.model_dump() if isinstance(made, GradioModel | GradioRootModel) else made


class _Config(BlocksConfig):
    """What the page is made of; of it each session takes a copy and describes every component."""

    def __copy__(self) -> BlocksConfig:
        copied: Any = super().__copy__()  # type: ignore[no-untyped-call]
        # Only links to a page as it once was need it, and there are none.
        copied.config_for_block = _undescribed
        made: BlocksConfig = copied
        return made


def _undescribed(*_: object) -> dict[str, Any]:
    return {}
