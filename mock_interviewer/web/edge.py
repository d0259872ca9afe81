"""The edge of the chat page: what goes wrong unforeseen is logged, and told in plain words.

Gradio would print it as it is, with whatever somebody wrote in it.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from mock_interviewer.errors import MockInterviewerError

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

UNFORESEEN = (
    "Something went wrong here, which is not your fault. What was kept before is safe; "
    "reload this page, and the interview goes on from there."
)


def at_edge(handler: Callable[P, R]) -> Callable[P, R]:
    """The handler, with every unforeseen error logged by our log and shown as one sentence."""
    wrapped: Any
    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def generate(*args: P.args, **options: P.kwargs) -> Iterator[Any]:
            try:
                yield from handler(*args, **options)
            except gr.Error:
                raise
            except Exception as error:  # noqa: BLE001 - it is logged, and told
                raise _told(error) from None

        wrapped = generate
    else:

        @functools.wraps(handler)
        def call(*args: P.args, **options: P.kwargs) -> Any:
            try:
                return handler(*args, **options)
            except gr.Error:
                raise
            except Exception as error:  # noqa: BLE001 - it is logged, and told
                raise _told(error) from None

        wrapped = call
    found: Callable[P, R] = wrapped
    return found


def _told(error: Exception) -> gr.Error:
    if isinstance(error, MockInterviewerError):
        return gr.Error(str(error), print_exception=False)
    log.error("The chat page could not do what it was asked", exc_info=error)
    return gr.Error(UNFORESEEN, print_exception=False)
